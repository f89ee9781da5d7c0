"""Fifty steps of a small network, by the process that the environment says this is: `python -m tests.processes.steps FILE`.

Process 0 writes the weights to FILE. The last batch of an epoch has a single text, so that it has to be filled up.
"""

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from attnclf.config import TrainingConfig
from attnclf.processes import Place
from attnclf.ragged import Ragged
from attnclf.results import EpochScores, ignore
from attnclf.trainable.fit import Examples, fit, logits
from attnclf.training.machine import start_backend
from tests.models import small_classifier

ROWS, BATCH, EPOCHS = 21, 4, 9  # 54 steps
WORDS = ["좋아요", "정말", "라떼", "마셨다", "오늘", "get", "followers", "1000", "DM", "library", "tired"]


def trained(place: Place, path: Path, attention: str, encoder: str) -> None:
    architecture, reader = small_classifier(level="word", attention=attention, encoder=encoder)
    random = np.random.default_rng(1)
    texts = [" ".join(random.choice(WORDS, 6)) + (". 네" if encoder == "hierarchical" else "") for _ in range(ROWS)]
    ids, _ = reader.ids(texts)
    targets = random.integers(0, 3, ROWS).astype(np.int32)
    linear = Ragged.of([random.normal(size=(len(one), 3)).astype(np.float16) for one in ids])
    examples = Examples(ids, targets, random.uniform(0.5, 2, ROWS).astype(np.float32), linear)
    config = replace(TrainingConfig(), batch_size=BATCH, epochs=EPOCHS, patience=EPOCHS, learning_rate=0.01, device="cpu")
    judged = []

    def validate(network: np.ndarray) -> tuple[EpochScores, tuple[float, float]]:
        judged.append(network)
        return EpochScores(1.0 - 0.01 * len(judged), 0.5, 0.5), (0.5 + 0.1 * len(judged), 1.0)  # the last epoch is the best

    _, _, group = start_backend(config, place)
    started = time.monotonic()
    model = fit(architecture, reader, examples, ids[:5], validate, config, ignore, started, group=group)
    found = logits(model, reader, ids, group)
    seconds = time.monotonic() - started
    group.leave()
    if place.leads:
        save_file(model.arrays() | {"logits": found}, path)
        path.with_suffix(".json").write_text(json.dumps({"steps": EPOCHS * -(-ROWS // BATCH), "seconds": seconds}))


if __name__ == "__main__":
    trained(Place.of(), Path(sys.argv[1]), *(sys.argv[2:] or ["additive", "bilstm"]))
