"""Verdicts on accounts, for a terminal and a page."""

import html
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from attnclf.render.html import table as html_table
from attnclf.render.terminal import score
from attnclf.render.verdicts import threshold
from attnclf.results import AccountScores, Scores, with_interval

SHOWN = ("accuracy", "macro_f1", "log_loss", "calibration_error")


def header(found: AccountScores) -> list[str]:
    """The columns of `rows`."""
    return ["95 % intervals over accounts", f"posts ({found.posts.report.rows:,})", f"accounts ({found.accounts:,})"]


def rows(found: AccountScores) -> list[list[str]]:
    """The scores of posts and of accounts side by side, a row for each score."""
    return [[name.replace("_", " "), *(_cell(side, name, found) for side in (found.posts, found.verdicts))] for name in SHOWN]


def _cell(side: Scores, name: str, found: AccountScores) -> str:
    interval = side.intervals.get(name)
    return with_interval(interval, found.accounts) if interval else score(side.report, name)


def shown(found: AccountScores | None) -> RenderableType:
    """The scores for a terminal; nothing where there are none."""
    return Group(Text(""), _table(header(found), rows(found)), *map(Text, decided(found))) if found else Group()


def decided(found: AccountScores) -> list[str]:
    """Sentences about what is decided, and by which thresholds; none where every account gets its likeliest label."""
    if (decisions := found.decisions) is None:
        return []
    error = f"{with_interval(decisions.error, found.accounts)} of these are wrong" if decisions.error else "none of them"
    lines = [f"decided: {with_interval(decisions.coverage, found.accounts)} of the accounts; {error}"]
    return lines + [f"threshold of {threshold(one)}" for one in decisions.thresholds]


def section(found: AccountScores | None) -> str:
    """The scores as a part of a page; "" where there are none."""
    if not found:
        return ""
    lines = "".join(f'<p class="legend">{html.escape(line)}</p>\n' for line in decided(found))
    return "<h2>Posts and accounts</h2>\n" + html_table(header(found), rows(found), [False, True, True]) + lines


def _table(names: Sequence[str], cells: Sequence[Sequence[str]]) -> Table:
    """Numbers in columns, under a header."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, name in enumerate(names):
        table.add_column(name, justify="right" if number else "left")
    for row in cells:
        table.add_row(*map(Text, row))
    return table
