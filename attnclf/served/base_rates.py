"""Base rates: how frequent each label is where a model is used, which may not be how frequent it was in training.

By Bayes' rule another base rate shifts every logit by the logarithm of a ratio, and nothing else changes:

    ℓ′_k = ℓ_k + log(π′_k / π_k)        π the shares of the labels in training, π′ the base rates

So evidence stays what it is, and the shift is one more term of the decision.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.errors import UsageError
from attnclf.registry import nearest

ROUNDING = 1e-6  # by which base rates of all labels may miss 1


def base_rates(labels: Sequence[str], shares: Sequence[float], asked: Mapping[str, float]) -> tuple[float, ...]:
    """The base rate of each label (K,): those `asked` for, and for the others what is left, in proportion to their `shares`.

    Raises UsageError for a label that the model does not have, for a rate that is not between 0 and 1 (both excluded), for
    rates that leave nothing or too much, and where the shares of training are not known.
    """
    for label, rate in asked.items():
        if label not in labels:
            raise UsageError(f"`prior`: the model has no label '{label}'", hint=nearest(label, labels))
        if not 0 < rate < 1:
            raise UsageError(
                f"`prior` of '{label}' is {rate:g}",
                hint="a base rate is between 0 and 1: at 0 or 1 no text could change the answer",
            )
    if not shares:
        raise UsageError("this model does not keep the shares of its labels", hint="train it again, or leave `prior` out")
    if missing := [label for label, share in zip(labels, shares, strict=True) if not share]:
        raise UsageError(f"`prior`: nothing in training was '{missing[0]}'", hint="leave `prior` out")
    left = 1 - sum(asked.values())
    others = sum(share for label, share in zip(labels, shares, strict=True) if label not in asked)
    if (others and left <= ROUNDING) or (not others and abs(left) > ROUNDING):
        rest = "more than 0 must be left for the other labels" if others else "all labels are named, so they must sum to 1"
        raise UsageError(f"`prior`: the base rates sum to {1 - left:g}", hint=rest)
    return tuple(asked[label] if label in asked else left * share / others for label, share in zip(labels, shares, strict=True))


def rates_by_label(labels: Sequence[str], shares: Sequence[float], asked: Mapping[str, float]) -> dict[str, float]:
    """The same by label, those `asked` for first, so that they are seen where labels are many. Raises as `base_rates` does."""
    found = dict(zip(labels, base_rates(labels, shares, asked), strict=True))
    return {**asked, **found}


def log_shift(shares: Sequence[float], rates: Sequence[float]) -> NDArray[np.float64]:
    """What the base rates add to each logit: log(π′ / π), (K,)."""
    return np.asarray(np.log(np.asarray(rates) / np.asarray(shares)), np.float64)
