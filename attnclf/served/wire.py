"""A look into an ONNX graph before anything runs it: only what `attnclf.served.graph` writes is let through.

An ONNX file can hold loops, other files' names and operators of foreign libraries. Reading its few hundred nodes here takes a
few milliseconds, and needs no library.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

# fmt: off
OPERATORS = frozenset((
    "Add", "Cast", "Concat", "Constant", "Conv", "Cos", "CumSum", "Div", "Equal", "Exp", "Expand", "GRU", "Gather", "Greater",
    "Identity", "LSTM", "Less", "MatMul", "Max", "Mul", "Neg", "Range", "ReduceMax", "ReduceSum", "Reshape", "ScatterND",
    "Shape", "Sin", "Slice", "Sqrt", "Squeeze", "Sub", "Tanh", "TopK", "Transpose", "Unsqueeze", "Where",
))
# fmt: on
OPSET = 21
MOST_NODES = 4_000
LARGEST = 100_000  # an integer in an attribute: sizes, axes, paddings
DTYPES: dict[int, np.dtype[Any]] = {1: np.dtype("<f4"), 6: np.dtype("<i4"), 7: np.dtype("<i8")}
# The fields, by their numbers in onnx.proto, that each part may have.
MODEL, GRAPH, NODE = {1, 2, 3, 4, 5, 6, 7, 8, 14}, {1, 2, 5, 10, 11, 12, 13}, {1, 2, 3, 4, 5, 6, 7}
ATTRIBUTE, TENSOR = {1, 2, 3, 4, 5, 7, 8, 9, 13, 20}, {1, 2, 8, 9, 12}
Field = tuple[int, Any]


def check_graph(content: bytes) -> None:
    """Raises ValueError, in words, for a graph that holds what attnclf never writes, or numbers that are not finite."""
    nodes = 0
    graphs = 0
    for number, value in _fields(memoryview(content), MODEL):
        if number == 8:
            _check_opset(value)
        if number == 7:
            graphs += 1
            for inner, part in _fields(_bytes(value), GRAPH):
                nodes += inner == 1
                if nodes > MOST_NODES:
                    raise ValueError(f"it has more than {MOST_NODES:,} nodes")
                if inner == 1:
                    _check_node(_bytes(part))
                elif inner == 5:
                    _check_tensor(_bytes(part))
    if graphs != 1 or not nodes:
        raise ValueError("it holds no graph")


def _check_opset(value: Any) -> None:
    values = dict(_fields(_bytes(value), {1, 2}))
    if len(values.get(1, b"")):
        raise ValueError(f"it needs operators of '{_text(values[1])}'")
    if values.get(2) != OPSET:
        raise ValueError(f"it is of opset {values.get(2)}, and attnclf writes opset {OPSET}")


def _check_node(node: memoryview) -> None:
    for number, value in _fields(node, NODE):
        if number == 4 and _text(value) not in OPERATORS:
            raise ValueError(f"it holds the operator {_text(value)[:40]!r}")
        if number == 7 and len(_bytes(value)):
            raise ValueError(f"it needs operators of '{_text(value)[:40]}'")
        if number == 5:
            for inner, part in _fields(_bytes(value), ATTRIBUTE):
                if inner == 5:
                    _check_tensor(_bytes(part))
                elif inner in (3, 8):
                    for whole in _integers(part):
                        if abs(whole) > LARGEST:
                            raise ValueError(f"it holds an attribute of {whole}")


def _check_tensor(tensor: memoryview) -> None:
    shape: list[int] = []
    kind, raw = 0, memoryview(b"")
    for number, value in _fields(tensor, TENSOR):
        if number == 1:
            shape += _integers(value)
        elif number == 2:
            kind = value
        elif number == 9:
            raw = _bytes(value)
    if kind not in DTYPES or min(shape, default=0) < 0 or math.prod(shape) * DTYPES[kind].itemsize != len(raw):
        raise ValueError("it holds an array whose size and numbers do not fit")
    if kind == 1 and len(raw):
        array = np.frombuffer(raw, np.float32)
        if not (np.isfinite(array.min()) and np.isfinite(array.max())):  # NaN comes through both
            raise ValueError("it holds numbers that are not finite")


def _fields(data: memoryview, allowed: set[int]) -> Iterator[Field]:
    """The fields of a message: a number and an integer, or the bytes of a part. Raises ValueError for any other."""
    at = 0
    while at < len(data):
        key, at = _integer(data, at)
        number, kind = key >> 3, key & 7
        if number not in allowed:
            raise ValueError(f"it holds the field {number}, which attnclf never writes")
        if kind == 0:
            value, at = _integer(data, at)
            yield number, value
        elif kind in (1, 2, 5):
            size, at = (8 if kind == 1 else 4, at) if kind != 2 else _integer(data, at)
            if size > len(data) - at:
                raise ValueError("it was cut short")
            yield number, data[at : at + size]
            at += size
        else:
            raise ValueError("it is not ONNX")


def _integer(data: memoryview, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and the place after it."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise ValueError("it was cut short")
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("it is not ONNX")


def _integers(value: Any) -> list[int]:
    """One integer, or several that are packed; signed."""
    if isinstance(value, int):
        return [_signed(value)]
    found: list[int] = []
    at = 0
    while at < len(value) and len(found) <= 64:
        number, at = _integer(value, at)
        found.append(_signed(number))
    return found


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value


def _bytes(value: Any) -> memoryview:
    if isinstance(value, int):
        raise ValueError("it is not ONNX")
    return memoryview(value)


def _text(value: Any) -> str:
    return bytes(_bytes(value)).decode("utf-8", "replace")
