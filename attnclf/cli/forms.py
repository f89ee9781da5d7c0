"""In which form results are written: as asked, else as the name of the file says, which is one rule for all commands."""

from collections.abc import Mapping
from mimetypes import MimeTypes
from pathlib import Path

from attnclf.cli.screen import show_note
from attnclf.data.compression import SUFFIXES
from attnclf.data.formats import format_named
from attnclf.errors import UsageError
from attnclf.results import Note

PAGES = {".html": "html", ".htm": "html", ".jsonl": "jsonl", ".ndjson": "jsonl"}  # of explanations
OBJECT = {".json": "json"}  # of reports


def form_of(wanted: str, output: Path | None, named: str, otherwise: str) -> str:
    """The form that is `wanted`, else that `named` by the ending of the output, else `otherwise`; "" is none.

    Says where the output has an ending that no form has. Raises UsageError where the two differ.
    """
    if wanted and named and wanted != named:
        raise UsageError(f"--format is {wanted}, and -o names a file of {named}", hint="leave one of them out")
    form = wanted or named or otherwise
    ending = _ending(output)
    if ending and not (wanted or named or (form == "text" and ending == ".txt")):
        show_note(Note(f"{output} is written as {form}: no format of this command has the ending {ending}"))
    return form


def form_by_ending(wanted: str, output: Path | None, endings: Mapping[str, str]) -> str:
    """The same where the forms are text and those that have these `endings`."""
    return form_of(wanted, output, endings.get(_ending(output), ""), "text")


def tell_page(page: Path | None) -> None:
    """Says where a page of HTML is named as something else. The end of `report.2024.01` names nothing."""
    ending = _ending(page)
    known = ending in PAGES or format_named(ending) or MimeTypes().guess_type(f"page{ending}")[0]
    if page and known and PAGES.get(ending) != "html":
        show_note(Note(f"{page} is written as html, which does not end in {ending}"))


def _ending(output: Path | None) -> str:
    """The ending of the output's name, whatever compresses it."""
    if output is None:
        return ""
    inner = output.with_suffix("") if output.suffix.lower() in SUFFIXES else output
    return inner.suffix.lower()
