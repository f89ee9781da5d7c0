"""Batches, predictions, evaluation: order kept, bounds checked, floors held."""

from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event, Timer
from typing import Any

import numpy as np
import pytest

from attnclf.data import Table
from attnclf.errors import DataError, UsageError
from attnclf.reading.batching import batches_by_length
from attnclf.scoring.evaluation import evaluate
from attnclf.served import forks
from attnclf.served.model import ServedModel
from attnclf.served.parts import ANSWERED_AT_ONCE
from attnclf.served.prediction import predict, windows
from attnclf.served.session import Session
from attnclf.served.vectors import WordVectors
from attnclf.served.words import SparseWords
from tests.models import write_bundle


def test_batches_hold_every_row_once_and_few_tokens() -> None:
    lengths = np.random.default_rng(0).integers(1, 300, 1000)
    batches = list(batches_by_length(lengths, tokens=2000))
    assert sorted(np.concatenate(batches).tolist()) == list(range(1000))
    assert all(len(rows) * lengths[rows].max() <= 2000 for rows in batches)


def test_a_row_longer_than_a_batch_stands_alone() -> None:
    assert [rows.tolist() for rows in batches_by_length(np.array([50, 9000, 60]), tokens=2000)] == [[0, 2], [1]]


def test_answers_keep_the_order_of_the_texts(served: ServedModel) -> None:
    texts = ["좋아요", "get followers now please", "", "ㅋㅋ", "the library " * 30] * 300
    many = [p.probability for p in predict(served, texts)]
    one = {text: predict(served, [text])[0].probability for text in set(texts)}
    assert many == pytest.approx([one[text] for text in texts], abs=1e-5)


def test_the_linear_model_reads_a_text_of_any_length(tmp_path: Path) -> None:
    """Up to `longest`: all pairs of positions of such a text would not fit into memory."""
    served = ServedModel.load(write_bundle(tmp_path / "m", level="word", max_length=4, longest=60_000).path)
    start, end = "정말 좋아요 " * 20_000, " get 1000"
    some, other, same = (start + middle + start.removesuffix("정말 좋아요 ") + end for middle in ("라떼", "followers", "라떼"))
    texts = [some, other, same, some[: len(start) // 2] + start]
    one, two, three, cut = served.scored(texts)
    assert len(one.attention) == len(one.contributions) == 60_000
    assert not np.allclose(one.logits, two.logits)  # what the network does not read counts
    assert np.array_equal(one.logits, three.logits)
    for scored in (one, two, cut):
        assert np.allclose(scored.contributions.sum(axis=0, dtype=np.float64), scored.logits, atol=1e-3)
        assert np.count_nonzero(scored.attention) == 4
    assert served.logits(texts)[2] == [2] * 4


def test_no_texts_no_answers(served: ServedModel) -> None:
    assert predict(served, []) == []


def test_one_thread_and_two_agree(served: ServedModel) -> None:
    ids, _ = served.reader.ids(["좋아요" * (i % 15 + 1) for i in range(2000)])
    graph = served.bundle.read("model.onnx")
    one, two = (Session(graph, None, threads).run(served.reader, ids, ["logits"]).logits for threads in (1, 2))
    assert np.allclose(one, two, atol=1e-6)


def test_top_k_are_the_likeliest_in_order(served: ServedModel) -> None:
    (every,) = predict(served, ["좋아요"])
    (two,) = predict(served, ["좋아요"], top_k=2)
    assert two.labels == every.labels[:2]
    assert sorted(every.probabilities, reverse=True) == list(every.probabilities)
    assert sum(every.probabilities) == pytest.approx(1)


@pytest.mark.parametrize("top_k", [0, 4])
def test_top_k_out_of_range(served: ServedModel, top_k: int) -> None:
    with pytest.raises(UsageError, match="3 labels"):
        predict(served, ["a"], top_k)


def test_windows_are_bounded_by_items_and_by_characters() -> None:
    assert [len(w) for w in windows(range(10), lambda _: 1, size=4)] == [4, 4, 2]
    assert [len(w) for w in windows(["a" * 1_500_000] * 4, len)] == [2, 2]


def table(labels: list[str]) -> Table:
    return Table(["좋아요"] * len(labels), labels, [], "t.csv", {"text": "text", "label": "label"})


def test_rows_whose_label_the_model_has_never_seen_count_as_errors_and_that_is_said(served: ServedModel) -> None:
    (prediction,) = predict(served, ["좋아요"])
    rows, notes = table([prediction.label, prediction.label, "new", "other"]), []
    judged = evaluate(served, rows, notes.append)
    assert judged.report.accuracy == 0.5
    assert judged.report.rows == 4
    assert [label.label for label in judged.report.labels] == [*served.labels, "new", "other"]
    assert [label.support for label in judged.report.labels][-2:] == [1, 1]
    assert judged.report.confusion[-1][served.labels.index(prediction.label)] == 1
    known = evaluate(served, table([prediction.label] * 2)).report
    assert judged.report.log_loss == pytest.approx(known.log_loss)  # of the rows that could be answered
    (note,) = notes
    assert note.warning
    assert "2 rows have labels that the model does not know ('new' and 1 more); such rows count as errors" in note.message
    assert sorted(judged.most_confident_errors(9)) == [2, 3]


def test_such_rows_can_be_left_out_or_stop_the_evaluation(served: ServedModel) -> None:
    rows, notes = table([served.labels[0], "new", served.labels[0]]), []
    judged = evaluate(served, rows, notes.append, "skip")
    assert judged.report.rows == len(judged.table.texts) == 2
    assert "1 row has a label" in notes[0].message
    assert "such rows are left out" in notes[0].message
    with pytest.raises(DataError, match="'new'"):
        evaluate(served, rows, unknown_labels="error")
    with pytest.raises(DataError, match="'Fake'") as caught:
        evaluate(served, table(["Fake"] * 2))  # none is known: the wrong column or the wrong model
    assert "fake" in caught.value.hint


def test_evaluation_counts(served: ServedModel) -> None:
    (prediction,) = predict(served, ["좋아요"])
    other = next(label for label in served.labels if label != prediction.label)
    report = evaluate(served, table([prediction.label] * 3 + [other])).report
    assert report.accuracy == 0.75
    assert report.rows == 4


def test_threads_that_ask_at_once_get_their_own_answers(served_words: ServedModel) -> None:
    texts = [[f"{word}{i} get 1000 followers 좋아요{i}" for i in range(n, n + 10)] for n in range(0, 400, 10) for word in "ab"]
    alone = [served_words.logits(some)[0] for some in texts]
    fresh = ServedModel.load(served_words.bundle.path)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda some: fresh.logits(some)[0], texts))
    for one, other in zip(alone, together, strict=True):
        assert np.allclose(one, other, atol=1e-5)


