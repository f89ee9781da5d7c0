"""Pages about accounts: one for each, and an index of them by how likely each has one label."""

import hashlib
import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from attnclf.render import captions, verdicts
from attnclf.render.html import page_of, scrolling
from attnclf.results import AccountVerdict, Prediction, Threshold, counted
from attnclf.visible import visible

INDEX = "index.html"
MARK = '<meta name="generator" content="attnclf accounts">\n'  # in the head of the index: nobody else's has it
READABLE = 40  # characters of an account's name in the name of its page
BACK = f'<p class="legend"><a href="{INDEX}">all accounts</a></p>\n'
PAGE = re.compile(r"[a-z0-9-]+-[0-9a-f]{16}\.html")


@dataclass(frozen=True)
class Listed:
    """An account in the index: its verdict in words, and its label or "undecided"; further fields as in a verdict."""

    account: str
    words: str
    label: str
    probabilities: Mapping[str, float]
    posts: int
    base_rates: Mapping[str, float]

    @classmethod
    def of(cls, verdict: AccountVerdict) -> "Listed":
        """From a verdict by the rule."""
        label = verdict.label or verdicts.UNDECIDED
        words = verdicts.label_of(verdict)
        return cls(verdict.account, words, label, verdict.probabilities, verdict.posts, verdict.base_rates)

    @classmethod
    def of_whole(cls, account: str, prediction: Prediction) -> "Listed":
        """From the prediction of a model that reads an account whole."""
        words = f"{visible(prediction.label)} {prediction.probability:.3f}"
        probabilities = dict(zip(prediction.labels, prediction.probabilities, strict=True))
        posts = prediction.text.count("\n") + 1
        return cls(account, words, prediction.label, probabilities, posts, prediction.base_rates)


def page_name(account: str) -> str:
    """The name of an account's page: letters of its name, and its hash, so that no two accounts share a page.

    Its letters are a to z, so that no file system takes two for one.
    """
    readable = re.sub(r"[^a-z0-9]+", "-", account.lower())[:READABLE].strip("-") or "account"
    return f"{readable}-{hashlib.sha256(account.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}.html"


def is_page(name: str) -> bool:
    """Whether a file of this name is one that these pages are written to."""
    return name == INDEX or PAGE.fullmatch(name) is not None


def account_page(account: str, body: Iterable[str]) -> Iterator[str]:
    """The page of an account, in pieces, with a way back to the index."""
    yield from page_of("attnclf explain", f"Account {html.escape(visible(account))}", [BACK, *body])


def index_page(listed: Sequence[Listed], label: str, thresholds: Sequence[Threshold] = ()) -> Iterator[str]:
    """All accounts, of which there is one at least, the one most likely to be `label` first."""
    ordered = sorted(listed, key=lambda one: -one.probabilities[label])
    counts = Counter(one.label for one in listed).most_common()
    said = [
        f"{counted(len(listed), 'account', 'accounts')}: {', '.join(f'{visible(name)} {count:,}' for name, count in counts)}"
    ]
    said += [captions.at_base_rate(listed[0].base_rates)] if listed[0].base_rates else []
    said += [f"threshold of {verdicts.threshold(one, elsewhere=bool(listed[0].base_rates))}" for one in thresholds]

    def body() -> Iterator[str]:
        yield "".join(f"<p>{html.escape(line)}</p>\n" for line in said)
        yield f'<p class="legend">sorted by the probability of {html.escape(visible(label))}</p>\n'
        yield scrolling([_header(label), *(_row(one, label) for one in ordered)])

    yield from page_of("attnclf explain", "Accounts", body(), MARK)


def first_label(labels: Sequence[str], shares: Sequence[float], thresholds: Sequence[Threshold]) -> str:
    """The label that an index is sorted by: the first with a threshold, else the one with the smallest share."""
    if thresholds:
        return thresholds[0].label
    return min(zip(shares, labels, strict=True), key=lambda pair: pair[0])[1] if shares else labels[0]


def _header(label: str) -> str:
    return (
        f'<tr><th>account</th><th>verdict</th><th class="n">{html.escape(visible(label))}</th><th class="n">posts</th></tr>\n'
    )


def _row(one: Listed, label: str) -> str:
    share = one.probabilities[label]
    link = f'<a href="{page_name(one.account)}">{html.escape(visible(one.account))}</a>'
    numbers = f'<td class="n share" style="--share: {share:.2f}">{share:.3f}</td><td class="n">{one.posts:,}</td>'
    return f"<tr><td>{link}</td><td>{html.escape(one.words)}</td>{numbers}</tr>\n"
