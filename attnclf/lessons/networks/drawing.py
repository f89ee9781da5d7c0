"""Hard attention that is asked anew at each step: one place gets all the weight. How it learns is in `Draw`."""

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from attnclf.lessons.networks.attention import Shape, Weigh
from attnclf.model.mechanisms import Mechanism
from attnclf.model.mechanisms.hard import best
from attnclf.trainable.sampling import MEMORY, SOFT, TINY

REWARD, ENTROPY = 0.1, 0.002  # λ_r and λ_e


class Toss(keras.layers.Layer):  # type: ignore[misc]
    """For each picture of a batch, 1 if its places are drawn in this pass, 0 if they are weighted: (B, 1, 1)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.noise = keras.random.SeedGenerator()

    def call(self, keys: Any) -> Any:
        uniform = keras.random.uniform(ops.shape(keys[:, :1, :1]), seed=self.noise)
        return ops.cast(uniform >= SOFT, self.compute_dtype)


class Draw(Weigh):
    """The context is the value at one place: in training a place drawn from α, afterwards the place with the largest α.

    REINFORCE (Williams 1992; Xu et al. 2015): a draw has no gradient, so log α of the place drawn at step i learns from L_i,
    the loss of all words from step i on, compared with its moving mean b_i:

        ∇ = Σ_i λ_r (L_i − b_i) ∇ log α_drawn,i − λ_e ∇ H[α_i]

    As in the paper, half of the pictures, those for which `Toss` says 0, are read with α itself in place of draws, because
    gradients of draws alone vary too much. Returns the context (B, D′), the weights that were used (B, T, 1), and for `loss`
    log α_drawn and H[α], (B, 2).
    """

    def __init__(self, mechanism: Mechanism, steps: int, words: int, **kwargs: Any) -> None:
        super().__init__(mechanism, **kwargs)
        self.steps, self.words = steps, words
        self.noise = keras.random.SeedGenerator()

    def build(self, keys_shape: Shape, values_shape: Shape | None = None, query_shape: Shape | None = None) -> None:
        super().build(keys_shape, values_shape, query_shape)
        self.baseline = self.add_weight(shape=(self.steps,), trainable=False, name="baseline")
        guessing = math.log(self.words) * np.arange(self.steps, 0, -1)  # L_i of a network that knows nothing
        self.baseline.assign(guessing.astype(np.float32))

    def call(self, keys: Any, values: Any = None, query: Any = None, drawing: Any = 1.0, training: bool = False) -> Any:
        alpha = super().call(keys, values, query)  # (B, T, 1)
        log_alpha, mask = ops.log(alpha + TINY), ops.ones_like(alpha)
        entropy = -ops.sum(alpha * log_alpha, axis=1)  # (B, 1)
        used, told = best(ops, log_alpha, mask), ops.zeros_like(entropy)
        if training:
            uniform = keras.random.uniform(ops.shape(alpha), TINY, 1.0, seed=self.noise)
            drawn = ops.stop_gradient(best(ops, log_alpha - ops.log(-ops.log(uniform) + TINY), mask))
            used = drawing * drawn + (1.0 - drawing) * alpha
            told = ops.sum(drawing * drawn * log_alpha, axis=1)
        context = ops.sum(used * (keys if values is None else values), axis=1)
        return context, used, ops.concatenate([told, entropy], axis=1)

    def loss(self) -> Callable[[Any, Any], Any]:
        """The loss (B, S) of targets (B, S) and of [logits ; log α_drawn ; H[α]] (B, S, V + 2): the cross-entropy, and a term
        whose value is 0 and that has the gradient given above."""

        def reinforced(targets: Any, outputs: Any) -> Any:
            losses = keras.losses.sparse_categorical_crossentropy(targets, outputs[:, :, :-2], from_logits=True)
            from_here = ops.flip(ops.cumsum(ops.flip(ops.stop_gradient(losses), 1), axis=1), 1)  # L_i
            term = REWARD * (from_here - self.baseline) * outputs[:, :, -2] - ENTROPY * outputs[:, :, -1]
            self.baseline.assign(MEMORY * self.baseline + (1 - MEMORY) * ops.mean(from_here, axis=0))
            return losses + term - ops.stop_gradient(term)

        return reinforced
