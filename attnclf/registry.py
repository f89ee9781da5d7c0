"""Names for interchangeable parts: a decorator that registers a part, and a lookup that suggests the nearest name."""

import dataclasses
import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar, cast

from attnclf.errors import UsageError

T = TypeVar("T")
P = TypeVar("P", bound=Callable[..., object])


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the closest known name, or lists all of them when none is close.

    >>> nearest("aditive", ["additive", "dot"])
    "did you mean 'additive'?"
    """
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    return f"did you mean '{close[0]}'?" if close else f"known: {', '.join(names)}"


class Registry(Generic[T]):
    """Maps names to the classes of one kind of part (such as attention mechanisms), and to one line on what each does."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.meanings: dict[str, str] = {}
        self._parts: dict[str, Any] = {}

    def register(self, name: str, meaning: str) -> Callable[[P], P]:
        """Class decorator that makes the part available under `name`."""

        def add(part: P) -> P:
            self._parts[name], self.meanings[name] = part, meaning
            return part

        return add

    def __getitem__(self, name: str) -> Callable[..., T]:
        if name not in self._parts:
            raise UsageError(f"there is no {self.kind} named '{name}'", hint=nearest(name, self._parts))
        return cast(Callable[..., T], self._parts[name])

    def names(self) -> list[str]:
        """All registered names, in the order of registration."""
        return list(self._parts)

    def make(self, name: str, settings: Mapping[str, Any]) -> T:
        """An instance of the part called `name`, a dataclass. Settings that it has no field for are left out."""
        return self[name](**{key: value for key, value in settings.items() if key in self.settings_of(name)})

    def settings_of(self, name: str) -> set[str]:
        """The names of the settings of the part called `name`: its fields."""
        return {field.name for field in dataclasses.fields(cast(Any, self[name]))}
