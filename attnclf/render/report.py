"""Renders `eval --report` as one HTML page that needs no network.

It shows how well the model does, how it was trained, how far its explanations can be trusted, and its most confident errors.
"""

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attnclf.render import accounts, trust
from attnclf.render.basis import lines as basis_lines
from attnclf.render.charts import Line, chart
from attnclf.render.html import article, page_of, scrolling, table
from attnclf.render.records import EVERY_ROW
from attnclf.results import AccountScores, Basis, Bin, Explanation, Measured, Report, label_shares, score
from attnclf.visible import visible


def report_page(
    report: Report,
    source: str,
    bins: Sequence[Bin],
    history: Sequence[Mapping[str, Any]],
    measured: Measured,
    stored: Measured,
    errors: Sequence[tuple[str, Explanation]],
    of_accounts: AccountScores | None = None,
    basis: Basis = EVERY_ROW,
    unit: str = "rows",
) -> Iterator[str]:
    """The page in pieces.

    `bins` are those of calibration, and `history` has a mapping for each epoch of training. Explanations were `measured` on
    these rows, and `stored` are the measurements from training. `errors` are pairs of the true label and the explanation.
    `of_accounts` has the scores of accounts, if the model judges them, and `basis` says what all of them rest on.
    `unit` is what was classified.
    """

    def body() -> Iterator[str]:
        yield f'<p class="legend">{report.rows:,} {unit} of {html.escape(visible(source))}</p>\n'
        yield "".join(f'<p class="legend">{html.escape(line)}</p>\n' for line in basis_lines(basis, unit))
        yield _scores(report)
        yield accounts.section(of_accounts, elsewhere=bool(basis.base_rates))
        yield _labels(report, unit)
        yield _confusion(report)
        yield _charts(bins, history)
        yield _trust(measured, "on texts from these rows")
        yield _trust(stored, "by training, on validation texts")
        yield _errors(errors)

    yield from page_of("attnclf eval", "How well the model does", body())


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first column is text and whose other columns are numbers."""
    return table(header, rows, [number > 0 for number in range(len(header))])


def _scores(report: Report) -> str:
    rows = [
        [report.title_of(name) + (" (lower is better)" if name in Report.LOWER_IS_BETTER else ""), score(report, name)]
        for name in Report.SCORES
    ]
    return _table(["score", ""], rows)


def _labels(report: Report, unit: str) -> str:
    met = report.met
    rows = [[visible(s.label), *label_shares(s, report.rows, met), f"{s.support:,}"] for s in report.labels]
    return "<h2>Labels</h2>\n" + _table(["label", "precision", "recall", "F1", unit], rows)


def _confusion(report: Report) -> str:
    """The confusion matrix. Rows are true labels; the darker a cell, the larger its share of the row."""
    names = [html.escape(visible(s.label)) for s in report.labels]
    lines = ["<tr><th>true ↓ predicted →</th>" + "".join(f'<th class="n">{name}</th>' for name in names) + "</tr>\n"]
    for name, row in zip(names, report.confusion, strict=True):
        total = max(1, sum(row))
        cells = "".join(f'<td class="n share" style="--share: {count / total:.3f}">{count:,}</td>' for count in row)
        lines.append(f"<tr><th>{name}</th>{cells}</tr>\n")
    return f"<h2>Confusion</h2>\n{scrolling(lines, 'confusion')}"


def _charts(bins: Sequence[Bin], history: Sequence[Mapping[str, Any]]) -> str:
    calibration = chart(
        "Calibration",
        "probability of the predicted label",
        "share of correct predictions",
        [
            Line("the model", [(b.confidence, b.accuracy) for b in bins]),
            Line("perfect calibration", [(0, 0), (1, 1)], dashed=True),
        ],
        top=1.0,
    )
    parts = [calibration]
    if history:
        epochs = [float(line["epoch"]) for line in history]
        scores, losses = (
            [Line(name.replace("_", " "), list(zip(epochs, (line[name] for line in history), strict=True))) for name in names]
            for names in (("macro_f1", "accuracy"), ("loss", "log_loss") if "log_loss" in history[0] else ("loss",))
        )
        parts += [
            chart("Validation scores during training", "epoch", "score", scores, top=1.0),
            chart("Training loss and validation log loss", "epoch", "nats", losses),
        ]
    return f'<h2>Calibration and training</h2>\n<div class="charts">{"".join(parts)}</div>\n'


def _trust(measured: Measured, where: str) -> str:
    if measured == Measured():
        return ""
    parts = [f'<h2>How far explanations can be trusted</h2>\n<p class="legend">measured {where}</p>\n']
    for result in measured.faithfulness:
        parts += [_heading(trust.title(result)), _table(trust.HEADER, [trust.cells(method) for method in result.methods])]
    parts += [f'<p class="legend">{html.escape(line)}</p>\n' for line in trust.closing(measured)]
    if measured.diagnostics:
        parts += [_heading(trust.DIAGNOSTICS), _table(["", ""], trust.diagnostics(measured.diagnostics))]
    if people := measured.plausibility:
        rows = [trust.people_cells(method) for method in people.methods]
        parts += [_heading(trust.against_people(people)), _table(trust.PEOPLE_HEADER, rows)]
    return "".join(parts)


def _heading(text: str) -> str:
    return f"<h3>{html.escape(text)}</h3>\n"


def _errors(errors: Sequence[tuple[str, Explanation]]) -> str:
    if not errors:
        return "<h2>Errors</h2>\n<p>none</p>\n"
    parts = ["<h2>The most confident errors</h2>\n"]
    for true, explanation in errors:
        parts.append(f'<p class="legend">true label: {html.escape(visible(true))}</p>\n{article(explanation, ("evidence",))}')
    return "".join(parts)
