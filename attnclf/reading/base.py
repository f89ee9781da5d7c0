"""The interface of a reader, which turns texts into the arrays that a model reads."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from attnclf.ragged import Ragged
from attnclf.reading.tokens import Encoded
from attnclf.reading.windows import Window

Ids = NDArray[np.int32]
Inputs = dict[str, NDArray[Any]]


class Reader(Protocol):
    """Ids from `encode` and `ids` are valid for the other methods until the next call of `forget`."""

    vocabulary: int
    """How many ids can have a vector, including padding and unknown."""

    batch_tokens: int
    """How many tokens a batch holds when serving: enough to keep a core busy, few enough to need little memory."""

    features: int
    """How many ids the linear model has weights for; 0 without a linear model."""

    window: Window
    """Which tokens of a long text the network reads."""

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Ids and spans of each text."""
        ...

    def ids(self, texts: Sequence[str]) -> tuple[Ragged, list[bool]]:
        """Ids (T,) of each text, T ≥ 1, and which texts are longer than the network reads."""
        ...

    def in_window(self, ids: Sequence[Ids]) -> Ragged:
        """The ids (W,) of the tokens that the network reads, W ≤ T: those in the reader's window."""
        ...

    def token_ids(self, ids: Sequence[Ids]) -> Ragged:
        """The ids without the marks that end sentences; the same ids where the reader adds no marks."""
        ...

    def is_known(self, ids: Ids) -> NDArray[np.bool_]:
        """True for each token that training saw, or saw a part of."""
        ...

    def is_familiar(self, ids: Ids) -> NDArray[np.bool_]:
        """True for each token that training saw as it is, often enough to keep it."""
        ...

    def batch(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        """The inputs of a model for B texts of up to T tokens, padded on the right.

        - `ids` (B, W), `lengths` (B,), and what else the reader adds for the network: of the tokens that the network reads
        - `positions` (B, W): where these stand in their texts, and `text_lengths` (B,)
        - at word level, what the linear model reads: of all tokens

        W and T are multiples of `multiple`.
        """
        ...

    def network_batch(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        """The part of `batch` that the network reads, for texts of which only that is needed."""
        ...

    def token_inputs(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        """The part of `batch` that depends on token positions: the same inputs without the word features.

        `ids` are the reader's own here, while those of `batch` count the distinct words of the batch.
        """
        ...

    def words(self) -> int:
        """How many words the reader remembers; 0 where tokens have no features."""
        ...

    def word_features(self, words: NDArray[np.integer]) -> Inputs:
        """The features of these words, as `words.onnx` reads them, in the order of `words`."""
        ...

    def forget_spellings(self) -> None:
        """Frees the spellings of words: a word that is met again gets a new id, and the ids given before stay valid."""
        ...

    def forget(self) -> None:
        """Frees the memory of words; ids given before are no longer valid."""
        ...

    def files(self) -> dict[str, bytes]:
        """The files that `open_reader` needs to restore the reader: content by name."""
        ...
