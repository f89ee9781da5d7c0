"""Gradient methods for served models. They need Keras, which is loaded for them: some seconds, once."""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from attnclf.explain.aggregate import of_units
from attnclf.reading.base import Inputs
from attnclf.reading.tokens import Encoded
from attnclf.results import Explanation
from attnclf.served.model import Served

if TYPE_CHECKING:
    from attnclf.trainable.gradients import Gradients


def gradient_times_input(served: Served, explanation: Explanation) -> tuple[list[float], str]:
    """`attnclf.trainable.gradients.Gradients.times_input`, for each token of the explanation."""
    encoded, inputs, k, r = _asked(served, explanation)
    return _summed(explanation, encoded, _loaded(served).times_input(inputs, k, r)), ""


def integrated_gradients(served: Served, explanation: Explanation) -> tuple[list[float], str]:
    """`attnclf.trainable.gradients.Gradients.integrated`, for each token of the explanation."""
    encoded, inputs, k, r = _asked(served, explanation)
    scores, gap = _loaded(served).integrated(inputs, k, r)
    return _summed(explanation, encoded, scores), f"integrated gradients miss what they must sum to by {gap:.1%}"


def _asked(served: Served, explanation: Explanation) -> tuple[Encoded, Inputs, int, int]:
    with served.lock:
        (encoded,) = served.reader.encode([explanation.text])
        inputs = served.reader.batch([encoded.ids])
    return encoded, inputs, served.labels.index(explanation.target), served.labels.index(explanation.against)


def _summed(explanation: Explanation, encoded: Encoded, scores: NDArray[np.float64]) -> list[float]:
    totals: list[float] = of_units(explanation, encoded.spans, scores).tolist()
    return totals


@lru_cache(maxsize=1)
def _loaded(served: Served) -> "Gradients":
    from attnclf.trainable.gradients import Gradients

    with served.lock:
        inputs = served.reader.batch(served.reader.ids(["a"])[0])
    return Gradients(served.architecture, served.weights(), inputs)
