"""The explanation of an account, for a terminal, a page and JSON."""

import html as escaping
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from attnclf.render import captions, html, terminal, verdicts
from attnclf.render.figures import signed, sum_as_shown
from attnclf.render.records import explanation_values, to_json
from attnclf.render.segments import Shading
from attnclf.results import AccountExplanation, Explanation, counted
from attnclf.visible import visible

POSTS = 12  # rows of the table of posts
TEXTS = "strongest posts"
NARROW = 80  # columns of a terminal


def shown(found: AccountExplanation, methods: tuple[str, ...], *, colour: bool, width: int = NARROW) -> RenderableType:
    """The verdict, its base rates and thresholds, the posts by evidence, and the strongest of them coloured.

    On a terminal of fewer columns than NARROW the header has several lines, which leaves posts more of its `width`.
    """
    parts: list[RenderableType] = [Text(line, style="" if number else "bold") for number, line in enumerate(verdict(found))]
    names = [name.replace(" ", "\n") if width < NARROW else name for name in header(found)]
    parts += [Text(""), terminal.numbers(names, rows(found), names[:-1])]
    parts += [Text(line, style="dim") for line in rest(found)]
    for position, result in zip(found.ranked, found.explained, strict=False):
        for method in methods:
            shading = Shading.of(result, method)
            title = f"{signed(found.verdict.evidence[position])}  {captions.title(result, method)}"
            parts += [Text(""), Text(title, style="bold")]
            parts += [terminal.coloured(result, shading) if colour else terminal.numbered(result, shading)]
            parts += [Text(captions.legend(result, method, shading.full, colour=colour), style="dim")]
        parts += [Text(remark, style="dim") for remark in captions.remarks(result, colour=colour)]
    return Group(*parts)


def page(found: AccountExplanation, methods: tuple[str, ...]) -> Iterator[str]:
    """The same as a page."""
    yield from html.page_of(
        "attnclf explain", f"Account {escaping.escape(visible(found.verdict.account))}", body(found, methods)
    )


def body(found: AccountExplanation, methods: tuple[str, ...]) -> Iterator[str]:
    """What stands on the page."""
    first, *others = map(escaping.escape, verdict(found))
    yield f"<h2>{first}</h2>\n" + "".join(f"<p>{line}</p>\n" for line in others)
    names = header(found)
    yield html.table(names, rows(found), [name != TEXTS for name in names])
    yield "".join(f'<p class="legend">{escaping.escape(line)}</p>\n' for line in rest(found))
    for result in found.explained:
        yield html.article(result, methods)


def verdict(found: AccountExplanation) -> list[str]:
    """The verdict in words: the label, what it rests on, by which thresholds, and what its log-odds are made of."""
    one = found.verdict
    of_posts = signed(sum(one.evidence))
    pair = f"log(p({visible(one.target)}) / p({visible(one.against)}))"
    rates = f"  {captions.at_base_rate(one.base_rates)}" if one.base_rates else ""
    offset = signed(one.offset)
    sums = f"{offset} and {of_posts} of {counted(one.posts, 'post', 'posts')}"
    return [
        f"account {visible(one.account)}  {verdicts.label_of(one)}{rates}",
        *(f"threshold of {threshold}" for threshold in verdicts.thresholds(one)),
        f"the log-odds {sum_as_shown(offset, of_posts)}, {pair}, are {sums}",
    ]


def header(found: AccountExplanation) -> list[str]:
    """The columns of the table of posts. What they add by the account model has one where there is such a model."""
    return ["evidence", "its own log-odds", "counts", *(["account model"] if _has_account_model(found) else []), TEXTS]


def _has_account_model(found: AccountExplanation) -> bool:
    return any(found.verdict.by_account_model)


def rows(found: AccountExplanation) -> list[list[str]]:
    """The posts with the largest |evidence|: evidence, own log-odds, by how much these are multiplied, what is added, text."""
    one, has_account_model = found.verdict, _has_account_model(found)
    return [
        [
            signed(one.evidence[post]),
            signed((one.evidence[post] - one.by_account_model[post]) / one.weights[post]),
            f"×{one.weights[post]:.2g}",
            *([signed(one.by_account_model[post])] if has_account_model else []),
            verdicts.cut(found.texts[post]) or "(empty)",
        ]
        for post in found.ranked[:POSTS]
    ]


def rest(found: AccountExplanation) -> list[str]:
    """What the posts say together that are not in the table."""
    others = found.ranked[POSTS:]
    total = sum(found.verdict.evidence[post] for post in others)
    return [f"and {len(others):,} more, together {signed(total)}"] if others else []


def record(found: AccountExplanation, explained: Iterable[Explanation]) -> Iterator[str]:
    """One line of JSON in pieces: the verdict, and the `explained` posts, which are the first of those `ranked`.

    The account's `log_odds` are `offset` plus the `evidence` of all posts. That of a post is the sum of the evidence of its
    tokens, and is `weight` times `own_log_odds` plus `by_account_model`.
    """
    yield to_json(_verdict_values(found)).removesuffix("]}")
    for number, (post, result) in enumerate(zip(found.ranked, explained, strict=False)):
        yield (", " if number else "") + to_json(_post_values(found, post, result))
    yield "]}\n"


def record_values(found: AccountExplanation) -> dict[str, Any]:
    """The same as plain values, with the posts that are `explained`."""
    posts = zip(found.ranked, found.explained, strict=False)
    return _verdict_values(found) | {"explained": [_post_values(found, post, result) for post, result in posts]}


def _verdict_values(found: AccountExplanation) -> dict[str, Any]:
    return verdicts.plain(found.verdict) | {"offset": found.verdict.offset, "explained": []}


def _post_values(found: AccountExplanation, post: int, result: Explanation) -> dict[str, Any]:
    one = found.verdict
    sums = {"evidence": one.evidence[post], "weight": one.weights[post], "by_account_model": one.by_account_model[post]}
    return sums | explanation_values(result)
