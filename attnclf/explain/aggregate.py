"""Sums token scores to words, sentences or posts. Evidence and attention are additive, so nothing is lost."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from attnclf.config import Sentences
from attnclf.explain.removal import Span
from attnclf.reading.sentences import sentence_ends
from attnclf.results import Explanation, TokenScore


def by_word(explanation: Explanation) -> Explanation:
    """The same explanation with one entry for each word. A word is a run of characters without spaces.

    A word's attention and evidence are the sums over its tokens. The scores of spaces are added to the word before them, or at
    the start of a text to the word after them, so that the sum is still the log-odds.
    """
    if not (starts := [match.start() for match in re.finditer(r"\S+", explanation.text)]):
        whole = (_sum(list(explanation.tokens), explanation.text),)
        return replace(explanation, unit="word", tokens=whole).with_sides()

    def word_of(token: TokenScore) -> int:
        return max(0, bisect_right(starts, token.start) - 1)

    words = tuple(_sum(list(tokens), explanation.text) for _, tokens in groupby(explanation.tokens, key=word_of))
    return replace(explanation, unit="word", tokens=words).with_sides()


def in_pieces(explanation: Explanation, most: int) -> Explanation:
    """The same explanation with neighbouring words taken together, in `most` pieces of nearly the same number of words.

    An explanation by word of no more words is returned as it is.
    """
    words = explanation.tokens
    if len(words) <= most:
        return explanation
    bounds = [i * len(words) // most for i in range(most + 1)]
    pieces = tuple(_sum(list(words[start:end]), explanation.text) for start, end in pairwise(bounds))
    return replace(explanation, unit="piece", tokens=pieces).with_sides()


def sentences_of(explanation: Explanation, kind: Sentences) -> tuple[TokenScore, ...]:
    """The sentences of the text, or the posts of an account, each with the attention and evidence of its tokens summed."""
    ends = sentence_ends(explanation.text, kind)
    grouped = groupby(explanation.tokens, key=lambda token: bisect_right(ends, token.start))
    return tuple(_sum(list(tokens), explanation.text) for _, tokens in grouped)


def of_units(explanation: Explanation, spans: Sequence[Span], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums scores (T, …) of the model's tokens, which are at `spans`, to the tokens or words of the explanation (T′, …)."""
    starts = [token.start for token in explanation.tokens]
    sums = np.zeros((len(starts), *scores.shape[1:]))
    np.add.at(sums, [max(0, bisect_right(starts, start) - 1) for start, _ in spans], scores)
    return sums


def _sum(tokens: list[TokenScore], text: str) -> TokenScore:
    visible = [token for token in tokens if token.text.strip()] or tokens
    start, end = visible[0].start, visible[-1].end
    return TokenScore(
        text=text[start:end],
        start=start,
        end=end,
        attention=sum(token.attention for token in tokens),
        evidence=sum(token.evidence for token in tokens),
        known=any(token.known for token in visible),
    )
