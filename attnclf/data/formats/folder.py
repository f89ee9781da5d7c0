"""Folders of texts: a folder for each label, with a file for each text."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from attnclf.config import DataConfig
from attnclf.data.encodings import encoding_of
from attnclf.data.formats.base import FORMATS, Records, Row, Start
from attnclf.data.sources import Source, sources_of
from attnclf.data.texts import open_text
from attnclf.errors import DataError

SUFFIX = ".txt"
TEXTS = (SUFFIX, ".text", ".md", "")


@FORMATS.register("folder", "a folder of texts for each label")
@dataclass(frozen=True)
class Folder:
    """Each file is a text, whose label is the name of its folder. Hidden files are left out."""

    extensions: tuple[str, ...] = ()

    def recognises(self, start: Start) -> bool:
        return False  # a folder has no bytes

    @contextmanager
    def open(self, source: Source, config: DataConfig) -> Iterator[Records]:
        if source.directory is None:
            raise DataError(f"{source.name} is a file, not a folder", hint="name the folder that holds a folder for each label")
        files = _files(source.directory)
        if not files:
            tables = sorted(path.name for path in source.directory.iterdir() if path.is_file())[:8]
            found = (
                f"name a file in it: {', '.join(tables)}" if tables else "put a folder for each label in it, with text files"
            )
            raise DataError(f"{source.name} is a folder without folders of texts (.txt) in it", hint=found)
        what = f"{len(files):,} files in {len({file.parent for file in files})} folders, one for each label"
        left = sum(path.is_file() and not path.name.startswith(".") for path in source.directory.rglob("*")) - len(files)
        remarks = (
            what + (f"; {left:,} other files are left out (deeper, beside the folders, or no {SUFFIX})" if left else ""),
        )
        yield Records(["file", "label", "text"], _rows(files, source.directory, config), remarks, unit="file")


def _files(directory: Path) -> list[Path]:
    folders = sorted(path for path in directory.iterdir() if path.is_dir() and not path.name.startswith("."))
    return [
        path
        for folder in folders
        for path in sorted(folder.iterdir())
        if path.is_file() and path.suffix.lower() in TEXTS and not path.name.startswith(".")
    ]


def _rows(files: list[Path], directory: Path, config: DataConfig) -> Iterator[Row]:
    for number, path in enumerate(files, 1):
        for source in sources_of([path]):
            with open_text(source, encoding_of(source, config.encoding).name) as stream:
                try:
                    text = "".join(iter(partial(stream.read, 1 << 20), ""))
                except UnicodeError as error:
                    problem = f"{source.name}: not {config.encoding} text"
                    raise DataError(problem, hint="leave `encoding` out, or name another") from error
            values = {"file": str(path.relative_to(directory)), "label": path.parent.name, "text": text.rstrip("\r\n")}
            yield Row(values, number)
