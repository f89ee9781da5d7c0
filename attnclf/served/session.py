"""Runs the ONNX graphs over many texts: by length, in batches, on all cores; answers come in the order of the texts."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from attnclf.errors import ModelError
from attnclf.limits import available_cores
from attnclf.ragged import Ragged
from attnclf.reading.base import Ids, Inputs, Reader
from attnclf.reading.batching import batches_by_length
from attnclf.reading.windows import positions_in, spread
from attnclf.served.vectors import WordVectors
from attnclf.served.wire import check_graph
from attnclf.served.words import SparseWords
from attnclf.upgrades import TRAIN_AGAIN

T = TypeVar("T")

NONE = Ragged(np.zeros(0, np.float32), ())
OUTPUTS = ("logits", "attention", "contributions")


@dataclass(frozen=True)
class Answers:
    """What a model gives for N texts of T tokens each: `logits` (N, K), `attention` (T,) and `contributions` (T, K).

    There are none of the latter two where they were not asked for.
    """

    logits: NDArray[np.float32]
    attention: Ragged = NONE
    contributions: Ragged = NONE


class Session:
    """The loaded graphs of a model, from their bytes; `words` is None at character level. Raises ModelError for other graphs.

    `quantised` graphs are not looked into: this process has made them, with operators that attnclf does not write.

    `open_sparse` opens what computes many words sooner than the graph does; None where there is no such thing.

    `threads` batches run at the same time, each on one core. For an LSTM, whose steps wait for each other, that is faster than
    sharing one batch between cores.
    """

    def __init__(
        self,
        model: bytes,
        words: bytes | None,
        threads: int | None = None,
        input_names: Mapping[str, str] | None = None,
        quantised: bool = False,
    ) -> None:
        self.lock = Lock()  # for whoever shares this and the reader
        self._model = _Graph("model.onnx", model, quantised)
        self._vectors = WordVectors(_Graph("words.onnx", words, quantised), self._model) if words else None
        self.open_sparse: Callable[[], SparseWords] | None = None
        self._input_names = input_names or {}  # of the graph, where they are not the reader's
        self._threads = threads or available_cores()
        self._making: list[Future[None]] = []  # words that a batch may need and whose vectors are not there yet

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads)

    def renew(self) -> None:
        """Makes a session usable in a forked process, which has none of the threads of the process that it came from."""
        self.lock = Lock()
        self.__dict__.pop("_pool", None)
        self._making = []
        if self._vectors:
            self._vectors.renew()

    def run(self, reader: Reader, ids: Sequence[Ids], outputs: Sequence[str] = OUTPUTS) -> Answers:
        """`outputs` for texts, by the ids that `reader` gave."""
        return self.start(reader, ids, outputs)()

    def start(self, reader: Reader, ids: Sequence[Ids], outputs: Sequence[str]) -> Callable[[], Answers]:
        """Begins what `run` does, and returns a function that waits for the answers: meanwhile the next texts can be read."""
        texts = Ragged.of(ids)
        lengths = texts.lengths
        batches = list(batches_by_length(reader.window.costs(lengths), reader.batch_tokens))
        submit = self._pool.submit if len(batches) > 1 else _at_once
        made = self._vectors.begin(reader, texts, submit, self.open_sparse) if self._vectors else []
        self._making = needed = [piece for piece in self._making if not piece.done()] + made

        def run_batch(rows: NDArray[np.intp], inputs: Inputs) -> list[NDArray[np.float32]]:
            for piece in needed:  # each has begun, or was queued before this batch, so this ends
                piece.result()
            if self._vectors:
                inputs |= self._vectors.at(inputs)
            named = {self._input_names.get(name, name): array for name, array in inputs.items()}
            arrays = self._arrays(outputs, named)
            of_rows = lengths[rows]
            return [
                array if name == "logits" else _unpadded(array, of_rows) for name, array in zip(outputs, arrays, strict=True)
            ]

        jobs = [submit(run_batch, rows, reader.token_inputs(texts.take(rows))) for rows in batches]

        def wait() -> Answers:
            arrays = dict(zip(outputs, map(np.concatenate, zip(*[job.result() for job in jobs], strict=True)), strict=True))
            order = np.concatenate(batches)
            places = np.argsort(order)
            logits = arrays.pop("logits")[places]
            return Answers(logits, **{name: Ragged(flat, lengths[order]).take(places) for name, flat in arrays.items()})

        return wait

    def _arrays(self, outputs: Sequence[str], inputs: Inputs) -> list[NDArray[np.float32]]:
        """The outputs of a batch. Those with a time axis have all tokens of the texts, of which the network reads some."""
        shares = ["linear"] if "contributions" in outputs and "linear" in self._model.outputs else []
        found = dict(zip((*outputs, *shares), self._model.run([*outputs, *shares], inputs), strict=True))
        if (steps := int(inputs["text_lengths"].max())) > inputs["lengths"].max():
            positions = positions_in(inputs)
            found |= {name: spread(found[name], positions, steps) for name in outputs if name != "logits"}
        if shares:
            found["contributions"] = found["contributions"] + found["linear"]
        return [found[name] for name in outputs]

    def is_full(self, reader: Reader) -> bool:
        """Whether so many words are remembered that they should be forgotten."""
        return self._vectors is not None and self._vectors.is_full(reader.words())

    def make_room(self, reader: Reader) -> None:
        """Forgets where too many words are remembered. Only when nothing is running, and no ids given before are needed."""
        if self.is_full(reader):
            self.forget(reader)

    def forget(self, reader: Reader) -> None:
        """Frees what this and the reader remember of words. Only when nothing is running."""
        if self._vectors:
            self._making = []
            self._vectors.clear()
            reader.forget()


class _Graph:
    """A graph in ONNX Runtime, whose errors are those of a model."""

    def __init__(self, name: str, content: bytes, quantised: bool) -> None:
        """Raises ModelError for a graph that attnclf does not write, or that this ONNX Runtime cannot run."""
        import onnxruntime  # a quarter of the start-up time of a command, and `--help` needs none of it

        try:
            if not quantised:
                check_graph(content)
        except ValueError as error:
            raise ModelError(f"{name} is no graph of attnclf: {error}", hint=TRAIN_AGAIN) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._name = name
        self._failures: tuple[type[Exception], ...] = (*failures(), ValueError)
        try:
            self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except self._failures as error:
            if too_old(str(error)):
                problem = f"ONNX Runtime {onnxruntime.__version__} is too old for {name}: {_first_line(error)}"
                raise ModelError(problem, hint="upgrade it: pip install -U onnxruntime") from error
            raise ModelError(f"{name} cannot be opened: {_first_line(error)}", hint=TRAIN_AGAIN) from error
        self._session._model_bytes = None  # kept for other providers, and as large as the graph
        self.get_inputs = self._session.get_inputs
        self._inputs = frozenset(input_.name for input_ in self.get_inputs())
        self.outputs = frozenset(output.name for output in self._session.get_outputs())

    def run(self, outputs: Sequence[str], inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        """The named outputs, from those `inputs` that the graph reads. Raises ModelError where the two do not fit."""
        read = {name: array for name, array in inputs.items() if name in self._inputs}
        try:
            arrays: list[NDArray[np.float32]] = self._session.run(list(outputs), read)
        except self._failures as error:
            raise ModelError(f"{self._name} cannot be run: {_first_line(error)}", hint=TRAIN_AGAIN) from error
        return arrays


def failures() -> tuple[type[Exception], ...]:
    """What ONNX Runtime raises for a graph. Want of memory is none of these."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    names = ("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NoSuchFile", "NotImplemented", "RuntimeException")
    return tuple(getattr(state, name) for name in names if hasattr(state, name))


def too_old(message: str) -> bool:
    """Whether ONNX Runtime refuses a graph because it is newer than what this version knows."""
    told = message.lower()
    return "ir version" in told or "opset" in told or "not_implemented" in told or "could not find an implementation" in told


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:300]


def _unpadded(array: NDArray[np.float32], lengths: NDArray[np.intp]) -> NDArray[np.float32]:
    """The values (Σ T, …) of the texts of a batch (B, T, …), without what stands behind their ends."""
    return np.asarray(array[np.arange(array.shape[1]) < lengths[:, None]], np.float32)


def _at_once(function: Callable[..., T], *arguments: Any) -> "Future[T]":
    """A pool's `submit` without a thread, which answers one text sooner."""
    future: Future[T] = Future()
    future.set_result(function(*arguments))
    return future
