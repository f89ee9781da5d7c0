"""What a reader is: it turns texts into the arrays that a model reads."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from attnclf.reading.tokens import Encoded

Ids = NDArray[np.int32]
Inputs = dict[str, NDArray[Any]]


class Reader(Protocol):
    """Ids are good for the other methods until the next call of `forget`."""

    vocabulary: int
    """How many ids can have a vector, padding and unknown included."""

    batch_tokens: int
    """How many tokens to serve at once: enough to fill a core, little enough to stay small."""

    features: int
    """How many ids the linear model has weights for; 0 where there is no linear model."""

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Ids and spans of each text."""
        ...

    def ids(self, texts: Sequence[str]) -> tuple[list[Ids], list[bool]]:
        """Ids (T,) of each text, T ≥ 1, and which texts were longer than is read."""
        ...

    def token_ids(self, ids: Sequence[Ids]) -> Sequence[Ids]:
        """The ids without what they say of sentences."""
        ...

    def is_known(self, ids: Ids) -> NDArray[np.bool_]:
        """Which of the tokens training has seen anything of."""
        ...

    def batch(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        """A model's inputs, padded on the right: `ids` (B, T) and `lengths` (B,); T is a multiple of `multiple`."""
        ...

    def token_inputs(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        """What of a model's inputs says where in a text tokens stand: `batch` without what says what each is made of."""
        ...

    def words(self) -> int:
        """How many words are remembered; 0 where tokens are not made of anything."""
        ...

    def word_features(self, words: NDArray[np.integer]) -> Inputs:
        """What these words are made of, for `words.onnx`; with the rows of the first first."""
        ...

    def forget(self) -> None:
        """Frees what was remembered of words."""
        ...

    def files(self) -> dict[str, bytes]:
        """What `open_reader` needs to make it again, by file name."""
        ...
