"""Faithfulness as tables and sentences."""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from attnclf.results import Diagnostics, Faithfulness, Interval, Measured, MethodFaithfulness, MethodPlausibility, Plausibility

HEADER = ("method", "compr. ↑", "suff. ↓", "flip ↓", "never", "τ size ↑", "τ sign ↑", "sign≠ ↓")
LEGEND = (
    "compr. and suff.: how much the probability falls without the words that a method ranks highest, and with only them; "
    "flip: the share of words to remove until the label changes (median), never: texts where it does not; τ: agreement with "
    "leaving one word out, of sizes and with signs, sign≠: how often the sign of the strongest five is not the same; "
    "±: half of a 95 % interval"
)
PEOPLE_HEADER = ("method", "token F1 ↑", "IOU F1 ↑", "AUPRC ↑")
DIAGNOSTICS = "can attention explain this model?"
MODES = {"delete": "words deleted", "unk": "something unknown in place of words"}


def measured(result: Measured) -> RenderableType:
    """All that was measured, one table below another; nothing where nothing was."""
    parts: list[RenderableType] = []
    for one in result.faithfulness:
        parts += [Text(""), Text(title(one), style="bold"), _table(HEADER, map(cells, one.methods))]
    parts += [Text(line, style="dim") for line in closing(result)]
    if result.diagnostics:
        parts += [Text(""), Text(DIAGNOSTICS, style="bold"), _table(("", ""), diagnostics(result.diagnostics))]
    if people := result.plausibility:
        parts += [
            Text(""),
            Text(against_people(people), style="bold"),
            _table(PEOPLE_HEADER, map(people_cells, people.methods)),
        ]
    return Group(*parts)


def title(result: Faithfulness) -> str:
    """What was measured on what."""
    return f"faithfulness ({_texts(result.texts)}, {MODES[result.mode]}; mean p {result.full:.3f})"


def _texts(count: int) -> str:
    return "1 text" if count == 1 else f"{count:,} texts"


def closing(measured: Measured) -> list[str]:
    """Additivity, and whether the order of methods hangs on how words are removed."""
    if not (results := measured.faithfulness):
        return []
    largest = max([r.additivity for r in results] + [measured.additivity or 0.0])
    where = "" if measured.additivity is None else " on every row"
    additive = f"evidence sums to the log-odds within {largest:.0e}{where}"
    return [LEGEND, additive, *([agreement(results)] if len(results) > 1 else [])]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """The first column is text, the others numbers."""
    table = Table(box=None, pad_edge=False, header_style="bold", show_header=any(header))
    for number, name in enumerate(header):
        table.add_column(name, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def cells(method: MethodFaithfulness) -> list[str]:
    """A method's row under HEADER."""
    flip = "—" if method.flip is None else f"{method.flip:.0%}"
    differs = "—" if method.sign_differs is None else f"{method.sign_differs:.0%}"
    intervals = [_interval(i) for i in (method.comprehensiveness, method.sufficiency, method.tau, method.tau_signed)]
    return [method.method, *intervals[:2], flip, f"{method.never:.0%}", *intervals[2:], differs]


def _interval(value: Interval | None) -> str:
    return "—" if value is None else f"{_short(value.mean)}±{_short((value.high - value.low) / 2)}"


def _short(number: float) -> str:
    """Three decimals, a real minus, no zero before the point: a table must fit 80 columns."""
    digits = f"{abs(number):.3f}".removeprefix("0")
    return ("−" if number < 0 and float(digits) else "") + digits


def agreement(results: Sequence[Faithfulness]) -> str:
    """Whether the methods come in the same order by comprehensiveness however words are removed."""
    orders = [[m.method for m in sorted(r.methods, key=lambda m: -m.comprehensiveness.mean)] for r in results]
    if all(order == orders[0] for order in orders):
        return f"the same order of methods either way: {', '.join(orders[0])}"
    return "the order of methods hangs on how words are removed: " + "; ".join(
        f"{MODES[r.mode]}: {', '.join(order)}" for r, order in zip(results, orders, strict=True)
    )


def diagnostics(result: Diagnostics) -> list[list[str]]:
    """What each diagnostic is, and its value; a row for each that is defined."""
    rows = [
        ("conicity of the encoder's states (1: all point one way)", result.conicity_of_states),
        ("conicity of the values that attention pools", result.conicity_of_values),
        ("attention on tokens that vote as attention decides", result.vote_agreement),
        ("entropy of attention (1: uniform)", result.entropy),
        ("accuracy on these texts", result.accuracy),
        ("accuracy with uniform attention", result.accuracy_uniform),
    ]
    return [[name, _interval(value)] for name, value in rows if value is not None]


def against_people(result: Plausibility) -> str:
    """What was compared with what."""
    return f"against people ({_texts(result.texts)} with a rationale; they marked {result.share:.0%} of the words)"


def people_cells(method: MethodPlausibility) -> list[str]:
    """A method's row under PEOPLE_HEADER."""
    return [method.method, *map(_interval, (method.token_f1, method.iou_f1, method.auprc))]
