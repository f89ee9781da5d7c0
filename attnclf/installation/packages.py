"""The packages that attnclf requires: which are there, in which version, and whether they can be imported."""

from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING

from attnclf.installation.children import ask
from attnclf.results.installed import Extra, Package

if TYPE_CHECKING:
    from packaging.requirements import Requirement

MODULES = {"scikit-learn": "sklearn", "backports.zstd": "backports.zstd"}  # the others have the name of their package
TRIED_ELSEWHERE = ("keras", "tensorflow")  # with each back end
FOR_DEVELOPERS = ("bench", "dev", "serve-dev")


def needed(requirements: Sequence[str]) -> list["Requirement"]:
    """Those of the requirements that hold here without any extra."""
    return [one for one in map(_parsed, requirements) if _holds(one, "")]


def tried(requirements: Sequence["Requirement"]) -> tuple[Package, ...]:
    """What is there of them, imported one after the other in a process of its own."""
    modules = {one.name: MODULES.get(one.name, one.name.replace("-", "_")) for one in requirements}
    there = [one for one in requirements if not _lack(one)]
    asked = [modules[one.name] for one in there if one.name not in TRIED_ELSEWHERE]
    problems: dict[str, str] = {}
    while asked:  # again from behind a module that ends the process
        said, how = ask(["packages", *asked])
        problems |= {str(line["module"]): str(line["problem"]) for line in said}
        left = [module for module in asked if module not in problems]
        if left:
            problems[left[0]] = how or "it was not tried"
        asked = left[1:]
    return tuple(
        Package(one.name, _plain(one), _version(one.name), _lack(one) or problems.get(modules[one.name], ""))
        for one in requirements
    )


def extras_of(requirements: Sequence[str]) -> tuple[Extra, ...]:
    """The extras that these requirements name, but for those of developers."""
    parsed = [one for one in map(_parsed, requirements) if one.marker]
    names = sorted({name for one in parsed for name in _extras_in(str(one.marker))} - set(FOR_DEVELOPERS))
    return tuple(
        Extra(name, tuple(_missing([one for one in parsed if _holds(one, name) and not _holds(one, "")])), _command(name))
        for name in names
    )


def _missing(requirements: Sequence["Requirement"]) -> Iterator[str]:
    """What is not there of these, and of the extras of theirs that they name."""
    for one in requirements:
        if _lack(one):
            yield _plain(one)
        elif one.extras:
            inner = map(_parsed, requires(one.name) or [])
            yield from _missing(
                [dep for dep in inner if any(_holds(dep, extra) for extra in one.extras) and not _holds(dep, "")]
            )


def _lack(one: "Requirement") -> str:
    """What is wrong with what is installed of it, without importing it."""
    found = _version(one.name)
    if not found:
        return "it is not installed"
    return "" if one.specifier.contains(found, prereleases=True) else f"{found} is installed, and attnclf needs {one.specifier}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _command(extra: str) -> str:
    return f"pip install 'attnclf[{extra}]'"


def _parsed(requirement: str) -> "Requirement":
    from packaging.requirements import Requirement

    return Requirement(requirement)


def _holds(one: "Requirement", extra: str) -> bool:
    return one.marker is None or one.marker.evaluate({"extra": extra})


def _extras_in(marker: str) -> list[str]:
    """The extras that a marker names: `extra == "plot"`."""
    words = marker.replace("(", " ").replace(")", " ").split()
    return [words[place + 2].strip("\"'") for place, word in enumerate(words[:-2]) if word == "extra"]


def _plain(one: "Requirement") -> str:
    """The requirement without its marker."""
    extras = f"[{','.join(sorted(one.extras))}]" if one.extras else ""
    return f"{one.name}{extras}{one.specifier}"
