"""Names for interchangeable parts: a decorator to register one, a lookup that suggests the nearest name."""

import dataclasses
import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar, cast

from attnclf.errors import UsageError

T = TypeVar("T")
P = TypeVar("P", bound=Callable[..., object])


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that points at the closest known name, or lists them all.

    >>> nearest("aditive", ["additive", "dot"])
    "did you mean 'additive'?"
    """
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    return f"did you mean '{close[0]}'?" if close else f"known: {', '.join(names)}"


class Registry(Generic[T]):
    """Maps names to classes of one kind of part (an attention mechanism, an encoder), and to what they do in one line."""

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
        """Every registered name, in the order of registration."""
        return list(self._parts)

    def make(self, name: str, settings: Mapping[str, Any]) -> T:
        """The part called `name`, a dataclass, with those of the settings that it has fields for."""
        return self[name](**{key: value for key, value in settings.items() if key in self.settings_of(name)})

    def settings_of(self, name: str) -> set[str]:
        """The names of its fields."""
        return {field.name for field in dataclasses.fields(cast(Any, self[name]))}
