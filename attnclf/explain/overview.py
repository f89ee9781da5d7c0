"""The whole model at a glance: over many texts, the words that gave each label the most evidence."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from attnclf.explain.explainer import explain
from attnclf.results import Explanation, LabelOverview, Overview, TokenScore, WordOverview
from attnclf.served.model import ServedModel
from attnclf.served.prediction import windows

EXPLAINED_AT_ONCE = 256  # texts
CONTEXT = 30  # characters shown on either side of a word
EDGES = re.compile(r"^[\W_]+|[\W_]+$")  # what stands around a word and is not part of it


@dataclass
class _Word:
    """What was added up of one word where one label was predicted."""

    count: int = 0
    evidence: float = 0.0
    attention: float = 0.0
    strongest: float = float("-inf")
    context: tuple[str, str, str] = ("", "", "")

    def add(self, explanation: Explanation, token: TokenScore) -> None:
        self.count += 1
        self.evidence += token.evidence
        self.attention += token.attention
        if token.evidence > self.strongest:
            self.strongest, self.context = token.evidence, _context(explanation.text, token)


def overview(served: ServedModel, texts: Iterable[str], most: int = 20) -> Overview:
    """For each label, over the texts that are given it, the `most` words with the largest sum of evidence for it against the
    likeliest other. Words are told apart without case and without the marks around them; memory grows with the words, not the
    texts."""
    words: dict[str, dict[str, _Word]] = {label: {} for label in served.labels}
    rows = dict.fromkeys(served.labels, 0)
    for window in windows(texts, len, EXPLAINED_AT_ONCE):
        for explanation in explain(served, window, by="word"):
            rows[explanation.target] += 1
            for token in explanation.tokens:
                if name := EDGES.sub("", token.text).lower() or token.text.strip():
                    words[explanation.target].setdefault(name, _Word()).add(explanation, token)
    return Overview(
        sum(rows.values()), tuple(LabelOverview(label, rows[label], _strongest(words[label], most)) for label in served.labels)
    )


def _strongest(words: dict[str, _Word], most: int) -> tuple[WordOverview, ...]:
    ordered = sorted(words.items(), key=lambda item: (-item[1].evidence, item[0]))[:most]
    return tuple(
        WordOverview(name, word.count, word.evidence, word.evidence / word.count, word.attention / word.count, word.context)
        for name, word in ordered
        if word.evidence > 0
    )


def _context(text: str, token: TokenScore) -> tuple[str, str, str]:
    """What stands before the word, the word as written, and what stands after, cut to what fits a line."""
    before, after = text[: token.start], text[token.end :]
    before = before if len(before) <= CONTEXT else "…" + before[1 - CONTEXT :]
    after = after if len(after) <= CONTEXT else after[: CONTEXT - 1] + "…"
    return before, text[token.start : token.end], after
