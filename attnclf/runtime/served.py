"""A loaded model directory: texts in, logits and token scores out, without Keras."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from attnclf import bundle as bundles
from attnclf.bundle import Bundle
from attnclf.runtime.session import Session
from attnclf.text import UNKNOWN_ID, Encoded, encode, encode_ids


@dataclass(frozen=True)
class Scored:
    """One text as the model saw and judged it: logits (K,), attention (T,) and votes (T, K) of its T tokens."""

    encoded: Encoded
    logits: NDArray[np.float32]
    attention: NDArray[np.float32]
    votes: NDArray[np.float32]


@dataclass(frozen=True)
class Served:
    """Answers for texts; `bundle` says what was trained and `labels` what the columns of logits mean."""

    bundle: Bundle
    tokenizer: Tokenizer
    session: Session

    @classmethod
    def load(cls, path: Path) -> "Served":
        """The model at `path`; ModelError when it is missing, altered or from a newer format."""
        bundle = bundles.load(path)
        tokenizer = Tokenizer.from_str(bundle.read("tokenizer.json").decode())
        return cls(bundle, tokenizer, Session(bundle.read("model.onnx")))

    @property
    def labels(self) -> tuple[str, ...]:
        return self.bundle.labels

    def logits(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], list[float], list[bool]]:
        """Logits (N, K); the share of each text's tokens that training saw; which texts are longer than the model reads."""
        ids, truncated = encode_ids(self.tokenizer, texts)
        outputs = self.session.run(ids, ["logits"])
        logits = np.array([row[0] for row in outputs], np.float32).reshape(len(texts), len(self.labels))
        return logits, [float(np.mean(row != UNKNOWN_ID)) for row in ids], truncated

    def scored(self, texts: Sequence[str]) -> list[Scored]:
        """Everything one forward pass tells about each text."""
        encoded = encode(self.tokenizer, texts)
        outputs = self.session.run([e.ids for e in encoded], ["logits", "attention", "votes"])
        return [Scored(e, *arrays) for e, arrays in zip(encoded, outputs, strict=True)]
