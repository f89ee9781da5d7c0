"""Which columns hold text, label and group: named, known from training, or guessed when only one guess makes sense."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from attnclf.config import DataConfig
from attnclf.errors import DataError

TEXT_NAMES = {"text", "content", "document", "sentence", "review", "post", "message", "tweet", "comment", "body", "caption"}
TEXT_NAMES |= {"question", "title", "내용", "본문", "문장", "글", "리뷰", "댓글", "메시지"}
LABEL_NAMES = {"label", "labels", "class", "target", "category", "sentiment", "y", "라벨", "레이블", "분류", "감성"}


def choose_columns(
    header: Sequence[str],
    config: DataConfig,
    path: Path,
    trained: Mapping[str, str] = MappingProxyType({}),
    *,
    labelled: bool = True,
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The column's name for each role ("text", "label", "group"), and the roles whose columns were guessed.

    A column is the one that `config` names, else the one that the model was `trained` on if the header has it, else the only
    one whose name fits. `labelled=False` looks for no label column. A group column is never guessed. Raises DataError.
    """
    columns: dict[str, str] = {}
    guessed: list[str] = []
    roles = [("text", config.text_col, TEXT_NAMES)] + ([("label", config.label_col, LABEL_NAMES)] if labelled else [])
    for role, wanted, names in roles:
        known = trained.get(role, "") if trained.get(role) in header else ""
        columns[role] = wanted or known or _guess(header, names, role, path)
        if not (wanted or known):
            guessed.append(role)
    if labelled and config.group_col:
        columns["group"] = config.group_col
    elif trained.get("group") in header:
        columns["group"] = trained["group"]
    for role, name in columns.items():
        if name not in header:
            raise DataError(
                f"{path}: there is no column '{name}' (found: {', '.join(header)})", hint=f"name it with `{role}_col`"
            )
    if len(set(columns.values())) < len(columns):
        raise DataError(
            f"{path}: the same column is named for two of {', '.join(columns)}",
            hint="name them with `text_col`, `label_col` and `group_col`",
        )
    return columns, tuple(guessed)


def columns_in_words(columns: Mapping[str, str], guessed: Sequence[str]) -> str:
    """`text column 'post' (guessed), label column 'kind'; name another with `text_col``."""
    named = ", ".join(f"{role} column '{name}'" + (" (guessed)" if role in guessed else "") for role, name in columns.items())
    settings = " and ".join(f"`{role}_col`" for role in guessed)
    return named + (f"; name {'others' if len(guessed) > 1 else 'another'} with {settings}" if guessed else "")


def _guess(header: Sequence[str], names: set[str], role: str, path: Path) -> str:
    if len(header) == 1 and role == "text":
        return header[0]
    found = [column for column in header if column.strip().lower() in names]
    if len(found) == 1:
        return found[0]
    problem = f"'{found[0]}' and '{found[1]}' could both be it" if found else "no name says so"
    raise DataError(
        f"{path}: which column holds the {role}? {problem} (found: {', '.join(header)})", hint=f"name it with `{role}_col`"
    )
