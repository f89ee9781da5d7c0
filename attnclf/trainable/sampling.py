"""How hard attention learns: one token is drawn from softmax(score), and a choice has no slope to follow.

REINFORCE (Williams 1992; Xu et al. 2015 for attention): the scores learn from how well the text was classified with the token
that was drawn, L = −log p(label), beside a moving mean b of that:

    ∇ = (L − b) ∇ log α_drawn − λ ∇ H[α]

As there, half of the texts are read by α itself and not by a draw, since slopes from draws alone vary too much to learn from.

Straight-through Gumbel softmax (Jang et al. 2017): the token with the highest score + Gumbel noise is drawn, which is a draw
from softmax(score); backwards the slope is that of softmax((score + noise) / τ).
"""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from attnclf.model.mechanisms import Mechanism, Tokens
from attnclf.model.mechanisms.hard import Hard, best
from attnclf.model.normalizers import softmax

SOFT = 0.5  # share of texts that are read by α itself
ENTROPY = 0.01  # λ: keeps α from settling before it has tried much
MEMORY = 0.9  # of the moving mean
TEMPERATURE = 1.0  # τ
TINY = 1e-9


class Sampler(keras.layers.Layer):  # type: ignore[misc]
    """Draws tokens while training. `loss` belongs to the draw before it."""

    def __init__(self, sampling: str) -> None:
        super().__init__(dtype="float32")
        self.sampling = sampling
        self.noise = keras.random.SeedGenerator()
        self.baseline = self.add_weight(shape=(), initializer="zeros", trainable=False, name="baseline")
        self.built = True

    def draw(self, mechanism: Mechanism, w: Mapping[str, Any], tokens: Tokens) -> Any:
        """α (B, T, 1): 1 for the token that was drawn, and 0 for all others; or softmax(score), in the texts that are read
        so."""
        assert isinstance(mechanism, Hard)
        scores = mechanism.score(ops, w, tokens)
        uniform = keras.random.uniform(ops.shape(scores), TINY, 1.0, seed=self.noise)
        noisy = scores - ops.log(-ops.log(uniform) + TINY)
        drawn = ops.stop_gradient(best(ops, noisy, tokens.mask))
        if self.sampling == "gumbel":
            soft = softmax(ops, noisy / TEMPERATURE, tokens.mask)
            return soft + ops.stop_gradient(drawn - soft)
        alpha = softmax(ops, scores, tokens.mask)
        coins = keras.random.uniform((ops.shape(scores)[0], 1, 1), seed=self.noise)
        soft = ops.cast(coins < SOFT, "float32")
        self._log_alpha = ops.sum((1.0 - soft) * drawn * ops.log(alpha + TINY), axis=(1, 2))  # (B,)
        self._entropy = -ops.sum(alpha * ops.log(alpha + TINY), axis=(1, 2))
        return soft * alpha + (1.0 - soft) * drawn

    def loss(self, targets: Any, logits: Any, counts: Any = 1.0) -> Any:
        """What is to be added to the mean cross-entropy of a batch: a number that is 0 and has the slopes above. `counts` (B,)
        is what each text counts."""
        if self.sampling == "gumbel":
            return 0.0
        losses = ops.stop_gradient(keras.losses.sparse_categorical_crossentropy(targets, logits, from_logits=True))
        ahead = ops.cast(counts, "float32") * (losses - self.baseline)
        self.baseline.assign(MEMORY * self.baseline + (1 - MEMORY) * ops.mean(losses))
        slopes = ops.mean(ahead * self._log_alpha) - ENTROPY * ops.mean(self._entropy)
        return slopes - ops.stop_gradient(slopes)


def sampler_of(mechanism: Mechanism) -> Sampler | None:
    """What trains the mechanism, where slopes do not."""
    return Sampler(mechanism.sampling) if isinstance(mechanism, Hard) else None
