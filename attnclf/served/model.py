"""A loaded model directory: texts in, logits and token scores out, without Keras."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from attnclf import bundle as bundles
from attnclf.bundle import Bundle
from attnclf.model.architecture import Architecture
from attnclf.reading.base import Ids, Reader
from attnclf.reading.readers import open_reader
from attnclf.reading.tokens import Encoded
from attnclf.served.session import Answers, Session

READ_AT_ONCE = 2_048  # texts: enough to find some of like length, few enough that a second core has something to do soon


@dataclass(frozen=True)
class Scored:
    """One text as the model saw and judged it: logits (K,), attention (T,) and contributions (T, K) of its T tokens;
    `known` (T,) tells which of them training saw anything of."""

    encoded: Encoded
    logits: NDArray[np.float32]
    attention: NDArray[np.float32]
    contributions: NDArray[np.float32]
    known: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ServedModel:
    """Answers for texts; `bundle` says what was trained and `labels` what the columns of logits mean."""

    bundle: Bundle
    reader: Reader
    session: Session
    lock: Lock = field(default_factory=Lock)  # the reader remembers words, so texts of two threads take turns

    @classmethod
    def load(cls, path: Path) -> "ServedModel":
        """The model at `path`; ModelError when it is missing, altered or from a newer format."""
        bundle = bundles.load(path)
        words = bundle.path / "words.onnx" if bundle.config.text.level == "word" else None
        session = Session(
            bundle.path / "model.onnx", words
        )  # first: the memory that parsing takes for a moment serves the reader
        reader = open_reader(
            {name: bundle.read(name) for name in ("tokenizer.json", "features.safetensors")}, bundle.config.text
        )
        return cls(bundle, reader, session)

    @property
    def architecture(self) -> Architecture:
        """What `weights` are the weights of."""
        config, reader = self.bundle.config, self.reader
        sizes = reader.vocabulary, reader.features, len(self.labels), config.text.max_length
        return Architecture.of(config.model, config.text.level, *sizes)

    @property
    def classifies_accounts(self) -> bool:
        """Whether a text is all posts of an account, a line each."""
        return self.bundle.config.text.sentences == "lines"

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """All of them, by name, from the file: to serve none are needed but those in the graphs."""
        from safetensors.numpy import load

        weights: dict[str, NDArray[np.float32]] = load(self.bundle.read("weights.safetensors"))
        return weights

    @property
    def labels(self) -> tuple[str, ...]:
        return self.bundle.labels

    def logits(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], list[float], list[bool]]:
        """Logits (N, K); the share of each text's tokens that training saw; which texts are longer than the model reads."""
        known: list[float] = []
        truncated: list[bool] = []

        def read(some: Sequence[str]) -> list[Ids]:
            ids, cut = self.reader.ids(some)
            known.extend(float(np.mean(flags)) for flags in self._known(ids))
            truncated.extend(cut)
            return ids

        answers = self._answers(texts, read, ["logits"])
        return np.array([row[0] for row in answers], np.float32).reshape(len(texts), len(self.labels)), known, truncated

    def scored(self, texts: Sequence[str]) -> list[Scored]:
        """Everything one forward pass tells about each text."""
        encoded: list[Encoded] = []
        known: list[NDArray[np.bool_]] = []

        def read(some: Sequence[str]) -> list[Ids]:
            encoded.extend(new := self.reader.encode(some))
            ids = [e.ids for e in new]
            known.extend(self._known(ids))
            return ids

        answers = self._answers(texts, read, ["logits", "attention", "contributions"])
        return [Scored(e, a, b, c, flags) for e, (a, b, c), flags in zip(encoded, answers, known, strict=True)]

    def _known(self, ids: Sequence[Ids]) -> list[NDArray[np.bool_]]:
        """Which tokens of each text training saw anything of."""
        return np.split(self.reader.is_known(np.concatenate(ids)), np.cumsum([len(row) for row in ids[:-1]]))

    def _answers(self, texts: Sequence[str], read: Callable[[Sequence[str]], list[Ids]], outputs: Sequence[str]) -> Answers:
        """`outputs` of each text, some texts being read while those before are computed."""
        begun: list[Callable[[], Answers]] = []
        with self.lock:
            try:
                for start in range(0, len(texts), READ_AT_ONCE):
                    if self.session.is_full(self.reader):
                        self._forget(begun)
                    begun.append(self.session.start(self.reader, read(texts[start : start + READ_AT_ONCE]), outputs))
                return [answer for wait in begun for answer in wait()]
            except BaseException:  # some words may have been noted and not made
                self._forget(begun)
                raise

    def _forget(self, begun: Sequence[Callable[[], Answers]]) -> None:
        """Forgets all words, when no one needs them any more."""
        for wait in begun:
            with suppress(Exception):
                wait()
        self.session.forget(self.reader)
