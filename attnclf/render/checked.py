"""What `check` found, for a terminal: the tables as understood, findings by severity, rows whose label is probably wrong."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from rich.console import RenderableType
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from attnclf.results import Checked, CheckedFile, Example, Finding, LabelError, LabelSearch, Place, Severity, counted, some_of
from attnclf.visible import visible

STYLES: Mapping[Severity, str] = {"error": "bold red", "warning": "yellow", "note": "bold"}
ROLES = {"train": "data", "valid": "valid", "test": "test"}
SHOWN, SHOWN_OF_ERRORS, SHOWN_OF_WORDS = 100, 240, 24  # characters of an example, of a wrong row, of a word in it
LABELS, SHARES, COLUMNS = 8, 4, 8  # that are named
INDENT = 11  # columns; the first words of all lines fit in
LEAST = 0.005  # shares below are left out


def checked(result: Checked, top: int) -> Iterator[RenderableType]:
    """The report in parts; of rows whose label is probably wrong the first `top`."""
    result = _with_short_names(result)
    yield _facts(result)
    yield Text()
    yield from _findings(result.findings)
    yield from _label_errors(result.search, top)


def _with_short_names(result: Checked) -> Checked:
    """The same with the last part of each file's name, where that tells the files apart."""
    examples = [example.place.file for finding in result.findings for example in finding.examples]
    files = {
        *examples,
        *(error.place.file for error in result.search.errors),
        *(f.source for f in result.files if ", " not in f.source),
    }
    names = {file: Path(file).name for file in files}
    if len(set(names.values())) < len(names):
        return result

    def place(where: Place) -> Place:
        return replace(where, file=names[where.file])

    def example(one: Example) -> Example:
        remark = one.remark
        for file, name in names.items():
            remark = remark.replace(f"as in {file}:", f"as in {name}:")
        return replace(one, place=place(one.place), remark=remark)

    findings = (replace(finding, examples=tuple(map(example, finding.examples))) for finding in result.findings)
    errors = (replace(error, place=place(error.place)) for error in result.search.errors)
    return replace(result, findings=tuple(findings), search=replace(result.search, errors=tuple(errors)))


def _facts(result: Checked) -> Table:
    """The tables as understood: a name and what there is to say of it, line by line."""
    grid = Table.grid()
    grid.add_column(style="bold", no_wrap=True, width=INDENT)
    grid.add_column(overflow="fold")
    for file in result.files:
        for name, text in _facts_of(file):
            grid.add_row(name, Text(visible(text)))
    level, why = result.level
    grid.add_row("level", f"{level} ({why})")
    if result.languages:
        untold = 1 - sum(result.languages.values())
        grid.add_row("languages", _shares(result.languages) + (f"; cannot be told {untold:.0%}" if untold >= LEAST else ""))
    return grid


def _facts_of(file: CheckedFile) -> Iterator[tuple[str, str]]:
    yield ROLES[file.role], f"{file.source}: {file.rows:,} rows, {counted(len(file.labels), 'label', 'labels')}"
    if file.role == "train" or file.guessed:
        yield (
            "columns",
            file.described + (f" ({' and '.join(file.guessed)} guessed)" if file.guessed else ""),
        )
    if file.others:
        yield "not read", some_of([f"'{name}'" for name in file.others], COLUMNS)
    for remark in file.remarks:
        yield "remark", remark
    yield "labels", some_of([f"{label} {rows:,}" for label, rows in file.labels.items()], LABELS)
    if file.scripts:
        yield "scripts", _shares(file.scripts)


def _shares(shares: Mapping[str, float]) -> str:
    large = {name: share for name, share in shares.items() if share >= LEAST}
    return some_of([f"{name} {share:.0%}" for name, share in large.items()], SHARES)


def _findings(findings: Iterable[Finding]) -> Iterator[RenderableType]:
    for finding in findings:
        grid = Table.grid()
        grid.add_column(width=INDENT, no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row(Text(finding.severity, style=STYLES[finding.severity]), Text(visible(finding.message)))
        for example in () if finding.kind == "wrong-labels" else finding.examples:  # they stand below
            grid.add_row("", _example(example))
        if finding.advice:
            grid.add_row("", Text(f"→ {visible(finding.advice)}"))
        yield grid
    if not findings:
        yield Text("nothing odd was found")


def _example(example: Example) -> Text:
    text = Text(f"{visible(str(example.place))}  ", style="dim")
    text.append(quoted(example.text), style=Style(dim=False))
    return text.append(f"  {visible(example.remark)}" if example.remark else "")


def quoted(text: str, most: int = SHOWN) -> str:
    """The text in quotes, cut where it is long."""
    text = visible(text)
    return f"“{text}”" if len(text) <= most else f"“{text[: most - 1]}…”"


def _shortened(word: str) -> str:
    """A word that is not too long: where words are not spaced, a whole sentence is one."""
    return word if len(word) <= SHOWN_OF_WORDS else f"{word[: SHOWN_OF_WORDS - 1]}…"


def _label_errors(search: LabelSearch, top: int) -> Iterator[RenderableType]:
    yield Text()
    if search.skipped:
        yield Text(f"no search for wrong labels: {search.skipped}", style="dim")
        return
    title = f"rows whose label is probably wrong: {len(search.errors):,} of {search.rows:,} judged"
    shown = min(top, len(search.errors))
    more = f", of which {shown:,} {'is' if shown == 1 else 'are'} shown; --json has all" if shown < len(search.errors) else ""
    yield Text(title + more, style="bold")
    for error in search.errors[:top]:
        yield from _label_error(error)
    if shown:
        yield Text(
            "judged by a linear model that has not seen the row; words with what they add for the other label, in nats",
            style="dim",
        )


def _label_error(error: LabelError) -> Iterator[RenderableType]:
    yield Text.assemble(
        (f"{visible(str(error.place))}  ", "dim"),
        f"'{visible(error.label)}' {error.probability:.1%}, rather ",
        (f"'{visible(error.suggested)}'", "bold"),
        f" {error.suggested_probability:.1%}",
    )
    words = ", ".join(f"{_shortened(visible(word.text))} +{word.weight:.2f}" for word in error.words)
    yield Padding(Text(quoted(error.text, SHOWN_OF_ERRORS)), (0, 0, 0, 4))
    yield Padding(Text(words or "no word of it speaks for that; the label is rarer elsewhere", style="dim"), (0, 0, 0, 4))
