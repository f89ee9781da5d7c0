"""Verdicts on accounts, for a terminal and a page."""

import html
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from attnclf.render.charts import Line, chart
from attnclf.render.html import table as html_table
from attnclf.render.verdicts import threshold
from attnclf.results import CALIBRATION_ROWS, AccountScores, Scores, loss, score, with_interval

SHOWN = ("accuracy", "macro_f1", "log_loss", "calibration_error")


def header(found: AccountScores) -> list[str]:
    """The columns of `rows`."""
    by = ", by the likeliest label" if found.decisions else ""  # which is not what the rule decides
    return ["95 % intervals over accounts", f"posts ({found.posts.report.rows:,})", f"accounts ({found.accounts:,}){by}"]


def rows(found: AccountScores) -> list[list[str]]:
    """The scores of posts and of accounts side by side, a row for each score."""
    return [[name.replace("_", " "), *(_cell(side, name, found) for side in (found.posts, found.verdicts))] for name in SHOWN]


def _cell(side: Scores, name: str, found: AccountScores) -> str:
    intervals = side.intervals
    return with_interval(intervals[name], found.accounts) if name in intervals else score(side.report, name)


def shown(found: AccountScores | None, *, elsewhere: bool = False) -> RenderableType:
    """The scores for a terminal; nothing where there are none. They may hold `elsewhere` than at the base rates of training."""
    if not found:
        return Group()
    after: list[RenderableType] = [Text(""), _table(AFTER, after_rows(found))] if found.after else []
    beside: list[RenderableType] = [Text(""), _table(BESIDE, beside_rows(found))] if found.held_out else []
    return Group(Text(""), _table(header(found), rows(found)), *map(Text, decided(found, elsewhere)), *after, *beside)


def decided(found: AccountScores, elsewhere: bool) -> list[str]:
    """Sentences about what is decided, and by which thresholds; none where every account gets its likeliest label."""
    if (decisions := found.decisions) is None:
        return []
    lines = ["no account is decided"]
    if decisions.error:
        coverage, error = (with_interval(one, found.accounts) for one in (decisions.coverage, decisions.error))
        lines = [f"decided: {coverage} of the accounts; {error} of these are wrong"]
    return lines + [f"threshold of {threshold(one, elsewhere=elsewhere)}" for one in decisions.thresholds]


AFTER = ["first posts", "posts read", "accuracy", "log loss", "calibration error", "undecided"]


def after_rows(found: AccountScores) -> list[list[str]]:
    """The verdicts after the first few posts of each account, a row for each number of posts."""
    count = found.accounts
    return [
        [
            "all" if one.posts is None else f"{one.posts:,}",
            f"{one.read:.1f}",
            with_interval(one.accuracy, count),
            loss(one.log_loss, count),
            loss(one.calibration_error, count) if count >= CALIBRATION_ROWS else "–",
            with_interval(one.undecided, count),
        ]
        for one in found.after
    ]


BESIDE = ["beside the model's own held-out accounts", "held out", "here"]


def beside_rows(found: AccountScores) -> list[list[str]]:
    """These accounts and those that were held out of training, a row for each number."""
    if not (found.held_out and found.summary):
        return []
    sides = (found.held_out, found.summary)
    return [
        ["accounts", *(f"{side.accounts:,}" for side in sides)],
        *(
            [f"{name.replace('_', ' ')} of accounts", *(with_interval(getattr(side, name), side.accounts) for side in sides)]
            for name in ("accuracy", "macro_f1", "log_loss")
        ),
        ["accuracy of posts", *(with_interval(side.post_accuracy, side.accounts) for side in sides)],
        ["posts of an account", *(f"{side.posts:.1f}" for side in sides)],
        ["characters of a post", *(f"{side.characters:.0f}" for side in sides)],
        ["share of words seen in training", *(f"{side.familiar:.1%}" for side in sides)],
    ]


def _curve(found: AccountScores) -> str:
    """The same as a chart."""
    lines = [
        Line("accuracy", [(one.read, one.accuracy.mean) for one in found.after]),
        Line("undecided", [(one.read, one.undecided.mean) for one in found.after]),
        Line("calibration error", [(one.read, one.calibration_error) for one in found.after]),
    ]
    return chart("How many posts are needed", "posts read of an account (mean)", "share of accounts", lines, top=1.0)


def section(found: AccountScores | None, *, elsewhere: bool) -> str:
    """The scores as a part of a page, "" where there are none; `elsewhere` as in `shown`."""
    if not found:
        return ""
    lines = "".join(f'<p class="legend">{html.escape(line)}</p>\n' for line in decided(found, elsewhere))
    return (
        "<h2>Posts and accounts</h2>\n"
        + html_table(header(found), rows(found), [False, True, True])
        + lines
        + _after(found)
        + _beside(found)
    )


def _beside(found: AccountScores) -> str:
    """The same accounts beside the model's own held-out ones, as a table; "" where there are none."""
    if not (beside := beside_rows(found)):
        return ""
    return f"<h2>Beside the model's own held-out accounts</h2>\n{html_table(['', *BESIDE[1:]], beside, [False, True, True])}"


def _after(found: AccountScores) -> str:
    """The verdicts after the first few posts, as a table and a chart; "" where they were not asked for."""
    if not found.after:
        return ""
    numeric = [number > 0 for number in range(len(AFTER))]
    return html_table(AFTER, after_rows(found), numeric) + f'<div class="charts">{_curve(found)}</div>\n'


def _table(names: Sequence[str], cells: Sequence[Sequence[str]]) -> Table:
    """Numbers in columns, under a header; on a narrow terminal folded, and not cut."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, name in enumerate(names):
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    return table
