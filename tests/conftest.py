"""Fixtures that several kinds of test share."""

import os
from pathlib import Path

import pytest

from attnclf.served.model import ServedModel
from tests.models import write_bundle

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # before any test imports Keras
if "PYTEST_XDIST_WORKER" in os.environ:  # a process for each core: more threads than that would only wait for each other
    for _threads in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ.setdefault(_threads, "1")

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "sample_data"


@pytest.fixture(scope="session")
def bundle_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A char-level model directory with random weights. Shared: tests that change it copy it."""
    return write_bundle(tmp_path_factory.mktemp("bundle") / "model").path


@pytest.fixture(scope="session")
def word_bundle_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same at word level."""
    return write_bundle(tmp_path_factory.mktemp("bundle") / "words", level="word").path


@pytest.fixture(scope="session")
def served(bundle_path: Path) -> ServedModel:
    return ServedModel.load(bundle_path)


@pytest.fixture(scope="session")
def served_words(word_bundle_path: Path) -> ServedModel:
    return ServedModel.load(word_bundle_path)


@pytest.fixture(scope="session")
def sample() -> Path:
    return SAMPLE
