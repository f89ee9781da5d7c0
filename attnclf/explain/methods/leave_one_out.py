"""Leaving one out: how the margin changes when a token or word is deleted and the text is read again."""

from attnclf.explain.methods.base import Method, register
from attnclf.explain.removal import without
from attnclf.results import Explanation
from attnclf.served.model import ServedModel


def leave_one_out(served: ServedModel, explanation: Explanation) -> tuple[list[float], str]:
    """margin(x) − margin(x without t) for each token or word t. The margin ℓ_k − ℓ_r is the log-odds of the target."""
    text = explanation.text[: explanation.read]
    k, r = (served.labels.index(label) for label in (explanation.target, explanation.against))
    logits, _, _ = served.logits([without(text, [(token.start, token.end)]) for token in explanation.tokens])
    return [explanation.log_odds - float(row[k] - row[r]) for row in logits], ""


LEAVE_ONE_OUT = register(
    Method(
        name="loo",
        title="leaving one out",
        formula="m(x) − m(x without t)",
        caveat="one at a time: of two words that say the same, neither seems to matter",
        cost="a forward pass for each token or word",
        signed=True,
        scores=leave_one_out,
    )
)
