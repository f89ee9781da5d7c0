"""Verdicts on accounts as lines, as JSON, and as values of tables."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attnclf.render import captions, records
from attnclf.render.figures import signed
from attnclf.results import AccountRule, AccountVerdict, Threshold, counted, in_ascii, probability_at, with_interval
from attnclf.visible import visible

POST_LENGTH = 60  # characters of a post in a line


def line(verdict: AccountVerdict, texts: Sequence[str]) -> str:
    """One line: the account, its label with the probability, how many posts were read, and the strongest for and against."""
    rates = f"  {captions.at_base_rate(verdict.base_rates)}" if verdict.base_rates else ""
    label = label_of(verdict)
    posts = "  ".join(
        f"{signed(verdict.evidence[number])} “{cut(texts[verdict.rows[number]])}”"
        for number in (verdict.strongest_for, verdict.strongest_against)
        if number is not None
    )
    promised = "".join(f"  [{one}]" for one in thresholds(verdict))
    return f"{visible(verdict.account)}  {label}{rates}{promised}  {counted(verdict.posts, 'post', 'posts')}  {posts}"


def label_of(verdict: AccountVerdict) -> str:
    """The label with its probability, or why there is none: `undecided (fewer than 3 posts; fake 0.713)`."""
    likeliest = f"{visible(verdict.target)} {verdict.probability:.3f}"
    return likeliest if verdict.label else f"undecided ({verdict.undecided}; {likeliest})"


def thresholds(verdict: AccountVerdict, figures: Callable[[str], str] = str) -> list[str]:
    """What the thresholds of a verdict promise, with the rates at which their probabilities hold where its own are others."""
    return [threshold(one, elsewhere=bool(verdict.base_rates), figures=figures) for one in verdict.thresholds]


def threshold(found: Threshold, *, elsewhere: bool = False, figures: Callable[[str], str] = str) -> str:
    """What a threshold promises: `fake above p = 0.71: false positives 0.003 (0.000–0.010), recall 0.82 (0.75–0.88)`.

    Its probability is that at the base rates of training, which is said where the probabilities beside it hold `elsewhere`.
    Its numbers are written by `figures`.
    """
    label = visible(found.label)
    kept = "" if found.promised else f", which does not promise {found.rate:g}"
    kept = f", more than the {found.rate:g} asked for" if found.is_missed else kept
    false = figures(with_interval(found.false_positives if found.others else None, max(found.others, 100)))
    false += kept if found.others else " (no other account was measured)"
    recall = figures(with_interval(found.recall if found.positives else None, found.positives))
    recall += "" if found.positives else f" (no account that is {label} was measured)"
    rates = " at the base rates of training" if elsewhere else ""
    return f"{label} above p = {figures(probability_at(found.log_odds))}{rates}: false positives {false}, recall {recall}"


def behind_post(verdict: AccountVerdict | None) -> str:
    """What a line of a post says of its account; nothing for a post of nobody's."""
    if verdict is None:
        return ""
    promised = "".join(f"; {one}" for one in thresholds(verdict))
    return f"  [account {visible(verdict.account)}: {label_of(verdict)}{promised}]"


def cut(text: str) -> str:
    """A post in one line, cut where it is long."""
    shown = visible(" ".join(text.split()))
    return shown if len(shown) <= POST_LENGTH else shown[: POST_LENGTH - 1] + "…"


def plain(verdict: AccountVerdict) -> dict[str, Any]:
    """The verdict as plain values, without its posts."""
    rates = {"base_rates": dict(verdict.base_rates)} if verdict.base_rates else {}
    promised = {"thresholds": [dataclasses.asdict(one) for one in verdict.thresholds]} if verdict.thresholds else {}
    return {
        "account": verdict.account,
        "label": verdict.label or None,
        "undecided": verdict.undecided or None,
        "target": verdict.target,
        "against": verdict.against,
        "probability": round(verdict.probability, 6),
        "probabilities": {label: round(p, 6) for label, p in verdict.probabilities.items()},
        "log_odds": verdict.log_odds,
        "posts": verdict.posts,
        **rates,
        **promised,
    }


