"""What is installed, and what works of it: the values of `attnclf doctor`."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Package:
    """A library that attnclf needs: which versions, as a requirement, and which one is there ("": none).

    `problem` says why it cannot be used; "" where it can.
    """

    name: str
    requirement: str
    version: str
    problem: str = ""


@dataclass(frozen=True)
class BackEnd:
    """A library that Keras can train with. `chosen` is true of the one that training takes.

    `devices` are the GPUs that it sees, and `reason` is why it sees none. `step` says in words where and how a step of training
    was made, `seconds` how long that took, the start of the library left out. `problem` says what failed; "" where nothing did.
    """

    name: str
    chosen: bool
    installed: bool
    version: str = ""
    devices: tuple[str, ...] = ()
    reason: str = ""
    step: str = ""
    seconds: float = 0.0
    problem: str = ""


@dataclass(frozen=True)
class Extra:
    """Something that is installed only when it is asked for: what of it is `missing`, and the `command` that installs it."""

    name: str
    missing: tuple[str, ...]
    command: str


@dataclass(frozen=True)
class Installation:
    """What this process runs on. Memory and address space are in bytes; None where nothing says how much there is.

    `gpus` are those that NVIDIA's driver names, and `driver` is why it names none.
    """

    attnclf: str
    python: str
    platform: str
    cores: int
    memory: float | None
    address_space: float | None
    gpus: tuple[str, ...]
    driver: str
    packages: tuple[Package, ...]
    back_ends: tuple[BackEnd, ...]
    extras: tuple[Extra, ...]

    @property
    def broken(self) -> tuple[str, ...]:
        """What attnclf needs and cannot use: packages, and the back end that training takes. Another back end is not needed."""
        spare = {one.name for one in self.back_ends if not one.chosen}
        packages = [package.name for package in self.packages if package.problem and package.name not in spare]
        back_ends = [one.name for one in self.back_ends if one.chosen and one.problem and one.name not in packages]
        return (*packages, *back_ends)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON, with what is broken."""
        return {**asdict(self), "broken": list(self.broken)}


def repairing(found: Installation) -> str:
    """The command that installs what is broken again, in versions that attnclf can use; "" where that is no package."""
    trains = {one.name for one in found.back_ends if one.chosen and one.problem}
    suspected = {*found.broken, *(("keras", *trains) if trains else ())}
    names = [f"'{package.requirement}'" for package in found.packages if package.name in suspected]
    return f"pip install --force-reinstall {' '.join(names)}" if names else ""
