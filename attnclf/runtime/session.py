"""Runs the ONNX graph over many texts: by length within a window, in batches, on all cores; answers in the order asked."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attnclf.batching import batches_by_length
from attnclf.reader import Ids, Reader


class Session:
    """One loaded graph, from its file or its bytes.

    `threads` batches run side by side, each on one core: for an LSTM, whose steps wait for each other, that is faster than
    sharing one batch between cores.
    """

    def __init__(self, graph: Path | bytes, threads: int | None = None) -> None:
        import onnxruntime  # a quarter of the start-up time of a command, and `--help` needs none of it

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        source = graph if isinstance(graph, bytes) else str(graph)
        self._session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
        self._threads = threads or cpu_count() or 1

    def run(self, reader: Reader, ids: Sequence[Ids], outputs: Sequence[str]) -> list[list[NDArray[np.float32]]]:
        """`outputs` (of "logits", "attention", "contributions") for each text, whose ids `reader` gave; those with a time
        axis are cut to its length."""
        results: list[list[NDArray[np.float32]]] = [[] for _ in ids]

        def run_batch(rows: NDArray[np.intp]) -> None:
            arrays = self._session.run(list(outputs), reader.batch([ids[row] for row in rows]))
            for position, row in enumerate(rows):
                end = len(ids[row])
                results[row] = [
                    array[position] if name == "logits" else array[position, :end]
                    for name, array in zip(outputs, arrays, strict=True)
                ]

        lengths = np.array([len(row) for row in ids], np.intp)
        batches = list(batches_by_length(lengths, reader.batch_tokens))
        if len(batches) <= 1:
            for rows in batches:
                run_batch(rows)
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(run_batch, batches))
        return results
