"""Before anything is saved: the graphs that serve the model give the numbers that Keras gives."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.errors import ModelError
from attnclf.ragged import Ragged
from attnclf.reading.base import Reader
from attnclf.reading.batching import batches_by_length
from attnclf.served.session import Session

AGREEMENT = 1e-4  # of the largest number, or of 1; saving refuses when Keras' and ONNX Runtime's numbers are further apart
SAMPLE = 64  # texts that are compared
AT_ONCE = 8_192  # tokens of texts that are compared together


def check_agreement(
    model: Any, weights: Mapping[str, NDArray[np.float32]], graphs: Mapping[str, bytes], reader: Reader, ids: Ragged
) -> None:
    """Compares the graphs with a copy of the Keras `model` that has these `weights`. Raises ModelError where they differ."""
    some, gap = ids[:: max(1, len(ids) // SAMPLE)][:SAMPLE], 0.0
    session, model = Session(graphs["model.onnx"], graphs["words.onnx"]), model.in_float32(reader.batch(some[:1]))
    model.assign_arrays(weights)
    for rows in batches_by_length(some.lengths, AT_ONCE):
        batch = some.take(rows)
        trained = model.explain(reader.batch(batch))
        found = session.run(reader, batch)
        served: tuple[Iterable[NDArray[np.float32]], ...] = (found.logits, found.attention, found.contributions)
        for ours, theirs in zip(served, trained, strict=True):
            for one, other in zip(ours, theirs, strict=True):
                expected = other[: len(one)]
                # `maximum` keeps what is not a number.
                gap = np.maximum(gap, np.abs(one - expected).max() / max(1.0, np.abs(expected).max()))
    if not gap <= AGREEMENT:
        raise ModelError(
            f"the served model differs from the trained one by {gap:.1e}, and {AGREEMENT:.0e} is allowed; nothing was saved",
            hint="report this as a fault of attnclf, with its version (pip show attnclf)",
        )
