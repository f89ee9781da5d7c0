"""Which characters make words and which are white space, for programs that look for words without the library `tokenizers`.

Regular expressions differ in what they call a letter, and in the version of Unicode that they know. So the library itself is
asked, about every character.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from attnclf.reading.tokens import WORD

AT_ONCE = 256  # characters in one question
# The planes of Unicode that have characters of words: in the others nothing is assigned, or for private use only.
ASKED = (range(0x0, 0x40000), range(0xE0000, 0xE1000))
SURROGATES = range(0xD800, 0xE000)

Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Alphabet:
    """The code points that are a word together with a letter before them, and those that belong to no token: [first, last]."""

    words: Ranges
    spaces: Ranges


def alphabet() -> Alphabet:
    """What the word level takes for words and for spaces. Takes about three seconds."""
    kinds = dict(_kinds())
    return Alphabet(*(_runs(code for code, kind in kinds.items() if kind == wanted) for wanted in ("word", "space")))


def _kinds() -> Iterator[tuple[int, str]]:
    """Each code point and its kind: "word", "space" or "other", by the tokens of a text in which it follows a letter."""
    tokenizer = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(WORD), behavior="removed", invert=True)
    for codes in ASKED:
        for first in range(codes.start, codes.stop, AT_ONCE):
            asked = [code for code in range(first, first + AT_ONCE) if code not in SURROGATES]
            offsets = tokenizer.encode(" ".join(f"x{chr(code)}" for code in asked), add_special_tokens=False).offsets
            starts, pairs = {start for start, _ in offsets}, {start for start, end in offsets if end - start == 2}
            for place, code in enumerate(asked):
                alone = "other" if 3 * place + 1 in starts else "space"
                yield code, "word" if 3 * place in pairs else alone


def _runs(codes: Iterable[int]) -> Ranges:
    found: list[list[int]] = []
    for code in codes:
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return tuple((first, last) for first, last in found)
