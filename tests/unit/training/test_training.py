"""The parts of training that need no training: weights of examples, epochs, batches, the baseline, the card."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from attnclf.config import Config, TextConfig, TrainingConfig
from attnclf.data import Columns, Table
from attnclf.errors import DeviceError
from attnclf.linear.baseline import train_baseline
from attnclf.reading.readers import build_reader
from attnclf.results import Baseline, Note
from attnclf.scoring.metrics import report
from attnclf.training import measuring, memory
from attnclf.training.card import languages_of, model_card
from attnclf.training.facts import Facts
from attnclf.training.memory import memory_errors
from attnclf.training.preparation import Prepared, epochs_for, example_weights, resolved, tokens_of_epoch
from attnclf.training.splitting import SplitPart, extra_splits

TARGETS = np.array([0] * 90 + [1] * 10, np.int32)


def weights(class_weight: str, targets: np.ndarray = TARGETS) -> np.ndarray:
    return example_weights(targets, 2, replace(TrainingConfig(), class_weight=class_weight))


def test_balanced_weights_give_each_label_the_same_sum() -> None:
    w = weights("balanced")
    assert w[TARGETS == 0].sum() == pytest.approx(w[TARGETS == 1].sum())
    assert w.mean() == pytest.approx(1)


def test_auto_weights_are_the_square_root_and_only_when_uneven() -> None:
    w = weights("auto")
    assert w[-1] / w[0] == pytest.approx(3)
    assert w.mean() == pytest.approx(1)
    assert (weights("auto", np.array([0, 0, 1], np.int32)) == 1).all()
    assert (weights("none") == 1).all()


@pytest.mark.parametrize(("rows", "epochs"), [(30, 20), (1_200, 9), (6_000, 9), (20_000, 5), (10_000_000, 4)])
def test_epochs_follow_the_rows(rows: int, epochs: int) -> None:
    assert epochs_for(rows, "word", 20 * rows) == epochs


def test_epochs_of_long_texts_follow_their_tokens() -> None:
    assert [epochs_for(11_000, "word", 11_000 * words) for words in (99, 150, 190, 512)] == [7, 2, 2, 2]
    assert epochs_for(11_000, "char", 11_000 * 500) == 4
    assert epochs_for(1_440, "word", 1_440 * 512) == 5
    assert epochs_for(500, "word", 500 * 512) == 15  # few texts are cheap, however long


def test_tokens_of_an_epoch_are_those_that_the_network_reads() -> None:
    texts = ["one two three", "one two", ""]
    assert tokens_of_epoch(texts, TextConfig(level="word", max_length=2)) == 4
    assert tokens_of_epoch(texts, TextConfig(level="char", max_length=10)) == 10 + 7


def test_by_character_more_epochs_are_needed() -> None:
    assert [epochs_for(rows, "char", 50 * rows) for rows in (30, 6_000, 10_000_000)] == [20, 13, 5]


def test_what_data_decides_is_resolved() -> None:
    texts = ["the cat sat", "a dog ran"]
    table = Table(texts, ["x", "y"], [], "t.csv", Columns(("post",), "kind"))
    notes: list[Note] = []
    config = resolved(Config(), table, SplitPart(texts, np.array([0, 1], np.int32)), 2, notes.append)
    assert (config.data.text_col, config.data.label_col, config.data.group_col) == (("post",), "kind", "")
    grouped = replace(table, groups=["a", "b"], columns=Columns(("post",), "kind", "who"))
    assert resolved(Config(), grouped, SplitPart(texts, np.array([0, 1], np.int32)), 2, lambda _: None).data.group_col == "who"
    assert (config.text.level, config.training.epochs) == ("word", 20)
    assert config.text.max_features == Config().text.max_features
    assert [note.topic for note in notes] == ["level"]
    many = resolved(config, table, SplitPart(texts, np.array([0, 1], np.int32)), 5_000, notes.append)
    assert many.text.max_features == 2_000
    assert many.model.linear
    del notes[1:]
    rows = SplitPart(texts * 10_000, np.array([0, 1] * 10_000, np.int32))
    assert not resolved(config, table, rows, 5_000, notes.append).model.linear
    assert [(note.topic, note.warning) for note in notes[1:]] == [
        ("level", False),
        ("linear model", False),
        ("linear model", True),
        ("alignment", False),
    ]
    assert config.training.align > many.training.align == 0
    assert notes[2].message == "at most 2,000 n-grams are known, as there are 5,000 labels ([text] max_features is 400,000)"


def test_settings_of_the_other_level_are_told_to_have_no_effect() -> None:
    def told(**settings: object) -> list[str]:
        notes: list[Note] = []
        table = Table(["the cat sat", "a dog ran"], ["x", "y"], [], "t.csv", Columns(("post",), "kind"))
        part = SplitPart(table.texts, np.array([0, 1], np.int32))
        resolved(Config().override_flat(settings), table, part, 2, notes.append)
        return [note.message for note in notes if note.warning]

    of_words = {"longest_word": 20, "most_ngrams": 30}
    assert told(level="char", **of_words) == ["`longest_word` and `most_ngrams` have no effect: the model reads characters"]
    assert told(max_vocabulary=99) == ["`max_vocabulary` has no effect: the model reads words"]
    assert told(feature_dropout=0.1, **of_words) == told(level="char", max_vocabulary=99, min_count=1) == []


def test_labels_whose_rows_count_more_are_told() -> None:
    table = Table(["a", "b", "c d"] * 40, ["rare"] * 10 + ["usual"] * 110, [], "t.csv", Columns(("post",), "kind"))
    targets = np.array([0] * 10 + [1] * 110, np.int32)
    notes: list[Note] = []
    resolved(Config(), table, SplitPart(table.texts, targets), 2, notes.append)
    what = "rows of 'rare' count 3.3 times as much as rows of 'usual' (`class_weight`)"
    assert [note.message for note in notes if note.topic == "class weight"] == [what]
    notes.clear()
    resolved(Config().override_flat({"class_weight": "none"}), table, SplitPart(table.texts, targets), 2, notes.append)
    resolved(Config(), table, SplitPart(table.texts, np.array([0, 1] * 60, np.int32)), 2, notes.append)
    assert not [note for note in notes if note.topic == "class weight"]


def test_texts_that_are_validated_on_count_as_met() -> None:
    table = Table(["a", "b"], ["x", "y"], [], "t.csv", Columns(("post",), "kind"))
    part_of = SplitPart(table.texts, np.array([0, 1], np.int32))
    valid = Table(["c"], ["x"], [], "v.csv", Columns(("post",), "kind"))
    assert list(Prepared(table, valid, Config(), ("x", "y"), part_of, part_of).texts) == ["a", "b", "c"]
    assert list(Prepared(table, None, Config(), ("x", "y"), part_of, part_of).texts) == ["a", "b"]


@pytest.mark.parametrize(("attention", "aligned"), [("additive", True), ("none-mean", False), ("hard", False)])
def test_alignment_is_off_where_nothing_could_follow_and_that_is_said(attention: str, aligned: bool) -> None:
    texts = ["the cat sat", "a dog ran"]
    table = Table(texts, ["x", "y"], [], "t.csv", Columns(("post",), "kind"))
    notes: list[Note] = []
    config = Config().override({"model": {"attention": attention}})
    rows = SplitPart(texts, np.array([0, 1], np.int32))
    assert (resolved(config, table, rows, 2, notes.append).training.align > 0) == aligned
    said = [note.message for note in notes if note.topic == "alignment"]
    assert said == (
        [] if aligned else [f"off: {attention} attention has no weights that could follow what the decision is made of"]
    )
    notes.clear()
    resolved(config.override({"training": {"align": 0.0}}), table, rows, 2, notes.append)
    assert not any(note.topic == "alignment" for note in notes)  # nobody asked for it


def part(rows: int, groups: Sequence[str] = ()) -> SplitPart:
    return SplitPart([f"text {row}" for row in range(rows)], np.arange(rows, dtype=np.int32) % 2, groups)


def test_few_validation_rows_choose_together_with_training_rows() -> None:
    trials = extra_splits(part(400), part(599))
    assert len(trials) == 3
    for fitted, judged in trials:
        assert sorted([*fitted, *judged]) == list(range(400))
        assert len(judged) == 100
    assert len({tuple(judged) for _, judged in trials}) == 3
    assert extra_splits(part(400), part(600)) == []
    assert extra_splits(part(20_001), part(10)) == []


def test_rows_of_a_group_choose_together() -> None:
    groups = [f"account {i // 4}" for i in range(400)]
    for fitted, judged in extra_splits(part(400, groups), part(40)):
        assert not {groups[i] for i in fitted} & {groups[i] for i in judged}
    assert extra_splits(part(400, ["one"] * 400), part(40)) == []


@pytest.mark.parametrize("level", ["char", "word"])
def test_batches_hold_every_example_once_with_little_padding(level: str) -> None:
    from attnclf.trainable.fit import Examples, training_batches

    rng = np.random.default_rng(0)
    texts = ["a " * n for n in rng.integers(1, 200, 1000)]
    reader = build_reader(texts, TextConfig(level=level))
    ids, _ = reader.ids(texts)
    examples = Examples(ids, np.arange(1000, dtype=np.int32), np.ones(1000, np.float32))
    config = replace(TrainingConfig(), batch_size=32)
    batches = list(training_batches(examples, reader, config, rng))
    assert sorted(np.concatenate([targets for _, targets, _ in batches]).tolist()) == list(range(1000))
    for inputs, targets, _ in batches:
        assert inputs["ids"].shape[1] % 8 == 0
        assert inputs["lengths"].tolist() == [len(ids[i]) for i in targets]
    cells = sum(inputs["ids"].size for inputs, _, _ in batches)
    assert cells <= 1.2 * sum(map(len, ids))
    again = next(training_batches(examples, reader, config, rng))
    assert not np.array_equal(again[1], batches[0][1])


def test_a_baseline_of_many_characters_is_trained_on_a_sample_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning, so that the model card has it, too."""
    trained: list[tuple[list[str], list[int]]] = []

    def train(labels: object, train: tuple, valid: tuple) -> None:
        trained.append((list(train[0]), train[1].tolist()))

    monkeypatch.setattr(measuring, "train_baseline", train)
    texts, targets = [f"text {i:03}" for i in range(400)], np.array([*[0, 1] * 199, 0, 2], np.int32)
    part, notes = SplitPart(texts, targets), list[Note]()
    for most in (400 * 8, 100 * 8):
        monkeypatch.setattr(measuring, "MOST_CHARACTERS", most)
        measuring.baseline_of(
            ("a", "b", "c"), part, part, lambda event: notes.append(event) if isinstance(event, Note) else None
        )
    (everything, _), (some, kept) = trained
    assert everything == texts
    assert 100 <= len(some) <= 103
    assert set(kept) == {0, 1, 2}
    assert some == sorted(some)
    (note,) = notes
    assert note.warning
    assert note.message.startswith(f"trained on {len(some)} of 400 rows, drawn at random")


