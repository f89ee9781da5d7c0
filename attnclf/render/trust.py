"""Faithfulness as tables and sentences."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from attnclf.findings import Faithfulness, Interval, MethodFaithfulness

HEADER = ("method", "comprehensiveness ↑", "sufficiency ↓", "flip ↓", "never", "τ, sizes ↑", "τ, signs ↑", "sign differs ↓")
MODES = {"delete": "words deleted", "unk": "something unknown in place of words"}


def faithfulness(results: Sequence[Faithfulness]) -> RenderableType:
    """A table for each way of removing words, and whether they agree on the order of the methods."""
    parts: list[RenderableType] = []
    for result in results:
        title = f"faithfulness ({result.texts:,} texts, {MODES[result.mode]}; mean p {result.full:.3f})"
        parts += [Text(""), Text(title, style="bold"), _table(result)]
    parts += [Text(f"evidence sums to the log-odds within {max(r.additivity for r in results):.0e}", style="dim")]
    parts += [Text(agreement(results), style="dim")] if len(results) > 1 else []
    return Group(*parts)


def _table(result: Faithfulness) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in HEADER:
        table.add_column(name, justify="left" if name == "method" else "right")
    for method in result.methods:
        table.add_row(*_cells(method))
    return table


def _cells(method: MethodFaithfulness) -> list[str]:
    flip = "—" if method.flip is None else f"{method.flip:.0%}"
    differs = "—" if method.sign_differs is None else f"{method.sign_differs:.0%}"
    intervals = [_interval(i) for i in (method.comprehensiveness, method.sufficiency, method.tau, method.tau_signed)]
    return [method.method, *intervals[:2], flip, f"{method.never:.0%}", *intervals[2:], differs]


def _interval(value: Interval | None) -> str:
    return "—" if value is None else f"{value.mean:.3f} [{value.low:.3f}, {value.high:.3f}]".replace("-", "−")


def agreement(results: Sequence[Faithfulness]) -> str:
    """Whether the methods come in the same order by comprehensiveness however words are removed."""
    orders = [[m.method for m in sorted(r.methods, key=lambda m: -m.comprehensiveness.mean)] for r in results]
    if all(order == orders[0] for order in orders):
        return f"the same order of methods either way: {', '.join(orders[0])}"
    return "the order of methods hangs on how words are removed: " + "; ".join(
        f"{MODES[r.mode]}: {', '.join(order)}" for r, order in zip(results, orders, strict=True)
    )
