"""Runs the ONNX graphs over many texts: by length, in batches, on all cores; answers in the order asked."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from os import cpu_count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.reading.base import Ids, Inputs, Reader
from attnclf.reading.batching import batches_by_length
from attnclf.served.vectors import WordVectors

Answers = list[list[NDArray[np.float32]]]
WORDS_AT_ONCE = 256  # so few that the vectors of their n-grams stay in a core's cache


class Session:
    """The loaded graphs of a model, from their files or their bytes; `words` is None where tokens are not made of anything.

    `threads` batches run side by side, each on one core: for an LSTM, whose steps wait for each other, that is faster than
    sharing one batch between cores.
    """

    def __init__(self, model: Path | bytes, words: Path | bytes | None, threads: int | None = None) -> None:
        self._model = _opened(model)
        self._vectors = WordVectors(_opened(words), self._model) if words else None
        self._threads = threads or cpu_count() or 1
        self._making: list[Future[None]] = []  # words that a batch may need and that are not made yet

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads)

    def run(self, reader: Reader, ids: Sequence[Ids], outputs: Sequence[str]) -> Answers:
        """`outputs` (of "logits", "attention", "contributions") for each text, whose ids `reader` gave; those with a time
        axis are cut to its length."""
        return self.start(reader, ids, outputs)()

    def start(self, reader: Reader, ids: Sequence[Ids], outputs: Sequence[str]) -> Callable[[], Answers]:
        """Begins what `run` does and returns what waits for the answers, so that the next texts can be read meanwhile."""
        answers: Answers = [[] for _ in ids]
        lengths = np.array([len(row) for row in ids], np.intp)
        batches = list(batches_by_length(lengths, reader.batch_tokens))
        submit = self._pool.submit if len(batches) > 1 else _at_once
        words = self._vectors.new(reader.token_ids(ids), reader.words()) if self._vectors and batches else np.zeros(0, np.intp)
        pieces = [words[start : start + WORDS_AT_ONCE] for start in range(0, len(words), WORDS_AT_ONCE)]
        made = [submit(self._vectors.make, piece, reader.word_features(piece)) for piece in pieces] if self._vectors else []
        self._making = needed = [piece for piece in self._making if not piece.done()] + made

        def run_batch(rows: NDArray[np.intp], inputs: Inputs) -> None:
            for piece in needed:  # begun before, so this waits for other threads only
                piece.result()
            if self._vectors:
                inputs |= self._vectors.at(inputs["ids"])
            arrays = self._model.run(list(outputs), inputs)
            for position, row in enumerate(rows):
                end = lengths[row]
                answers[row] = [
                    array[position] if name == "logits" else array[position, :end]
                    for name, array in zip(outputs, arrays, strict=True)
                ]

        jobs = [submit(run_batch, rows, reader.token_inputs([ids[row] for row in rows])) for rows in batches]

        def wait() -> Answers:
            for job in jobs:
                job.result()
            return answers

        return wait

    def is_full(self, reader: Reader) -> bool:
        """Whether so much is remembered of words that it should be forgotten."""
        return self._vectors is not None and self._vectors.is_full(reader.words())

    def forget(self, reader: Reader) -> None:
        """Frees what is remembered of words, by the reader too: when nothing is running."""
        if self._vectors:
            self._vectors.clear()
            reader.forget()


def _opened(graph: Path | bytes) -> Any:
    import onnxruntime  # a quarter of the start-up time of a command, and `--help` needs none of it

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    source = graph if isinstance(graph, bytes) else str(graph)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def _at_once(function: Callable[..., None], *arguments: Any) -> "Future[None]":
    """What a pool's `submit` does, without a thread: one text is answered sooner so."""
    function(*arguments)
    future: Future[None] = Future()
    future.set_result(None)
    return future
