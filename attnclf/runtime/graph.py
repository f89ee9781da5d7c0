"""The classifier as an ONNX graph, written with spox from the weights alone.

Writing it ourselves, rather than exporting from Keras, gives one native `LSTM` operator with `sequence_lens` in place of a
loop per direction, and names the outputs that explanations need.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Tensor, argument, build

from attnclf import pooling
from attnclf.architecture import Architecture, part
from attnclf.reader import ROW


@dataclass(frozen=True)
class Symbol:
    """A value in the graph, with the operators that an equation uses."""

    var: Any

    def __add__(self, other: Any) -> "Symbol":
        return Symbol(op.add(self.var, _var(other)))

    def __sub__(self, other: Any) -> "Symbol":
        return Symbol(op.sub(self.var, _var(other)))

    def __rsub__(self, other: Any) -> "Symbol":
        return Symbol(op.sub(_var(other), self.var))

    def __mul__(self, other: Any) -> "Symbol":
        return Symbol(op.mul(self.var, _var(other)))

    def __truediv__(self, other: Any) -> "Symbol":
        return Symbol(op.div(self.var, _var(other)))

    def __lt__(self, other: Any) -> "Symbol":
        return Symbol(op.less(self.var, _var(other, self.var)))

    def __gt__(self, other: Any) -> "Symbol":
        return Symbol(op.greater(self.var, _var(other, self.var)))


def _var(value: Any, like: Any = None) -> Any:
    """The variable of a symbol, or a constant, of the type of `like` or else float32."""
    dtype = np.float32 if like is None else like.unwrap_tensor().dtype
    return value.var if isinstance(value, Symbol) else op.const(np.asarray(value, dtype))


class SymbolicNamespace:
    """The functions of `xp` as ONNX operators; arguments as in NumPy."""

    @staticmethod
    def matmul(a: Any, b: Any) -> Symbol:
        return Symbol(op.matmul(_var(a), _var(b)))

    @staticmethod
    def tanh(a: Any) -> Symbol:
        return Symbol(op.tanh(_var(a)))

    @staticmethod
    def exp(a: Any) -> Symbol:
        return Symbol(op.exp(_var(a)))

    @staticmethod
    def sum(a: Any, axis: int, keepdims: bool = False) -> Symbol:
        return Symbol(op.reduce_sum(_var(a), _axes(axis), keepdims=int(keepdims)))

    @staticmethod
    def max(a: Any, axis: int, keepdims: bool = False) -> Symbol:
        return Symbol(op.reduce_max(_var(a), _axes(axis), keepdims=int(keepdims)))

    @staticmethod
    def sqrt(a: Any) -> Symbol:
        return Symbol(op.sqrt(_var(a)))

    @staticmethod
    def maximum(a: Any, b: Any) -> Symbol:
        return Symbol(op.max([_var(a), _var(b)]))

    @staticmethod
    def take(a: Any, indices: Any, axis: int) -> Symbol:
        return Symbol(op.gather(_var(a), _var(indices), axis=axis))

    @staticmethod
    def where(condition: Symbol, a: Any, b: Any) -> Symbol:
        like = next((branch.var for branch in (a, b) if isinstance(branch, Symbol)), None)
        return Symbol(op.where(condition.var, _var(a, like), _var(b, like)))

    @staticmethod
    def equal(a: Symbol, b: Symbol) -> Symbol:
        return Symbol(op.equal(a.var, b.var))

    @staticmethod
    def expand_dims(a: Symbol, axis: int) -> Symbol:
        return Symbol(op.unsqueeze(a.var, _axes(axis)))

    @staticmethod
    def swapaxes(a: Symbol, one: int, other: int) -> Symbol:
        order = list(range(len(a.var.unwrap_tensor().shape)))
        order[one], order[other] = order[other], order[one]
        return Symbol(op.transpose(a.var, perm=order))

    @staticmethod
    def shape(a: Symbol) -> list[Symbol]:
        rank = len(a.var.unwrap_tensor().shape)
        return [Symbol(op.gather(op.shape(a.var), _axes(axis))) for axis in range(rank)]

    @staticmethod
    def segment_sum(data: Symbol, segment_ids: Symbol, num_segments: Symbol) -> Symbol:
        one_row = op.shape(data.var, start=1)
        zeros = op.expand(op.const(np.float32(0)), op.concat([num_segments.var, one_row], axis=0))
        places = op.unsqueeze(op.cast(segment_ids.var, to=np.int64), _axes(1))
        return Symbol(op.scatter_nd(zeros, places, data.var, reduction="add"))

    @staticmethod
    def squeeze(a: Any, axis: int) -> Symbol:
        return Symbol(op.squeeze(_var(a), _axes(axis)))


def _axes(axis: int) -> Any:
    return op.const(np.array([axis], np.int64))


def build_graph(architecture: Architecture, weights: Mapping[str, NDArray[np.float32]]) -> bytes:
    """The serialised graph. Inputs, all int32: `ids` (B, T), `lengths` (B,), and at word level `features` (R, 8), `words` (R,)
    and `pairs` (B, T). Outputs, all float32: `logits` (B, K), `attention` (B, T), exactly 0 on padding, and `contributions`
    (B, T, K), each token's share of the logits."""
    xp = SymbolicNamespace
    shapes: dict[str, tuple[str | int, ...]] = {"ids": ("batch", "time"), "lengths": ("batch",)}
    shapes |= {"features": ("rows", ROW), "words": ("rows",), "pairs": ("batch", "time")} if architecture.features else {}
    inputs = {name: Symbol(argument(Tensor(np.int32, shape))) for name, shape in shapes.items()}
    mask = Symbol(_mask(inputs["ids"].var, inputs["lengths"].var))
    x = (_embed(architecture, weights["embedding.table"], inputs) * mask).var  # (B, T, E), zero on padding
    lengths = inputs["lengths"].var
    h = Symbol(architecture.encoder.emit(op, part(weights, "encoder"), x, lengths))  # (B, T, D)
    values = architecture.values
    v = Symbol(values.emit(op, part(weights, "values"), x, lengths)) if values else h  # (B, T, D′)
    alpha = pooling.attend(xp, architecture.mechanism, part(weights, "attention"), h, mask)
    head = part(weights, "head")
    logits, contributions = pooling.head(xp, head, pooling.pool(xp, alpha, v)), alpha * pooling.head(xp, head, v)
    if architecture.features:
        linear = pooling.linear_path(xp, part(weights, "linear"), inputs, mask)
        logits, contributions = logits + xp.sum(linear, axis=1), contributions + linear
    outputs = {"logits": logits, "attention": xp.squeeze(alpha, 2), "contributions": contributions}
    model = build({name: symbol.var for name, symbol in inputs.items()}, {name: symbol.var for name, symbol in outputs.items()})
    return bytes(model.SerializeToString())


def _embed(architecture: Architecture, table: NDArray[np.float32], inputs: Mapping[str, Symbol]) -> Symbol:
    """Token vectors (B, T, E)."""
    xp = SymbolicNamespace
    if not architecture.features:
        return xp.take(table, inputs["ids"], axis=0)
    features, present = pooling.embedded(xp, inputs["features"], len(table))
    words = pooling.compose(xp, xp.take(table, features, axis=0), present, inputs["words"])
    return xp.take(words, inputs["ids"], axis=0)


def _mask(ids: Any, lengths: Any) -> Any:
    """(B, T, 1) float32: 1 for a token, 0 for padding."""
    steps = op.range(op.const(np.int64(0)), op.gather(op.shape(ids), op.const(np.int64(1))), op.const(np.int64(1)))
    real = op.less(op.unsqueeze(steps, _axes(0)), op.unsqueeze(op.cast(lengths, to=np.int64), _axes(1)))
    return op.cast(op.unsqueeze(real, _axes(2)), to=np.float32)
