"""The file that keeps the finished runs of a comparison, one line for each run."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from attnclf.bundle.atomic import make_folder
from attnclf.errors import DataError
from attnclf.results import Failure, Run

START = b'{"key": '  # of a line


def begins_like(line: bytes, start: bytes) -> bool:
    """Whether a line begins like this, as far as it goes: it may be cut short."""
    return bool(line) and start.startswith(line[: len(start)])


@dataclass(frozen=True)
class RunFile:
    """A file of finished runs, one JSON line for each. A line's key identifies everything that its run depends on."""

    path: Path

    def read(self) -> tuple[dict[str, Run], list[int]]:
        """The runs that succeeded, by key, and the numbers of damaged lines, which a power cut can leave behind.

        Creates the file if it does not exist. Raises DataError if the file cannot be written, so that this is known before
        training and not after it; and for a file of something else.
        """
        runs, damaged = {}, []
        try:
            make_folder(self.path.parent)
            with self.path.open("a+b") as stream:
                stream.seek(0)
                lines = stream.read().splitlines()
        except OSError as error:
            raise DataError(f"cannot write {self.path}: {error.strerror}", hint="name another directory with -o") from error
        begins_like_ours = bool(lines) and begins_like(lines[0], START)
        for number, line in enumerate(lines, 1):
            try:
                values = json.loads(line)
                key = values.pop("key")
                if "message" not in values:
                    runs[key] = Run(**values)
            except (ValueError, KeyError, TypeError, AttributeError):
                damaged.append(number)
        if damaged and len(damaged) == len(lines) and not begins_like_ours:
            raise DataError(f"{self.path} holds no runs, but something else", hint="name another directory with -o")
        return runs, damaged

    def add(self, key: str, result: Run | Failure) -> None:
        """Appends a line and forces it to disk, so that a later crash cannot lose it. Raises DataError if this fails."""
        line = json.dumps({"key": key, **asdict(result)}, ensure_ascii=False).encode() + b"\n"
        try:
            with self.path.open("a+b") as stream:
                if stream.tell():
                    stream.seek(-1, os.SEEK_END)
                    line = line if stream.read(1) == b"\n" else b"\n" + line  # ends a line that was cut short
                stream.write(line)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise DataError(f"cannot write {self.path}: {error.strerror}", hint="is the disk full?") from error
