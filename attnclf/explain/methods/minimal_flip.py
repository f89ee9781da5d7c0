"""Minimal flip: the smallest set of tokens whose evidence the decision depends on."""

from attnclf.explain.flips import smallest_flips
from attnclf.explain.methods.base import Method, register
from attnclf.results import Explanation
from attnclf.served.model import ServedModel


def in_smallest_flip(served: ServedModel, explanation: Explanation) -> tuple[list[float], str]:
    """1 for each token of the smallest set without whose evidence another label wins, 0 for all other tokens."""
    (chosen,) = map(set, smallest_flips(served, [explanation]))
    return [float(position in chosen) for position in range(len(explanation.tokens))], ""


MINIMAL_FLIP = register(
    Method(
        name="minflip",
        title="minflip",
        formula="1 for t in the smallest S with Σ_{t∉S} e_t(k, r) < 0 for some r",
        caveat="a set found in the evidence; whether deleting it really changes the answer is tested and shown",
        cost="1 forward pass, or 2 where there are several other labels",
        signed=False,
        scores=in_smallest_flip,
    )
)
