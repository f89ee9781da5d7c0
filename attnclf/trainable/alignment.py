"""The alignment of attention in training; `attnclf.model.alignment` has the equations and says what it is for."""

from typing import Any

import keras
from keras import ops

from attnclf.linear.mixing import USUAL_WEIGHTS
from attnclf.model import alignment


class Alignment(keras.layers.Layer):  # type: ignore[misc]
    """Asks attention to follow what decides. `loss` uses what the last call of `compare` found, as the sampler's loss does."""

    def __init__(self, weight: float) -> None:
        super().__init__(dtype="float32", trainable=False)
        self.weight = weight
        # The weights of the network and of the linear model in the mix, as the validation rows set them after each epoch.
        # Read outside this layer's own call, where Keras would cast it to the dtype of the model.
        self.mixing_weights = self.add_weight(shape=(2,), trainable=False, autocast=False, name="mixing_weights")
        self.mixing_weights.assign(USUAL_WEIGHTS)
        self.built = True

    def compare(self, alpha: Any, network: Any, linear: Any, mask: Any) -> None:
        """Keeps how far α (B, T, 1) is from the contributions (B, T, K) of the network and of the linear model.

        `linear` is None if there is no linear model.
        """
        a, b = self.mixing_weights[0], self.mixing_weights[1]
        # Under mixed precision, Keras hands all inputs over in the dtype of the model.
        linear = ops.zeros_like(network) if linear is None else b * ops.cast(linear, "float32")
        q = alignment.importance(ops, a * network, linear, mask)
        alpha, q = alpha[:, :, 0], ops.stop_gradient(q)
        asked = ops.cast(alignment.gain(ops, q, ops.stop_gradient(alpha)) < alignment.ENOUGH, "float32")
        self._divergence = asked * alignment.divergence(ops, q, alpha, mask)  # (B,)

    def loss(self, counts: Any = 1.0) -> Any:
        """The term to add to the mean cross-entropy of a batch; `counts` (B,) are the weights of the texts in the loss."""
        return self.weight * ops.mean(ops.cast(counts, "float32") * self._divergence)
