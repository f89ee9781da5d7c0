"""An explanation as a run of segments that together are the whole text, ready to be coloured.

Segments end at grapheme clusters, so that an emoji or a composed letter that the model read as several tokens is coloured once,
with their sum.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby

from rich.cells import split_graphemes

from attnclf.results import Explanation, TokenScore


@dataclass(frozen=True)
class Segment:
    """A piece of the text. `scores` is empty for what lies between tokens, `read` false for what the model did not get to."""

    text: str
    scores: Mapping[str, float] = field(default_factory=dict)  # by method
    known: bool = True
    read: bool = True

    @property
    def scored(self) -> bool:
        return bool(self.scores)

    def score(self, method: str) -> float:
        """What `method` gives it."""
        return self.scores.get(method, 0.0)


def segments(explanation: Explanation) -> list[Segment]:
    """The pieces in order; joined, their texts are the explained text."""
    text, result, position = explanation.text, [], 0
    cluster_of = _clusters(text)
    tokens = [token for token in explanation.tokens if token.start < token.end]
    for _, group in groupby(tokens, key=lambda token: cluster_of[token.start]):
        together = list(group)
        start, end = max(position, together[0].start), together[-1].end
        if end <= position:
            continue
        result += [Segment(text[position:start])] if start > position else []
        result.append(_segment(text[start:end], together))
        position = end
    read = max(position, explanation.read)
    result += [Segment(text[position:read])] if read > position else []
    result += [Segment(text[read:], read=False)] if text[read:].strip() else [Segment(text[read:])] if text[read:] else []
    return result


def _clusters(text: str) -> list[int]:
    """For each code point, the number of the grapheme cluster it is in."""
    spans, _ = split_graphemes(text)
    return [number for number, (start, end, _) in enumerate(spans) for _ in range(start, end)]


def _segment(text: str, tokens: list[TokenScore]) -> Segment:
    return Segment(
        text,
        {name: sum(token.score(name) for token in tokens) for name in ("attention", "evidence", *tokens[0].scores)},
        known=any(token.known for token in tokens),
    )


def scale(explanation: Explanation, method: str) -> float:
    """The value that gets the full colour: the strongest segment's."""
    return max((abs(s.score(method)) for s in segments(explanation) if s.scored), default=0.0)
