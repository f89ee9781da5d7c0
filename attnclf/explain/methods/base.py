"""What an explanation method is: the number that it gives each token, what that costs, and what it does not say.

All methods answer the same question: why the log-odds of the target against another label are what they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from attnclf.results import Explanation
from attnclf.served.model import ServedModel

Scorer = Callable[[ServedModel, Explanation], tuple[Sequence[float], str]]
"""A number for each token of an explanation, and a remark for its reader, or "" """


@dataclass(frozen=True)
class Method:
    """A method by the `name` that `--method` takes and the `title` that readers see.

    `signed` says that negative numbers speak for the other label. `scores` is None where every explanation has the numbers
    already. `keras` says that the method needs gradients, and so Keras.
    """

    name: str
    title: str
    formula: str
    caveat: str
    cost: str
    signed: bool
    scores: Scorer | None = None
    keras: bool = False


METHODS: dict[str, Method] = {}


def register(method: Method) -> Method:
    """Makes a method available under its name."""
    METHODS[method.name] = method
    return method
