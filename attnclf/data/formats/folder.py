"""Folders of texts: a folder for each label, with a file for each text; in a directory or in an archive."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from attnclf.config import DataConfig
from attnclf.data.encodings import encoding_of
from attnclf.data.formats.base import FORMATS, Records, Row, Start, opening
from attnclf.data.sources import Source, sources_of
from attnclf.data.texts import no_text, open_text
from attnclf.errors import DataError
from attnclf.results import counted

File = tuple[PurePosixPath, Path | Source]
"""A file by its path in the folder."""
SUFFIX = ".txt"
TEXTS = (SUFFIX, ".text", ".md", "")


@FORMATS.register("folder", "a folder of texts for each label")
@dataclass(frozen=True)
class Folder:
    """Each file is a text, whose label is the name of its folder. Hidden files are left out."""

    extensions: tuple[str, ...] = ()

    def recognises(self, start: Start) -> bool:
        return False  # a folder has no bytes

    @opening("encoding")
    def open(self, source: Source, config: DataConfig) -> Iterator[Records]:
        if source.directory is None and not source.files:
            raise DataError(f"{source.name} is a file, not a folder", hint="name the folder that holds a folder for each label")
        files = _in_directory(source.directory) if source.directory else _in_archive(source.files)
        texts = list(filter(_is_text, files))
        if not texts:
            tables = [path.name for path, _ in files if len(path.parts) == 1][:8]
            found = (
                f"name a file in it: {', '.join(tables)}" if tables else "put a folder for each label in it, with text files"
            )
            raise DataError(f"{source.name} is a folder without folders of texts (.txt) in it", hint=found)
        what = f"{len(texts):,} files in {len({path.parent for path, _ in texts})} folders, one for each label"
        left = len(files) - len(texts)
        remarks: tuple[str, ...] = (
            what + (f"; {left:,} other files are left out (deeper, beside the folders, or no {SUFFIX})" if left else ""),
        )
        encodings = [encoding_of(source, config.encoding) for _, file in texts for source in _sources(file)]
        said = Counter(encoding.remark for encoding in encodings if encoding.remark).most_common()
        remarks += tuple(f"{counted(count, 'file', 'files')}: {remark}" for remark, count in said)
        names = iter([encoding.name for encoding in encodings])
        yield Records(["file", "label", "text"], _rows(texts, names), remarks, unit="file")


def texts_among(files: Sequence[Source]) -> list[Source]:
    """The texts among the files of an archive, if they stand in at least two folders; else none."""
    texts = list(filter(_is_text, _in_archive(files)))
    return [file for _, file in texts if isinstance(file, Source)] if len({path.parent for path, _ in texts}) > 1 else []


def _in_directory(directory: Path) -> list[File]:
    """The files at any depth, and those directly in folders that are links, into which `rglob` does not go."""
    linked = [path for folder in directory.iterdir() if folder.is_symlink() and folder.is_dir() for path in folder.iterdir()]
    files = sorted(path for path in [*directory.rglob("*"), *linked] if path.is_file() and not path.name.startswith("."))
    return [(PurePosixPath(path.relative_to(directory).as_posix()), path) for path in files]


def _in_archive(files: Sequence[Source]) -> list[File]:
    """The files of an archive; a folder that all its other folders are in, as often in archives, is no part of their paths."""
    paths = [PurePosixPath(file.member) for file in files]
    while len({path.parts[0] for path in paths if len(path.parts) > 1}) == 1 and any(len(path.parts) > 2 for path in paths):
        paths = [PurePosixPath(*path.parts[1:]) if len(path.parts) > 1 else path for path in paths]
    return sorted(zip(paths, files, strict=True), key=lambda file: file[0].parts)


def _is_text(file: File) -> bool:
    """Whether a file is a text of a label: directly in a folder, and with the ending of a text."""
    path, content = file
    return len(path.parts) == 2 and not path.parts[0].startswith(".") and content.suffix.lower() in TEXTS


def _sources(file: Path | Source) -> list[Source]:
    return sources_of([file]) if isinstance(file, Path) else [file]


def _rows(texts: Sequence[File], encodings: Iterator[str]) -> Iterator[Row]:
    for number, (path, file) in enumerate(texts, 1):
        for source in _sources(file):
            with open_text(source, next(encodings)) as stream:
                try:
                    text = "".join(iter(partial(stream.read, 1 << 20), ""))
                except UnicodeError as error:
                    raise no_text(source, error) from error
            yield Row({"file": str(path), "label": path.parent.name, "text": text.rstrip("\r\n")}, number)
