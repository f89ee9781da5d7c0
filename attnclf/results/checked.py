"""What `check` finds in tables: findings with their places, and rows whose label is probably wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)  # the worst first
EXAMPLES = 3  # of a finding


@dataclass(frozen=True)
class Place:
    """A file, and the line on which a row ends; 0 where no line is known."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Example:
    """What stands at a place: a text, or a value, with what is to be said of it, such as its label."""

    place: Place
    text: str
    remark: str = ""


@dataclass(frozen=True)
class Finding:
    """Something about the tables that a user should know.

    `kind` is a stable name such as "near-equal-labels", `count` how many rows or texts it is about, and `advice` says what to
    do. `examples` are at most three.
    """

    kind: str
    severity: Severity
    message: str
    count: int
    examples: tuple[Example, ...] = ()
    advice: str = ""

    @property
    def rank(self) -> tuple[int, int, str]:
        """By this findings are sorted: the worst first, then those about the most rows."""
        return SEVERITIES.index(self.severity), -self.count, self.kind


@dataclass(frozen=True)
class WordWeight:
    """A word of a text, and how much it speaks for the suggested label against the given one, in nats."""

    text: str
    weight: float


@dataclass(frozen=True)
class LabelError:
    """A row whose label is probably wrong.

    A model that has not seen the row gives its `label` one probability, and the `suggested` label a higher one. `words` are
    those that speak most for the suggested label.
    """

    place: Place
    text: str
    label: str
    suggested: str
    probability: float
    suggested_probability: float
    words: tuple[WordWeight, ...]


@dataclass(frozen=True)
class LabelSearch:
    """The rows whose label is probably wrong, the likeliest first, among `rows` that were judged; `skipped` says why there was
    no search, else it is ""."""

    errors: tuple[LabelError, ...] = ()
    rows: int = 0
    skipped: str = ""


@dataclass(frozen=True)
class CheckedFile:
    """A table as it was understood.

    `role` is "train", "valid" or "test". `columns` has the columns of each role, and `described` says them in words. `others`
    are the names of the columns that are not read, and `scripts` has the share of the letters of each script.
    """

    role: str
    source: str
    rows: int
    columns: Mapping[str, list[str] | str]
    described: str
    guessed: tuple[str, ...]
    others: tuple[str, ...]
    labels: Mapping[str, int]
    scripts: Mapping[str, float]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checked:
    """All that `check` found. `level` is what a token is, and why in words."""

    files: tuple[CheckedFile, ...]
    level: tuple[str, str]
    languages: Mapping[str, float] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    search: LabelSearch = LabelSearch()

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        train = self.files[0]
        return {
            "rows": train.rows,
            "columns": dict(train.columns),
            "labels": dict(train.labels),
            "level": self.level[0],
            "languages": dict(self.languages),
            "files": [_plain(file) for file in self.files],
            "findings": [asdict(finding) for finding in self.findings],
            "label_errors": [asdict(error) for error in self.search.errors],
            "label_search": {"rows": self.search.rows, "skipped": self.search.skipped},
        }


def at_least(findings: Sequence[Finding], severity: Severity) -> list[Finding]:
    """The findings of this severity, and those that are worse."""
    return [finding for finding in findings if SEVERITIES.index(finding.severity) <= SEVERITIES.index(severity)]


def _plain(file: CheckedFile) -> dict[str, Any]:
    values = {name: getattr(file, name) for name in ("role", "source", "rows")}
    values |= {name: dict(getattr(file, name)) for name in ("columns", "labels", "scripts")}
    return values | {name: list(getattr(file, name)) for name in ("guessed", "others", "remarks")}
