"""Verdicts on accounts as lines, as JSON, and as values of tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from attnclf.render import captions, records
from attnclf.results import AccountVerdict
from attnclf.visible import visible

POST_LENGTH = 60  # characters of a post in a line


def line(verdict: AccountVerdict, texts: Sequence[str]) -> str:
    """One line: the account, its label with the probability, how many posts were read, and the strongest for and against."""
    rates = f"  {captions.at_base_rate(verdict.base_rates)}" if verdict.base_rates else ""
    label = f"{visible(verdict.label)} {verdict.probability:.3f}"
    posts = "  ".join(
        f"{captions.signed(verdict.evidence[number])} “{_cut(texts[verdict.rows[number]])}”"
        for number in (verdict.strongest_for, verdict.strongest_against)
        if number is not None
    )
    return f"{visible(verdict.account)}  {label}{rates}  {verdict.posts:,} posts  {posts}"


def behind_post(verdict: AccountVerdict | None) -> str:
    """What a line of a post says of its account; nothing for a post of nobody's."""
    if verdict is None:
        return ""
    return f"  [account {visible(verdict.account)}: {visible(verdict.label)} {verdict.probability:.3f}]"


def _cut(text: str) -> str:
    shown = visible(" ".join(text.split()))
    return shown if len(shown) <= POST_LENGTH else shown[: POST_LENGTH - 1] + "…"


def plain(verdict: AccountVerdict) -> dict[str, Any]:
    """The verdict as plain values, without its posts."""
    rates = {"base_rates": dict(verdict.base_rates)} if verdict.base_rates else {}
    pairs = zip(verdict.labels, verdict.probabilities, strict=True)
    return {
        "account": verdict.account,
        "label": verdict.label,
        "probability": round(verdict.probability, 6),
        "probabilities": {label: round(p, 6) for label, p in pairs},
        "log_odds": verdict.log_odds,
        "posts": verdict.posts,
    } | rates


def record(verdict: AccountVerdict, texts: Sequence[str]) -> str:
    """One line of JSON. Evidence is in nats, for the likeliest label against the next."""

    def post(number: int | None) -> dict[str, Any] | None:
        return None if number is None else {"text": texts[verdict.rows[number]], "evidence": verdict.evidence[number]}

    strongest = {"strongest_for": post(verdict.strongest_for), "strongest_against": post(verdict.strongest_against)}
    return records.to_json(plain(verdict) | strongest)


def header(column: str, *, rates: bool) -> list[str]:
    """The columns of a table with a row for each account, the first of which is called `column`."""
    names = ["predicted", "probability", "posts", "strongest_for", "evidence_for", "strongest_against", "evidence_against"]
    found = [column]
    for name in [*names, *(["base_rates"] if rates else [])]:
        found.append(records.free_name(name, found))
    return found


def values(verdict: AccountVerdict, texts: Sequence[str]) -> list[Any]:
    """The values for the columns of `header`."""
    cells: list[Any] = [verdict.account, verdict.label, round(verdict.probability, 6), verdict.posts]
    for number in (verdict.strongest_for, verdict.strongest_against):
        cells += ["", None] if number is None else [texts[verdict.rows[number]], round(verdict.evidence[number], 4)]
    return [*cells, *records.rates_cell(verdict.base_rates)]


def beside_post_header(header: Sequence[str]) -> list[str]:
    """The columns of a table of posts, and behind them those of their account."""
    found = list(header)
    for name in ("account_predicted", "account_probability", "account_posts"):
        found.append(records.free_name(name, found))
    return found


def beside_post(verdict: AccountVerdict | None) -> list[Any]:
    """The values of a post's account; empty for a post of nobody's."""
    return [verdict.label, round(verdict.probability, 6), verdict.posts] if verdict else ["", None, None]


def as_cells(values: Sequence[Any]) -> list[str]:
    """Values as text, for CSV."""
    return ["" if value is None else f"{value:.6f}" if isinstance(value, float) else str(value) for value in values]


def of_record(verdict: AccountVerdict | None) -> Mapping[str, Any]:
    """What a post's record says of its account; nothing for a post of nobody's."""
    return {"account": plain(verdict)} if verdict else {}
