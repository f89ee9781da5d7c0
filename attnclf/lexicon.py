"""The distinct words that texts hold, numbered as they are met."""

from collections.abc import Sequence

import numpy as np
from tokenizers import Tokenizer

from attnclf.text import Encoded, encode, normalised


class Lexicon:
    """The distinct words of texts, numbered as they are met."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}  # as written in a text → number
        self.words: list[str] = []  # normalised

    def encode(self, tokenizer: Tokenizer, texts: Sequence[str]) -> list[Encoded]:
        """Texts as numbers of words."""
        return [
            Encoded(np.array([self._number(text[a:b]) for a, b in e.spans], np.int32), e.spans, e.end, e.truncated)
            for e, text in zip(encode(tokenizer, texts), texts, strict=True)
        ]

    def _number(self, written: str) -> int:
        number = self._numbers.get(written)
        if number is None:
            number = self._numbers[written] = len(self.words)
            self.words.append(normalised(written))
        return number