def test_lost_features_leave_every_word_one() -> None:
    from attnclf.trainable.fit import _drop_features

    features = np.array([[2, 3, 4, 0], [5, 0, 0, 0], [6, 0, 0, 0]] * 50, np.int32)
    words = np.repeat(np.arange(100, dtype=np.int32), [2, 1] * 50)  # a word of two rows, then one of a single row
    kept = _drop_features(features, words, 0.5, np.random.default_rng(0))
    assert ((kept == features) | (kept == 0)).all()
    assert (np.bincount(words, weights=(kept > 0).sum(axis=1)) > 0).all()
    assert (kept[2::3, 0] == 6).all()
    assert 0.3 < (kept[::3, :3] == 0).mean() < 0.6
    assert np.array_equal(_drop_features(features, words, 0.0, np.random.default_rng(0)), features)


class ResourceExhaustedError(Exception):
    """Named as TensorFlow's."""


@pytest.mark.parametrize(
    "error", [MemoryError(), ResourceExhaustedError("OOM when allocating"), RuntimeError("RESOURCE_EXHAUSTED: x")]
)
def test_too_little_memory_is_told_with_what_helps(error: Exception) -> None:
    with pytest.raises(DeviceError, match="ran out of memory") as caught, memory_errors():
        raise error
    assert "`size=small`" in caught.value.hint
    with pytest.raises(ValueError, match="other"), memory_errors():
        raise ValueError("other")


