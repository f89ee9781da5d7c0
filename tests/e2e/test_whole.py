"""The whole job on sample_data: train, eval, predict, explain, by command line and from Python."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import attnclf
from attnclf import bundle as bundles
from attnclf.results import Event, Note


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, as a user's shell runs it."""
    return subprocess.run(
        [sys.executable, "-m", "attnclf", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        env=os.environ | {"COLUMNS": "100"} | environment,
        check=False,
    )


@pytest.fixture(scope="module")
def trained(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A model trained by the command line, and what the command printed."""
    model = tmp_path_factory.mktemp("trained") / "model"
    settings = model.parent / "settings.toml"
    settings.write_text("[training]\nlearning_rate = 0.004\n[model]\nembedding = 32\n", encoding="utf-8")
    result = run(
        "train", sample / "train.csv", "-m", model, "--group-col", "account", "--config", settings, "--units", 16, "--epochs", 2
    )
    assert result.returncode == 0, result.stderr
    return model, result


def test_training_reports_beside_the_baseline(trained) -> None:
    _, result = trained
    assert "validation (" in result.stdout
    assert "TF-IDF" in result.stdout
    assert "macro f1" in result.stdout
    for said in (
        "data          ",
        "text column 'text' (guessed)",
        "held out by account",
        "level         word",
        "device        cpu",
        "linear model  logistic regression on",
        "epoch 1/2",
        "network       ",
        "both together 0.",
        "model         ",
    ):
        assert said in result.stderr
    topics = [line.split("  ")[0] for line in result.stderr.splitlines() if not line.startswith(("epoch", "try"))]
    said = ["data", "split", "level", "device", "linear model", "network", "scores", "accounts", "explanations", "model"]
    assert list(dict.fromkeys(topics)) == said
    warned = [line for line in result.stderr.splitlines() if "warning: " in line]
    # Characters that hide, texts with two labels, and texts of two accounts.
    assert [line.split()[0] for line in warned] == ["data", "data", "split"]
    assert "oneDNN" not in result.stderr
    assert "\x1b" not in result.stderr + result.stdout


def test_the_bundle_holds_the_resolved_configuration_and_scores(trained) -> None:
    bundle = bundles.load(trained[0])
    assert bundle.config.text.level == "word"
    assert bundle.config.model.embedding == 32
    assert bundle.config.model.units == 16
    assert bundle.config.training.epochs == 2
    assert bundle.scores["validation"]["accuracy"] > 0.7
    assert "TF-IDF" in bundle.scores["baseline"]["name"]
    history = [json.loads(line) for line in bundle.read("history.jsonl").splitlines()]
    assert [line["epoch"] for line in history] == list(range(1, len(history) + 1))
    assert "| fake |" in bundle.read("README.md").decode()


def test_it_learnt_and_evaluation_matches_prediction(trained, sample: Path) -> None:
    """The accuracy that eval prints is the one counted from predict's own rows."""
    result = run("eval", sample / "test.csv", "-m", trained[0], "--json", "--fail-under", "macro_f1=.75")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["macro_f1"] >= 0.75
    rows = list(csv.DictReader(io.StringIO(run("predict", "-f", sample / "test.csv", "-m", trained[0]).stdout)))
    assert len(rows) == report["rows"]
    assert np.mean([row["predicted"] == row["label"] for row in rows]) == pytest.approx(report["accuracy"])


def test_explanations_of_every_test_text_sum_to_the_decision(trained, sample: Path) -> None:
    result = run("explain", "-f", sample / "test.csv", "-m", trained[0], "--format", "jsonl")
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(records) > 900
    for record in records:
        assert sum(t["evidence"] for t in record["tokens"]) == pytest.approx(record["log_odds"], abs=1e-4)
        p = record["probabilities"]
        assert sum(t["attention"] for t in record["tokens"]) == pytest.approx(1, abs=1e-4)
        if min(p.values()) > 0.01:
            assert np.log(p[record["target"]] / p[record["against"]]) == pytest.approx(record["log_odds"], abs=1e-2)


def test_from_python(trained, sample: Path) -> None:
    classifier = attnclf.load(trained[0])
    texts = ["팔로워 1만 늘려드려요", "오늘 라떼 마셨다 ㅋㅋ"]
    with pytest.warns(UserWarning, match="1 text holds nothing the model knows"):
        probabilities = classifier.predict_proba([*texts, ""])
    assert classifier.labels == ("fake", "real")
    assert probabilities.shape == (3, 2)
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert classifier.predict(texts).tolist() == [classifier.labels[i] for i in probabilities.argmax(axis=1)[:2]]
    assert classifier.predict(texts)[0] == "fake"
    explanation = classifier.explain(texts[0], by="word")
    assert [t.text for t in explanation.tokens] == ["팔로워", "1만", "늘려드려요"]
    with pytest.warns(UserWarning, match="38 texts were in training"):
        assert classifier.evaluate(sample / "test.csv").accuracy > 0.75
    assert classifier.predict_proba([]).shape == (0, 2)
    with pytest.raises(attnclf.AttnclfError, match="texts is one str"):
        classifier.predict("one text")
    with pytest.raises(attnclf.AttnclfError, match=r"texts\[1\] is None"):
        classifier.predict(["a", None])
    for data in (None, [], {"text": ["a"]}):
        with pytest.raises(attnclf.AttnclfError, match="pass a path"):
            classifier.evaluate(data)
    with pytest.raises(attnclf.AttnclfError, match="word"):
        classifier.explain("a", by="letter")
    assert {"level='word'", "units=16"} <= set(repr(classifier)[:-1].split(", "))


def few_posts(sample: Path, folder: Path, rows: int = 160) -> Path:
    """The first rows of a table, enough where nothing is asked of what is learnt."""
    lines = (sample / "test.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "few.csv").write_text("".join(lines[: rows + 1]), encoding="utf-8")
    return folder / "few.csv"


@pytest.mark.filterwarnings("ignore:.* characters that hide, reorder or have no meaning:UserWarning")
def test_the_same_seed_gives_the_same_weights(sample: Path, tmp_path: Path) -> None:
    """In a process of its own, by the command, as in this one, from Python."""
    (tmp_path / "fast.toml").write_text("[training]\nepochs = 1\nfaithfulness = 0\nbaseline = false\n", encoding="utf-8")
    few, config = few_posts(sample, tmp_path), tmp_path / "fast.toml"
    result = run("train", few, "-m", tmp_path / "a", "--config", config, "--units", 16, "--seed", 1, PYTHONHASHSEED="1")
    assert result.returncode == 0, result.stderr
    for name, seed in (("b", 1), ("c", 2)):
        attnclf.train(few, tmp_path / name, config=config, units=16, seed=seed, verbose=0)
    a, b, c = ((tmp_path / name / "weights.safetensors").read_bytes() for name in "abc")
    assert a == b
    assert a != c


@pytest.mark.filterwarnings("ignore:.* validation rows have a text:UserWarning")
@pytest.mark.filterwarnings("ignore:the word '.*' gives the label:UserWarning")
@pytest.mark.filterwarnings("ignore:1 validation text is empty:UserWarning")
def test_training_from_python_on_a_data_frame_with_uneven_labels(tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame({"document": ["good fine"] * 60 + ["bad awful"] * 12 + [None], "y": [1] * 60 + [0] * 12 + [1]})
    events: list[object] = []
    with pytest.warns(UserWarning, match="1 text is empty"):
        classifier = attnclf.train(
            frame,
            tmp_path / "m",
            valid=frame,
            units=8,
            epochs=6,
            learning_rate=0.02,
            level="word",
            batch_size=8,
            baseline=False,
            on_event=events.append,
        )
    assert classifier.predict(["good", "bad"]).tolist() == [1, 0]
    assert classifier.scores["baseline"] is None
    assert {type(event).__name__ for event in events} == {"Note", "StageStarted", "StepEnded", "EpochEnded"}


def test_training_measures_its_explanations_and_says_so_under_each(trained) -> None:
    model, _ = trained
    measured = bundles.load(model).faithfulness
    assert measured is not None
    assert 1 <= measured.texts <= 200
    by_method = {method.method: method for method in measured.methods}
    assert by_method["evidence"].comprehensiveness.mean > by_method["random"].comprehensiveness.mean
    shown = run("explain", "get 1000 followers", "-m", model)
    assert f"Measured on {measured.texts} validation texts" in shown.stdout


@pytest.mark.filterwarnings("ignore:.* characters that hide, reorder or have no meaning:UserWarning")
def test_character_level_explains_by_character_and_by_word(sample: Path, tmp_path: Path) -> None:
    few = {"size": "small", "epochs": 1, "baseline": False, "faithfulness": 0, "verbose": 0}
    classifier = attnclf.train(few_posts(sample, tmp_path), tmp_path / "m", level="char", values="states", **few)
    for text in ("팔로워 1만 f0llow", "오늘 라떼 👍🏽 마셨다"):
        by_token, by_word = classifier.explain(text), classifier.explain(text, by="word")
        assert "".join(token.text for token in by_token.tokens) == text
        assert [token.text for token in by_word.tokens] == text.split()
        for explanation in (by_token, by_word):
            assert sum(token.evidence for token in explanation.tokens) == pytest.approx(explanation.log_odds, abs=1e-4)


def test_an_interrupt_leaves_the_old_model(trained, sample: Path, tmp_path: Path) -> None:
    import shutil

    model = Path(shutil.copytree(trained[0], tmp_path / "model"))
    before = {path.name: path.read_bytes() for path in model.iterdir()}
    command = [
        sys.executable,
        "-m",
        "attnclf",
        "train",
        few_posts(sample, tmp_path),
        "-m",
        model,
        *("--size", "small", "--encoder", "embedding", "--epochs", "500", "--patience", "500", "--no-baseline"),
    ]
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 (background jobs ignore it)
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("epoch 1/"):
            break
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "interrupted; the model at" in rest
    assert re.search(r"the same again with --resume goes on after epoch \d+\n", rest)
    assert "Traceback" not in rest
    assert {path.name: path.read_bytes() for path in model.iterdir()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [".model.resume", "few.csv", "model"]


HEAVY = ("tensorflow", "keras", "jax", "torch", "pandas", "sklearn", "scipy", "onnx", "spox", "safetensors", "pydantic")


LIGHT = [
    ["--help"],
    ["train", "--help"],
    ["compare", "--help"],
    ["lesson"],
    ["lesson", "--help"],
    ["predict", "좋아요"],
    ["explain", "좋아요"],
    ["explain", "a", "--format", "html"],
]


def test_start_up_is_light(bundle_path: Path) -> None:
    """One process runs one command after the other, and says after each what heavy it has imported by then."""
    code = (
        f"import sys\nfrom attnclf.cli import main\nfor arguments in {LIGHT!r}:\n    sys.argv = ['attnclf', *arguments]\n"
        "    try: main()\n    except SystemExit as e: assert not e.code\n"
        f"    print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    environment = os.environ | {"ATTNCLF_MODEL": str(bundle_path)}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert result.stderr.split("\n") == ["[]"] * len(LIGHT) + [""]


def test_eval_needs_scikit_learn_and_nothing_heavier(bundle_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("text,label\n좋아요,fake\nDM,real\n", encoding="utf-8")
    code = (
        f"import sys; sys.argv = ['attnclf', 'eval', {str(path)!r}, '-m', {str(bundle_path)!r}]\n"
        "from attnclf.cli import main\nassert 'sklearn' not in sys.modules\ntry: main()\nexcept SystemExit: pass\n"
        "assert not {'tensorflow', 'keras', 'onnx', 'spox'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_import_attnclf_is_lighter_still() -> None:
    code = "import sys, attnclf; assert not {'numpy', 'onnxruntime', 'typer', 'rich'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_reader_that_goes_away_is_no_error(bundle_path: Path, sample: Path) -> None:
    command = f"{sys.executable} -m attnclf predict -f {sample / 'train.csv'} -m {bundle_path} --format jsonl | head -1"
    result = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=True)
    assert len(result.stdout.splitlines()) == 1
    assert "Traceback" not in result.stderr


def tables() -> dict[str, tuple[list[str], list[str]]]:
    """Small and odd tables that can still be learnt from."""
    words = ["good", "bad", "sun", "rain", "day", "night"]
    some = [f"{words[i % 6]} {words[i % 5]} {'yes' if i % 2 else 'no'}" for i in range(120)]
    sides = ["ab"[i % 2] for i in range(120)]
    return {
        "thirty rows": (some[:30], sides[:30]),
        "a class of two rows": ([*some, "green tea please", "green tea now"], [*sides, "c", "c"]),
        "texts all of one length": (["yes" if side == "b" else "nay" for side in sides], sides),
        "texts of one character": (["xyz"[i % 3] if i % 2 else "abc"[i % 3] for i in range(120)], sides),
        "many labels": ([f"word{i % 501} tea" for i in range(1002)], [f"label{i % 501}" for i in range(1002)]),
    }


@pytest.mark.filterwarnings("ignore::UserWarning")  # of what is odd in them
@pytest.mark.parametrize("name", tables())
def test_odd_tables_give_a_model_that_answers(name: str, tmp_path: Path) -> None:
    import pandas as pd

    texts, labels = tables()[name]
    frame = pd.DataFrame({"text": texts, "label": labels})
    few = {"size": "small", "epochs": 1, "level": "word", "faithfulness": 0}
    events: list[Event] = []
    classifier = attnclf.train(frame, tmp_path / "m", verbose=0, on_event=events.append, **few)
    topics = {event.topic for event in events if isinstance(event, Note) and event.warning}
    assert {"linear model", "baseline"} & topics == ({"baseline"} if len(set(labels)) > 500 else set())
    probabilities = classifier.predict_proba([texts[0], "", "never seen"])
    assert set(classifier.labels) == set(labels)
    assert np.isfinite(probabilities).all()
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    explanation = classifier.explain(texts[0])
    assert sum(token.evidence for token in explanation.tokens) == pytest.approx(explanation.log_odds, abs=1e-4)
    assert (classifier.scores["baseline"] is None) == (len(classifier.labels) > 500)


def test_a_time_limit_shorter_than_an_epoch_still_gives_a_model(sample: Path, tmp_path: Path) -> None:
    options = "--size", "small", "--encoder", "embedding", "--level", "char", "--values", "states", "--max-minutes", "0.0001"
    result = run("train", few_posts(sample, tmp_path), "-m", tmp_path / "m", "--no-baseline", *options)
    assert result.returncode == 0, result.stderr
    config = bundles.load(tmp_path / "m").config
    assert (config.text.level, config.model.values) == ("char", "states")
    assert "minutes are over at step 1 of" in result.stderr
    assert np.isfinite(attnclf.load(tmp_path / "m").predict_proba(["팔로워 늘려드려요"])).all()
