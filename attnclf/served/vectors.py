"""The vector of each word and its weights in the linear model, computed once and remembered under the reader's id for it."""

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.errors import ModelError
from attnclf.ragged import Ragged, with_room
from attnclf.reading.base import Ids, Inputs, Reader
from attnclf.served.words import SparseWords
from attnclf.upgrades import TRAIN_AGAIN

WIDEST = 100_000  # numbers of one word
MANY = 1_000  # words at once, from which on importing SciPy pays
AT_ONCE, MANY_AT_ONCE = 256, 2_000  # words computed together by the graph, which holds the vectors of their n-grams; by SciPy
MOST_NUMBERS = 16_000_000  # float32 numbers remembered before all words are forgotten: 64 MB

Compute = Callable[[Inputs], dict[str, NDArray[np.float32]]]
"""Gives the vectors of words and their weights in the linear model, by these names, from their features."""

Submit = Callable[..., "Future[Any]"]
"""Begins a call with its arguments, as `concurrent.futures.Executor.submit` does."""


class WordVectors:
    """The `vectors` (B, W, E) and `weights` (B, T, K + 1) of words, as `model.onnx` reads them."""

    def __init__(self, words: Any, model: Any) -> None:
        """`words` and `model` are the two graphs, as `attnclf.served.session` opens them. Raises ModelError where they do not
        fit."""
        self._graph = words
        self._sparse: Future[SparseWords] | None = None
        shapes = {input_.name: input_.shape for input_ in model.get_inputs() if "float" in input_.type}
        sizes = {name: shape[2] for name, shape in shapes.items() if len(shape) == 3}
        if set(sizes) != {"vectors", "weights"} or not all(type(n) is int and 0 < n <= WIDEST for n in sizes.values()):
            raise ModelError("model.onnx does not read what words.onnx gives", hint=TRAIN_AGAIN)
        self._sizes = sizes
        self.renew()

    def renew(self) -> None:
        """Starts without words, and with a lock that no thread holds."""
        self._sparse = None  # a thread that stayed behind in a fork may open it, or hold the lock of its future
        self._growing = Lock()  # a row written while the tables are copied to larger ones would be lost
        self.clear()

    def clear(self) -> None:
        """Forgets all words. What is being computed for them still is not written: their ids are for other words now."""
        self._generation = object()
        self._made = np.zeros(0, bool)
        self._tables = {name: np.zeros((0, size), np.float32) for name, size in self._sizes.items()}

    def is_full(self, words: int) -> bool:
        """Whether this number of words is more than should be remembered."""
        return bool(words * sum(self._sizes.values()) > MOST_NUMBERS)

    def new(self, ids: Ids, words: int) -> NDArray[np.intp]:
        """The words among these ids that are new, to be computed now. `words` is how many words the reader has met."""
        if words > len(self._made):
            self._made = with_room(self._made, len(self._made), words)
            # New rows are zero: padding reads row 0 even if its word was never made, and only a finite number times 0 is 0.
            with self._growing:
                self._tables = {name: with_room(table, len(table), words) for name, table in self._tables.items()}
        wanted = np.zeros(words, bool)
        wanted[ids] = True
        new = np.flatnonzero(wanted & ~self._made[:words])
        self._made[new] = True
        return new

    def begin(
        self,
        reader: Reader,
        ids: Ragged,
        submit: Submit,
        open_sparse: Callable[[], SparseWords] | None = None,
    ) -> list["Future[None]"]:
        """Gives the new words of these texts to `submit`, to be computed: many of them by what `open_sparse` opens."""
        words = self.new(reader.token_ids(ids).flat, reader.words())
        compute, size = self._by_graph, AT_ONCE
        if len(words) >= MANY and open_sparse:
            compute, size = partial(_by_product, self._opened(submit, open_sparse)), MANY_AT_ONCE
        pieces = [words[start : start + size] for start in range(0, len(words), size)]
        return [submit(self._make, self._generation, compute, piece, reader.word_features(piece)) for piece in pieces]

    def _by_graph(self, inputs: Inputs) -> dict[str, NDArray[np.float32]]:
        return dict(zip(self._sizes, self._graph.run(list(self._sizes), inputs), strict=True))

    def _opened(self, submit: Submit, open_sparse: Callable[[], SparseWords]) -> "Future[SparseWords]":
        """The tables for the product, which are opened once; again where that failed."""
        if self._sparse is None or (self._sparse.done() and self._sparse.exception()):
            self._sparse = submit(open_sparse)
        return self._sparse

    def _make(self, generation: object, compute: Compute, words: NDArray[np.intp], inputs: Inputs) -> None:
        """Computes and remembers `words`, whose features are `inputs`. Several threads may do so at once."""
        made = compute(inputs)
        with self._growing:
            if generation is not self._generation:
                return
            for name, rows in made.items():
                self._tables[name][words] = rows[: len(words)]

    def at(self, inputs: Inputs) -> Inputs:
        """The vectors of the words that the network reads, and the weights of those that the linear model reads.

        `inputs` name them: word ids `ids` (B, W) and `linear_ids` (B, T), all made before.
        """
        tables = self._tables
        return {"vectors": tables["vectors"][inputs["ids"]], "weights": tables["weights"][inputs["linear_ids"]]}


def _by_product(sparse: "Future[SparseWords]", inputs: Inputs) -> dict[str, NDArray[np.float32]]:
    return sparse.result().run(inputs)
