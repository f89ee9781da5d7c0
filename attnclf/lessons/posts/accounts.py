"""Synthetic posts of real and fake accounts, in Korean and English.

Accounts of every kind write about several topics, and real and fake ones share most of these: one post leaves doubt, and more
posts remove it. The two parts, train and test, are made apart, each with the same shares of kinds and of wrong labels.
"""

import random
import re
from dataclasses import dataclass, replace
from itertools import count, cycle

from attnclf.lessons.posts.phrases import EMOJI, EMOJI_FOR_SHOW, LAUGHTER, NAMES, TAGS, TAGS_FOR_SHOW, TOPICS, WORDS

SEED = 7
ACCOUNTS = {"train": 300, "test": 120}
MOST_POSTS, SKEW = 30, 2.2  # from 1 to 30 posts, 10 on average; the greater the skew, the more accounts have few
LANGUAGES = ["en", "ko"] * 4 + ["both"]  # of the accounts of a kind, in turn
OWN_WORDS = 5  # for each slot: everyone has places, dishes and goods of their own
WRONG_LABELS = 0.025  # share of the accounts

ASKING = {"favour", "shop", "selling", "coaxing"}  # topics that want something from the reader
LOOKALIKES = {"o": "0", "e": "3", "i": "1", "l": "I", "a": "@", "s": "$"}
HIDDEN = ["\u200b", "\u2060", "\u200c"]


@dataclass(frozen=True)
class Style:
    """What someone writes about, and how often it has laughter, typing errors, tags for show and words hidden from filters."""

    topics: dict[str, float]  # with their shares of the posts; "copy" is a post taken from a real account
    chat: float
    typos: float
    show: float
    disguise: float


@dataclass(frozen=True)
class Kind:
    """A kind of account: its share of all accounts, and one style, or two if it is sold at some time."""

    label: str
    share: float
    styles: tuple[Style, ...]


@dataclass(frozen=True)
class Author:
    """What stays the same over an account's posts."""

    languages: list[str]
    words: dict[str, list[str]]
    liveliness: float  # times which laughter and typing errors are as frequent as the style says


@dataclass(frozen=True)
class Account:
    kind: str
    label: str  # that of the kind, unless it is wrong on purpose
    language: str
    posts: list[str]  # the oldest first
    name: str = ""


def real(**topics: float) -> Style:
    return Style(topics, chat=0.4, typos=0.35, show=0.12, disguise=0.03)


def fake(**topics: float) -> Style:
    return Style(topics, chat=0.15, typos=0.2, show=0.6, disguise=0.4)


PERSON = real(daily=0.87, filler=0.1, favour=0.03)
SELLER = fake(selling=0.5, coaxing=0.2, filler=0.2, daily=0.1)
KINDS = {
    "person": Kind("real", 0.35, (PERSON,)),
    "promoter": Kind("real", 0.10, (real(daily=0.65, favour=0.25, filler=0.1),)),
    "shop": Kind("real", 0.10, (real(daily=0.4, shop=0.5, filler=0.1),)),
    "seller": Kind("fake", 0.10, (SELLER,)),
    "coaxer": Kind("fake", 0.10, (fake(coaxing=0.5, selling=0.1, filler=0.2, daily=0.2),)),
    "quiet": Kind("fake", 0.15, (fake(filler=0.4, daily=0.3, coaxing=0.17, selling=0.13),)),
    "sold": Kind("fake", 0.05, (PERSON, SELLER)),
    "copier": Kind("fake", 0.05, (fake(copy=0.6, filler=0.15, coaxing=0.15, selling=0.1),)),
}


def all_accounts() -> dict[str, list[Account]]:
    """The accounts of each part, numbered through."""
    rng = random.Random(SEED)
    parts = {part: accounts_of(size, rng) for part, size in ACCOUNTS.items()}
    numbers = count()
    return {
        part: [replace(account, name=f"{rng.choice(NAMES)}_{next(numbers):03d}") for account in accounts]
        for part, accounts in parts.items()
    }


