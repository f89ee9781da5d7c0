"""How hard attention learns. One token is drawn from softmax(score), and a draw has no gradient.

REINFORCE (Williams 1992; Xu et al. 2015 for attention): the scores learn from the loss of the text with the drawn token,
L = −log p(label), compared with its moving mean b:

    ∇ = (L − b) ∇ log α_drawn − λ ∇ H[α]

As in Xu et al., half of the texts are read with α itself instead of a draw, because gradients from draws alone vary too much.

Straight-through Gumbel softmax (Jang et al. 2017): the token with the highest score + Gumbel noise is drawn, which is a draw
from softmax(score). The backward pass uses the gradient of softmax((score + noise) / τ).
"""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from attnclf.model.mechanisms import Mechanism, Tokens
from attnclf.model.mechanisms.hard import Hard, best
from attnclf.model.normalizers import softmax

SOFT = 0.5  # share of texts that are read with α itself
ENTROPY = 0.01  # λ: keeps α from settling before it has tried enough tokens
MEMORY = 0.9  # decay of the moving mean b
TEMPERATURE = 1.0  # τ
TINY = 1e-9


class Sampler(keras.layers.Layer):  # type: ignore[misc]
    """Draws tokens in training. `loss` uses the result of the last call of `draw`."""

    def __init__(self, sampling: str) -> None:
        super().__init__(dtype="float32")
        self.sampling = sampling
        self.noise = keras.random.SeedGenerator()
        self.baseline = self.add_weight(shape=(), initializer="zeros", trainable=False, name="baseline")
        self.built = True

    def draw(self, mechanism: Mechanism, w: Mapping[str, Any], tokens: Tokens) -> Any:
        """Weights (B, T, 1): 1 for the drawn token and 0 for all others, or softmax(score) in texts read without a draw.

        With Gumbel softmax every text has a draw.
        """
        assert isinstance(mechanism, Hard)
        scores = mechanism.score(ops, w, tokens)
        uniform = keras.random.uniform(ops.shape(scores), TINY, 1.0, seed=self.noise)
        noisy = scores - ops.log(-ops.log(uniform) + TINY)
        drawn = ops.stop_gradient(best(ops, noisy, tokens.mask))
        if self.sampling == "gumbel":
            soft = softmax(ops, noisy / TEMPERATURE, tokens.mask)
            return soft + ops.stop_gradient(drawn - soft)
        alpha = softmax(ops, scores, tokens.mask)
        uniform = keras.random.uniform((ops.shape(scores)[0], 1, 1), seed=self.noise)
        soft = ops.cast(uniform < SOFT, "float32")
        self._log_alpha = ops.sum((1.0 - soft) * drawn * ops.log(alpha + TINY), axis=(1, 2))  # (B,)
        self._entropy = -ops.sum(alpha * ops.log(alpha + TINY), axis=(1, 2))
        return soft * alpha + (1.0 - soft) * drawn

    def loss(self, targets: Any, logits: Any, counts: Any = 1.0) -> Any:
        """The term to add to the mean cross-entropy of a batch. Its value is 0; it only has the gradient given above.

        `counts` (B,) are the weights of the texts in the loss.
        """
        if self.sampling == "gumbel":
            return 0.0
        losses = ops.stop_gradient(keras.losses.sparse_categorical_crossentropy(targets, logits, from_logits=True))
        counts = ops.cast(counts, "float32") * ops.ones_like(losses)
        advantages = counts * (losses - self.baseline)
        real = ops.cast(counts > 0, "float32")  # a text that counts nothing fills a batch up
        self.baseline.assign(MEMORY * self.baseline + (1 - MEMORY) * ops.sum(real * losses) / ops.sum(real))
        entropy = ops.sum(real * self._entropy) / ops.sum(real)
        term = ops.mean(advantages * self._log_alpha) - ENTROPY * entropy
        return term - ops.stop_gradient(term)


def sampler_of(mechanism: Mechanism) -> Sampler | None:
    """The sampler of a mechanism that gradients alone cannot train, else None."""
    return Sampler(mechanism.sampling) if isinstance(mechanism, Hard) else None
