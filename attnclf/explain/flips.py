"""The smallest set of tokens or words without whose evidence another label wins:

    min |S| over sets S and labels r ≠ k with  Σ_{t∉S} e_t(k, r) < 0

For one label r, take the tokens with the most evidence until the rest sums to less than 0. No smaller set does this, because
no set of n tokens has a larger sum than the top n. So the smallest of these sets over all r is the smallest of all.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.explain.aggregate import of_units
from attnclf.results import Explanation
from attnclf.served.model import Scored, ServedModel


def smallest_flips(served: ServedModel, explanations: Sequence[Explanation]) -> list[list[int]]:
    """For each explanation, the positions of the smallest set, the token with the most evidence first.

    The set may flip the target to any other label, or only to `against` if that was asked for. It is empty if another label
    wins from the start, or if no label wins while at least one token is left.
    """
    scored = iter(served.scored([e.text for e in explanations if not e.one_rival]))
    return [_fewest(*(_evidence(e) if e.one_rival else _evidence_against_all(served, e, next(scored)))) for e in explanations]


Evidence = tuple[NDArray[np.float64], NDArray[np.float64]]  # of tokens (T, R) against R labels, and of the base rates (R,)


def _evidence(explanation: Explanation) -> Evidence:
    """Evidence against the one label `against`."""
    return np.array([[token.evidence] for token in explanation.tokens]), np.array([explanation.prior])


def _evidence_against_all(served: ServedModel, explanation: Explanation, scored: Scored) -> Evidence:
    """Evidence against every other label, the most likely label first."""
    k = served.labels.index(explanation.target)
    ranked = np.argsort(-scored.logits, kind="stable")
    others = ranked[ranked != k]
    contributions = of_units(explanation, scored.encoded.spans, scored.contributions.astype(np.float64))
    return contributions[:, [k]] - contributions[:, others], (scored.prior[k] - scored.prior[others]).astype(np.float64)


def _fewest(evidence: NDArray[np.float64], prior: NDArray[np.float64] | float = 0.0) -> list[int]:
    """The smallest set, from evidence (T, R) against R labels. Of the base rates' share (R,) nothing can be left out.

    If several labels need equally many tokens, the first wins.
    """
    total = evidence.sum(axis=0) + prior
    if len(evidence) < 2 or (total < 0).any():
        return []
    order = np.argsort(-evidence, axis=0, kind="stable")
    rest = total - np.cumsum(np.take_along_axis(evidence, order, axis=0), axis=0)[:-1]  # at least one token must be left
    sizes = np.where((rest < 0).any(axis=0), (rest < 0).argmax(axis=0) + 1, len(evidence))
    r = int(sizes.argmin())
    return order[: sizes[r], r].tolist() if sizes[r] < len(evidence) else []
