"""Gradient methods: how ℓ_k − ℓ_r changes with the token vectors. Keras computes the gradients of a trained model.

x (T, E) are the token vectors: composed vectors of words, or the vectors of characters. The linear model does not depend on
them. Its share λ_t of each token is linear in the token's features, so it is added unchanged, and both methods explain the
whole margin.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from attnclf.model.architecture import Architecture
from attnclf.trainable import backend
from attnclf.trainable.model import AttentionClassifier

STEPS, MOST_STEPS = 50, 400
ALLOWED_GAP = 0.05  # as a share of the sum that integrated gradients must have


class Gradients:
    """Gradients of a Keras model for one text at a time. `inputs` are a batch of one text, as its reader gives it."""

    def __init__(
        self, architecture: Architecture, weights: Mapping[str, NDArray[np.float32]], inputs: Mapping[str, Any]
    ) -> None:
        model = AttentionClassifier(architecture)
        model(inputs)  # builds the weights
        model.assign_arrays(weights)
        self._model = model.in_float32(inputs)  # training in the same process may use mixed precision
        self._slope = backend.gradient_of(self._model.margin)

    def times_input(self, inputs: Mapping[str, Any], k: int, r: int) -> NDArray[np.float64]:
        """x_t · ∂(ℓ_k − ℓ_r) / ∂x_t + λ_tk − λ_tr for each token (T,) (Simonyan et al. 2014; Shrikumar et al. 2017).

        The first term is 0 for tokens that the network does not read.
        """
        x = self._vectors(inputs)
        return self._with_linear(self._summed(x * self._gradient(x, inputs, k, r)), inputs, k, r)

    def integrated(self, inputs: Mapping[str, Any], k: int, r: int) -> tuple[NDArray[np.float64], float]:
        """Integrated gradients from zero vectors (Sundararajan et al. 2017) by the midpoint rule, and their relative error.

        The score of each token (T,) is the mean over j = 1 … m of x_t · ∂(ℓ_k − ℓ_r) / ∂x_t at x (j − ½) / m, plus λ_tk − λ_tr.
        The relative error is the difference between the sum of the scores without λ and the sum they must have, as a share of
        the latter. m starts at 50 and is doubled, up to 400, while the error is above 5 %.
        """
        x = self._vectors(inputs)
        ends = self._model.margin(np.concatenate([x, np.zeros_like(x)]), _copies(inputs, 2), self._margin_weights(k, r))
        top, bottom = np.asarray(ops.convert_to_numpy(ends), np.float64)
        steps = STEPS
        while True:
            shares = (np.arange(steps, dtype=np.float32) + 0.5) / steps
            chunks = np.split(shares, steps // STEPS)
            gradients = [self._gradient(x * chunk[:, None, None], inputs, k, r) for chunk in chunks]
            scores = self._summed(x * np.concatenate(gradients).mean(axis=0, keepdims=True))
            gap = abs(scores.sum() - (top - bottom)) / max(abs(top - bottom), 1e-6)
            if gap <= ALLOWED_GAP or steps >= MOST_STEPS:
                return self._with_linear(scores, inputs, k, r), float(gap)
            steps *= 2

    def _vectors(self, inputs: Mapping[str, Any]) -> NDArray[np.float32]:
        return np.asarray(ops.convert_to_numpy(self._model.embed(inputs)), np.float32)

    def _gradient(self, x: NDArray[np.floating], inputs: Mapping[str, Any], k: int, r: int) -> NDArray[np.float32]:
        return self._slope(x.astype(np.float32), _copies(inputs, len(x)), self._margin_weights(k, r))

    def _margin_weights(self, k: int, r: int) -> NDArray[np.float32]:
        """The weights (K,) of the logits in the margin: 1 for k, −1 for r, else 0."""
        labels = np.arange(self._model.architecture.labels)
        return np.asarray((labels == k).astype(np.float32) - (labels == r), np.float32)

    def _summed(self, products: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.asarray(products[0].sum(axis=-1), np.float64)

    def _with_linear(self, scores: NDArray[np.float64], inputs: Mapping[str, Any], k: int, r: int) -> NDArray[np.float64]:
        """Scores (W,) of the tokens that the network reads, at their positions (T,), plus λ_tk − λ_tr of every token."""
        found = np.zeros(int(inputs["text_lengths"][0]))
        found[inputs["positions"][0]] = scores
        if self._model.linear is None:
            return found
        shares = np.asarray(ops.convert_to_numpy(self._model.linear(inputs)), np.float64)
        return found + shares[0, :, k] - shares[0, :, r]


def _copies(inputs: Mapping[str, Any], count: int) -> dict[str, Any]:
    """The inputs that give the positions of the tokens, for `count` copies of one text."""
    copies: dict[str, Any] = {"lengths": np.repeat(inputs["lengths"], count)}
    if "grid" in inputs:
        grid, token_positions, sentences, sentence_positions = (
            inputs[name] for name in ("grid", "token_positions", "sentences", "sentence_positions")
        )
        steps = np.arange(count, dtype=np.int32)[:, None]
        copies["grid"] = np.concatenate([np.where(grid > 0, grid + step * token_positions.size, 0) for step in steps])
        copies["token_positions"] = token_positions + steps * grid.size
        copies["sentences"] = np.where(sentences > 0, sentences + steps * len(grid), 0)
        copies["sentence_positions"] = (sentence_positions + steps * sentences.size).reshape(-1)
    return copies
