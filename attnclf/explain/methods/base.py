"""What an explanation method is: the number that it gives each token, what that costs, and what it does not say.

A new method is one file in this folder and no other edit. All methods answer the same question: why are the log-odds of the
target against another label what they are?
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from attnclf.results import Explanation
from attnclf.served.model import ServedModel

Scorer = Callable[[ServedModel, Explanation], tuple[Sequence[float], str]]
"""Gives a score for each token of an explanation, and a remark for the reader, which may be empty."""


@dataclass(frozen=True)
class Method:
    """An explanation method: `--method` takes its `name`, readers see its `title`, and tables its short `label`.

    `signed` is true if negative scores support the other label. `scores` is None if every explanation already has the scores.
    `keras` is true if the method needs gradients, and therefore Keras. `offered` is false for what is derived from other
    methods, and is not a `--method` of its own.
    """

    name: str
    title: str
    formula: str
    caveat: str
    cost: str
    signed: bool
    scores: Scorer | None = None
    keras: bool = False
    label: str = ""
    offered: bool = True


METHODS: dict[str, Method] = {}


def register(method: Method) -> Method:
    """Makes a method available under its name."""
    METHODS[method.name] = method
    return method


def label_of(name: str) -> str:
    """How tables call the method of this name; the name itself for what is no method, such as random orders."""
    return METHODS[name].label or name if name in METHODS else name
