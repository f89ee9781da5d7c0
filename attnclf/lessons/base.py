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
    * `saves`: whether it gives weights that a classifier can begin with.

    A lesson whose attention can be chosen has a field `attention`, the name of a mechanism, and refuses one that makes no sense
    when it is made.
    """

    minutes: ClassVar[int]
    saves: ClassVar[bool] = False
    quick: ClassVar[Mapping[str, Value]]
    seed: int

    def teach(self, on_event: OnEvent) -> Taught:
        """Makes the data, trains the models, measures them and shows what they look at. Only this imports Keras."""
        raise NotImplementedError


LESSONS: Registry[Lesson] = Registry("lesson")


def minutes_of(name: str) -> int:
    """How long the lesson called `name` takes in full."""
    return cast(type[Lesson], LESSONS[name]).minutes


def check_saves(name: str) -> None:
    """Raises UsageError if the lesson called `name` has no weights to save."""
    if not cast(type[Lesson], LESSONS[name]).saves:
        able = [other for other in LESSONS.names() if cast(type[Lesson], LESSONS[other]).saves]
        raise UsageError(f"the lesson {name} has no weights to `save`", hint=f"lessons that have some: {', '.join(able)}")


def asking(name: str, units: int) -> Querying:
    """The mechanism called `name`, for a decoder that asks at every step. Raises UsageError for one without a query."""
    mechanism = MECHANISMS.make(name, {"units": units})
    if isinstance(mechanism, Querying):
        return mechanism
    able = [other for other in MECHANISMS.names() if isinstance(MECHANISMS.make(other, {}), Querying)]
    raise UsageError(
        f"`attention={name}` has no query, and a decoder asks at every step", hint=f"with a query: {', '.join(able)}"
    )
