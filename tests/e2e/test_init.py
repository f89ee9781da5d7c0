"""A training begins with the weights of a file, says so, keeps it in the card, and goes on with the same file only."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

import attnclf
from attnclf.errors import UsageError
from attnclf.results import Event, Note
from tests.e2e.test_resuming import Killed, at_step, content, trained
from tests.unit.model.pretrained import LEARNED, SMALL, pretrained

pytest.importorskip("keras")

BEGIN = SMALL | {"level": "word", "epochs": 2}


@pytest.fixture
def learned(tmp_path: Path) -> Path:
    path = tmp_path / "learned.safetensors"
    path.write_bytes(pretrained().file())
    return path


def test_the_network_begins_with_the_weights_of_the_file(learned: Path, tmp_path: Path) -> None:
    heard: list[Event] = []
    still = {"learning_rate": 1e-8, "weight_decay": 0.0}
    model = trained(tmp_path / "model", BEGIN | still | {"init": learned}, heard.append).bundle
    found, expected = load_file(tmp_path / "model" / "weights.safetensors"), pretrained()
    for name, array in expected.arrays.items():
        assert found[f"encoder.{name}"] == pytest.approx(array, abs=1e-5)
    distances = np.abs(found["embedding.table"][:, None] - expected.table).max(axis=2).min(axis=0)  # of each word
    assert [bool(distance < 1e-5) for distance in distances] == [word != "unheard" for word in LEARNED]
    (note,) = [event for event in heard if isinstance(event, Note) and event.topic == "init"]
    assert note.message.startswith("learned.safetensors: 16 of ")
    assert "vectors of 3 of " in note.message
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert f"| begun with | {note.message} |" in card
    assert model.config.training.init == str(learned)
    classifier = attnclf.load(tmp_path / "model")
    assert classifier.predict(["w1 good."])[0] in ("a", "b")
    assert classifier.get_params()["init"] == str(learned)


def test_it_goes_on_with_the_same_weights_and_no_others(learned: Path, tmp_path: Path) -> None:
    settings: dict[str, Any] = BEGIN | {"init": learned}
    trained(tmp_path / "unbroken" / "model", settings)
    target = tmp_path / "broken" / "model"
    with pytest.raises(Killed):
        trained(target, settings, at_step(2, 1))
    other = tmp_path / "other"
    other.write_bytes(pretrained(seed=1).file())
    for init in (other, ""):
        with pytest.raises(UsageError, match=r"`init` is .*, and was 'weights of sha256:"):
            trained(target, settings | {"init": init}, resume=True)
    moved = learned.rename(tmp_path / "moved")
    trained(target, settings | {"init": moved}, resume=True)
    assert content(target) == content(tmp_path / "unbroken" / "model")