def test_words_that_are_still_being_made_are_waited_for(served_words: ServedModel) -> None:
    """A last text that shares all its words with those before: it is read while they are computed."""
    rng = np.random.default_rng(0)
    texts = [" ".join(f"w{n}" for n in rng.integers(0, 100_000, 10)) for _ in range(ANSWERED_AT_ONCE)]
    for attempt in range(3):
        fresh = ServedModel.load(served_words.bundle.path)
        many = fresh.logits([*texts, texts[-1]])[0]
        assert np.allclose(many[-1], many[-2], atol=1e-5), attempt
    assert np.allclose(many[:5], served_words.logits(texts[:5])[0], atol=1e-5)


def test_much_is_forgotten_and_no_answer_changes(served_words: ServedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"word{i} 좋아요 get{i}" for i in range(3 * ANSWERED_AT_ONCE)]
    before = ServedModel.load(served_words.bundle.path).logits(texts)[0]
    forgetful = ServedModel.load(served_words.bundle.path)
    monkeypatch.setattr("attnclf.served.vectors.MOST_NUMBERS", 1_000)
    assert np.allclose(forgetful.logits(texts)[0], before, atol=1e-5)
    assert forgetful.reader.words() <= 2 * ANSWERED_AT_ONCE + 1


def test_after_a_failure_answers_are_right_again(served_words: ServedModel, monkeypatch: pytest.MonkeyPatch) -> None:
    it = ServedModel.load(served_words.bundle.path)
    text = ["get 1000 followers 좋아요"]
    before = served_words.logits(text)[0]

    def fail(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("attnclf.served.vectors.WordVectors._make", fail)
        with pytest.raises(MemoryError):
            it.logits(text)
    assert np.allclose(it.logits(text)[0], before, atol=1e-6)


def test_parts_come_in_order_and_the_model_is_locked_until_the_last(served_words: ServedModel) -> None:
    texts = [f"word{i} 좋아요 get{i}" for i in range(4 * ANSWERED_AT_ONCE + 3)]
    it = ServedModel.load(served_words.bundle.path)
    found = []
    for part in it.scored_in_parts(texts):
        assert it.lock.locked()
        found += part
    assert not it.lock.locked()
    assert np.allclose([one.logits for one in found], it.logits(texts)[0], atol=1e-5)
    for text, one in zip(texts[:: ANSWERED_AT_ONCE // 2], found[:: ANSWERED_AT_ONCE // 2], strict=True):
        assert [text[a:b] for a, b in one.encoded.spans] == text.split()


def test_after_parts_that_nobody_took_answers_are_right(served_words: ServedModel) -> None:
    texts = [f"word{i} 좋아요 get{i}" for i in range(4 * ANSWERED_AT_ONCE)]
    it = ServedModel.load(served_words.bundle.path)
    parts = it.scored_in_parts(texts)
    next(parts)
    parts.close()
    assert not it.lock.locked()
    assert np.allclose(it.logits(texts[-5:])[0], served_words.logits(texts[-5:])[0], atol=1e-5)


def test_after_an_interruption_no_late_word_spoils_an_answer(
    served_words: ServedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words of the interrupted call are computed still while the next call gives their ids to others."""
    it = ServedModel.load(served_words.bundle.path, threads=2)
    some, others = ([f"{letter}{i} {letter}get{i} 좋아요{letter}{i}" for i in range(1_500)] for letter in "xy")
    before = served_words.logits(others)[0]
    release, written, calls, make = Event(), Event(), iter(range(100)), WordVectors._make

    def first_late(self: WordVectors, *arguments: Any) -> None:
        first = next(calls) == 0
        if first:
            release.wait(5)
        make(self, *arguments)
        if first:
            written.set()

    with monkeypatch.context() as patch:
        patch.setattr(WordVectors, "_make", first_late)
        patch.setattr(it.reader, "token_inputs", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        Timer(0.5, release.set).start()
        with pytest.raises(KeyboardInterrupt):
            it.logits(some)
    assert np.allclose(it.logits(others)[0], before, atol=1e-5)
    assert written.wait(5)
    assert np.allclose(it.logits(others)[0], before, atol=1e-5)


def test_tables_that_could_not_be_opened_are_opened_again(served_words: ServedModel) -> None:
    it = ServedModel.load(served_words.bundle.path, threads=1)
    opens, texts = it.session.open_sparse, [f"word{i} get{i} 좋아요{i}" for i in range(1_500)]
    assert opens is not None
    attempts = iter([MemoryError(), None])

    def at_second() -> SparseWords:
        if error := next(attempts):
            raise error
        return opens()

    it.session.open_sparse = at_second
    with pytest.raises(MemoryError):
        it.logits(texts)
    assert np.allclose(it.logits(texts)[0], served_words.logits(texts)[0], atol=1e-5)
    assert next(attempts, "both") == "both"


def test_a_fork_does_not_wait_for_who_opens_the_tables(served_words: ServedModel) -> None:
    """A thread that stays behind may hold the lock of the future."""
    it = ServedModel.load(served_words.bundle.path)
    it.logits([f"word{i} get{i} 좋아요{i}" for i in range(1_500)])
    vectors = it.session._vectors
    assert vectors is not None
    assert vectors._sparse is not None
    with vectors._sparse._condition, ThreadPoolExecutor(1) as pool:
        pool.submit(it.session.renew).result(5)
    assert vectors._sparse is None


def test_words_that_are_only_asked_for_being_familiar_are_forgotten_too(
    served_words: ServedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = ServedModel.load(served_words.bundle.path)
    monkeypatch.setattr("attnclf.served.vectors.MOST_NUMBERS", 1_000)
    texts = [f"word{i} 좋아요" for i in range(3 * ANSWERED_AT_ONCE)]
    assert it.familiar(texts) == [0.5] * len(texts)
    assert it.reader.words() < 2 * ANSWERED_AT_ONCE


def test_padding_is_nothing_even_where_no_word_was_made(word_bundle_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Padding reads the place of the first word, which was noted here and not made: what memory holds there must not count."""
    monkeypatch.setattr(
        np, "empty", lambda shape, dtype=float: np.full(shape, np.nan if np.issubdtype(dtype, np.floating) else 0, dtype)
    )
    served = ServedModel.load(word_bundle_path)
    served.reader.ids(["zebra"])
    logits, _, _ = served.logits(["좋아요 정말 라떼", "좋아요"])
    assert np.isfinite(logits).all()


def test_after_a_fork_a_model_and_its_base_rates_take_turns_still(bundle_path: Path) -> None:
    """They share a reader, which remembers words."""
    served = ServedModel.load(bundle_path)
    other = served.at({"fake": 0.02})
    before = served.lock
    with before:
        forks.after_in_child()  # as in a process that was forked while the lock was held
    assert other.lock is served.lock is not before
    assert other.logits(["so good"])[0].shape == (1, len(served.labels))


def test_a_fork_waits_until_no_model_is_used(bundle_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served = ServedModel.load(bundle_path)
    served.lock.acquire()
    with ThreadPoolExecutor(1) as pool:
        forking = pool.submit(lambda: (forks.before(), served.lock.locked(), forks.after_in_parent()))
        assert not wait([forking], timeout=0.2).done
        served.lock.release()
        assert forking.result(5)[1]
        assert not served.lock.locked()
        monkeypatch.setattr(forks, "PATIENCE", 0.01)
        with served.lock:  # whoever uses it may be who forks
            pool.submit(lambda: (forks.before(), forks.after_in_parent())).result(5)
            assert served.lock.locked()
