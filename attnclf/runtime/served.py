"""A loaded model directory: texts in, logits and token scores out, without Keras."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from attnclf import bundle as bundles
from attnclf.bundle import Bundle
from attnclf.reader import Reader, open_reader
from attnclf.runtime.session import Session
from attnclf.text import Encoded


@dataclass(frozen=True)
class Scored:
    """One text as the model saw and judged it: logits (K,), attention (T,) and contributions (T, K) of its T tokens;
    `known` (T,) tells which of them training saw anything of."""

    encoded: Encoded
    logits: NDArray[np.float32]
    attention: NDArray[np.float32]
    contributions: NDArray[np.float32]
    known: NDArray[np.bool_]


@dataclass(frozen=True)
class Served:
    """Answers for texts; `bundle` says what was trained and `labels` what the columns of logits mean."""

    bundle: Bundle
    reader: Reader
    session: Session
    lock: Lock = field(default_factory=Lock)  # the reader remembers words, so texts of two threads take turns

    @classmethod
    def load(cls, path: Path) -> "Served":
        """The model at `path`; ModelError when it is missing, altered or from a newer format."""
        bundle = bundles.load(path)
        session = Session(bundle.path / "model.onnx")  # first: the memory that parsing takes for a moment serves the reader
        reader = open_reader(
            {name: bundle.read(name) for name in ("tokenizer.json", "features.safetensors")}, bundle.config.text
        )
        return cls(bundle, reader, session)

    @property
    def labels(self) -> tuple[str, ...]:
        return self.bundle.labels

    def logits(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], list[float], list[bool]]:
        """Logits (N, K); the share of each text's tokens that training saw; which texts are longer than the model reads."""
        with self.lock:
            self.reader.forget()
            ids, truncated = self.reader.ids(texts)
            outputs = self.session.run(self.reader, ids, ["logits"])
            known = [float(np.mean(self.reader.is_known(row))) for row in ids]
        return np.array([row[0] for row in outputs], np.float32).reshape(len(texts), len(self.labels)), known, truncated

    def scored(self, texts: Sequence[str]) -> list[Scored]:
        """Everything one forward pass tells about each text."""
        with self.lock:
            self.reader.forget()
            encoded = self.reader.encode(texts)
            outputs = self.session.run(self.reader, [e.ids for e in encoded], ["logits", "attention", "contributions"])
            return [Scored(e, a, b, c, self.reader.is_known(e.ids)) for e, (a, b, c) in zip(encoded, outputs, strict=True)]
