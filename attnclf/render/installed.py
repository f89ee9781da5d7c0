"""What is installed, and what works of it, for a terminal."""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from attnclf.results.installed import BackEnd, Installation, Package
from attnclf.visible import visible

GOOD, BAD = "", "bold red"


def table(found: Installation) -> Table:
    """A topic and what there is to say of it, line by line; what is broken in red."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for topic, what, style in _lines(found):
        grid.add_row(topic, Text(visible(what), style=style))
    return grid


def _lines(found: Installation) -> Iterator[tuple[str, str, str]]:
    yield "attnclf", found.attnclf or "of unknown version", GOOD
    yield "python", found.python, GOOD
    yield "machine", found.platform, GOOD
    yield "may use", _allowed(found), GOOD
    for gpu in found.gpus:
        yield "gpu", gpu, GOOD
    if found.driver:
        yield "gpu", found.driver if found.gpus else f"none: {found.driver}", GOOD
    broken = found.broken
    for one in found.back_ends:
        yield "back end", _back_end(one), BAD if one.problem and one.chosen else GOOD
    works = [package for package in found.packages if not package.problem]
    if works:
        yield "packages", ", ".join(f"{package.name} {package.version}" for package in works), GOOD
    for package in found.packages:
        if package.problem:
            yield "package", _package(package), BAD if package.name in broken else GOOD
    for extra in found.extras:
        yield "extra", f"{extra.name}: {extra.command}" if extra.missing else f"{extra.name}: installed", GOOD


def _allowed(found: Installation) -> str:
    cores = f"{found.cores} core{'' if found.cores == 1 else 's'}"
    memory = "an unknown amount of memory" if found.memory is None else f"{found.memory / 1e9:,.1f} GB of memory"
    limit = f", {found.address_space / 1e9:,.1f} GB of address space" if found.address_space is not None else ""
    return f"{cores}, {memory}{limit}"


def _back_end(one: BackEnd) -> str:
    name = f"{one.name} {one.version}".strip() + (" (chosen)" if one.chosen else "")
    if not one.installed and not one.problem:
        return f"{name}: not installed"
    gpus = f"sees {', '.join(one.devices)}" if one.devices else f"sees no GPU: {one.reason}" if one.reason else ""
    step = f"a step of training: {one.step}, {one.seconds:.1f} s" if one.step else ""
    return f"{name}: " + "; ".join(part for part in (gpus, step, one.problem) if part)


def _package(package: Package) -> str:
    return f"{package.name} {package.version}".strip() + f": {package.problem}"
