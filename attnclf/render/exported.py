"""What quantising a model changes, for a terminal."""

from rich.table import Table
from rich.text import Text

from attnclf.results import counted, share
from attnclf.results.exported import Quantisation
from attnclf.visible import visible


def shown(found: Quantisation) -> Table:
    """A table: float32 beside int8, a line for each measure."""
    table = Table(box=None, padding=(0, 2), pad_edge=False, header_style="bold")
    table.add_column(Text(visible(f"{found.source} ({counted(found.rows, 'row', 'rows')})")))
    for name in ("float32", "int8"):
        table.add_column(name, justify="right")
    both = (found.before, found.after)
    rows = {
        "graphs, MB": [f"{one.bytes / 1e6:,.1f}" for one in both],
        "texts a second, on one core": [f"{one.texts_per_second:,.0f}" for one in both],
        "accuracy": [share(one.accuracy, found.rows) for one in both],
        "log loss": [f"{one.log_loss:.4f}" for one in both],
        "other labels than float32": ["", f"{found.changed:.2%}"],
        f"contributions miss the logits by ({counted(found.summed, 'row', 'rows')})": ["", found.gap],
    }
    for name, cells in rows.items():
        table.add_row(name, *cells)
    return table
