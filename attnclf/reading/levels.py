"""The level at which texts are read where none is asked for: by the scripts that they are written in."""

from collections.abc import Sequence

from attnclf.config import Level

UNSPACED = 0.3  # "char" from this share of letters in scripts that do not space words


def choose_level(texts: Sequence[str]) -> tuple[Level, str]:
    """The level for these texts, and the reason in words.

    It is characters where at least 30 % of the letters are from scripts without spaces between words (Han, kana, Thai …), and
    words everywhere else.
    """
    share = unspaced_share(texts)
    if share >= UNSPACED:
        return "char", f"{share:.0%} of the letters are of scripts without spaces between words"
    return "word", "words are spaced"


def unspaced_share(texts: Sequence[str], sample: int = 2_000) -> float:
    """The share of letters from scripts without spaces between words, in a sample of the texts."""
    letters = [c for text in _sample(texts, sample) for c in text if c.isalpha()]
    return sum(_is_unspaced(c) for c in letters) / max(1, len(letters))


def _is_unspaced(character: str) -> bool:
    code = ord(character)
    return (
        0x0E00 <= code <= 0x0EFF  # Thai, Lao
        or 0x1000 <= code <= 0x109F  # Myanmar
        or 0x1780 <= code <= 0x17FF  # Khmer
        or 0x3040 <= code <= 0x30FF  # kana
        or 0x3400 <= code <= 0x9FFF  # Han
        or 0x20000 <= code <= 0x3FFFF  # more Han
    )


def _sample(texts: Sequence[str], n: int) -> Sequence[str]:
    return texts[:: max(1, len(texts) // n)]
