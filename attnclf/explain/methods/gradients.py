"""Gradient × input and integrated gradients. They need Keras, which takes some seconds to load the first time."""

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from attnclf.explain.aggregate import of_units
from attnclf.explain.methods.base import Method, register
from attnclf.reading.base import Inputs
from attnclf.reading.tokens import Encoded
from attnclf.results import Explanation
from attnclf.served.model import ServedModel
from attnclf.served.session import Session

if TYPE_CHECKING:
    from attnclf.trainable.gradients import Gradients


def gradient_times_input(served: ServedModel, explanation: Explanation) -> tuple[list[float], str]:
    """Gradient × input for each token of the explanation: see `attnclf.trainable.gradients.Gradients.times_input`."""
    encoded, inputs, k, r = _asked(served, explanation)
    return _summed(explanation, encoded, _loaded(served).times_input(inputs, k, r)), ""


def integrated_gradients(served: ServedModel, explanation: Explanation) -> tuple[list[float], str]:
    """Integrated gradients for each token of the explanation: see `attnclf.trainable.gradients.Gradients.integrated`."""
    encoded, inputs, k, r = _asked(served, explanation)
    scores, gap = _loaded(served).integrated(inputs, k, r)
    must = "must sum to the log-odds less those of the same text with vectors of zero"
    return _summed(explanation, encoded, scores), f"integrated gradients {must}, and miss that by {gap:.1%}"


def _asked(served: ServedModel, explanation: Explanation) -> tuple[Encoded, Inputs, int, int]:
    with served.lock:
        (encoded,) = served.reader.encode([explanation.text])
        inputs = served.reader.batch([encoded.ids])
    return encoded, inputs, served.labels.index(explanation.target), served.labels.index(explanation.against)


def _summed(explanation: Explanation, encoded: Encoded, scores: NDArray[np.float64]) -> list[float]:
    totals: list[float] = of_units(explanation, encoded.spans, scores).tolist()
    return totals


def start_keras() -> "type[Gradients]":
    """What computes gradients. Raises InstallationError where Keras has no back end."""
    from attnclf.installation.back_ends import check_back_end

    check_back_end()
    from attnclf.trainable.gradients import Gradients

    return Gradients


# Of the last model, by its session, which it shares with itself at other base rates: these change no gradient.
_LAST: "WeakKeyDictionary[Session, Gradients]" = WeakKeyDictionary()


def _loaded(served: ServedModel) -> "Gradients":
    """The gradients of the model, which is built in Keras where it is not the one that was asked last."""
    if (found := _LAST.get(served.session)) is None:
        with served.lock:
            inputs = served.reader.batch(served.reader.ids(["a"])[0])
        found = start_keras()(served.architecture, served.weights(), inputs)
        _LAST.clear()
        _LAST[served.session] = found
    return found


GRADIENT_TIMES_INPUT = register(
    Method(
        name="gradxinput",
        title="gradient × input",
        formula="x_t · ∂(ℓ_k − ℓ_r)/∂x_t + λ_tk − λ_tr",
        caveat="the slope at this text; it may differ on the way to the text without the word",
        cost="1 forward and 1 backward pass, in Keras",
        signed=True,
        scores=gradient_times_input,
        keras=True,
    )
)
INTEGRATED_GRADIENTS = register(
    Method(
        name="ig",
        title="integrated gradients",
        formula="x_t · mean_j ∂(ℓ_k − ℓ_r)/∂x_t at x (j − ½)/m + λ_tk − λ_tr",
        caveat="sums to what changes from vectors of zero, which are no text",
        cost="50 to 400 forward and backward passes, in Keras",
        signed=True,
        scores=integrated_gradients,
        keras=True,
    )
)
