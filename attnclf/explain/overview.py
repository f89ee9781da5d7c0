"""A global explanation of the model: the words with the most evidence for each label, over many texts."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from attnclf.explain.explainer import explain
from attnclf.results import Explanation, LabelOverview, Overview, Prediction, TokenScore, WordOverview
from attnclf.served.model import ServedModel
from attnclf.served.prediction import windows

EXPLAINED_AT_ONCE = 256  # texts
CONTEXT = 30  # characters shown on either side of a word
EDGES = re.compile(r"^[\W_]+|[\W_]+$")  # punctuation around a word, which is not part of it


@dataclass
class _Word:
    """Running sums for one word over the texts in which one label was predicted."""

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


def overview(
    served: ServedModel, texts: Iterable[str], most: int = 20, count: Callable[[Iterable[Prediction]], None] = lambda _: None
) -> Overview:
    """For each label, the `most` words with the largest sum of evidence, over the texts for which it is predicted.

    Evidence is for the label against the most likely other label. Case and surrounding punctuation do not distinguish words.
    Memory grows with the number of different words, not with the number of texts. `count` is called with the predictions for
    the texts, some at a time.
    """
    words: dict[str, dict[str, _Word]] = {label: {} for label in served.labels}
    rows = dict.fromkeys(served.labels, 0)
    for window in windows(texts, len, EXPLAINED_AT_ONCE):
        explained = explain(served, window, by="word")
        count(explanation.prediction for explanation in explained)
        for explanation in explained:
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
    """The text before the word, the word as written, and the text after it, cut to fit on a line."""
    before, after = text[: token.start], text[token.end :]
    before = before if len(before) <= CONTEXT else "…" + before[1 - CONTEXT :]
    after = after if len(after) <= CONTEXT else after[: CONTEXT - 1] + "…"
    return before, text[token.start : token.end], after
