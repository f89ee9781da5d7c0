"""Splits an explained text into segments, ready to be coloured; joined, they are the whole text.

Segments end where grapheme clusters end. So an emoji or a composed letter that the model read as several tokens is coloured
once, with the sum of their scores.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate, groupby

from rich.cells import split_graphemes

from attnclf.explain.methods import METHODS
from attnclf.render.colours import step
from attnclf.results import Explanation, TokenScore, score_of, side_of
from attnclf.visible import JOINERS, escape, visible


@dataclass(frozen=True)
class Segment:
    """A piece of the text. `scores` is empty between tokens; `read` is false for text that no part of the model reads.

    `unjoined` is the text with escapes for joiners that join nothing: their neighbours may be in other pieces.
    """

    text: str
    scores: Mapping[str, float] = field(default_factory=dict)  # by method
    known: bool = True
    read: bool = True
    unjoined: str = ""

    @property
    def visible(self) -> str:
        """The text as it is shown."""
        return visible(self.unjoined or self.text)

    @property
    def scored(self) -> bool:
        return bool(self.scores)

    def score(self, method: str) -> float:
        """The score that `method` gives this segment; 0 if it has none."""
        return score_of(self.scores, method) if self.scores else 0.0


def segments(explanation: Explanation) -> list[Segment]:
    """The segments in order; their texts, joined, are the explained text."""
    text, result, position = explanation.text, [], 0
    cluster_of = _clusters(text)
    tokens = [token for token in explanation.tokens if token.start < token.end]
    for _, group in groupby(tokens, key=lambda token: cluster_of[token.start]):
        cluster_tokens = list(group)
        start, end = max(position, cluster_tokens[0].start), cluster_tokens[-1].end
        if end <= position:
            continue
        result += [Segment(text[position:start])] if start > position else []
        unread = not explanation.gap_is_read and explanation.gap[0] <= cluster_tokens[0].start < explanation.gap[1]
        result.append(Segment(text[start:end], read=False) if unread else _segment(text[start:end], cluster_tokens))
        position = end
    read = max(position, explanation.read)
    result += [Segment(text[position:read])] if read > position else []
    result += [Segment(text[read:], read=False)] if text[read:].strip() else [Segment(text[read:])] if text[read:] else []
    return _unjoined(result, text)


def _unjoined(found: list[Segment], text: str) -> list[Segment]:
    """The segments, which joined are the text, with escapes for its joiners that join nothing."""
    joiners = {match.start() for match in JOINERS.finditer(text)}
    if not joiners:
        return found
    places = accumulate((len(segment.text) for segment in found), initial=0)
    return [
        replace(one, unjoined="".join(escape(c) if i in joiners else c for i, c in enumerate(one.text, start)))
        for one, start in zip(found, places, strict=False)
    ]


def lines_of(explanation: Explanation) -> list[list[Segment]]:
    """The segments line by line where the lines of the text are the posts of an account; else all of them as one line.

    Line ends are left out, and are in no segment.
    """
    if explanation.by != "post":
        return [segments(explanation)]
    lines: list[list[Segment]] = [[]]
    for segment in segments(explanation):
        texts, shown = segment.text.split("\n"), (segment.unjoined or segment.text).split("\n")
        first, *more = ([replace(segment, text=a, unjoined=b)] if a else [] for a, b in zip(texts, shown, strict=True))
        lines[-1] += first
        lines += more
    return lines


def _clusters(text: str) -> list[int]:
    """For each code point, the number of the grapheme cluster that it belongs to."""
    spans, _ = split_graphemes(text)
    return [number for number, (start, end, _) in enumerate(spans) for _ in range(start, end)]


def _segment(text: str, tokens: list[TokenScore]) -> Segment:
    return Segment(
        text,
        {name: sum(token.score(name) for token in tokens) for name in ("attention", "evidence", *tokens[0].scores)},
        known=any(token.known for token in tokens),
    )


@dataclass(frozen=True)
class Shading:
    """How strongly `method` colours a segment, and for which side.

    `full` is the |score| with the full colour, the largest of a segment. `most_evidence` is the largest |evidence|.
    """

    method: str
    full: float
    most_evidence: float

    @classmethod
    def of(cls, explanation: Explanation, method: str) -> "Shading":
        """The shading of one explanation."""
        scored = [segment for segment in segments(explanation) if segment.scored]
        full, most = (max((abs(s.score(name)) for s in scored), default=0.0) for name in (method, "evidence"))
        return cls(method, full, most)

    def step(self, segment: Segment) -> int:
        """0 (no colour) to 5 (full)."""
        return step(segment.score(self.method), self.full) if segment.scored else 0

    def side(self, segment: Segment) -> int:
        """1 for the target, −1 for the other label, 0 for neither or where the method has no sign."""
        if not METHODS[self.method].signed:
            return 0
        if self.method == "signed_attention":
            return side_of(segment.score("evidence"), self.most_evidence)
        return 1 if segment.score(self.method) >= 0 else -1
