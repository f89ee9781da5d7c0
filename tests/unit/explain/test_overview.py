"""The model at a glance: sums made by hand, places shown, hostile text harmless."""

import io

import pytest
from rich.console import Console

from attnclf.config import TextConfig
from attnclf.explain import explain, overview
from attnclf.reading.readers import build_reader
from attnclf.render import overview as overviews
from attnclf.served.model import ServedModel
from tests.models import FakeServedModel

TEXTS = ["free coffee", "Free! coffee", "coffee", "win coffee coffee", ""]


@pytest.fixture
def fake(served_words: ServedModel) -> FakeServedModel:
    reader = build_reader(TEXTS, TextConfig(level="word", min_count=1))
    return FakeServedModel(served_words.bundle, reader, {"free": (3.0, 4.0), "coffee": (1.0, -2.0), "win": (2.0, 1.0)})


def test_evidence_is_summed_over_the_places_of_a_word(fake: FakeServedModel) -> None:
    result = overview(fake, TEXTS)
    assert result.texts == 5
    given = {label.label: label for label in result.labels}
    explained = [e for e in explain(fake, TEXTS, by="word") if e.target == "fake"]
    assert given["fake"].texts == len(explained)
    free = next(word for word in given["fake"].words if word.text == "free")
    expected = [t.evidence for e in explained for t in e.tokens if t.text.lower().strip("!") == "free"]
    assert (free.count, free.evidence) == (2, pytest.approx(sum(expected)))
    assert free.mean_evidence == pytest.approx(sum(expected) / 2)
    assert all(word.evidence > 0 for label in result.labels for word in label.words)


def test_words_come_by_falling_evidence_and_no_more_than_asked(fake: FakeServedModel) -> None:
    full = overview(fake, TEXTS)
    for label in full.labels:
        assert [w.evidence for w in label.words] == sorted((w.evidence for w in label.words), reverse=True)
    assert [len(label.words) for label in overview(fake, TEXTS, most=1).labels] == [min(1, len(x.words)) for x in full.labels]


def test_a_word_is_shown_where_it_had_most(fake: FakeServedModel) -> None:
    long = "one two three four five six seven eight free nine ten eleven twelve thirteen fourteen"
    words = overview(fake, [long]).labels[0].words
    before, there, after = next(word.context for word in words if word.text == "free")
    assert there == "free"
    assert before.startswith("…")
    assert after.endswith("…")
    assert f"{before[1:]}{there}{after[:-1]}" in long


def test_hostile_text_moves_nothing_and_is_no_html(fake: FakeServedModel) -> None:
    result = overview(fake, ["free <script>alert(1)</script> \x1b[31m\u202e"])
    console = Console(file=io.StringIO(), width=100, force_terminal=False)
    console.print(overviews.overview(result))
    assert "\x1b" not in console.file.getvalue()  # type: ignore[attr-defined]
    page = "".join(overviews.overview_page(result))
    assert "<script" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_a_label_that_is_never_given_says_so(fake: FakeServedModel) -> None:
    result = overview(fake, ["free"])
    assert "<p>no text was given this label</p>" in "".join(overviews.overview_page(result))
    console = Console(file=io.StringIO(), width=100)
    console.print(overviews.overview(result))
    assert "no text was given this label" in console.file.getvalue()  # type: ignore[attr-defined]
