"""The formats of tables, one file each.

Every file in this folder is imported, which registers its format. A table's content says which format it has, or else the
ending of its name, or else its first line that is not blank, where that names a column of texts.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from importlib import import_module
from itertools import groupby
from pathlib import Path, PurePosixPath
from pkgutil import iter_modules

from attnclf.data.compression import SUFFIXES
from attnclf.data.formats.base import FORMATS as FORMATS
from attnclf.data.formats.base import Format as Format
from attnclf.data.formats.base import Records as Records
from attnclf.data.formats.base import Row as Row
from attnclf.data.formats.base import Start as Start
from attnclf.data.formats.base import Write as Write
from attnclf.data.formats.base import WrittenFormat as WrittenFormat
from attnclf.data.formats.base import refuse_repeated as refuse_repeated
from attnclf.data.formats.base import text_of as text_of
from attnclf.data.formats.base import written_text as written_text
from attnclf.data.formats.folder import texts_among
from attnclf.data.kinds import refuse_what_holds_no_table
from attnclf.data.sources import Source
from attnclf.errors import DataError, UsageError
from attnclf.results import some_of

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

WORDS = 3  # at most, in the name of a column
NOTES = {"readme", "license", "licence", "copying", "notice", "changelog"}  # the names of files for people
NOTES_NAMED = 3  # in messages
LINES = "lines"  # plain lines of text, which is no table


def format_of(source: Source, wanted: str = "auto", columns: Collection[str] = ()) -> Format | None:
    """The format of a source; None if it holds plain lines of text.

    It is the one that is `wanted`, else that which recognises the content, else that of the name. A text without either is a
    table if its first line that is not blank names one of `columns`. Raises DataError for what is surely no table.
    """
    if wanted != "auto":
        return None if wanted == LINES else FORMATS.make(wanted, {})
    if source.directory is not None or source.files:
        return FORMATS.make("folder", {})
    start = Start.of(source.start)
    found = next((format_ for format_ in _all() if format_.recognises(start)), None)
    if found is None:
        refuse_what_holds_no_table(source.start, source.name)
        found = format_named(source.suffix)
        if found is not None and getattr(found, "binary", False):
            problem = f"{source.name} is named {source.suffix}, and its content is something else"
            raise DataError(problem, hint="`input_format=csv` reads it as a table of text, if it is one")
    return found or _with_header(start, columns)


def labelled_format(source: Source, wanted: str, columns: Collection[str]) -> Format:
    """The format of a table with labels, as in `format_of`; CSV where nothing tells another. Raises UsageError for lines."""
    from attnclf.data.formats.delimited import CommaSeparated

    if wanted == "lines":
        raise UsageError("`input_format` is lines, and lines have no labels", hint="name a table of texts and labels")
    return format_of(source, wanted, columns) or CommaSeparated()


def with_folders(sources: Sequence[Source], wanted: str = "auto", columns: Collection[str] = ()) -> list[Source]:
    """The sources; the files of an archive are one source where it has a folder of texts for each label.

    `wanted` and `columns` are as in `format_of`: where another format is wanted, or the first text is a table, each file is by
    itself. Files for people beside tables, such as a README, are left out, and that is said.
    """
    found: list[Source] = []
    for _, some in groupby(sources, lambda source: id(source.copy) if source.member else id(source)):
        files = list(some)
        files = files if wanted in (LINES, "folder") else _tables_of(files)
        texts = texts_among(files) if wanted in ("auto", "folder") else []
        tables = wanted == "auto" and texts and (_has_table(files) or format_of(texts[0], columns=columns))
        name = files[0].name.removesuffix(f": {files[0].member}")
        found += [Source(name, files=tuple(files), remarks=files[0].remarks)] if texts and not tables else files
    return found


def _tables_of(files: list[Source]) -> list[Source]:
    """The files of an archive; beside tables without those that are there to be read by people."""
    notes = [file for file in files if PurePosixPath(file.member).stem.lower() in NOTES and not format_named(file.suffix)]
    tables = [file for file in files if not any(file is note for note in notes)]
    if not notes or not _has_table(tables):
        return files
    stand = "stands beside the tables, and is" if len(notes) == 1 else "stand beside the tables, and are"
    left_out = f"{some_of([note.member for note in notes], NOTES_NAMED)} {stand} left out"
    remarks = (*(remark for file in (*notes, tables[0]) for remark in file.remarks), left_out)
    return [replace(tables[0], remarks=remarks), *tables[1:]]


def _has_table(files: Sequence[Source]) -> bool:
    """Whether a file is one by the ending of its name."""
    return any(format_named(file.suffix) for file in files)


def format_named(suffix: str) -> Format | None:
    """The format with this ending of file names; None if there is none."""
    return next((format_ for format_ in _all() if suffix.lower() in format_.extensions), None)


def written_as(path: Path) -> str:
    """The name of the format in which a file of this name is written, whatever compresses it; "" if the name says nothing.

    Raises UsageError for a format that is only read.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in SUFFIXES:
        suffixes.pop()
    kind = suffixes[-1] if suffixes else ""
    if not kind:
        return ""
    formats = {name: FORMATS.make(name, {}) for name in FORMATS.names()}
    found = next((name for name, format_ in formats.items() if kind in getattr(format_, "written", ())), "")
    if not found and format_named(kind):
        raise UsageError(f"{path}: {kind} files are read, and not written", hint=f"name one of {', '.join(_written())}")
    return found


def _written() -> list[str]:
    return [ending for format_ in _all() for ending in getattr(format_, "written", ())]


def _with_header(start: Start, columns: Collection[str]) -> Format | None:
    from attnclf.data.formats.delimited import CommaSeparated, TabSeparated, header_of

    delimiter, names, lines = header_of(start)
    known = {name.lower() for name in names} & {name.lower() for name in columns}
    second = next((line for line in lines if line.strip()), "")
    if not known or not second or any(name != name.strip() or len(name.split()) > WORDS for name in names):
        return None  # prose has blanks after its commas
    if second.count(delimiter) < len(names) - 1 and '"' not in second:
        return None
    return TabSeparated() if delimiter == "\t" else CommaSeparated()


def _all() -> list[Format]:
    return [FORMATS.make(name, {}) for name in FORMATS.names()]
