"""Results as Rich renderables and plain lines for a terminal."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text

from attnclf.render import captions
from attnclf.render.colours import palette
from attnclf.render.figures import short
from attnclf.render.segments import Segment, Shading, lines_of
from attnclf.results import Baseline, Explanation, Faithfulness, Note, Prediction, Report, counted, label_shares, score
from attnclf.visible import visible

SIGNS = {1: "+", -1: "−", 0: ""}  # of sides
TOPIC_WIDTH = 14  # columns
MOST_LABELS, WORST, BEST = 40, 10, 5  # rows in the table of labels; of more labels than the first, only so many
CONFUSION_LABELS = 12  # more make a table too wide to read; the commonest confusions are listed then


def note(result: Note) -> Text:
    """A decision or a warning, as one line; its topic first, so that lines stand in columns."""
    topic = f"{result.topic:<{TOPIC_WIDTH}}" if result.topic else ""
    warning = "warning: " if result.warning else ""
    return Text(topic + warning + visible(result.message), style="yellow" if result.warning else "dim")


def explanation(
    result: Explanation, methods: tuple[str, ...], *, colour: bool, trust: Faithfulness | None = None
) -> RenderableType:
    """The prediction; the text once for each of `methods`; the strongest tokens in numbers; how far it can be trusted.

    Without colour, the stronger tokens carry their number: `token(+0.42)`.
    """
    parts: list[RenderableType] = [Text.assemble(("prediction  ", "bold"), captions.probabilities(result.prediction))]
    for method in methods:
        shading = Shading.of(result, method)
        parts += [Text(""), Text(captions.title(result, method), style="bold")]
        parts += [coloured(result, shading) if colour else numbered(result, shading)]
        parts += [Text(captions.legend(result, method, shading.full, colour=colour), style="dim")]
    parts += [Text(remark, style="dim") for remark in captions.remarks(result, colour=colour)]
    if result.sentences[1:]:
        parts += [Text(""), numbers(*captions.sentences(result), ("attention", "evidence"))]
    parts += [Text(""), strongest(result, methods)]
    parts += [Text(line, style="dim") for line in captions.closing(result, methods, trust)]
    return Group(*parts)


def coloured(result: Explanation, shading: Shading) -> Text:
    """The text itself, each segment on the colour of its value; each post of an account on lines of its own."""
    lines = [Text.assemble(*((s.visible, _style(s, shading)) for s in line)) for line in lines_of(result)]
    return Text("\n").join(lines)


def _style(segment: Segment, shading: Shading) -> Style:
    strength, side = shading.step(segment), shading.side(segment)
    return Style(
        color="#000000" if strength else None,
        bgcolor=palette(side)[strength - 1] if strength else None,
        underline=(bool(strength) and side < 0) or None,
        italic=(not segment.known) or None,
        strike=(not segment.read) or None,
    )


def numbered(result: Explanation, shading: Shading) -> Text:
    """The text with numbers in place of colours, for every segment of the second step and above; `?` marks the unknown."""
    return Text("\n".join("".join(_numbered(segment, shading) for segment in line) for line in lines_of(result)))


def _numbered(segment: Segment, shading: Shading) -> str:
    text = segment.visible if segment.read else f"[not read: {segment.visible}]"
    text += "" if segment.known else "?"
    if shading.step(segment) < 2:
        return text
    number = abs(segment.score(shading.method))
    return text + f"({SIGNS[shading.side(segment)]}{short(number)})"


def strongest(result: Explanation, methods: tuple[str, ...]) -> Table:
    """The tokens with the largest numbers, by the last of `methods`."""
    return numbers(*captions.strongest(result, methods), captions.columns(methods))


def numbers(header: list[str], rows: list[list[str]], methods: Sequence[str]) -> Table:
    """Names and numbers under a header, of which `methods` are numbers."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in header:
        numeric, wide = name in methods, max(map(len, name.split("\n")))
        width = {"justify": "right", "no_wrap": True, "min_width": wide} if numeric else {"overflow": "fold"}
        table.add_column(name, **width)
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def prediction(result: Prediction) -> str:
    """One line: labels with probabilities, the base rates if they were asked for, then the text."""
    pairs = "  ".join(f"{visible(label)} {p:.3f}" for label, p in zip(result.labels, result.probabilities, strict=True))
    rates = f"  {captions.at_base_rate(result.base_rates)}" if result.base_rates else ""
    return f"{pairs}{rates}  {visible(result.text)}"


def report(result: Report, title: str, baseline: Baseline | None = None, unit: str = "rows") -> RenderableType:
    """Scores of the model and the baseline, a table of labels and the confusion matrix. `unit` is what was classified."""
    parts: list[RenderableType] = [
        _scores(result, f"{title} ({counted(result.rows, unit.removesuffix('s'), unit)})", baseline),
        Text(""),
        _labels(result),
        Text(""),
    ]
    parts += [_confusion(result) if len(result.labels) <= CONFUSION_LABELS else _confusions(result)]
    return Group(*parts)


def _scores(result: Report, title: str, baseline: Baseline | None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(visible(title), overflow="fold")  # a long path is broken, and its end with the number of rows is there
    columns = [result] + ([baseline.report] if baseline else [])
    table.add_column("attnclf" if baseline else "", justify="right")
    if baseline:
        table.add_column(baseline.name, justify="right")
    for name in Report.SCORES:
        table.add_row(result.title_of(name), *(score(column, name) for column in columns))
    return table


def _labels(result: Report) -> Table:
    """Scores by label; of very many labels the worst and the best, in this order, among those that have rows."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("label")
    for name in ("precision", "recall", "F1", "support"):
        table.add_column(name, justify="right")
    scored = sorted((s for s in result.labels if s.support), key=lambda s: (s.f1, s.label))
    many, met = len(result.labels) > MOST_LABELS, result.met
    for number, s in enumerate([*scored[:WORST], *scored[WORST:][-BEST:]] if many else result.labels):
        if many and number == WORST and len(scored) > WORST + BEST:
            table.add_row(f"… {len(scored) - WORST - BEST:,} labels between …")
        table.add_row(Text(visible(s.label)), *label_shares(s, result.rows, met), f"{s.support:,}")
    return table


def _confusion(result: Report) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 1))
    table.add_column("true ↓   predicted →", style="bold")
    for s in result.labels:
        table.add_column(Text(visible(s.label)), justify="right")
    for s, row in zip(result.labels, result.confusion, strict=True):
        table.add_row(Text(visible(s.label)), *(_shaded(count, sum(row)) for count in row))
    return table


def _shaded(count: int, total: int) -> Text:
    """A count on a grey as dark as its share of the row."""
    share = count / total if total else 0.0
    grey = round(255 - 150 * share)
    return Text(f" {count:,} ", style=Style(color="#000000", bgcolor=f"#{grey:02x}{grey:02x}{grey:02x}"))


def _confusions(result: Report) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("most often confused: true", "predicted", "rows"):
        table.add_column(name)
    names = [s.label for s in result.labels]
    pairs = [(n, i, j) for i, row in enumerate(result.confusion) for j, n in enumerate(row) if n and i != j]
    if not pairs:
        table.add_row("none")
    for n, i, j in sorted(pairs, reverse=True)[:10]:
        table.add_row(Text(visible(names[i])), Text(visible(names[j])), f"{n:,}")
    return table
