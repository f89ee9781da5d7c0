"""The interface of a lesson: its settings, its quick form, and what it teaches.

A lesson is a frozen dataclass whose fields are its settings. A new one needs a file in this folder and no other edit.
"""

from collections.abc import Mapping
from typing import ClassVar, cast

from attnclf.errors import UsageError
from attnclf.model.mechanisms import MECHANISMS
from attnclf.model.mechanisms.base import Querying
from attnclf.registry import Registry
from attnclf.results import OnEvent
from attnclf.results.lessons import Taught, Value


class Lesson:
    """Base class. A lesson is a frozen dataclass with `teach`, and a field `seed`.

    * `minutes`: how long it takes in full on two cores, rounded up.
    * `quick`: the settings of its quick form, which takes a minute at most on one core.

    A lesson whose attention can be chosen has a field `attention`, the name of a mechanism, and refuses one that makes no sense
    when it is made.
    """

    minutes: ClassVar[int]
    quick: ClassVar[Mapping[str, Value]]
    seed: int

    def teach(self, on_event: OnEvent) -> Taught:
        """Makes the data, trains the models, measures them and shows what they look at. Only this imports Keras."""
        raise NotImplementedError


LESSONS: Registry[Lesson] = Registry("lesson")


def minutes_of(name: str) -> int:
    """How long the lesson called `name` takes in full."""
    return cast(type[Lesson], LESSONS[name]).minutes


def asking(name: str, units: int) -> Querying:
    """The mechanism called `name`, for a decoder that asks at every step. Raises UsageError for one without a query."""
    mechanism = MECHANISMS.make(name, {"units": units})
    if isinstance(mechanism, Querying):
        return mechanism
    able = [other for other in MECHANISMS.names() if isinstance(MECHANISMS.make(other, {}), Querying)]
    raise UsageError(
        f"`attention={name}` has no query, and a decoder asks at every step", hint=f"with a query: {', '.join(able)}"
    )
