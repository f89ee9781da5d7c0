"""What is said where a table has no column of accounts under the name that training knew."""

from collections.abc import Sequence

from attnclf.errors import UsageError


def renamed(group: str) -> str:
    """What helps, as the end of a note."""
    return f"; if its accounts stand under another name, rename that column to '{group}'"


def no_accounts(columns: Sequence[str], what: str, group: str) -> UsageError:
    """The error for `what` needs the column `group`; `columns` are those of the table, none where texts came otherwise."""
    found = f" (found: {', '.join(columns)})" if columns else ""
    hint = f"rename the column of accounts to '{group}'" if columns else "pass one with -f"
    return UsageError(f"{what} a table with the column '{group}'{found}", hint=hint)
