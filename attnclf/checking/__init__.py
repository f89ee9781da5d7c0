"""`check`: what is wrong, or odd, in tables of texts and labels, before anything is trained on them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain

from attnclf.checking.accounts import account_findings
from attnclf.checking.columns import column_findings
from attnclf.checking.labels import label_findings
from attnclf.checking.leaks import leak_findings
from attnclf.checking.length import length_findings
from attnclf.checking.repeated import repeat_findings
from attnclf.checking.scripts import language_shares, script_findings, script_shares
from attnclf.checking.tables import Tables, percent
from attnclf.checking.texts import text_findings
from attnclf.checking.wrong_labels import find_label_errors
from attnclf.config import Level, TextConfig
from attnclf.data import Table
from attnclf.errors import DataError
from attnclf.reading.levels import choose_level
from attnclf.results import Checked, CheckedFile, Example, Finding, LabelSearch, OnEvent, Severity, at_least, counted, ignore

KINDS_NAMED = 5  # in messages


def check(tables: Tables, config: TextConfig, *, search: bool = True, on_event: OnEvent = ignore) -> Checked:
    """All findings; with `search` also the training rows whose label is probably wrong."""
    level = leveled(tables.train, config)
    shares = {role: script_shares(table.texts) for role, table in tables}
    languages = language_shares(tables.train.texts)
    found = findings(tables, replace(config, level=level[0]), shares, languages)
    errors = find_label_errors(tables.train, config, on_event) if search else LabelSearch(skipped="it was not asked for")
    return Checked(
        tuple(_file(role, table, shares[role]) for role, table in tables),
        level,
        languages,
        tuple(sorted((*found, *_wrong_labels(errors)), key=lambda finding: finding.rank)),
        errors,
    )


def findings(
    tables: Tables,
    config: TextConfig,
    shares: Mapping[str, Mapping[str, float]] | None = None,
    languages: Mapping[str, float] | None = None,
) -> list[Finding]:
    """The findings that need no model, sorted. `config` names the level.

    `shares` of scripts and of `languages` are looked for where they are not given.
    """
    shares = shares or {role: script_shares(table.texts) for role, table in tables}
    languages = language_shares(tables.train.texts) if languages is None else languages
    found = chain(
        column_findings(tables),
        label_findings(tables),
        text_findings(tables),
        repeat_findings(tables),
        account_findings(tables),
        length_findings(tables, config),
        script_findings(tables, shares, languages),
        leak_findings(tables),
    )
    return sorted(found, key=lambda finding: finding.rank)


def leveled(table: Table, config: TextConfig) -> tuple[Level, str]:
    """The level that training would choose, and why in words."""
    return choose_level(table.texts) if config.level == "auto" else (config.level, "as asked")


def refuse(found: tuple[Finding, ...] | list[Finding], strict: Severity) -> None:
    """Raises DataError that names the findings of the severity `strict` or worse, if there are any."""
    if bad := at_least(found, strict):
        kinds = list(dict.fromkeys(finding.kind for finding in bad))
        more = f" and {len(kinds) - KINDS_NAMED} more" if len(kinds) > KINDS_NAMED else ""
        worse = "" if strict == "error" else " or worse"
        raise DataError(
            f"{counted(len(bad), 'finding', 'findings')} of severity {strict}{worse}: {', '.join(kinds[:KINDS_NAMED])}{more}",
            hint="mend the data, or leave `strict` out",
        )


def _file(role: str, table: Table, scripts: Mapping[str, float]) -> CheckedFile:
    labels = dict(Counter(table.labels).most_common())
    others = tuple(table.others)
    return CheckedFile(
        role,
        table.source,
        len(table.texts),
        table.columns.to_dict(),
        str(table.columns.without_guesses),
        table.columns.guessed,
        others,
        labels,
        scripts,
        table.remarks,
    )


def _wrong_labels(search: LabelSearch) -> list[Finding]:
    if not search.errors:
        return []
    what = counted(len(search.errors), "row has", "rows have")
    message = f"{what} a label that is probably wrong ({percent(len(search.errors), search.rows)} of those judged)"
    examples = tuple(
        Example(error.place, error.text, f"label {error.label}, rather {error.suggested}") for error in search.errors[:3]
    )
    advice = "read them, the likeliest first, and mend the labels that are wrong"
    return [Finding("wrong-labels", "note", message, len(search.errors), examples, advice)]
