"""Removing words from a text. The result is a text again, and the model reads it like any other."""

import re
from collections.abc import Sequence

Span = tuple[int, int]
LINE_ENDS = "\r\n"  # they may separate the posts of an account, so they are never removed
STRANGE = "\ue000"  # a private-use character: no model knows it, unless it was trained on texts with icon fonts


def without(text: str, spans: Sequence[Span]) -> str:
    """The text without these spans, and without one space for each span that stands between spaces.

    That is the space after the span or, at the end of the text, the space before it. A span that touches its neighbours is
    removed alone.
    """
    kept, position, taken = [], 0, False
    for start, end in sorted(spans):
        kept.append(text[position:start])
        taken = (
            end < len(text) and text[end].isspace() and text[end] not in LINE_ENDS and (start == 0 or text[start - 1].isspace())
        )
        position = max(position, end + taken)
    left = "".join([*kept, text[position:]])
    at_end = spans and not taken and position >= len(text)
    return left[:-1] if at_end and left[-1:].isspace() and left[-1] not in LINE_ENDS else left


def unknown(text: str, spans: Sequence[Span], by_character: bool) -> str:
    """The text with each word of these spans replaced by an unknown one, or by unknown characters if the model reads those."""
    word = re.compile(r"\S" if by_character else r"\S+")
    kept, position = [], 0
    for start, end in sorted(spans):
        kept += [text[position:start], word.sub(STRANGE, text[start:end])]
        position = end
    return "".join([*kept, text[position:]])
