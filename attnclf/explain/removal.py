"""Texts without some of their words: what is left is again a text, and the model reads it as any other."""

from collections.abc import Sequence

Span = tuple[int, int]
LINE_ENDS = "\r\n"  # which may part the posts of an account, and are never taken
STRANGE = "\ue000"  # of private use: unknown to a model, unless its texts came with icon fonts


def without(text: str, spans: Sequence[Span]) -> str:
    """The text without these spans. What stands between spaces goes with the one that follows it or, at the end of the text,
    comes before it; what touches its neighbours goes alone."""
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
    """The text with something that no model knows in place of these spans: one token for a word, or one for each character."""
    kept, position = [], 0
    for start, end in sorted(spans):
        kept += [text[position:start], STRANGE * (end - start if by_character else 1)]
        position = end
    return "".join([*kept, text[position:]])
