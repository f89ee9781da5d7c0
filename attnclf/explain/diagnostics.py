"""Whether attention can explain this model at all, from what goes on inside it:

conicity         mean_t cos(x_t, x̄) of a text's states and of its values: 1 when all point one way, and then any attention
                 gives the same answer                                                                 (Mohankumar et al. 2020)
vote agreement   the share of attention on tokens whose vote (w_k − w_r)·v_t + b_k − b_r has the sign of what attention comes to
entropy          of attention, as a share of that of uniform attention, log T; texts of two tokens or more
accuracy         beside that with uniform attention, α_t = 1/T: equal when it does not matter where the model looks
                                                                                              (Wiegreffe & Pinter 2019)

k is the predicted label and r the likeliest other. Computed in NumPy, from the weights; means over texts.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.explain.sample import interval_of
from attnclf.model.reference import ForwardPass, reference
from attnclf.results import Diagnostics
from attnclf.served.model import ServedModel

MOST_PLACES = 20_000_000  # B · T² at once
TINY = 1e-12


def diagnose(served: ServedModel, texts: Sequence[str], targets: Sequence[int]) -> Diagnostics:
    """The diagnostics of a model on texts, of which `targets` are the true labels' numbers."""
    found: list[list[float]] = []
    for rows, forward in _forward_passes(served, texts):
        found += [_of_text(forward, i, targets[row]) for i, row in enumerate(rows)]
    states, values, agreement, entropy, right, uniform = np.array(found).T
    defined = entropy[np.isfinite(entropy)]
    return Diagnostics(
        texts=len(texts),
        conicity_of_states=interval_of(states),
        conicity_of_values=interval_of(values),
        vote_agreement=interval_of(agreement),
        entropy=interval_of(defined) if len(defined) else None,
        accuracy=interval_of(right),
        accuracy_uniform=interval_of(uniform),
    )


def _forward_passes(served: ServedModel, texts: Sequence[str]) -> Iterator[tuple[list[int], ForwardPass]]:
    """The model's forward of texts of like length together, with the rows that they are of."""
    architecture, weights = served.architecture, served.weights()
    with served.lock:
        ids, _ = served.reader.ids(texts)
    order = sorted(range(len(texts)), key=lambda row: len(ids[row]))
    while order:
        many = max(1, MOST_PLACES // len(ids[order[-1]]) ** 2)
        rows, order = order[-many:], order[:-many]
        with served.lock:
            inputs = served.reader.batch([ids[row] for row in rows])
        yield rows, reference(architecture, weights, inputs)


def _of_text(forward: ForwardPass, i: int, target: int) -> list[float]:
    """Conicity of states and of values, vote agreement, entropy (not a number for one token), right, right with uniform α."""
    real = forward.mask[i]
    alpha = forward.attention[i, real].astype(np.float64)
    votes, linear = forward.votes[i, real].astype(np.float64), forward.linear[i, real].astype(np.float64).sum(axis=0)
    attended = forward.pooled[i, real].astype(np.float64).sum(axis=0)
    logits = attended + linear
    k, r = np.argsort(-logits, kind="stable")[:2]
    agreement = alpha[np.sign(votes[:, k] - votes[:, r]) == np.sign(attended[k] - attended[r])].sum()
    entropy = -(alpha * np.log(alpha + TINY)).sum() / np.log(len(alpha)) if len(alpha) > 1 else np.nan
    uniform = votes.mean(axis=0) + linear
    right = [float(answer.argmax() == target) for answer in (logits, uniform)]
    return [conicity(forward.states[i, real]), conicity(forward.values[i, real]), float(agreement), float(entropy), *right]


def conicity(vectors: NDArray[np.float32]) -> float:
    """The mean cosine between vectors (T, D) and their mean."""
    mean = vectors.mean(axis=0)
    norms = np.linalg.norm(vectors, axis=1) * np.linalg.norm(mean)
    return float(np.mean(vectors @ mean / np.maximum(norms, TINY)))