@pytest.mark.parametrize(
    ("place", "says"), [("available_memory", "GB of memory"), ("available_addresses", "GB of address space")]
)
def test_too_little_memory_is_seen_before_the_start(place: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    notes: list[object] = []
    memory.check_memory(["a"], 512, notes.append)
    monkeypatch.setattr(memory, place, lambda: 1e9)
    with pytest.raises(DeviceError, match=r"1\.0 GB are free") as caught:
        memory.check_memory(["a"], 512, notes.append)
    assert says in caught.value.message
    monkeypatch.setattr(memory, place, lambda: 4e9)
    memory.check_memory(["a" * 100_000_000], 512, notes.append)  # most of it is not read
    assert not notes
    memory.check_memory(["a" * 4_000] * 10_000, 512, notes.append)
    assert says in notes[0].message
    monkeypatch.setattr(memory, place, lambda: None)
    memory.check_memory(["a"], 512, notes.append)
    assert len(notes) == 1


def test_the_baseline_is_the_better_of_two() -> None:
    texts = ["good day", "bad night", "good sun", "bad rain"] * 5
    targets = np.array([1, 0, 1, 0] * 5, np.int32)
    baseline = train_baseline(["bad", "good"], (texts, targets), (texts, targets))
    assert baseline.report.accuracy == 1
    assert baseline.name.startswith("TF-IDF (")


FACTS = Facts("2026-02-03T04:05:06+00:00", 2, 12.3, {"network": 0.5}, (0.3, 0.7), "idf^1, C 10", True, 4, 3, "cpu", ("a|b",))


def card(
    texts: list[str], labels: list[str], facts: Facts = FACTS, valid: Table | None = None, path: str = "folder/t.csv"
) -> str:
    result = report(["a|b", "c"], np.array([0, 1], np.int32), np.array([[0.9, 0.1], [0.2, 0.8]]))
    table = Table(texts, labels, [], path, Columns(("post",), "kind"), files=(path,))
    return model_card("my: model", table, valid, Config(), result, Baseline("TF-IDF", result), facts)


def test_the_card_tells_data_scores_baseline_and_limits() -> None:
    text = card(["x", "y", "z"], ["a|b", "c", "c"])
    for part in (
        "| a\\|b | 1 | 1 | 1.00 |",
        "| TF-IDF | 1.00 |",
        "Trained on 2 rows and validated on 2 others, from t.csv (text column 'post', label column 'kind')",
        "then fitted to these rows too",
        "Training warned: a\\|b.",
        "| mixing weights | network 0.30, linear model 0.70 |",
        "| epoch kept | 3 |",
    ):
        assert part in text
    assert "folder" not in text
    assert "begun with" not in text
    assert "| begun with | w: 3 of 4 |" in card(["x", "y"], ["a|b", "c"], replace(FACTS, begun="w: 3 of 4"))
    alone = card(["x", "y"], ["a|b", "c"], replace(FACTS, linear_choice="", refitted=False, warnings=()))
    assert "mixing weights and" not in alone
    assert "then fitted" not in alone
    assert "warned" not in alone


def test_the_card_has_a_calibration_error_where_rows_can_tell_it() -> None:
    targets = np.array([0, 1] * 50, np.int32)
    result = report(["a", "c"], targets, np.array([[0.9, 0.1], [0.2, 0.8]] * 50))
    table = Table(["x", "y"], ["a", "c"], [], "t.csv", Columns(("post",), "kind"))
    assert "| this model | 1.000 | 1.000 | 0.164 | 0.150 |" in model_card("m", table, None, Config(), result, None, FACTS)
    assert "| this model | 1.00 | 1.00 | 0.16 | – (below 100 rows) |" in card(["x", "y"], ["a|b", "c"])


def test_a_label_without_validation_rows_has_no_scores_in_the_card() -> None:
    result = report(["a", "b", "c"], np.array([0, 1], np.int32), np.eye(3)[[0, 1]])
    table = Table(["x"] * 4, ["a", "b", "c", "c"], [], "t.csv", Columns(("post",), "kind"))
    text = model_card("m", table, None, Config(), result, None, FACTS)
    assert "| | accuracy | macro F1 (of 2 of 3 labels) |" in text
    assert "| b | 1 | 1 | 1.00 | 1.00 | 1.00 |" in text
    assert "| c | 2 | 0 | – | – | – |" in text


def test_the_card_names_validation_rows_of_their_own() -> None:
    valid = Table(["v"], ["c"], [], "x/v.csv", Columns(("post",), "kind"), files=("x/v.csv",))
    text = card(["x", "y"], ["a|b", "c"], valid=valid)
    assert "Trained on 2 rows of t.csv (text column 'post', label column 'kind'), and validated on 2 rows of v.csv." in text
    assert 'name: "v.csv"' in text


def test_a_card_can_be_written_whatever_the_file_is_called() -> None:
    yaml = pytest.importorskip("yaml")
    text = card(["x", "y"], ["a|b", "c"], path="d\udcff\x1b[2J\x85`\r.csv")
    assert text.encode()
    assert "\x1b" not in text
    assert yaml.safe_load(text.split("---\n", maxsplit=2)[1])["library_name"] == "attnclf"


def test_the_front_matter_is_what_model_hubs_read() -> None:
    yaml = pytest.importorskip("yaml")
    _, front, _ = card(["정말 좋아요", "the cat is in the house and it sleeps"], ["a|b", "c"]).split("---\n", maxsplit=2)
    found = yaml.safe_load(front)
    assert found["language"] == ["en", "ko"]
    assert found["library_name"] == "attnclf"
    assert found["pipeline_tag"] == "text-classification"
    (model,) = found["model-index"]
    assert model["name"] == "my: model"
    (result,) = model["results"]
    assert result["task"]["type"] == "text-classification"
    assert result["dataset"] == {"name": "validation rows of t.csv", "type": "table"}
    assert {metric["type"]: metric["value"] for metric in result["metrics"]} == {"accuracy": 1.0, "f1": 1.0}


@pytest.mark.parametrize(
    ("texts", "languages"),
    [
        (["오늘 라떼 마셨다"], ["ko"]),
        (["the dog is here"], ["en"]),
        (["今日は東京へ行きます"], ["ja"]),
        (["今天天气很好"], ["zh"]),
        (["привет мир"], ["ru"]),
        (["der Hund ist heute nicht zuhause"], []),
        (["12 !?"], []),
        ([""], []),
    ],
)
def test_languages_are_told_by_script_and_english_by_its_words(texts: list[str], languages: list[str]) -> None:
    assert languages_of(texts) == languages
