"""The finding on a guessed column of texts: it holds numbers or nothing, or a column that is not read holds longer texts."""

from collections.abc import Iterator, Sequence

from attnclf.checking.tables import Tables, first_rows, percent
from attnclf.data import Table
from attnclf.results import EXAMPLES, Example, Finding, Severity

KIND = "guessed-text-column"
FEWEST = 20  # rows, to judge by
LOOKED_AT = 2_000  # rows at least, of many
MOSTLY = 0.5  # of the rows
LONGER = 2.0  # times as many characters
SHORTEST = 40  # characters, on average; addresses and names of companies have fewer
WEAK = {"title", "question", "caption"}  # names of columns that often stand beside that of the texts
NO_TEXT = ("http:", "https:", "{", "[", "<")  # how long values begin that are no texts


def column_findings(tables: Tables) -> Iterator[Finding]:
    """The finding, where the training rows have one guessed column of texts."""
    table = tables.train
    if "text" not in table.columns.guessed or len(table.texts) < FEWEST:
        return
    column, count = table.columns.text[0], len(table.texts)
    advice = "`text_col` names the columns of texts, one or several"
    guessed = f"column '{column}' was guessed to hold the texts"
    if longer := _longer(table):
        message = f"{guessed}; column '{longer}', which is not read, holds longer ones"
        values = table.others[longer]
        examples = tuple(Example(table.place(row), values[row], f"column '{longer}'") for row in range(EXAMPLES))
        severity: Severity = "warning" if column.strip().lower() in WEAK else "note"
        yield Finding(KIND, severity, message, count, examples, advice)
        return
    for what, rows in (
        ("is empty", [row for row, text in enumerate(table.texts) if not text.strip()]),
        ("holds a number", [row for row, text in enumerate(table.texts) if is_number(text)]),
    ):
        if len(rows) > MOSTLY * count:
            message = f"{guessed}, and {what} in {percent(len(rows), count)} of the rows"
            yield Finding(KIND, "warning", message, len(rows), first_rows(table, rows), advice)


def _longer(table: Table) -> str:
    """The column with much longer texts than those that are read, the longest of several; "" without one."""
    step = max(1, len(table.texts) // LOOKED_AT)
    others = {name: values[::step] for name, values in table.others.items()}
    lengths = {name: _length(values) for name, values in others.items() if _holds_texts(values)}
    longest = max(lengths, key=lengths.__getitem__, default="")
    return longest if longest and lengths[longest] > max(SHORTEST, LONGER * _length(table.texts[::step])) else ""


def _length(values: Sequence[str]) -> float:
    return sum(map(len, values)) / len(values)


def _holds_texts(values: Sequence[str]) -> bool:
    """Whether most values are texts, and most differ from one another."""
    return len(set(values)) > MOSTLY * len(values) and sum(map(_is_text, values)) > MOSTLY * len(values)


def _is_text(value: str) -> bool:
    """Whether a value is several words, or one of a script whose words are not always spaced; dates and addresses are not."""
    letters = sum(map(str.isalpha, value))
    return letters > len(value) / 2 and not (value.isascii() and " " not in value.strip()) and not value.startswith(NO_TEXT)


def is_number(value: str) -> bool:
    """Whether a value is a number and nothing else."""
    try:
        float(value)
    except ValueError:
        return False
    return any(map(str.isdigit, value))