def record(verdict: AccountVerdict, texts: Sequence[str]) -> str:
    """One line of JSON. Evidence is in nats, for `target` against `against`."""
    return records.to_json(record_values(verdict, texts))


def record_values(verdict: AccountVerdict, texts: Sequence[str]) -> dict[str, Any]:
    """The same as plain values."""

    def post(number: int | None) -> dict[str, Any] | None:
        return None if number is None else {"text": texts[verdict.rows[number]], "evidence": verdict.evidence[number]}

    strongest = {"strongest_for": post(verdict.strongest_for), "strongest_against": post(verdict.strongest_against)}
    return plain(verdict) | strongest


UNDECIDED = "undecided"


def header(column: str, rule: AccountRule, *, rates: bool) -> list[str]:
    """The columns of a table with a row for each account, the first of which is called `column`.

    Where the rule may give no label, or not the likeliest one, `likeliest` and `why` say more.
    """
    more = [] if rule.decides_all else ["likeliest", "why"]
    names = ["predicted", "probability", *more, "posts"]
    names += ["strongest_for", "evidence_for", "strongest_against", "evidence_against"]
    names += [*(["thresholds"] if rule.thresholds else []), *(["base_rates"] if rates else [])]
    found = [column]
    for name in names:
        found.append(records.free_name(name, found))
    return found


def values(
    verdict: AccountVerdict, account: Any, texts: Sequence[str], rule: AccountRule, names: Mapping[str, Any]
) -> list[Any]:
    """The values for the columns of `header`. `account` and `names` are what is written for the account and for each label."""
    cells: list[Any] = [account, *_label(verdict, rule, names)]
    for number in (verdict.strongest_for, verdict.strongest_against):
        cells += ["", None] if number is None else [texts[verdict.rows[number]], round(verdict.evidence[number], 6)]
    return [*cells, *_thresholds(verdict), *records.rates_cell(verdict.base_rates)]


def _label(verdict: AccountVerdict, rule: AccountRule, names: Mapping[str, Any]) -> list[Any]:
    """The label and its probability, where need be the likeliest one and why it is not the label, and the number of posts.

    No label is "undecided", or empty where labels are no text: a column has one type.
    """
    undecided = UNDECIDED if all(isinstance(name, str) for name in names.values()) else None
    more = [] if rule.decides_all else [names[verdict.likeliest], verdict.undecided]
    label = names[verdict.label] if verdict.label else undecided
    return [label, round(verdict.probability, 6), *more, verdict.posts]


def _thresholds(verdict: AccountVerdict) -> list[str]:
    """One value, or none, with numbers in ASCII: any encoding that a table may be in has them."""
    return ["; ".join(thresholds(verdict, in_ascii))] if verdict.thresholds else []


def beside_post_header(header: Sequence[str], rule: AccountRule) -> list[str]:
    """The columns of a table of posts, and behind them those of their account."""
    found = list(header)
    more = [] if rule.decides_all else ["likeliest", "why"]
    for name in ["predicted", "probability", *more, "posts", *(["thresholds"] if rule.thresholds else [])]:
        found.append(records.free_name(f"account_{name}", found))
    return found


def beside_post(verdict: AccountVerdict | None, rule: AccountRule, names: Mapping[str, Any]) -> list[Any]:
    """The values of a post's account; empty for a post of nobody's. `names` has what is written for each label."""
    if verdict is None:
        return [None, None, *([] if rule.decides_all else [None, None]), None, *([None] if rule.thresholds else [])]
    return [*_label(verdict, rule, names), *_thresholds(verdict)]


def as_cells(values: Sequence[Any]) -> list[str]:
    """Values as text, for CSV."""
    return ["" if value is None else f"{value:.6f}" if isinstance(value, float) else str(value) for value in values]


def of_record(verdict: AccountVerdict | None) -> Mapping[str, Any]:
    """What a post's record says of its account; nothing for a post of nobody's."""
    return {"account": plain(verdict)} if verdict else {}