def accounts_of(size: int, rng: random.Random) -> list[Account]:
    """The accounts of one part, in random order. Those that copy stand last in `KINDS`: by then there are posts to copy."""
    accounts: list[Account] = []
    for name, kind in KINDS.items():
        ordinary = [account for account in accounts if account.kind == "person"]
        sizes = post_counts(round(kind.share * size), rng)
        accounts += [account_of(name, posts, language, rng, ordinary) for posts, language in zip(sizes, cycle(LANGUAGES))]
    for number in rng.sample(range(len(accounts)), round(WRONG_LABELS * len(accounts))):
        wrong = "fake" if accounts[number].label == "real" else "real"
        accounts[number] = replace(accounts[number], label=wrong)
    rng.shuffle(accounts)
    return accounts


def post_counts(accounts: int, rng: random.Random) -> list[int]:
    """How many posts each of these accounts has, from few to many. Every kind has much the same numbers: they tell nothing."""
    return [1 + round((MOST_POSTS - 1) * ((number + rng.random()) / accounts) ** SKEW) for number in range(accounts)]


def account_of(name: str, size: int, language: str, rng: random.Random, ordinary: list[Account]) -> Account:
    """An account of the kind with that name; `ordinary` ones may be copied."""
    kind = KINDS[name]
    words = {slot: rng.sample(items, min(OWN_WORDS, len(items))) for slot, items in WORDS.items()}
    author = Author(["ko", "en", "both"] if language == "both" else [language], words, liveliness=rng.uniform(0, 2))
    copied = [post for account in ordinary if account.language == language for post in account.posts]
    sale = int(rng.uniform(0.3, 0.7) * size) if len(kind.styles) > 1 else size
    styles = [kind.styles[0 if post < sale else -1] for post in range(size)]
    return Account(name, kind.label, language, [post_by(author, style, rng, copied) for style in styles])


def post_by(author: Author, style: Style, rng: random.Random, copied: list[str]) -> str:
    (topic,) = rng.choices(list(style.topics), list(style.topics.values()))
    language = rng.choice(author.languages)
    if topic == "copy":
        return nearly(rng.choice(copied), language, rng)
    text = fill(rng.choice(TOPICS[topic][language]), author.words, rng)
    if rng.random() < style.chat * author.liveliness:
        text += rng.choice(LAUGHTER[language])
    if rng.random() < style.typos * author.liveliness:
        text = mistype(text, rng)
    if topic in ASKING and rng.random() < style.disguise:
        text = disguise(text, rng)
    return decorate(text, language, style.show, rng)


def fill(template: str, words: dict[str, list[str]], rng: random.Random) -> str:
    return re.sub(r"\{(\w+)\}", lambda slot: rng.choice(words[slot[1]]), template)


def nearly(text: str, language: str, rng: random.Random) -> str:
    """The same text, one with a slip, or one with other tags and emoji."""
    return rng.choice([text, mistype(text, rng), decorate(text, language, 0.6, rng)])


def mistype(text: str, rng: random.Random) -> str:
    """What thumbs do: a letter doubled, dropped or swapped with its neighbour, a missing space."""
    i = rng.randrange(max(1, len(text) - 1))
    pair = text[i : i + 2]
    return text[:i] + rng.choice([pair[:1] * 2 + pair[1:], pair[1:], pair[::-1], pair.replace(" ", "")]) + text[i + 2 :]


def disguise(text: str, rng: random.Random) -> str:
    """Hides one long word from filters: look-alike letters, marks between characters, invisible characters, mixed case."""
    words = text.split(" ")
    i = max(range(len(words)), key=lambda k: (len(words[k]), rng.random()))
    ways = [
        "".join(LOOKALIKES.get(c, c) if rng.random() < 0.6 else c for c in words[i]),
        rng.choice([".", " ", "·", "_"]).join(words[i]),
        rng.choice(HIDDEN).join(words[i]),
        "".join(rng.choice([c.upper(), c.lower()]) for c in words[i]),
    ]
    words[i] = rng.choice(ways)
    return " ".join(words)


def decorate(text: str, language: str, show: float, rng: random.Random) -> str:
    """Adds emoji and tags to some texts. `show` is the share of them that are there to be seen."""
    if rng.random() < 0.35:
        text += " " + "".join(rng.choices(EMOJI_FOR_SHOW if rng.random() < show else EMOJI, k=rng.randint(1, 3)))
    if rng.random() < 0.3:
        text += " " + " ".join(rng.sample((TAGS_FOR_SHOW if rng.random() < show else TAGS)[language], rng.randint(1, 3)))
    return text
