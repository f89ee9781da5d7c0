"""The interface of a lesson: its settings, its quick form, and what it teaches.

A lesson is a frozen dataclass whose fields are its settings. A new one needs a file in this folder and no other edit.
"""

import inspect
import re
import sys
from collections.abc import Mapping
from typing import ClassVar, cast

from attnclf.errors import UsageError
from attnclf.model.mechanisms import MECHANISMS, Mechanism
from attnclf.model.mechanisms.base import Querying
from attnclf.registry import Registry, nearest
from attnclf.results import OnEvent
from attnclf.results.lessons import Taught, Value


class Lesson:
    """Base class. A lesson is a frozen dataclass with `teach`, and a field `seed`.

    * `minutes`: how long it takes in full on one idle core, rounded up.
    * `quick`: the settings of its quick form, which takes a minute at most on one core.
    * `left_out`: what that form does not train, by the setting of it that says so.
    * `saves`: whether it gives weights that a classifier can begin with.
    * `choices`: what its field `attention` may be, if it has that field.

    The docstring of its module is its text.
    """

    minutes: ClassVar[int]
    saves: ClassVar[bool] = False
    choices: ClassVar[tuple[str, ...]] = ()
    quick: ClassVar[Mapping[str, Value]]
    left_out: ClassVar[Mapping[str, str]] = {}
    seed: int

    def teach(self, on_event: OnEvent) -> Taught:
        """Makes the data, trains the models, measures them and shows what they look at. Only this imports Keras."""
        raise NotImplementedError


LESSONS: Registry[Lesson] = Registry("lesson")

SYMBOLS = {  # by what shows that a text uses one
    r"\[[^\]]* ; ": "[a ; b] is the vector a with b behind it",
    "⊙": "⊙ multiplies two vectors number by number",
    r"σ\(": "σ(x) = 1 / (1 + e⁻ˣ)",
    r"(?i)\brelu": "relu(x) = max(0, x)",
    r"\bgelu\b": "gelu(x) = x Φ(x), where Φ is the normal distribution function: a relu without its corner",
    r"\bLN\b": "LN is layer normalisation: the numbers of a vector, shifted and scaled to mean 0 and deviation 1",
    r"\bFFN\b": "FFN(x) = W₂ max(0, W₁ x + b₁) + b₂",
}


def minutes_of(name: str) -> int:
    """How long the lesson called `name` takes in full on one idle core."""
    return cast(type[Lesson], LESSONS[name]).minutes


def text_of(name: str) -> str:
    """What the lesson called `name` teaches, in the words of its own docstring, and what the symbols in it mean."""
    told = inspect.getdoc(sys.modules[LESSONS[name].__module__]) or ""
    told = re.sub(r"^`\w+`: ", "", told)
    used = [meaning for symbol, meaning in SYMBOLS.items() if re.search(symbol, told)]
    symbols = f"\n\n**Symbols.** {'. '.join(used)}." if used else ""
    return told[:1].upper() + told[1:] + symbols


def shortened(lesson: Lesson) -> tuple[dict[str, Value], list[str]]:
    """What the quick form of a lesson has in place of the settings of the full form, and in words what it does not train."""
    kept = {setting: value for setting, value in lesson.quick.items() if getattr(lesson, setting) == value}
    return (
        {setting: value for setting, value in kept.items() if setting not in lesson.left_out},
        [what for setting, what in lesson.left_out.items() if setting in kept],
    )


def with_a_choice() -> list[str]:
    """The lessons whose attention can be chosen."""
    return [name for name in LESSONS.names() if cast(type[Lesson], LESSONS[name]).choices]


def check_choice(name: str, attention: str) -> None:
    """Raises UsageError if the lesson called `name` does not have this attention."""
    choices = cast(type[Lesson], LESSONS[name]).choices
    if not choices:
        others = ", ".join(with_a_choice())
        raise UsageError(f"in the lesson {name} there is no `attention` to choose", hint=f"leave it out; it is for {others}")
    if attention not in choices:
        raise UsageError(f"the lesson {name} has no `attention={attention}`", hint=nearest(attention, choices))


def check_saves(name: str) -> None:
    """Raises UsageError if the lesson called `name` has no weights to save."""
    if not cast(type[Lesson], LESSONS[name]).saves:
        able = [other for other in LESSONS.names() if cast(type[Lesson], LESSONS[other]).saves]
        raise UsageError(f"the lesson {name} has no weights to `save`", hint=f"lessons that have some: {', '.join(able)}")


def asking(name: str, units: int) -> Mechanism:
    """The mechanism called `name`, one of `ASKING`, for a decoder that asks at every step."""
    return MECHANISMS.make(name, {"units": units})


ASKING = tuple(name for name in MECHANISMS.names() if isinstance(MECHANISMS.make(name, {}), Querying))
