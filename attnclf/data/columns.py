"""Which columns hold text, label and group: named, remembered from training, or guessed when one guess makes sense."""

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
) -> tuple[dict[str, str], list[str]]:
    """Column name by role, and the guesses made, in words: the column that `config` names, else the one that the model was
    `trained` on if it is there, else the only one whose name fits. `labelled=False` looks for no label column. A column of
    groups is never guessed."""
    columns: dict[str, str] = {}
    notes: list[str] = []
    roles = [("text", config.text_col, TEXT_NAMES)] + ([("label", config.label_col, LABEL_NAMES)] if labelled else [])
    for role, wanted, names in roles:
        known = trained.get(role, "") if trained.get(role) in header else ""
        columns[role] = wanted or known or _guess(header, names, role, path)
        if not (wanted or known):
            notes.append(f"{path}: {role} column '{columns[role]}' (guessed; --{role}-col names another)")
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
            f"{path}: one column cannot be two of {', '.join(columns)}", hint="name them with `text_col`, `label_col` and `group_col`"
        )
    return columns, notes


def _guess(header: Sequence[str], names: set[str], role: str, path: Path) -> str:
    if len(header) == 1 and role == "text":
        return header[0]
    found = [column for column in header if column.strip().lower() in names]
    if len(found) == 1:
        return found[0]
    problem = f"'{found[0]}' and '{found[1]}' could both be" if found else "none is named like"
    raise DataError(
        f"{path}: which column holds the {role}? {problem} it (found: {', '.join(header)})", hint=f"name it with `{role}_col`"
    )
