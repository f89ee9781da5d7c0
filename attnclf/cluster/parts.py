"""The files of a large run: which file is read, which is written for it, and which are finished."""

import glob
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from attnclf.bundle.atomic import write_through
from attnclf.data.addresses import masked
from attnclf.data.formats import written_as
from attnclf.errors import AttnclfError, DataError, DeviceError, UsageError
from attnclf.served.unread import Unread

MANIFEST = ".attnclf-labelled.json"  # hidden: those who read the folder's files need not know it
RETRIES = 5  # of a part whose worker died: one that kills its workers must come to an end
LINES = (".txt", "")  # files of texts, whose answers are lines, too


@dataclass(frozen=True)
class Part:
    """A file, by its path or address, and the file that is written for it."""

    source: str
    target: Path

    @property
    def at_address(self) -> bool:
        """Whether the source is an address, of which nobody knows when it was changed."""
        return "://" in self.source

    @property
    def finished(self) -> bool:
        """Whether the target is there, which appears whole. `claim` removes one that another state of the source made."""
        return self.target.exists()

    @property
    def shown(self) -> str:
        """The source, as it is said and written."""
        return masked(self.source)

    @property
    def state(self) -> dict[str, str | int]:
        """What is noted of the source: of a file, its size and the time of its last change too."""
        try:
            found = Path(self.source).stat()
        except OSError:  # an address, or a file of which its worker will say that it is gone
            return {"source": self.shown}
        return {"source": self.shown, "size": found.st_size, "mtime_ns": found.st_mtime_ns}


@dataclass(frozen=True)
class Outcome:
    """What became of a part: its texts as `unread` counts them, and what was `told` meanwhile.

    `error` is why the part was not written.
    """

    unread: Unread = field(default_factory=Unread)
    told: tuple[str, ...] = ()
    error: AttnclfError | None = None


Work = Callable[[Part], Outcome]


def died(part: Part, times: int) -> Outcome:
    """The outcome of a part whose worker died so many times."""
    what = f"{part.shown}: the process that labelled it died {times} times"
    return Outcome(error=DataError(what, hint="is it too large for the memory? split it"))


def broken(engine: str, said: str) -> DeviceError:
    """The error of an engine that cannot go on. The last line of what it `said` tells why, after pages of where."""
    why = next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "it does not say why")
    return DeviceError(f"{engine} stopped: {why}", hint="the same command goes on from the files that are finished")


def parts_of(names: Sequence[str], folder: Path) -> list[Part]:
    """A part for each file that the names, globs and addresses name, once. Folders within the folder keep files apart that have
    the same name.

    A file keeps its format where that can be written, and becomes CSV where not. Raises DataError for a name that is of no
    file, and UsageError for standard input, a folder, and a target that is its source.
    """
    sources = list(dict.fromkeys(source for name in names for source in _sources(name)))
    local = [source for source in sources if "://" not in source]
    root = os.path.commonpath([os.path.dirname(source) for source in local]) if local else ""  # noqa: PTH120
    parts = [Part(source, folder / _target(source, root)) for source in sources]
    sources_by_target: dict[Path, str] = {}
    for part in parts:
        if other := sources_by_target.get(part.target):
            raise UsageError(f"{other} and {part.shown} would both be written to {part.target}", hint="rename one of them")
        sources_by_target[part.target] = part.shown
        if part.target.absolute() == Path(part.source):
            raise UsageError(f"{part.target} would replace the file that is read", hint="name another folder with -o")
    return parts


def _sources(name: str) -> Iterable[str]:
    if name == "-":
        raise UsageError("standard input is no file that workers can share", hint="name files with -f")
    if "://" in name:
        return [name]
    path = Path(name)
    if path.is_dir():
        raise UsageError(f"'{name}' is a folder", hint=f"name its files: -f '{name.rstrip('/')}/*.parquet'")
    found = [name] if path.exists() else sorted(glob.glob(name, recursive=True))  # noqa: PTH207
    files = [str(Path(one).absolute()) for one in found if Path(one).is_file()]
    if not files:
        raise DataError(f"{name} {'matches no file' if glob.has_magic(name) else 'does not exist'}", hint="check the path")
    return files


def _target(source: str, root: str) -> str:
    name = PurePosixPath(source).name if "://" in source else os.path.relpath(source, root)
    try:
        written = written_as(Path(name))
    except UsageError:
        written = ""
    return name if written or Path(name).suffix.lower() in LINES else f"{name}.csv"


def claim(folder: Path, asked: Mapping[str, Any], parts: Sequence[Part]) -> int:
    """Makes the folder one of this run, which is described by `asked`, plain values, and notes what each file is made from.

    A file that an earlier call made from another state of its source, or before states were noted, is removed: how many.
    Raises UsageError for a folder whose files another run has written: one with another model or other options, or of other
    files of the same names; and for one that is no run's. Raises DataError where nothing can be written.
    """
    path = folder / MANIFEST
    try:
        made = {str(part.target.absolute().relative_to(folder.absolute())): part.state for part in parts}
        folder.mkdir(parents=True, exist_ok=True)
        there = [one for one in folder.iterdir() if not one.name.startswith(MANIFEST)]
        run = _run_of(path) if there else None  # one that has written nothing is forgotten
        if there and run is None:
            what = f"'{folder}' holds files that are of no run of many files, such as {min(there).name}"
            raise UsageError(what, hint="name a new folder with -o")
        files = run.pop("files", {}) if run else {}
        if run and run != json.loads(json.dumps(asked)):
            what = f"'{folder}' holds files that another model labelled, or other options"
            raise UsageError(what, hint="name another folder with -o, or remove this one")
        noted = {target: _state_of(values) for target, values in files.items()}
        for target, state in made.items():
            if (before := noted.get(target, state)["source"]) not in ("", state["source"]):
                what = f"{target} in '{folder}' was made from {before}, and not from {state['source']}"
                raise UsageError(what, hint="name another folder with -o")
        changed = [folder / target for target, state in made.items() if noted.get(target) != state]
        removed = [file for file in changed if file.exists()]
        for file in removed:
            file.unlink()  # before the new state is noted, which it would be taken to be of
        content = json.dumps({**asked, "files": files | made}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        if run is None or files != files | made:
            beside = folder / f"{MANIFEST}.new"
            beside.unlink(missing_ok=True)  # of a run that was killed
            write_through(beside, content.encode())
            beside.replace(path)
    except OSError as error:
        raise DataError(f"cannot write to '{folder}': {error.strerror}", hint="name another folder with -o") from error
    return len(removed)


def _state_of(values: Any) -> dict[str, Any]:
    """What a manifest notes of a source; older runs noted its name alone."""
    return {"source": "", **values} if isinstance(values, dict) else {"source": masked(str(values or ""))}


def _run_of(manifest: Path) -> dict[str, Any] | None:
    """What a run said of itself; None where there was none. One that cannot be read is like no other."""
    try:
        found = json.loads(manifest.read_text(encoding="utf-8", errors="replace"))
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError):
        return {"damaged": True}
    return found if isinstance(found, dict) and isinstance(found.get("files", {}), dict) else {"damaged": True}
