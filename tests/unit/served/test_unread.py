"""What could not be read is counted and told alike, wherever it is met."""

from attnclf.reading.windows import ReadingLimits, Window
from attnclf.results import LeftOut, Prediction
from attnclf.served.unread import Unread

KNOWN, LEFT_OUT = [0.0, 1.0, 0.5, 0.25], [LeftOut.NOTHING, LeftOut.GAP_AND_TAIL, LeftOut.GAP, LeftOut.GAP]


def counted() -> Unread:
    unread = Unread()
    unread.add(KNOWN, LEFT_OUT)
    return unread


def test_texts_predictions_and_counts_are_counted_alike() -> None:
    of_predictions, of_parts = Unread(), Unread()
    texts = zip(KNOWN, LEFT_OUT, strict=True)
    of_predictions.count(Prediction("a", ("b",), (1.0,), known, out > 0, cut_off=out > 1) for known, out in texts)
    of_parts.add(KNOWN[:1], LEFT_OUT[:1])
    rest = Unread()
    rest.add(KNOWN[1:], LEFT_OUT[1:])
    of_parts.update(rest)
    assert of_predictions == of_parts == counted()
    assert (of_parts.texts, of_parts.unknown) == (4, 1)


def test_what_is_told_of_them() -> None:
    both = counted().notes(ReadingLimits(Window(2, 2), 9, linear=True))
    assert [(note.message.split(":")[0], note.warning) for note in both] == [
        ("1 text holds nothing the model knows (empty, or all unknown tokens)", True),
        ("2 texts are longer than the 4 tokens the network reads", False),
        ("1 text is longer than 9 tokens", True),
    ]
    assert [note.warning for note in counted().notes(ReadingLimits(Window(2, 2), 9, linear=False))] == [True, True, True]
    assert not Unread().notes(ReadingLimits(Window(2, 2), 9, linear=True))
