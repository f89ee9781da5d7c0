"""Diagnostics from inside the model: whether attention can explain it at all.

conicity         mean_t cos(x_t, x̄), once over a text's states h and once over its values v. 1 means that all vectors point
                 the same way, and then any attention gives the same answer                            (Mohankumar et al. 2020)
vote agreement   the share of attention on tokens whose vote (w_k − w_r)·v_t + b_k − b_r has the same sign as attention's part
                 of the margin, (w_k − w_r)·c + b_k − b_r
entropy          the entropy of attention as a share of the entropy of uniform attention, log T; only for texts of two tokens
                 or more
accuracy         the model's accuracy, and its accuracy with uniform attention, α_t = 1/T. If both are equal, it does not
                 matter where the model looks                                                    (Wiegreffe & Pinter 2019)

k is the predicted label and r the second most likely one. Everything is computed in NumPy from the weights and averaged over
texts.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.explain.sample import interval_of
from attnclf.model.reference import ForwardPass, reference
from attnclf.results import Diagnostics
from attnclf.served.model import ServedModel

MOST_PLACES = 20_000_000  # the largest B · T² of one batch
TINY = 1e-12


def diagnose(served: ServedModel, texts: Sequence[str], targets: Sequence[int]) -> Diagnostics:
    """The diagnostics of a model on `texts`; `targets` are the indices of their true labels."""
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
    """Batches of texts of similar length: the row numbers of the texts, and the forward pass over them."""
    architecture, weights = served.architecture, served.weights()
    with served.lock:
        lengths = served.reader.ids(texts)[0].lengths
    order = np.argsort(lengths, kind="stable").tolist()
    while order:
        batch_size = max(1, MOST_PLACES // int(lengths[order[-1]]) ** 2)
        rows, order = order[-batch_size:], order[:-batch_size]
        with served.lock:  # ids are read again, since another thread may have made the reader forget
            inputs = served.reader.batch(served.reader.ids([texts[row] for row in rows])[0])
        yield rows, reference(architecture, weights, inputs)


def _of_text(forward: ForwardPass, i: int, target: int) -> list[float]:
    """The six numbers of row `i`, in the order of the fields of `Diagnostics`.

    Entropy is NaN for a text of one token. The last two are 1 if the prediction is right, without and with uniform α.
    """
    real = forward.mask[i]
    alpha = forward.alpha[i, real].astype(np.float64)
    votes, linear = forward.votes[i, real].astype(np.float64), forward.linear[i].astype(np.float64).sum(axis=0)
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
