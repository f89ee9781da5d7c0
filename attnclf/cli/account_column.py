"""The error where a table has no column of accounts under the name that training knew."""

from collections.abc import Sequence

from attnclf.errors import UsageError


def no_accounts(columns: Sequence[str], what: str, group: str) -> UsageError:
    """The error for `what` needs the column `group`; `columns` are those of the table, none where texts came otherwise."""
    found = f" (found: {', '.join(columns)})" if columns else ""
    hint = f"rename the column of accounts to '{group}'" if columns else "pass one with -f"
    return UsageError(f"{what} a table with the column '{group}'{found}", hint=hint)
