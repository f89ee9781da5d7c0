"""Renders a search for settings: a table of its trials, what is to be made of them, and a picture."""

import io
from collections.abc import Sequence
from typing import Any

from rich.box import MARKDOWN
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from attnclf.render.comparison import BLUE, ORANGE, WIDEST, left_out
from attnclf.results import Outcome, Settings, Trial, Tuned, counted

GREY = "#999999"
TAKEN = " The default is taken."
COLUMNS = ("trial", "log loss", "lower by", "accuracy", "macro F1", "epochs", "seconds")
WIDE = ("macro F1", "epochs")  # left out on a narrow terminal


def table(result: Tuned, width: int) -> RenderableType:
    """The table, best trial first, and what it says, for a terminal of `width` columns."""
    grid = Table(box=None, pad_edge=False, padding=(0, 2 if width > 100 else 1, 0, 0), header_style="bold")
    columns = [name for name in COLUMNS if width > 100 or name not in WIDE]
    said = legend(result) + left_out([name for name in WIDE if name not in columns])
    return Group(_filled(grid, result, columns), Text(""), Text(said, style="dim"), Text(""), Text(verdict(result)))


def markdown(result: Tuned) -> str:
    """The same in Markdown, with all columns."""
    console = Console(file=io.StringIO(), width=WIDEST, color_system=None, _environ={})
    with console.capture() as captured:
        console.print(_filled(Table(box=MARKDOWN), result, COLUMNS))
    lines = [line.rstrip() for line in captured.get().splitlines()]
    return "\n".join([*filter(None, lines), "", legend(result), "", verdict(result), ""])


def _filled(grid: Table, result: Tuned, columns: Sequence[str]) -> Table:
    for name in columns:
        grid.add_column(name, justify="right", no_wrap=True)
    grid.add_column("settings", overflow="fold")
    for trial in result.done:
        cells = _cells(trial)
        grid.add_row(*(cells[name] for name in columns), changed(trial.settings, result.default))
    return grid


def _cells(trial: Trial) -> dict[str, str]:
    is_compared = trial.gain is not None and trial.gain_error is not None
    return {
        "trial": str(trial.number),
        "log loss": f"{trial.log_loss:.4f}",
        "lower by": f"{trial.gain:.4f} ± {trial.gain_error:.4f}".replace("-", "−") if is_compared else "–",
        "accuracy": f"{trial.accuracy:.4f}",
        "macro F1": f"{trial.macro_f1:.4f}",
        "epochs": str(len(trial.curve)),
        "seconds": f"{trial.seconds:.0f}",
    }


def changed(settings: Settings, default: Settings) -> str:
    """What differs from the default, in words."""
    names = [f"{name} {_number(value)}" for name, value in settings.items() if value != default[name]]
    return ", ".join(names) or "the default"


def _number(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def legend(result: Tuned) -> str:
    """A sentence that says what the numbers measure."""
    ended: dict[Outcome, str] = {"pruned": "pruned, as worse than the median after as many epochs"}
    ended |= {"cut": "cut off", "failed": "failed"}
    more = "".join(f"; {result.counted(outcome)} {what}" for outcome, what in ended.items() if result.counted(outcome))
    accounts = f" of {result.valid_groups:,} accounts or families of them" if result.valid_groups else ""
    rows = f"trained on {result.train_rows:,} rows, scored on {result.valid_rows:,} validation rows{accounts}"
    lower = f"lower by: than the default, in pairs over the {_unit(result)}, ± standard error"
    return f"{rows}; {counted(len(result.done), 'trial', 'trials')} done{more}; log loss in nats; {lower}"


def _unit(result: Tuned) -> str:
    return "accounts" if result.valid_groups else "rows"


def verdict(result: Tuned) -> str:
    """Which settings are to be used, and why; of a search that was interrupted, what it has found so far."""
    found = _found(result)
    return f"Interrupted. So far: {found.removesuffix(TAKEN)}" if result.interrupted else found


def _found(result: Tuned) -> str:
    if result.first is None:
        return "No trial of the default is done, so nothing can be said."
    best = result.done[0]
    if not result.others:
        return f"No trial but the default's was made.{TAKEN}"
    if best.gain is None or best.gain_error is None:
        others = counted(result.others, "other trial has", "other trials have")
        return f"The default was as good as it gets: none of the {others} a lower log loss."
    drawn = f"{result.drawn:,} {_unit(result)}"
    found = f"its log loss is lower by {best.gain:.4f} ± {best.gain_error:.4f}"
    needed = f"{result.errors_needed:.1f} standard errors, which the best of {result.others} needs over {drawn}"
    if not result.is_better:
        near = f"trial {best.number} may be better by chance ({found}: less than {needed})"
        return f"The default was as good as it gets: {near}.{TAKEN}"
    flattered = "Its scores on these rows flatter it, because it was chosen by them: score it on rows that no trial has seen."
    return f"Trial {best.number} is better than the default: {found}, more than {needed}. {flattered}"


def picture(result: Tuned, kind: str) -> bytes:
    """The log loss of each trial in order, and its course over the epochs; `kind` is "png" or "svg"."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.5), layout="constrained")
    order, epochs = figure.subplots(1, 2, sharey=True)
    chosen = result.chosen
    for trial in result.trials:
        if trial.curve:
            is_first = trial.settings == result.default
            colour = BLUE if is_first else ORANGE if chosen and trial.number == chosen.number else GREY
            above = {"color": colour, "zorder": 2 if colour == GREY else 3}
            _draw(order, epochs, trial, above)
    lows = [(trial.number, trial.log_loss) for trial in result.trials if trial.log_loss is not None]
    if lows:
        best = [min(loss for _, loss in lows[: i + 1]) for i in range(len(lows))]
        order.step([number for number, _ in lows], best, where="post", color=GREY, linewidth=1, linestyle="--", zorder=1)
    order.set_xlabel("trial (circles: done, crosses: ended early, dashes: the lowest so far)")
    order.set_ylabel("validation log loss")
    epochs.set_xlabel("epoch")
    for axes in (order, epochs):
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        axes.xaxis.get_major_locator().set_params(integer=True)
    taken = "the default (blue) is taken" if chosen is None or not result.is_better else "blue: the default; orange: taken"
    if result.interrupted:
        taken = "interrupted; blue: the default"
    figure.suptitle(f"{counted(len(result.trials), 'trial', 'trials')}; {taken}")
    stream = io.BytesIO()
    figure.savefig(stream, format=kind, dpi=150)
    return stream.getvalue()


def _draw(order: Any, epochs: Any, trial: Trial, style: dict[str, Any]) -> None:
    loss = trial.log_loss if trial.log_loss is not None else min(trial.curve)
    order.plot([trial.number], [loss], "o" if trial.outcome == "done" else "x", markersize=6, **style)
    epochs.plot(range(1, len(trial.curve) + 1), trial.curve, linewidth=1.5, marker=".", **style)
