"""The outputs of `words.onnx` for each word, computed once and remembered under the reader's id for the word."""

from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.errors import ModelError
from attnclf.reading.base import Ids, Inputs
from attnclf.upgrades import TRAIN_AGAIN

WIDEST = 100_000  # numbers of one word
MOST_NUMBERS = 16_000_000  # float32 numbers remembered before all words are forgotten: 64 MB


class WordVectors:
    """The `vectors` (B, W, E) and `weights` (B, T, K + 1) of words, as `model.onnx` reads them."""

    def __init__(self, words: Any, model: Any) -> None:
        """`words` and `model` are the two graphs, opened by ONNX Runtime. Raises ModelError where they do not fit."""
        self._session = words
        shapes = {input_.name: input_.shape for input_ in model.get_inputs() if "float" in input_.type}
        sizes = {name: shape[2] for name, shape in shapes.items() if len(shape) == 3}
        if set(sizes) != {"vectors", "weights"} or not all(type(n) is int and 0 < n <= WIDEST for n in sizes.values()):
            raise ModelError("model.onnx does not read what words.onnx gives", hint=TRAIN_AGAIN)
        self._sizes = sizes
        self.renew()

    def renew(self) -> None:
        """Starts without words, and with a lock that no thread holds."""
        self._growing = Lock()  # a row written while the tables are copied to larger ones would be lost
        self.clear()

    def clear(self) -> None:
        self._made = np.zeros(0, bool)
        self._tables = {name: np.zeros((0, size), np.float32) for name, size in self._sizes.items()}

    def is_full(self, words: int) -> bool:
        """Whether this number of words is more than should be remembered."""
        return bool(words * sum(self._sizes.values()) > MOST_NUMBERS)

    def new(self, ids: Sequence[Ids], words: int) -> NDArray[np.intp]:
        """The word ids of these texts that are new, for the caller to `make`. `words` is how many words the reader has met."""
        if words > len(self._made):
            grown = max(words, 2 * len(self._made))
            self._made = np.concatenate([self._made, np.zeros(grown - len(self._made), bool)])
            # Zeros, because padding reads row 0 even if its word was never made, and only a finite number times 0 is 0.
            tables = {name: np.zeros((grown, size), np.float32) for name, size in self._sizes.items()}
            with self._growing:
                for name, table in self._tables.items():
                    tables[name][: len(table)] = table
                self._tables = tables
        wanted = np.zeros(words, bool)
        wanted[np.concatenate(ids)] = True
        new = np.flatnonzero(wanted & ~self._made[:words])
        self._made[new] = True
        return new

    def make(self, words: NDArray[np.intp], inputs: Inputs) -> None:
        """Computes and remembers the outputs for `words`, whose features are `inputs`. Several threads may do so at once."""
        names = list(self._sizes)
        made = self._session.run(names, inputs)
        with self._growing:
            for name, rows in zip(names, made, strict=True):
                self._tables[name][words] = rows[: len(words)]

    def at(self, inputs: Inputs) -> Inputs:
        """The vectors of the words that the network reads, and the weights of those that the linear model reads.

        `inputs` name them: word ids `ids` (B, W) and `linear_ids` (B, T), all made before.
        """
        tables = self._tables
        return {"vectors": tables["vectors"][inputs["ids"]], "weights": tables["weights"][inputs["linear_ids"]]}
