"""Additivity: whether evidence, as users see it, sums to the log-odds."""

from collections.abc import Iterable

import numpy as np

from attnclf.errors import AttnclfError
from attnclf.explain.explainer import explain
from attnclf.results import Explanation
from attnclf.served.model import ServedModel
from attnclf.served.prediction import windows

AT_ONCE = 512  # texts explained together
ADDITIVITY = 1e-4  # allowed gap, as a share of the largest |evidence| of a token, or of 1 if that is larger
# Log-odds are of logits, sums of T numbers in float32: each addition rounds by up to this share of what is added up. Measured:
# up to two fifths of the bound on texts of 20,000 to 100,000 words, some of them one word repeated.
ROUNDING = float(np.finfo(np.float32).eps) / 2


class NotAdditive(AttnclfError):
    """Evidence does not sum to the log-odds: a bug in the program, which makes every figure about evidence meaningless."""


def check_additivity(served: ServedModel, texts: Iterable[str]) -> float:
    """The largest |Σ evidence − log-odds| over all texts, computed from the evidence as users see it.

    The texts are streamed. Raises NotAdditive if the gap of a text is more than rounding: more than 1e-4 of the largest
    |evidence| of its tokens, or of 1 if that is larger, and for each token 6e-8 of Σ |evidence|, or of 1.
    """
    labels = len(served.labels)
    batches = windows(texts, lambda text: len(text) * labels, AT_ONCE)
    return max((additivity_gap(e) for batch in batches for e in explain(served, batch)), default=0.0)


def additivity_gap(explanation: Explanation) -> float:
    """|Σ evidence − log-odds| of one explanation; base rates count as evidence. Raises NotAdditive if it is not rounding."""
    evidence = [token.evidence for token in explanation.tokens]
    gap = abs(sum(evidence) + explanation.prior - explanation.log_odds)
    sizes = list(map(abs, evidence))
    if not gap <= ADDITIVITY * max(1.0, *sizes) + ROUNDING * len(sizes) * max(1.0, sum(sizes)):  # `not <=` also catches NaN
        raise NotAdditive(
            f"evidence misses the log-odds by {gap:.1e}",
            hint="report this as a fault of attnclf, with its version (pip show attnclf)",
        )
    return gap
