"""Renders a comparison as a table, for a terminal or in Markdown, and as a picture."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.box import MARKDOWN
from rich.console import Console, Group, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from attnclf.errors import UsageError
from attnclf.extras import extra
from attnclf.model.mechanisms import MECHANISMS
from attnclf.results import Comparison, Row, Spread, decimals
from attnclf.visible import visible

COLUMNS = {  # figure: its header and format, "" where that depends on the rows
    "accuracy": ("accuracy", ""),
    "macro_f1": ("macro F1", ""),
    "network_accuracy": ("network alone", ""),
    "parameters": ("params", ",.0f"),
    "seconds_per_epoch": ("s/epoch", ".2f"),
    "texts_per_second": ("texts/s", ",.0f"),
    "evidence_comprehensiveness": ("evidence compr.", ".3f"),
    "attention_comprehensiveness": ("attention compr.", ".3f"),
    "attention_share": ("attention share", ".0%"),
}
WIDE = ("macro_f1", "attention_comprehensiveness")  # left out up to 108 columns; the share of |evidence|'s stays
# What is left out on a terminal that is narrower still, one after the other.
LEFT_OUT = (*WIDE, "parameters", "seconds_per_epoch", "texts_per_second", "network_accuracy", "evidence_comprehensiveness")
NAMES = 9  # columns, the fewest for the name of a mechanism or an encoder
SPREAD = ("accuracy", "macro_f1")  # the figures that are shown with their deviation
PICTURES = (".png", ".svg")
BLUE, ORANGE = "#0072b2", "#d55e00"  # the colour-blind can tell them apart too
WIDEST = 10_000  # columns, so that no cell is folded


def table(result: Comparison, width: int) -> RenderableType:
    """The table and its legend for a terminal of `width` columns: with the figures that fit in, and the names of the others."""

    def grid(names: Mapping[str, Any]) -> Table:
        empty = Table(box=None, pad_edge=False, padding=(0, 2 if width > 100 else 1, 0, 0), header_style="bold")
        return _filled(empty, result.rows, columns, names)

    console = Console(width=WIDEST, _environ={})
    columns, gone = _columns(result), 0
    while gone < len(LEFT_OUT) and (
        (width <= 108 and gone < len(WIDE)) or Measurement.get(console, console.options, grid({"width": NAMES})).minimum > width
    ):
        del columns[LEFT_OUT[gone]]
        gone += 1
    shown = legend(result) + left_out([COLUMNS[name][0] for name in LEFT_OUT[:gone]])
    return Group(grid({"min_width": NAMES}), Text(""), Text(shown, style="dim"))


def left_out(headers: Sequence[str]) -> str:
    """The end of a legend that says which columns a narrow terminal does not show; "" without any."""
    return f"; left out here: {', '.join(headers)} (--json or a wider terminal has them)" if headers else ""


def _columns(result: Comparison) -> dict[str, tuple[str, str]]:
    """The header and the format of each figure: shares of rows have the decimals that so many rows can tell."""
    rows = {"network_accuracy": result.valid_rows}
    forms = {name: form or f".{decimals(rows.get(name, result.scored_rows))}f" for name, (_, form) in COLUMNS.items()}
    return {name: (header, forms[name]) for name, (header, _) in COLUMNS.items()}


def markdown(result: Comparison) -> str:
    """The table and its legend in Markdown, with all columns."""
    console = Console(file=io.StringIO(), width=WIDEST, color_system=None, _environ={})
    with console.capture() as captured:
        console.print(_filled(Table(box=MARKDOWN), result.rows, _columns(result)))
    lines = [line.rstrip() for line in captured.get().splitlines()]
    return "\n".join([*filter(None, lines), "", legend(result), ""])


def legend(result: Comparison) -> str:
    """A sentence that says what the numbers measure."""
    most = _most_seeds(result.rows)
    fewer = ", ".join(f"{row.attention} + {row.encoder}: {row.seeds}" for row in result.rows if row.seeds < most)
    return (
        f"trained on {result.train_rows:,} rows, scored on {result.scored_rows:,} {result.scored_on} rows; "
        f"{_over(most)}{f' ({fewer})' if fewer else ''}; network alone: validation accuracy without the linear model; params: "
        "without the tables of the vocabulary; texts/s: on texts whose words were seen before; compr.: how much the "
        "probability falls without the words that evidence or attention rank highest; attention share: attention's compr. as "
        f"a share of that of evidence without its sign{_unaligned(result.rows)}{_failed(result)}"
    )


def _failed(result: Comparison) -> str:
    """Which combinations have no row, because all their runs failed."""
    return "".join(
        f"; {attention} + {encoder} failed: {visible(one.message)}" for (attention, encoder), one in result.failed.items()
    )


def _unaligned(rows: Sequence[Row]) -> str:
    """Which of these mechanisms training cannot align with the decision."""
    names = dict.fromkeys(row.attention for row in rows if not MECHANISMS.make(row.attention, {}).can_be_aligned)
    return f"; never aligned: {', '.join(names)}" if names else ""


def _most_seeds(rows: Sequence[Row]) -> int:
    return max((row.seeds for row in rows), default=0)


def _over(seeds: int) -> str:
    return f"mean ± standard deviation over {seeds} seeds" if seeds > 1 else "one seed"


def _filled(
    grid: Table, rows: Sequence[Row], columns: Mapping[str, tuple[str, str]], names: Mapping[str, Any] | None = None
) -> Table:
    """The table with its columns and rows. On a narrow terminal, names and spreads are folded, but no other number is.

    `names` is how wide the columns of names are.
    """
    for name in ("attention", "encoder"):
        grid.add_column(name, overflow="fold", **(names or {}))
    for figure, (header, _) in columns.items():
        whole: dict[str, Any] = {"min_width": 8} if figure in SPREAD else {"no_wrap": True}
        grid.add_column(header if grid.box else header.replace(" ", "\n"), justify="right", **whole)
    for row in rows:
        cells = (_cell(row.figures[figure], form, figure in SPREAD) for figure, (_, form) in columns.items())
        grid.add_row(row.attention, row.encoder, *cells)
    return grid


def _cell(figure: Spread, form: str, spread: bool) -> str:
    if figure.mean is None:
        return "–"
    return f"{figure.mean:{form}}" + (f" ± {figure.deviation:{form}}" if spread and figure.deviation is not None else "")


def check_picture(path: Path) -> None:
    """Raises UsageError if a picture cannot be written to `path`, so that this is known before training."""
    if path.suffix.lower() not in PICTURES:
        raise UsageError(f"--plot {path}: a picture is a .png or .svg file")
    with extra("plot", of="--plot", library="matplotlib"):
        import matplotlib  # noqa: F401


def picture(result: Comparison, kind: str) -> bytes:
    """Accuracy, faithfulness and speed side by side, with one row for each combination; `kind` is "png" or "svg"."""
    from matplotlib.figure import Figure

    rows = result.rows[::-1]  # the best is drawn on top
    figure = Figure(figsize=(11, 1.8 + 0.3 * len(rows)), layout="constrained")
    scores, faithful, speed = figure.subplots(1, 3, sharey=True, width_ratios=(3, 3, 2))
    _points(scores, rows, "accuracy", BLUE, "o")
    _points(faithful, rows, "evidence_comprehensiveness", BLUE, "o", "evidence")
    _points(faithful, rows, "attention_comprehensiveness", ORANGE, "D", "attention")
    _points(speed, rows, "texts_per_second", BLUE, "o")
    scores.set_yticks(range(len(rows)), [f"{row.attention} + {row.encoder}" for row in rows])
    scores.set_ylim(-0.7, len(rows) - 0.3)
    faithful.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, frameon=False)
    speed.set_xlim(left=0)
    speed.locator_params(axis="x", nbins=4)
    named = {scores: f"{result.scored_on} accuracy", faithful: "comprehensiveness", speed: "texts a second"}
    for axes, name in named.items():
        axes.set_xlabel(name)
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle(f"attention mechanisms + encoders, {_over(_most_seeds(rows))}")
    stream = io.BytesIO()
    figure.savefig(stream, format=kind, dpi=150)
    return stream.getvalue()


def _points(axes: Any, rows: Sequence[Row], name: str, colour: str, marker: str, label: str = "") -> None:
    """Draws the mean of a figure for each row, with its standard deviation to both sides."""
    drawn = [(row.figures[name], place) for place, row in enumerate(rows) if row.figures[name].mean is not None]
    spreads, places = [spread for spread, _ in drawn], [place for _, place in drawn]
    deviations = [spread.deviation or 0.0 for spread in spreads]
    style = {"fmt": marker, "color": colour, "capsize": 3, "markersize": 5, "label": label}
    axes.errorbar([spread.mean for spread in spreads], places, xerr=deviations, **style)
