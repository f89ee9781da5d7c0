"""Runs the ONNX graphs over many texts: by length, in batches, on all cores; answers come in the order of the texts."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.limits import available_cores
from attnclf.reading.base import Ids, Inputs, Reader
from attnclf.reading.batching import batches_by_length
from attnclf.served.vectors import WordVectors

Answers = list[list[NDArray[np.float32]]]
WORDS_AT_ONCE = 256  # so few that the vectors of their n-grams stay in a core's cache


class Session:
    """The loaded graphs of a model, from their files or their bytes; `words` is None at character level.

    `threads` batches run at the same time, each on one core. For an LSTM, whose steps wait for each other, that is faster than
    sharing one batch between cores.
    """

    def __init__(
        self,
        model: Path | bytes,
        words: Path | bytes | None,
        threads: int | None = None,
        input_names: Mapping[str, str] | None = None,
    ) -> None:
        self._model = _opened(model)
        self._vectors = WordVectors(_opened(words), self._model) if words else None
        self._input_names = input_names or {}  # of the graph, where they are not the reader's
        self._threads = threads or available_cores()
        self._making: list[Future[None]] = []  # words that a batch may need and whose vectors are not there yet

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads)

    def renew(self) -> None:
        """Makes a session usable in a forked process, which has none of the threads of the process that it came from."""
        self.__dict__.pop("_pool", None)
        self._making = []
        if self._vectors:
            self._vectors.renew()

    def run(self, reader: Reader, ids: Sequence[Ids], outputs: Sequence[str]) -> Answers:
        """`outputs` (of "logits", "attention", "contributions") for each text, by the ids that `reader` gave. Outputs with a
        time axis are cut to the text's length."""
        return self.start(reader, ids, outputs)()

    def start(self, reader: Reader, ids: Sequence[Ids], outputs: Sequence[str]) -> Callable[[], Answers]:
        """Begins what `run` does, and returns a function that waits for the answers: meanwhile the next texts can be read."""
        answers: Answers = [[] for _ in ids]
        lengths = np.array([len(row) for row in ids], np.intp)
        batches = list(batches_by_length(lengths, reader.batch_tokens))
        submit = self._pool.submit if len(batches) > 1 else _at_once
        words = self._vectors.new(reader.token_ids(ids), reader.words()) if self._vectors and batches else np.zeros(0, np.intp)
        pieces = [words[start : start + WORDS_AT_ONCE] for start in range(0, len(words), WORDS_AT_ONCE)]
        made = [submit(self._vectors.make, piece, reader.word_features(piece)) for piece in pieces] if self._vectors else []
        self._making = needed = [piece for piece in self._making if not piece.done()] + made

        def run_batch(rows: NDArray[np.intp], inputs: Inputs) -> None:
            for piece in needed:  # all have begun, so this only waits for other threads
                piece.result()
            if self._vectors:
                inputs |= self._vectors.at(inputs["ids"])
            named = {self._input_names.get(name, name): array for name, array in inputs.items()}
            arrays = self._model.run(list(outputs), named)
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
        """Whether so many words are remembered that they should be forgotten."""
        return self._vectors is not None and self._vectors.is_full(reader.words())

    def forget(self, reader: Reader) -> None:
        """Frees what this and the reader remember of words. Only when nothing is running."""
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
    """A pool's `submit` without a thread, which answers one text sooner."""
    function(*arguments)
    future: Future[None] = Future()
    future.set_result(None)
    return future
