"""Which columns hold texts, label and group: named, known from training, or guessed when only one guess makes sense."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from attnclf.config import DataConfig
from attnclf.data.formats import Records, Row, text_of
from attnclf.data.labels import as_seen
from attnclf.errors import DataError
from attnclf.registry import nearest
from attnclf.results import COLUMN_SEPARATOR, listed, some_of

TEXT_NAMES = {"text", "content", "document", "sentence", "review", "post", "message", "tweet", "comment", "body", "caption"}
TEXT_NAMES |= {"question", "title", "내용", "본문", "문장", "글", "리뷰", "댓글", "메시지"}
FORMULAS = "if it holds formulas, open the file in Excel and save it once"  # which stores their values
BETWEEN_COLUMNS = f" {COLUMN_SEPARATOR} "
NAMES_SHOWN = 5  # in messages
LABEL_NAMES = {"label", "labels", "class", "target", "category", "sentiment", "y", "라벨", "레이블", "분류", "감성"}


class ColumnError(DataError):
    """A table has no column for a role, or none that shows it."""


@dataclass(frozen=True)
class Columns:
    """The names of columns by role, "" for a label or group that there is not; `guessed` has the roles that are guesses.

    `table` is the name of their table, for errors.
    """

    text: tuple[str, ...] = ()
    label: str = ""
    group: str = ""
    guessed: tuple[str, ...] = ()
    table: str = field(default="", compare=False, repr=False)

    @classmethod
    def of(cls, config: DataConfig, *, grouped: bool) -> "Columns":
        """Those that a model was trained on, as its configuration has them; the group only where it is `grouped`."""
        return cls(config.text_col, config.label_col, config.group_col if grouped else "")

    @property
    def named(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.text, *(name for name in (self.label, self.group) if name))

    def to_dict(self) -> dict[str, list[str] | str]:
        """The columns of each role that has some, as plain values."""
        return {"text": list(self.text)} | {role: name for role in ("label", "group") if (name := getattr(self, role))}

    def text_of(self, row: Row) -> str:
        """The text of a row: the values of its columns of texts, in their order. Raises DataError for a list or a record."""
        if len(self.text) == 1 and type(only := row.values.get(self.text[0], "")) is str:
            return only
        values = [row.values.get(name, "") for name in self.text]
        for name, value in zip(self.text, values, strict=True):
            if isinstance(value, list | dict):
                what = f"{self.table}, record {row.number}: column '{name}' holds {value!r:.60}, and a text is a string"
                how = "join its parts to one text" if isinstance(value, list) else "pandas.json_normalize does"
                raise DataError(what, hint=f"flatten the table first: {how}")
        return text_of(values[0]) if len(values) == 1 else joined_columns(map(text_of, values))

    def __str__(self) -> str:
        """`text column 'post' (guessed), label column 'kind'; name another with `text_col``."""
        named = [f"text column {_quoted(self.text)}" if len(self.text) == 1 else f"text columns {_quoted(self.text)}"]
        named += [f"{role} column '{name}'" for role, name in (("label", self.label), ("group", self.group)) if name]
        named = [name + (" (guessed)" if name.split()[0] in self.guessed else "") for name in named]
        settings = " and ".join(f"`{role}_col`" for role in self.guessed)
        hint = f"; name {'others' if len(self.guessed) > 1 else 'another'} with {settings}" if self.guessed else ""
        return ", ".join(named) + hint

    def _as_in(self, header: Sequence[str]) -> "Columns":
        """The same, each as the header writes it where it looks the same."""
        return Columns(tuple(_in(header, name) for name in self.text), _in(header, self.label), _in(header, self.group))

    @property
    def without_guesses(self) -> "Columns":
        """The same, as if each had been named."""
        return replace(self, guessed=())


def joined_columns(values: Iterable[str]) -> str:
    """The values of several columns as one text, with a separator between them; empty where all of them are."""
    values = list(values)
    return BETWEEN_COLUMNS.join(values) if any(value.strip() for value in values) else ""


def columns_of(
    records: Records, config: DataConfig, source: str, trained: Columns | None = None, *, labelled: bool = True
) -> Columns:
    """The columns of an opened table, as `choose_columns` finds them.

    Raises DataError, which says how the table was read; also where a title seems to stand above the header, and where no row of
    a workbook has a text, or none a label, if it is to have one.
    """
    _refuse_title(records, config, source, trained or Columns())
    try:
        columns = choose_columns(records.header, config, source, trained, labelled=labelled)
    except DataError as error:
        raise type(error)(error.message, hint="; ".join((error.hint, *records.remarks))) from error
    for role, names in (("text", columns.text), ("label", (columns.label,))) if labelled else ():
        if {*names} <= {*records.empty}:
            hint = f"fill it, or name another with `{role}_col`; {FORMULAS}"
            raise DataError(f"{source}: column {_quoted(names)} is empty in every row", hint=hint)
    return columns


def _refuse_title(records: Records, config: DataConfig, source: str, trained: Columns) -> None:
    """Raises DataError where a row below the first names more columns, and one that is known; not where the first names
    several, and one that is known."""
    asked = (*config.text_col, config.label_col, config.group_col)
    known = {name.lower() for name in (*TEXT_NAMES, *LABEL_NAMES, *asked, *trained.named) if name}
    first = [name for place, name in enumerate(records.header, 1) if name not in ("", f"column {place}")]
    if (len(first) > 1 or len(records.header) == 1) and known & {name.strip().lower() for name in first}:
        return  # of one column: texts, with separators in some
    for number, values in records.below:
        names = list(filter(None, values))
        if known & {name.lower() for name in names} and len({*names}) == len(names) and all(n == n.strip() for n in names):
            what = f"looks like the header ({some_of(names, NAMES_SHOWN)}), and what stands above it like a title"
            raise DataError(f"{source}, {records.unit} {number}: {what}", hint="remove what stands above the header")


def choose_columns(
    header: Sequence[str], config: DataConfig, source: str, trained: Columns | None = None, *, labelled: bool = True
) -> Columns:
    """The columns of a table with this header.

    A column is the one that `config` names, else the one that the model was `trained` on if the header has it, else the only
    one whose name fits and that has no other role. Names that look the same are the same. `labelled=False` looks
    for no label column. A group column is never guessed. Raises DataError.
    """
    asked = Columns(config.text_col, config.label_col, config.group_col)._as_in(header)
    trained = (trained or Columns())._as_in(header)
    known = trained.text if set(trained.text) <= set(header) else ()
    group = asked.group or (
        trained.group if trained.group in header and trained.group not in (*asked.text, asked.label) else ""
    )
    if not labelled and group and group == trained.label:
        what = f"{source}: the column '{group}' is named for group, and held the labels in training"
        raise DataError(what, hint="name another with `group_col`")
    known_label = (asked.label or (trained.label if trained.label in header else "")) if labelled else ""
    if len(trained.text) > 1 and not known and not asked.text:
        missing = ", ".join(f"'{name}'" for name in trained.text if name not in header)
        problem = f"{source}: the model reads the columns {_quoted(trained.text)}, and there is no {missing}"
        raise DataError(f"{problem} (found: {', '.join(header)})", hint="name the columns of texts with `text_col`, in order")
    text = asked.text or known or (_guess(header, TEXT_NAMES, "text", source, {group: "group", known_label: "label"}),)
    guessed: tuple[str, ...] = () if asked.text or known else ("text",)
    label = ""
    if labelled:
        label = known_label or _guess(header, LABEL_NAMES, "label", source, dict.fromkeys(text, "text") | {group: "group"})
        guessed += () if known_label else ("label",)
    columns = Columns(text, label, group, guessed, source)
    _check(columns, header, source)
    return columns


def _in(header: Sequence[str], name: str) -> str:
    """The name as the header writes it, where the header has it as it is, or one name that looks the same."""
    alike = [column for column in header if _looks(column) == _looks(name)] if name and name not in header else []
    return alike[0] if len(alike) == 1 else name


def _looks(name: str) -> str:
    """The name as a reader sees it: `as_seen`, in one line."""
    return " ".join(as_seen(name).split())


def _check(columns: Columns, header: Sequence[str], source: str) -> None:
    named = [("text", name) for name in columns.text]
    named += [(role, name) for role, name in (("label", columns.label), ("group", columns.group)) if name]
    for role, name in named:
        if name not in header:
            near = nearest(name, header)
            hint = near if near.startswith("did you mean") else f"name it with `{role}_col`"
            raise ColumnError(f"{source}: there is no column '{name}' (found: {', '.join(header)})", hint=hint)
    for place, (role, name) in enumerate(named):
        if other := next((other for other, taken in named[:place] if taken == name), ""):
            what = f"twice for {role}" if other == role else f"for {other} and for {role}"
            settings = " and ".join(f"`{one}_col`" for one in dict.fromkeys((other, role)))
            raise DataError(
                f"{source}: the column '{name}' is named {what}",
                hint=f"name {'others' if other == role else 'another'} with {settings}",
            )


def _quoted(names: Iterable[str]) -> str:
    """`'title' and 'body'`."""
    return listed(f"'{name}'" for name in names)


def _guess(header: Sequence[str], names: set[str], role: str, source: str, others: Mapping[str, str]) -> str:
    """The column for this role, which is none of the `others`: names of columns and their roles."""
    free = [column for column in header if column not in others]
    if len(header) == 1 and free and role == "text":
        return header[0]
    found = [column for column in free if _looks(column).lower() in names]
    if len(found) == 1:
        return found[0]
    taken = [f"'{name}' is named for {others[name]}" for name in header if name in others and _looks(name).lower() in names]
    problem = f"'{found[0]}' and '{found[1]}' could both be it" if found else ", and ".join(["no name says so", *taken])
    several = "; for several columns of texts, name each" if role == "text" and len(found) > 1 else ""
    raise ColumnError(
        f"{source}: which column holds the {role}? {problem} (found: {', '.join(header)})",
        hint=f"name it with `{role}_col`{several}",
    )
