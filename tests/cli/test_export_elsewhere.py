"""Exports where they are used: in Node.js with onnxruntime-node, and in MLflow. `make test-extras` installs both."""

import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from attnclf.cli import main
from attnclf.config import Config
from attnclf.export.examples import examples_of
from attnclf.export.quantised import graphs_of, quantised, with_graphs
from attnclf.results import COLUMN_SEPARATOR
from attnclf.served.model import ServedModel
from attnclf.served.prediction import predict
from tests.conftest import SAMPLE
from tests.models import write_bundle, write_untrained

NODE_MODULES = Path(sys.prefix) / "node" / "node_modules"
TEXTS = 100


def exported(*arguments: str | Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["attnclf", "export", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code


def sample_rows() -> list[dict[str, str]]:
    with (SAMPLE / "test.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(params=["char", "word"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> ServedModel:
    """A model with random weights that knows the words of the sample, and reads less of a text than some are long."""
    config = Config().override({"data": {"text_col": ["text"], "label_col": "label"}})
    config = config.override({"text": {"level": request.param, "min_count": 1, "max_length": 24}, "model": {"size": "small"}})
    texts = [row["text"] for row in sample_rows()[:400]]
    return ServedModel.load(write_untrained(tmp_path / "model", config, texts, ("fake", "real"), "str").path)


@pytest.mark.skipif(
    not (NODE_MODULES / "onnxruntime-node").exists(), reason="needs onnxruntime-node: `make test-extras` runs it"
)
@pytest.mark.parametrize("int8", [False, True])
def test_node_gives_the_same_numbers(served: ServedModel, tmp_path: Path, int8: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = sample_rows()
    more = ("--int8", "--data", SAMPLE / "test.csv", "--max-loss", "1") if int8 else ()
    exported("onnx", "-m", served.bundle.path, "-o", tmp_path / "out", *more, monkeypatch=monkeypatch)
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    texts = [row["text"] for row in rows[:: len(rows) // TEXTS]][:TEXTS]
    graphs = graphs_of(served)
    answers = with_graphs(served, quantised(graphs, served.weights()) if int8 else graphs)
    (tmp_path / "some.jsonl").write_bytes(examples_of(answers, texts))
    for more_texts, count in ((("some.jsonl",), TEXTS), ((), 18)):
        found = json.loads(node(tmp_path, "out/predict.mjs", "--check", *more_texts))
        assert (found["texts"], found["other_tokens"]) == (count, 0)
        assert found["largest_difference"] <= (0.05 if int8 else 1e-5)
    answer = json.loads(node(tmp_path, "out/predict.mjs", texts[0]))
    assert answer["label"] == predict(answers, texts[:1])[0].label


def node(folder: Path, *arguments: str) -> str:
    command = [shutil.which("node") or "node", *arguments]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture
def mlflow() -> None:
    pytest.importorskip("mlflow", reason="needs attnclf[mlflow]: `make test-extras` runs it")


@pytest.mark.usefixtures("mlflow")
@pytest.mark.filterwarnings("ignore")
def test_mlflow_loads_it_with_its_signature(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import mlflow
    import pandas as pd

    path = write_bundle(tmp_path / "m", level="word", labels=("1", "2"), label_type="int", text_col=("title", "body")).path
    exported("mlflow", "-m", path, "-o", tmp_path / "out", monkeypatch=monkeypatch)
    model = mlflow.pyfunc.load_model(str(tmp_path / "out"))
    assert [column.name for column in model.metadata.signature.inputs] == ["title", "body"]
    frame = pd.DataFrame({"title": ["get 1000", "so tired"], "body": ["followers", "the library"]})
    found = model.predict(frame)
    assert list(found.columns) == [column.name for column in model.metadata.signature.outputs]
    assert found["predicted"].dtype.kind == "i"
    answers = predict(
        ServedModel.load(path), [f"get 1000{COLUMN_SEPARATOR}followers", f"so tired{COLUMN_SEPARATOR}the library"]
    )
    assert found["probability"].tolist() == pytest.approx([answer.probability for answer in answers])
    with pytest.raises(mlflow.exceptions.MlflowException, match="body"):
        model.predict(frame[["title"]])
    assert not list((tmp_path / "out").rglob("*.pkl"))


@pytest.mark.usefixtures("mlflow")
def test_mlflow_serves_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_bundle(tmp_path / "m", level="word").path
    exported("mlflow", "-m", path, "-o", tmp_path / "out", monkeypatch=monkeypatch)
    texts = [row["text"] for row in sample_rows()[:20]]
    with serving(tmp_path / "out") as address:
        found = posted(f"{address}/invocations", {"dataframe_split": {"columns": ["text"], "data": [[text] for text in texts]}})
    answers = predict(ServedModel.load(path), texts)
    assert [row["predicted"] for row in found["predictions"]] == [answer.label for answer in answers]
    shown = [row["probability"] for row in found["predictions"]]
    assert shown == pytest.approx([answer.probability for answer in answers], abs=1e-6)


def posted(address: str, value: object) -> dict[str, list[dict[str, object]]]:
    headers = {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(address, json.dumps(value).encode(), headers), timeout=60) as answer:
        found: dict[str, list[dict[str, object]]] = json.load(answer)
    return found


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """`mlflow models serve` on a free port, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(folder), "-p", str(port), "--env-manager", "local"]
    environment = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONPATH": os.pathsep.join(sys.path)}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"  # where it looks for uvicorn
    with (folder.parent / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
    try:
        until = time.monotonic() + 120
        while True:
            assert server.poll() is None, (folder.parent / "log").read_text(encoding="utf-8")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=5):
                    break
            except OSError:
                assert time.monotonic() < until, (folder.parent / "log").read_text(encoding="utf-8")
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)
