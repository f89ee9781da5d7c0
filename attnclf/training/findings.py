"""The short form of `check`, which training tells before it starts: a line for each finding that is more than a note."""

from dataclasses import replace

from attnclf.checking import findings, leveled, refuse
from attnclf.checking.tables import Tables
from attnclf.config import TextConfig
from attnclf.data import Table
from attnclf.results import Note, OnEvent, Severity, at_least

ADVISED = ("column-gives-label",)  # where an option of this same training is what to do


def tell_findings(
    table: Table, valid: Table | None, config: TextConfig, on_event: OnEvent, strict: Severity | None = None
) -> None:
    """Notes on warnings and errors among the findings. Raises DataError for those of the severity `strict` or worse."""
    level, _ = leveled(table, config)
    found = findings(Tables(table, valid), replace(config, level=level))
    for finding in at_least(found, "warning"):
        advice = f"; {finding.advice}" if finding.kind in ADVISED else ""
        on_event(Note(finding.message + advice, warning=True, topic="data"))
    if at_least(found, "warning"):
        on_event(Note("attnclf check shows where, and says what to do", topic="data"))
    if strict:
        refuse(found, strict)
