"""Gradient methods for served models. They need Keras, which is loaded for them: some seconds, once."""

from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from attnclf.results import Explanation
from attnclf.runtime.served import Served

if TYPE_CHECKING:
    from attnclf.nn.gradients import Gradients


def gradient_times_input(served: Served, explanation: Explanation) -> tuple[list[float], str]:
    """`attnclf.nn.gradients.Gradients.times_input`, for each token of the explanation."""
    ids, k, r = _asked(served, explanation)
    return _of_units(served, explanation, _loaded(served).times_input(served.reader.batch(ids), k, r)), ""


def integrated_gradients(served: Served, explanation: Explanation) -> tuple[list[float], str]:
    """`attnclf.nn.gradients.Gradients.integrated`, for each token of the explanation."""
    ids, k, r = _asked(served, explanation)
    scores, gap = _loaded(served).integrated(served.reader.batch(ids), k, r)
    remark = f"integrated gradients miss what they must sum to by {gap:.1%}"
    return _of_units(served, explanation, scores), remark


def _asked(served: Served, explanation: Explanation) -> tuple[list[NDArray[np.int32]], int, int]:
    (encoded,) = served.reader.encode([explanation.text])
    return [encoded.ids], served.labels.index(explanation.target), served.labels.index(explanation.against)


def _of_units(served: Served, explanation: Explanation, scores: NDArray[np.float64]) -> list[float]:
    """The scores of the model's tokens summed over the explanation's, which may be words."""
    (encoded,) = served.reader.encode([explanation.text])
    starts = [token.start for token in explanation.tokens]
    units = [max(0, bisect_right(starts, start) - 1) for start, _ in encoded.spans]
    return [float(total) for total in np.bincount(units, weights=scores, minlength=len(starts))]


@lru_cache(maxsize=1)
def _loaded(served: Served) -> "Gradients":
    from safetensors.numpy import load

    from attnclf.architecture import Architecture
    from attnclf.nn.gradients import Gradients

    config, reader = served.bundle.config, served.reader
    architecture = Architecture.of(config.model, config.text.level, reader.vocabulary, reader.features, len(served.labels))
    return Gradients(architecture, load(served.bundle.read("weights.safetensors")), reader.batch(reader.ids(["a"])[0]))
