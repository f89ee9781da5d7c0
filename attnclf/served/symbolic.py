"""The functions that equations are written in, as ONNX operators: with `SymbolicNamespace` as `xp`, they build a graph."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op


@dataclass(frozen=True)
class Symbol:
    """A value of the graph, with the operators that equations use."""

    var: Any

    def __add__(self, other: Any) -> "Symbol":
        return Symbol(op.add(self.var, _var(other, self.var)))

    def __radd__(self, other: Any) -> "Symbol":
        return Symbol(op.add(_var(other, self.var), self.var))

    def __neg__(self) -> "Symbol":
        return Symbol(op.neg(self.var))

    def __sub__(self, other: Any) -> "Symbol":
        return Symbol(op.sub(self.var, _var(other, self.var)))

    def __rsub__(self, other: Any) -> "Symbol":
        return Symbol(op.sub(_var(other, self.var), self.var))

    def __mul__(self, other: Any) -> "Symbol":
        return Symbol(op.mul(self.var, _var(other, self.var)))

    def __rmul__(self, other: Any) -> "Symbol":
        return Symbol(op.mul(_var(other, self.var), self.var))

    def __truediv__(self, other: Any) -> "Symbol":
        return Symbol(op.div(self.var, _var(other, self.var)))

    def __lt__(self, other: Any) -> "Symbol":
        return Symbol(op.less(self.var, _var(other, self.var)))

    def __gt__(self, other: Any) -> "Symbol":
        return Symbol(op.greater(self.var, _var(other, self.var)))

    def __getitem__(self, slices: tuple[slice, ...]) -> "Symbol":
        """Takes slices with constant bounds, one for each of the first axes."""
        chosen = [(axis, part) for axis, part in enumerate(slices) if part != slice(None)]
        starts = numbers(*(part.start or 0 for _, part in chosen))
        ends = numbers(*(np.iinfo(np.int64).max if part.stop is None else part.stop for _, part in chosen))
        return Symbol(op.slice(self.var, starts, ends, numbers(*(axis for axis, _ in chosen))))

    @property
    def shape(self) -> tuple[Any, ...]:
        """The sizes of the axes, as far as the graph knows them before it runs."""
        return tuple(self.var.unwrap_tensor().shape)


def _var(value: Any, like: Any = None) -> Any:
    """The variable of a symbol, or a constant with the type of `like` (float32 without `like`)."""
    dtype = np.float32 if like is None else like.unwrap_tensor().dtype
    return value.var if isinstance(value, Symbol) else op.const(np.asarray(value, dtype))


class SymbolicNamespace:
    """The functions of `xp` as ONNX operators, with NumPy's arguments. `op` is the opset, for operators not wrapped here."""

    op = op

    @staticmethod
    def matmul(a: Any, b: Any) -> Symbol:
        return Symbol(op.matmul(_var(a), _var(b)))

    @staticmethod
    def tanh(a: Any) -> Symbol:
        return Symbol(op.tanh(_var(a)))

    @staticmethod
    def sin(a: Any) -> Symbol:
        return Symbol(op.sin(_var(a)))

    @staticmethod
    def cos(a: Any) -> Symbol:
        return Symbol(op.cos(_var(a)))

    @staticmethod
    def cumsum(a: Any, axis: int) -> Symbol:
        return Symbol(op.cumsum(_var(a), op.const(np.int64(axis))))

    @staticmethod
    def sort(a: Symbol, axis: int) -> Symbol:
        whole = op.gather(op.shape(a.var), numbers(axis))
        return Symbol(op.top_k(a.var, whole, axis=axis, largest=0)[0])

    @staticmethod
    def arange(stop: Symbol) -> Symbol:
        return Symbol(op.range(op.const(np.int64(0)), op.squeeze(stop.var), op.const(np.int64(1))))

    @staticmethod
    def reshape(a: Symbol, shape: Sequence[Any]) -> Symbol:
        sizes = [size.var if isinstance(size, Symbol) else numbers(size) for size in shape]
        return Symbol(op.reshape(a.var, op.concat(sizes, axis=0)))

    @staticmethod
    def transpose(a: Symbol, order: Sequence[int]) -> Symbol:
        return Symbol(op.transpose(a.var, perm=list(order)))

    @staticmethod
    def exp(a: Any) -> Symbol:
        return Symbol(op.exp(_var(a)))

    @staticmethod
    def sum(a: Any, axis: int, keepdims: bool = False) -> Symbol:
        return Symbol(op.reduce_sum(_var(a), numbers(axis), keepdims=int(keepdims)))

    @staticmethod
    def max(a: Any, axis: int, keepdims: bool = False) -> Symbol:
        return Symbol(op.reduce_max(_var(a), numbers(axis), keepdims=int(keepdims)))

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
    def concatenate(arrays: Sequence[Symbol], axis: int) -> Symbol:
        return Symbol(op.concat([array.var for array in arrays], axis=axis))

    @staticmethod
    def where(condition: Symbol, a: Any, b: Any) -> Symbol:
        like = next((branch.var for branch in (a, b) if isinstance(branch, Symbol)), None)
        return Symbol(op.where(condition.var, _var(a, like), _var(b, like)))

    @staticmethod
    def equal(a: Symbol, b: Symbol) -> Symbol:
        return Symbol(op.equal(a.var, b.var))

    @staticmethod
    def expand_dims(a: Symbol, axis: int) -> Symbol:
        return Symbol(op.unsqueeze(a.var, numbers(axis)))

    @staticmethod
    def swapaxes(a: Symbol, one: int, other: int) -> Symbol:
        order = list(range(len(a.shape)))
        order[one], order[other] = order[other], order[one]
        return SymbolicNamespace.transpose(a, order)

    @staticmethod
    def shape(a: Symbol) -> list[Symbol]:
        return [Symbol(op.gather(op.shape(a.var), numbers(axis))) for axis in range(len(a.shape))]

    @staticmethod
    def segment_sum(data: Symbol, segment_ids: Symbol, num_segments: Symbol) -> Symbol:
        one_row = op.shape(data.var, start=1)
        zeros = op.expand(op.const(np.float32(0)), op.concat([num_segments.var, one_row], axis=0))
        indices = op.unsqueeze(op.cast(segment_ids.var, to=np.int64), numbers(1))
        return Symbol(op.scatter_nd(zeros, indices, data.var, reduction="add"))

    @staticmethod
    def split(a: Symbol, indices: Sequence[int], axis: int) -> list[Symbol]:
        ends = [0, *indices, np.iinfo(np.int64).max]
        return [Symbol(op.slice(a.var, numbers(start), numbers(end), numbers(axis))) for start, end in itertools.pairwise(ends)]

    @staticmethod
    def squeeze(a: Any, axis: int) -> Symbol:
        return Symbol(op.squeeze(_var(a), numbers(axis)))


def numbers(*values: int) -> Any:
    """An int64 constant, the form in which operators take axes and indices."""
    return op.const(np.array(values, np.int64))
