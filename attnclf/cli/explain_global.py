"""`explain --global`: the words with the most evidence for each label, over all texts of a table."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from attnclf.cli import screen
from attnclf.cli.account_column import check_group_col
from attnclf.cli.inputs import open_source, trained_columns
from attnclf.cli.output import open_output
from attnclf.cli.whole_accounts import one_per_account, tell_names
from attnclf.config import DataConfig
from attnclf.errors import UsageError
from attnclf.explain import overview
from attnclf.render import overview as overviews
from attnclf.render import records
from attnclf.results import Note, listed
from attnclf.served.model import ServedModel
from attnclf.served.unread import Unread


def refuse_others(options: Mapping[str, Any]) -> None:
    """Raises UsageError for `options` that were given and say what is explained, or how."""
    if given := [name for name, value in options.items() if value]:
        raise UsageError(f"--global cannot be combined with {listed(given)}", hint="leave that out, or leave --global out")


def explain_globally(data: str, model: Path, format_: str, output: Path | None, reading: DataConfig) -> None:
    """Writes the overview of the texts that `data` names, as text, JSON or a page."""
    served = ServedModel.load(model)
    whole, unread = served.classifies_accounts, Unread()
    check_group_col(served, reading)
    if reading.group_col and not whole:
        screen.show_note(Note("`group_col` has no effect: the words of posts are shown, whoever wrote them", warning=True))
        reading = replace(reading, group_col="")
    # Without the column of accounts, posts lack nothing: that it is missing is not told.
    with open_source([], [data], reading, trained_columns(served), whole=whole, required=not whole) as source:
        windows = one_per_account(source.windows) if whole else source.windows
        result = overview(served, (item.text for window in windows for item in window), count=unread.count)
        tell_names(source, "each counts as an account of its own" if whole else "")
    with open_output(output) as stream:
        if format_ == "html":
            stream.writelines(overviews.overview_page(result))
        elif format_ == "jsonl":
            stream.write(records.to_json(result.to_dict()) + "\n")
        else:
            console = screen.results_console(stream)
            console.print(overviews.overview(result), soft_wrap=not console.is_terminal)
    screen.show_unread(unread, served.limits)
