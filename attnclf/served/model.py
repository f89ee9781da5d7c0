"""A loaded model directory: texts in, logits and token scores out, without Keras."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from attnclf import bundle as bundles
from attnclf.bundle import Bundle
from attnclf.errors import ModelError
from attnclf.model.architecture import Architecture
from attnclf.ragged import Ragged
from attnclf.reading.base import Reader
from attnclf.reading.readers import open_reader
from attnclf.reading.tokens import Encoded
from attnclf.reading.windows import ReadingLimits
from attnclf.results import LeftOut
from attnclf.served import forks
from attnclf.served.account_model import AccountModel
from attnclf.served.base_rates import log_shift, rates_by_label
from attnclf.served.parts import ANSWERED_AT_ONCE, answers_in_parts
from attnclf.served.session import OUTPUTS, Answers, Session
from attnclf.served.words import SparseWords
from attnclf.upgrades import TRAIN_AGAIN

TRIED = "one two"  # two words, so that there is a pair


@dataclass(frozen=True)
class Scored:
    """What the model gives for one text of T tokens.

    `encoded` is the text as the model reads it: its token ids (T,), and where the tokens stand in it. `logits` (K,),
    `attention` (T,) and `contributions` (T, K); `known` (T,) is True where training saw the token or a part of it. `prior` (K,)
    is what base rates add: the logits are the sum of the contributions and of it.
    """

    encoded: Encoded
    logits: NDArray[np.float32]
    attention: NDArray[np.float32]
    contributions: NDArray[np.float32]
    known: NDArray[np.bool_]
    prior: NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ServedModel:
    """A trained model that is ready to score texts. `bundle` says what was trained; `labels` name the columns of logits.

    `base_rates` are those of the labels for which it answers, the ones that were asked for first; empty: those of training.
    """

    bundle: Bundle
    reader: Reader
    session: Session
    base_rates: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        forks.watch(self.session, self.reader)

    @classmethod
    def load(cls, path: Path, threads: int | None = None) -> "ServedModel":
        """The model at `path`, by default with a thread a core. Raises ModelError if it is missing, altered or too new."""
        return cls.of(bundles.load(path), threads)

    @classmethod
    def of(cls, bundle: Bundle, threads: int | None = None) -> "ServedModel":
        """The model of a checked directory, or of one in memory. Raises ModelError for files that attnclf does not write."""
        words = bundle.read("words.onnx") if bundle.config.text.level == "word" else None
        try:
            if words == b"":
                raise ModelError("words.onnx is empty", hint=TRAIN_AGAIN)
            # The session comes first: the reader then reuses the memory that parsing the graphs needs for a moment.
            session = Session(bundle.read("model.onnx"), words, threads, input_names=bundle.onnx_inputs)
            words = None
            files = {name: bundle.read(name) for name in ("tokenizer.json", "features.safetensors")}
            served = cls(bundle, open_reader(files, bundle.config.text), session)
            session.open_sparse = lambda: SparseWords(served.weights(), served.architecture.ngrams)
            served._try()
        except ModelError as error:
            message = error.message if str(bundle.path) in error.message else f"{bundle.path}: {error.message}"
            raise ModelError(message, hint=error.hint) from error
        return served

    def _try(self) -> None:
        """Answers one text, so that files which do not fit each other are found at once. Raises ModelError."""
        with self.lock, np.errstate(all="ignore"):
            ids, _ = self.reader.ids([TRIED])
            try:
                answers = self.session.run(self.reader, ids)
            except (ValueError, KeyError, IndexError, TypeError) as error:
                raise ModelError("model.onnx does not fit the other files", hint=TRAIN_AGAIN) from error
            self.session.forget(self.reader)
        k, t = len(self.labels), len(ids[0])
        arrays = [answers.logits, answers.attention.flat, answers.contributions.flat]
        if [array.shape for array in arrays] != [(1, k), (t,), (t, k)]:
            raise ModelError("model.onnx does not fit the labels in bundle.json", hint=TRAIN_AGAIN)
        if not all(np.isfinite(array).all() for array in arrays):
            raise ModelError("model.onnx answers with numbers that are not finite", hint=TRAIN_AGAIN)

    def at(self, asked: Mapping[str, float]) -> "ServedModel":
        """The same model for these base rates of labels; itself where there are none. Raises what `base_rates` raises."""
        return replace(self, base_rates=rates_by_label(self.labels, self.bundle.shares, asked)) if asked else self

    @property
    def lock(self) -> Lock:
        """Held while the reader and the session are used: they remember words, so threads take turns, for any base rates."""
        return self.session.lock

    @property
    def shift(self) -> NDArray[np.float32]:
        """What base rates add to the logits, (K,)."""
        if not self.base_rates:
            return np.zeros(len(self.labels), np.float32)
        return log_shift(self.bundle.shares, [self.base_rates[label] for label in self.labels]).astype(np.float32)

    @property
    def architecture(self) -> Architecture:
        """The architecture that `weights` belong to."""
        config, reader = self.bundle.config, self.reader
        return Architecture.of(
            config.model, config.text.level, reader.vocabulary, reader.features, len(self.labels), config.text.max_length
        )

    @property
    def limits(self) -> ReadingLimits:
        """How much of a text it reads."""
        return ReadingLimits.of(self.bundle.config)

    @property
    def classifies_accounts(self) -> bool:
        """Whether a text is all posts of an account, one per line."""
        return self.bundle.config.text.sentences == "lines"

    @property
    def knows_accounts(self) -> bool:
        """Whether it was trained with a column of accounts, and says something about them."""
        return self.classifies_accounts or self.bundle.accounts is not None

    @cached_property
    def account_model(self) -> AccountModel | None:
        """The account model, None where there is none. Raises ModelError."""
        content = self.bundle.account_model()
        if not content and not (self.bundle.accounts and self.bundle.accounts.account_model):
            return None
        try:
            return AccountModel.of_file(content, self.reader.features, len(self.labels))
        except ValueError as error:
            raise ModelError(f"{self.bundle.path / bundles.ACCOUNTS} cannot be used: {error}", hint=TRAIN_AGAIN) from error

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """All weights by name, read from their file. Serving needs only those in the graphs. Raises ModelError."""
        from safetensors import SafetensorError
        from safetensors.numpy import load

        name = "weights.safetensors"
        try:
            weights: dict[str, NDArray[np.float32]] = load(self.bundle.read(name))
        except SafetensorError as error:
            raise ModelError(f"{self.bundle.path / name} does not hold arrays", hint=TRAIN_AGAIN) from error
        found = {key: array.shape for key, array in weights.items() if array.dtype == np.float32}
        if found != self.architecture.shapes() or len(found) < len(weights):
            raise ModelError(f"{self.bundle.path / name} does not hold the weights of this model", hint=TRAIN_AGAIN)
        if not all(np.isfinite(array).all() for array in weights.values()):
            raise ModelError(f"{self.bundle.path / name} holds numbers that are not finite", hint=TRAIN_AGAIN)
        return weights

    @property
    def labels(self) -> tuple[str, ...]:
        return self.bundle.labels

    def logits(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], list[float], list[LeftOut]]:
        """Logits (N, K), the known share of each text's tokens (0 to 1), and what was left out of it."""
        known: list[float] = []
        left_out: list[LeftOut] = []
        limits = self.limits

        def read(chunk: Sequence[str]) -> Ragged:
            ids, cut = self.reader.ids(chunk)
            known.extend(ids.like(self.reader.is_known(ids.flat)).means().tolist())
            left_out.extend(limits.left_out(ids.lengths, cut))
            return ids

        found = [answers.logits for answers in self._answers(texts, read, ["logits"])]
        return np.concatenate([np.zeros((0, len(self.labels)), np.float32), *found]) + self.shift, known, left_out

    def familiar(self, texts: Sequence[str]) -> list[float]:
        """The share of each text's tokens, in [0, 1], that training saw as they are: whole words, not only parts of them."""
        found: list[float] = []
        for start in range(0, len(texts), ANSWERED_AT_ONCE):
            with self.lock:
                self.session.make_room(self.reader)
                ids = self.reader.ids(texts[start : start + ANSWERED_AT_ONCE])[0]
                found += ids.like(self.reader.is_familiar(ids.flat)).means().tolist()
        return found

    def scored(self, texts: Sequence[str]) -> list[Scored]:
        """Everything that one forward pass gives for each text."""
        return [one for part in self.scored_in_parts(texts) for one in part]

    def scored_in_parts(self, texts: Sequence[str]) -> Iterator[list[Scored]]:
        """What `scored` gives, a part at a time: the next are computed while the caller works on one.

        The model is locked until the last has been taken, or the iterator is closed.
        """
        encoded: deque[list[Encoded]] = deque()
        known: deque[Ragged] = deque()

        def read(chunk: Sequence[str]) -> Ragged:
            encoded.append(self.reader.encode(chunk))
            ids = Ragged.of([one.ids for one in encoded[-1]])
            known.append(ids.like(self.reader.is_known(ids.flat)))
            return ids

        shift = self.shift
        for answers in self._answers(texts, read, OUTPUTS):
            logits = answers.logits + shift
            found = zip(encoded.popleft(), logits, answers.attention, answers.contributions, known.popleft(), strict=True)
            yield [Scored(*one, shift) for one in found]

    def _answers(
        self, texts: Sequence[str], read: Callable[[Sequence[str]], Ragged], outputs: Sequence[str]
    ) -> Iterator[Answers]:
        """`outputs` of each text, a part at a time."""
        with self.lock:
            yield from answers_in_parts(self.session, self.reader, texts, read, outputs)
