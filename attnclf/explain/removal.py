"""Texts without some of their words: what is left is again a text, and the model reads it as any other."""

from collections.abc import Sequence

Span = tuple[int, int]
STRANGE = "\ue000"  # a private character: no text to learn from holds it, so it is unknown to every model


def without(text: str, spans: Sequence[Span]) -> str:
    """The text without these spans, each with one space beside it: what follows it or, at the end, what comes before."""
    kept, position, taken = [], 0, False
    for start, end in sorted(spans):
        kept.append(text[position:start])
        taken = end < len(text) and text[end].isspace()
        position = max(position, end + taken)
    left = "".join([*kept, text[position:]])
    return left[:-1] if spans and not taken and position >= len(text) and left[-1:].isspace() else left


def unknown(text: str, spans: Sequence[Span], by_character: bool) -> str:
    """The text with something that no model knows in place of these spans: one token for a word, or one for each character."""
    kept, position = [], 0
    for start, end in sorted(spans):
        kept += [text[position:start], STRANGE * (end - start if by_character else 1)]
        position = end
    return "".join([*kept, text[position:]])
