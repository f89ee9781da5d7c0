"""`explain --global`: the words with the most evidence for each label, over all texts of a table."""

from pathlib import Path

from attnclf.cli import screen
from attnclf.cli.inputs import open_source, trained_columns
from attnclf.cli.output import open_output
from attnclf.cli.whole_accounts import one_per_account, tell_names
from attnclf.config import DataConfig
from attnclf.explain import overview
from attnclf.render import overview as overviews
from attnclf.render import records
from attnclf.served.model import ServedModel


def explain_globally(data: str, model: Path, format_: str, output: Path | None, reading: DataConfig) -> None:
    """Writes the overview of the texts that `data` names, as text, JSON or a page."""
    served = ServedModel.load(model)
    whole = served.classifies_accounts
    with open_source([], [data], reading, trained_columns(served), whole=whole) as source:
        windows = one_per_account(source.windows) if whole else source.windows
        result = overview(served, (item.text for window in windows for item in window))
        tell_names(source, "each counts as an account of its own" if whole else "")
    with open_output(output) as stream:
        if format_ == "html":
            stream.writelines(overviews.overview_page(result))
        elif format_ == "jsonl":
            stream.write(records.to_json(result.to_dict()) + "\n")
        else:
            console = screen.results_console(stream)
            console.print(overviews.overview(result), soft_wrap=not console.is_terminal)
