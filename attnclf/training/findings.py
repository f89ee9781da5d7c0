"""The short form of `check`, which training tells before it starts: a line for each finding that is more than a note."""

from dataclasses import replace

from attnclf.checking import findings, leveled, refuse
from attnclf.checking.accounts import account_findings
from attnclf.checking.tables import Tables
from attnclf.config import TextConfig
from attnclf.data import Table
from attnclf.results import Note, OnEvent, Severity, at_least

ADVISED = ("column-gives-label", "guessed-text-column")  # where an option of this same training is what to do
# Kinds of findings that training tells of together with what becomes of such rows: `attnclf.training.accounts.check_promises`.
TOLD_LATER = {"mixed-accounts", "rows-without-account", "accounts-not-compared-valid"}


def tell_findings(
    table: Table,
    valid: Table | None,
    config: TextConfig,
    on_event: OnEvent,
    strict: Severity | None = None,
    posts: Tables | None = None,
) -> None:
    """Notes on warnings and errors among the findings. Raises DataError for those of the severity `strict` or worse.

    Where a row is a whole account, `posts` are the rows that accounts were made of.
    """
    level, _ = leveled(table, config)
    found = findings(Tables(table, valid), replace(config, level=level))
    found += account_findings(posts) if posts else []
    stops = bool(strict and at_least(found, strict))
    told = [finding for finding in at_least(found, "warning") if posts or stops or finding.kind not in TOLD_LATER]
    for finding in told:
        advice = f"; {finding.advice}" if finding.kind in ADVISED else ""
        on_event(Note(finding.message + advice, warning=True, topic="data"))
    if told:
        on_event(Note("attnclf check shows where, and says what to do", topic="data"))
    if strict:
        refuse(found, strict)
