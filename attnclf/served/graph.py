"""The classifier as ONNX graphs, written with spox from the weights alone.

The graphs are written here rather than exported from Keras. This gives one native `LSTM` operator with `sequence_lens` in place
of a loop per direction, and names the outputs that explanations need.

A word's vector and its weights in the linear model do not depend on the words around it. So at word level they have a graph of
their own, which runs once for each word rather than at every position of the word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from numpy.typing import NDArray
from spox import Tensor, argument, build

from attnclf.model import composition, pooling
from attnclf.model.architecture import Architecture, part
from attnclf.model.attention import attend
from attnclf.model.mechanisms import Mechanism, Tokens
from attnclf.reading.lexicon import ROW
from attnclf.served.symbolic import Symbol, SymbolicNamespace, numbers


def build_graphs(architecture: Architecture, weights: Mapping[str, NDArray[np.float32]]) -> dict[str, bytes]:
    """The serialised graphs by file name. All integers are int32, everything else is float32.

    `words.onnx` (empty at character level) reads `features` (R, 8) and `words` (R,), as a reader gives them, and returns

    - `vectors` (R, E), one for each word
    - `weights` (R, K + 1), the weights of each word in the linear model

    There are no more words than rows of features; the outputs beyond the last word are zero.

    `model.onnx` reads

    - of the W tokens that the network reads: `ids` (B, W), `lengths` (B,) and, at word level, the `vectors` (B, W, E) of the
      word at each position
    - of all T tokens, at word level, for the linear model: `pairs`, `word_shares` and `pair_shares` (B, T), as a reader gives
      them, and the `weights` (B, T, K + 1) of the word at each position
    - where texts are read by sentence, the inputs that `attnclf.reading.sentences` adds

    and returns

    - `logits` (B, K)
    - `attention` (B, W), exactly 0 on padding
    - `contributions` (B, W, K), what each token adds to the logits of the network
    - at word level, `linear` (B, T, K), what each token adds to those of the linear model; the logits are the sum of both
    """
    words = _words_graph(architecture, weights) if architecture.features else b""
    return {"words.onnx": words, "model.onnx": _texts_graph(architecture, weights)}


def _words_graph(architecture: Architecture, weights: Mapping[str, NDArray[np.float32]]) -> bytes:
    xp = SymbolicNamespace
    features, words = (Symbol(argument(Tensor(np.int32, shape))) for shape in (("rows", ROW), ("rows",)))
    table, linear_table = weights["embedding.table"], weights["linear.table"][: architecture.ngrams]
    embedded, present = composition.embedded(xp, features, len(table))
    vectors = composition.compose(xp, xp.take(table, embedded, axis=0), present, words)
    return _serialised(
        {"features": features, "words": words},
        {"vectors": vectors, "weights": composition.word_weights(xp, linear_table, features, words)},
    )


def _texts_graph(architecture: Architecture, weights: Mapping[str, NDArray[np.float32]]) -> bytes:
    xp = SymbolicNamespace
    per_token = ("batch", "time")
    inputs = {"ids": Symbol(argument(Tensor(np.int32, per_token))), "lengths": Symbol(argument(Tensor(np.int32, ("batch",))))}
    if architecture.features:
        everywhere = ("batch", "all")
        inputs["vectors"] = Symbol(argument(Tensor(np.float32, (*per_token, architecture.embedding))))
        inputs["weights"] = Symbol(argument(Tensor(np.float32, (*everywhere, architecture.labels + 1))))
        inputs["pairs"] = Symbol(argument(Tensor(np.int32, everywhere)))
        inputs |= {name: Symbol(argument(Tensor(np.float32, everywhere))) for name in ("word_shares", "pair_shares")}
    if architecture.upper:
        shapes = {
            "grid": ("rows", "width"),
            "token_positions": per_token,
            "sentences": ("batch", "most_sentences"),
            "sentence_positions": ("rows",),
        }
        inputs |= {name: Symbol(argument(Tensor(np.int32, shape))) for name, shape in shapes.items()}
    vectors = inputs["vectors"] if architecture.features else xp.take(weights["embedding.table"], inputs["ids"], axis=0)
    mask = Symbol(_mask(inputs["ids"].var, inputs["lengths"].var))
    x = vectors * mask  # (B, T, E), zero on padding
    _, alpha, v = attend(xp, architecture, _Parts(architecture, weights), x, mask, inputs)
    head, groups, size = part(weights, "head"), architecture.groups, architecture.pooled
    logits = pooling.head(xp, head, pooling.pool(xp, alpha, v, groups, size))
    outputs = {
        "attention": xp.squeeze(pooling.mean(xp, alpha, groups), 2),
        "contributions": pooling.contributions(xp, head, alpha, v, groups, size),
    }
    if architecture.features:
        pair_weights = _pair_weights(architecture, weights["linear.table"], inputs["pairs"])
        shares = inputs["word_shares"], inputs["pair_shares"]
        outputs["linear"] = pooling.linear_contributions(xp, architecture.labels, inputs["weights"], pair_weights, *shares)
        logits = logits + xp.sum(outputs["linear"], axis=1)
    return _serialised(inputs, {"logits": logits, **outputs})


@dataclass(frozen=True)
class _Parts:
    """The parts of the classifier as ONNX operators; see `attnclf.model.attention.Parts`."""

    architecture: Architecture
    arrays: Mapping[str, NDArray[np.float32]]

    def encode(self, name: str, x: Symbol, mask: Symbol) -> Symbol:
        states: Symbol = self.architecture.encoders[name].emit(SymbolicNamespace, part(self.arrays, name), x, mask)
        return states

    def attend(self, name: str, mechanism: Mechanism, tokens: Tokens) -> Symbol:
        weights: Symbol = mechanism.attend(SymbolicNamespace, part(self.arrays, name), tokens)
        return weights

    def project(self, name: str, mechanism: Mechanism, v: Symbol) -> Symbol:
        values: Symbol = mechanism.values(SymbolicNamespace, part(self.arrays, name), v)
        return values


def _pair_weights(architecture: Architecture, table: NDArray[np.float32], pairs: Symbol) -> Symbol:
    """The weights of pairs in the linear model (B, T, K + 1).

    The graph holds only the rows of the model's table that belong to pairs, after row 0, which is for no pair.
    """
    offset = architecture.ngrams - 1
    rows = np.concatenate([table[:1], table[architecture.ngrams :]])
    return Symbol(op.gather(op.const(rows), op.max([op.sub(pairs.var, op.const(np.int32(offset))), op.const(np.int32(0))])))


def _serialised(inputs: Mapping[str, Symbol], outputs: Mapping[str, Symbol]) -> bytes:
    model = build({name: symbol.var for name, symbol in inputs.items()}, {name: symbol.var for name, symbol in outputs.items()})
    return bytes(model.SerializeToString())


def _mask(ids: Any, lengths: Any) -> Any:
    """(B, T, 1) float32: 1 for a token, 0 for padding."""
    steps = op.range(op.const(np.int64(0)), op.gather(op.shape(ids), op.const(np.int64(1))), op.const(np.int64(1)))
    real = op.less(op.unsqueeze(steps, numbers(0)), op.unsqueeze(op.cast(lengths, to=np.int64), numbers(1)))
    return op.cast(op.unsqueeze(real, numbers(2)), to=np.float32)
