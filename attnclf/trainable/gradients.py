"""Gradient methods: how ℓ_k − ℓ_r changes with the token vectors, by Keras on the weights of a trained model.

The vectors x (T, E) are what words are composed to, or the characters' own. What the linear model adds does not hang on them;
its share λ_t of each token is linear in what the token holds, so it is added as it is and both methods account for the whole.
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
ALLOWED_GAP = 0.05  # of what integrated gradients must sum to


class Gradients:
    """A model in Keras, asked about one text at a time: inputs as its reader batches them."""

    def __init__(
        self, architecture: Architecture, weights: Mapping[str, NDArray[np.float32]], inputs: Mapping[str, Any]
    ) -> None:
        model = AttentionClassifier(architecture)
        model(inputs)  # builds the weights
        model.assign_arrays(weights)
        self._model = model.in_float32(inputs)  # whatever training in this process computes in
        self._slope = backend.gradient_of(self._model.margin)

    def times_input(self, inputs: Mapping[str, Any], k: int, r: int) -> NDArray[np.float64]:
        """x_t · ∂(ℓ_k − ℓ_r) / ∂x_t + λ_tk − λ_tr for each token (T,) (Simonyan et al. 2014; Shrikumar et al. 2017)."""
        x = self._vectors(inputs)
        return self._summed(x * self._gradient(x, inputs, k, r)) + self._linear(inputs, k, r)

    def integrated(self, inputs: Mapping[str, Any], k: int, r: int) -> tuple[NDArray[np.float64], float]:
        """Integrated gradients from zero vectors (Sundararajan et al. 2017), by the midpoint rule: for each token (T,) the mean
        over j of x_t · ∂(ℓ_k − ℓ_r) / ∂x_t at x (j − ½) / m, plus λ_tk − λ_tr; and how far the sum is from what it must be, as
        a share of that. m is 50, doubled up to 400 while that is above 5 %."""
        x = self._vectors(inputs)
        ends = self._model.margin(np.concatenate([x, np.zeros_like(x)]), _copies(inputs, 2), self._margin_weights(k, r))
        top, bottom = np.asarray(ops.convert_to_numpy(ends), np.float64)
        steps = STEPS
        while True:
            shares = (np.arange(steps, dtype=np.float32) + 0.5) / steps
            parts = [self._gradient(x * some[:, None, None], inputs, k, r) for some in np.split(shares, steps // STEPS)]
            scores = self._summed(x * np.concatenate(parts).mean(axis=0, keepdims=True))
            gap = abs(scores.sum() - (top - bottom)) / max(abs(top - bottom), 1e-6)
            if gap <= ALLOWED_GAP or steps >= MOST_STEPS:
                return scores + self._linear(inputs, k, r), float(gap)
            steps *= 2

    def _vectors(self, inputs: Mapping[str, Any]) -> NDArray[np.float32]:
        return np.asarray(ops.convert_to_numpy(self._model.embed(inputs)), np.float32)

    def _gradient(self, x: NDArray[np.floating], inputs: Mapping[str, Any], k: int, r: int) -> NDArray[np.float32]:
        return self._slope(x.astype(np.float32), _copies(inputs, len(x)), self._margin_weights(k, r))

    def _margin_weights(self, k: int, r: int) -> NDArray[np.float32]:
        """(K,): 1 for k, −1 for r."""
        labels = np.arange(self._model.architecture.labels)
        return np.asarray((labels == k).astype(np.float32) - (labels == r), np.float32)

    def _summed(self, products: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.asarray(products[0].sum(axis=-1), np.float64)

    def _linear(self, inputs: Mapping[str, Any], k: int, r: int) -> NDArray[np.float64]:
        if self._model.linear is None:
            return np.zeros(inputs["ids"].shape[1])
        shares = ops.convert_to_numpy(self._model.linear(inputs, np.ones((1, inputs["ids"].shape[1], 1), np.float32)))
        return np.asarray(shares[0, :, k] - shares[0, :, r], np.float64)


def _copies(inputs: Mapping[str, Any], many: int) -> dict[str, Any]:
    """What says where the tokens of one text stand, for so many copies of it."""
    copies: dict[str, Any] = {"lengths": np.repeat(inputs["lengths"], many)}
    if "grid" in inputs:
        grid, token_positions, sentences, sentence_positions = (
            inputs[name] for name in ("grid", "token_positions", "sentences", "sentence_positions")
        )
        steps = np.arange(many, dtype=np.int32)[:, None]
        copies["grid"] = np.concatenate([np.where(grid > 0, grid + step * token_positions.size, 0) for step in steps])
        copies["token_positions"] = token_positions + steps * grid.size
        copies["sentences"] = np.where(sentences > 0, sentences + steps * len(grid), 0)
        copies["sentence_positions"] = (sentence_positions + steps * sentences.size).reshape(-1)
    return copies
