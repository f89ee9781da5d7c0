"""What is said where a table has no column of accounts under the name that training knew, and where a model knows none."""

from collections.abc import Sequence

from attnclf.config import DataConfig
from attnclf.data import without_accounts
from attnclf.errors import UsageError
from attnclf.results import Note
from attnclf.served.model import ServedModel

REMEDY = "name it with `group_col`"


def check_group_col(served: ServedModel, reading: DataConfig) -> None:
    """Raises UsageError where a column of accounts is named, and the model says nothing of accounts."""
    if reading.group_col and not served.knows_accounts:
        what = "`group_col` names the column of accounts, and the model says nothing of accounts"
        known = served.bundle.config.data.group_col  # too few accounts were held out, or none of another label
        raise UsageError(what, hint="leave it out" if known else "leave it out, or train with `group_col`")


def no_group(group: str, source: str, so: str = "") -> Note:
    """The warning that the table `source` has no column `group`, and `so` what follows; "": each row is its own account."""
    return Note(without_accounts(group, source, so, REMEDY), warning=True)


def no_accounts(columns: Sequence[str], what: str, group: str) -> UsageError:
    """The error for `what` needs the column `group`; `columns` are those of the table, none where texts came otherwise."""
    found = f" (found: {', '.join(columns)})" if columns else ""
    hint = f"if accounts stand under another name, {REMEDY}" if columns else "pass one with -f"
    return UsageError(f"{what} a table with the column '{group}'{found}", hint=hint)
