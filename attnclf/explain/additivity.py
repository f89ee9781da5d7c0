"""Additivity: whether evidence, as users see it, sums to the log-odds."""

from collections.abc import Iterable

from attnclf.errors import AttnclfError
from attnclf.explain.explainer import explain
from attnclf.results import Explanation
from attnclf.served.model import ServedModel
from attnclf.served.prediction import windows

AT_ONCE = 512  # texts explained together
ADDITIVITY = 1e-4  # allowed gap, as a share of the largest |evidence| of a token, or of 1 if that is larger


class NotAdditive(AttnclfError):
    """Evidence does not sum to the log-odds: a bug in the program, which makes every figure about evidence meaningless."""


def check_additivity(served: ServedModel, texts: Iterable[str]) -> float:
    """The largest |Σ evidence − log-odds| over all texts, computed from the evidence as users see it.

    The texts are streamed. Raises NotAdditive if the gap of a text is more than rounding: more than 1e-4 of the largest
    |evidence| of its tokens, or of 1 if that is larger.
    """
    labels = len(served.labels)
    batches = windows(texts, lambda text: len(text) * labels, AT_ONCE)
    return max((additivity_gap(e) for batch in batches for e in explain(served, batch)), default=0.0)


def additivity_gap(explanation: Explanation) -> float:
    """|Σ evidence − log-odds| of one explanation; base rates count as evidence. Raises NotAdditive if it is not rounding."""
    evidence = [token.evidence for token in explanation.tokens]
    gap = abs(sum(evidence) + explanation.prior - explanation.log_odds)
    if not gap <= ADDITIVITY * max(1.0, *map(abs, evidence)):  # `not <=` also catches NaN
        raise NotAdditive(
            f"evidence misses the log-odds by {gap:.1e}",
            hint="report this as a fault of attnclf, with its version (pip show attnclf)",
        )
    return gap
