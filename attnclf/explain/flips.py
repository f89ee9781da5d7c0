"""The fewest tokens or words without whose evidence another label wins:

    min |S| over sets S and labels r ≠ k with  Σ_{t∉S} e_t(k, r) < 0

Against one r these are the tokens with the most evidence, taken until what is left is negative. No smaller set does it, since
these hold the largest sums there are; so the fewest over all r are the fewest there are.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.explain.aggregate import of_units
from attnclf.results import Explanation
from attnclf.served.model import Scored, ServedModel


def smallest_flips(served: ServedModel, explanations: Sequence[Explanation]) -> list[list[int]]:
    """For each explanation of its target the positions of these tokens, the one with the most evidence first; against any other
    label, or the one it was asked to be against. Empty where another label wins from the start, or none does before nothing is
    left."""
    scored = iter(served.scored([e.text for e in explanations if not e.one_rival]))
    return [_fewest(_evidence(e) if e.one_rival else _evidence_against_all(served, e, next(scored))) for e in explanations]


def _evidence(explanation: Explanation) -> NDArray[np.float64]:
    """(T, 1) against the label that the explanation is against."""
    return np.array([[token.evidence] for token in explanation.tokens])


def _evidence_against_all(served: ServedModel, explanation: Explanation, scored: Scored) -> NDArray[np.float64]:
    """(T, K − 1) against every other label, the likeliest first."""
    k = served.labels.index(explanation.target)
    ranked = np.argsort(-scored.logits, kind="stable")
    others = ranked[ranked != k]
    contributions = of_units(explanation, scored.encoded.spans, scored.contributions.astype(np.float64))
    return contributions[:, [k]] - contributions[:, others]


def _fewest(evidence: NDArray[np.float64]) -> list[int]:
    """Of evidence (T, R) against R labels; of labels that take as many tokens the first."""
    total = evidence.sum(axis=0)
    if len(evidence) < 2 or (total < 0).any():
        return []
    order = np.argsort(-evidence, axis=0, kind="stable")
    rest = total - np.cumsum(np.take_along_axis(evidence, order, axis=0), axis=0)[:-1]  # one token at least must be left
    sizes = np.where((rest < 0).any(axis=0), (rest < 0).argmax(axis=0) + 1, len(evidence))
    r = int(sizes.argmin())
    return order[: sizes[r], r].tolist() if sizes[r] < len(evidence) else []
