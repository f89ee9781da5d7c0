"""Renders the measurements of how far explanations can be trusted, as tables and sentences."""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from attnclf.explain.methods import label_of
from attnclf.results import Diagnostics, Faithfulness, Interval, Measured, MethodFaithfulness, MethodPlausibility, Plausibility

HEADER = ("method", "compr. ↑", "suff. ↓", "flip ↓", "never", "τ size ↑", "τ sign ↑", "sign≠ ↓")
LEGEND = (
    "compr.: how much the probability falls without the words that a method ranks highest; suff.: how much it falls with only "
    "these words; flip: the share of words to remove until the label changes (median); never: the share of texts whose label "
    "never changes; τ: agreement with leaving one word out, by size and with signs; sign≠: how often the sign of the five "
    "strongest words differs from that of leaving them out; ±: half the width of a 95 % interval; |evidence|: evidence "
    "without its sign, by which attention is measured; ±attention: attention with the sign of evidence"
)
PEOPLE_HEADER = ("method", "token F1 ↑", "IOU F1 ↑", "AUPRC ↑")
DIAGNOSTICS = "can attention explain this model?"
MODES = {"delete": "words deleted", "unk": "words replaced by something unknown"}


def measured(result: Measured) -> RenderableType:
    """All that was measured, one table below the other; empty if nothing was measured."""
    parts: list[RenderableType] = []
    for faithfulness in result.faithfulness:
        parts += [Text(""), Text(title(faithfulness), style="bold"), _table(HEADER, map(cells, faithfulness.methods))]
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
    """A heading: how many texts were measured, how words were removed, and the mean p of the full texts."""
    pieces = f", neighbours together in {result.in_pieces:,}" if result.in_pieces else ""
    return f"faithfulness ({_texts(result.texts)}, {MODES[result.mode]}{pieces}; mean p {result.full:.3f})"


def _texts(count: int) -> str:
    return "1 text" if count == 1 else f"{count:,} texts"


def closing(measured: Measured) -> list[str]:
    """The legend, the additivity, and whether the order of methods depends on how words are removed."""
    if not (results := measured.faithfulness):
        return []
    largest = max([r.additivity for r in results] + [measured.additivity or 0.0])
    where = "" if measured.additivity is None else " on every row"
    additive = f"evidence sums to the log-odds within {largest:.0e}{where}"
    return [LEGEND, additive, *([agreement(results)] if len(results) > 1 else [])]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table whose first column is text and whose other columns are numbers."""
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
    return [label_of(method.method), *intervals[:2], flip, f"{method.never:.0%}", *intervals[2:], differs]


def _interval(value: Interval | None) -> str:
    if value is None:
        return "—"
    half = "" if value.low is None or value.high is None else f"±{_short((value.high - value.low) / 2)}"
    return _short(value.mean) + half


def _short(number: float) -> str:
    """Three decimals with a real minus and no zero before the point, because a table must fit in 80 columns."""
    digits = f"{abs(number):.3f}".removeprefix("0")
    return ("−" if number < 0 and float(digits) else "") + digits


def agreement(results: Sequence[Faithfulness]) -> str:
    """Says whether the order of methods by comprehensiveness is the same for each way of removing words."""
    orders = [[label_of(m.method) for m in sorted(r.methods, key=lambda m: -m.comprehensiveness.mean)] for r in results]
    if all(order == orders[0] for order in orders):
        return f"the same order of methods for both ways of removing words: {', '.join(orders[0])}"
    return "the order of methods depends on how words are removed: " + "; ".join(
        f"{MODES[r.mode]}: {', '.join(order)}" for r, order in zip(results, orders, strict=True)
    )


def diagnostics(result: Diagnostics) -> list[list[str]]:
    """A row for each defined diagnostic: what it is, and its value."""
    rows = [
        ("conicity of the encoder's states (1: all point the same way)", result.conicity_of_states),
        ("conicity of the values that attention pools", result.conicity_of_values),
        ("attention on tokens that vote like attention as a whole", result.vote_agreement),
        ("entropy of attention (1: uniform)", result.entropy),
        ("accuracy on these texts", result.accuracy),
        ("accuracy with uniform attention", result.accuracy_uniform),
    ]
    return [[name, _interval(value)] for name, value in rows if value is not None]


def against_people(result: Plausibility) -> str:
    """A heading: how many texts have a rationale, and the share of words that people marked."""
    return f"against people ({_texts(result.texts)} with a rationale; they marked {result.share:.0%} of the words)"


def people_cells(method: MethodPlausibility) -> list[str]:
    """A method's row under PEOPLE_HEADER."""
    return [label_of(method.method), *map(_interval, (method.token_f1, method.iou_f1, method.auprc))]
