"""Characters as ids: every character is a token, with a vector of its own."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from attnclf.ragged import Ragged
from attnclf.reading.base import Ids, Inputs
from attnclf.reading.padding import placed, with_lengths
from attnclf.reading.tokens import UNKNOWN_ID, Encoded, encode, encode_ids
from attnclf.reading.windows import Window


class CharReader:
    """Reads texts character by character. There is no linear model: what the network does not read of a text, nothing reads."""

    batch_tokens = 8_192

    def __init__(self, tokenizer: Tokenizer, window: Window) -> None:
        self._tokenizer, self.window = tokenizer, window
        self.vocabulary, self.features = tokenizer.get_vocab_size(), 0
        self._blank = [number for name, number in tokenizer.get_vocab().items() if not name.strip()]

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        return self.window.told_of(list(map(self._trimmed, encode(self._tokenizer, texts))))

    def _trimmed(self, encoded: Encoded) -> Encoded:
        if (kept := self._without_trailing_space(encoded.ids)) == len(encoded.ids):
            return encoded
        spans = encoded.spans
        return Encoded(encoded.ids[:kept], encoded.truncated, lambda: (spans[:kept], spans[kept][0]))

    def ids(self, texts: Sequence[str]) -> tuple[Ragged, list[bool]]:
        ids, cut = encode_ids(self._tokenizer, texts)
        if ids.lengths.max(initial=0) > self.window.size:
            ids = Ragged.of([row[: self._without_trailing_space(row)] for row in ids])
        return ids, self.window.cuts(ids, cut)

    def _without_trailing_space(self, ids: Ids) -> int:
        """How many characters of a text are left without the spaces at its end that would make it longer than the window."""
        if len(ids) <= self.window.size:
            return len(ids)
        visible = np.flatnonzero(~np.isin(ids, self._blank))
        return max(self.window.size, int(visible[-1]) + 1 if len(visible) else 0)

    def in_window(self, ids: Sequence[Ids]) -> Ragged:
        return self.window.cut(Ragged.of(ids))

    def token_ids(self, ids: Sequence[Ids]) -> Ragged:
        return Ragged.of(ids)

    def is_known(self, ids: Ids) -> NDArray[np.bool_]:
        return np.asarray(ids != UNKNOWN_ID)

    is_familiar = is_known

    def batch(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        texts = Ragged.of(ids)
        return self.network_batch(texts, multiple) | placed(self.window, texts, multiple)

    token_inputs = batch

    def network_batch(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        return with_lengths(self.in_window(ids), multiple)

    def words(self) -> int:
        return 0

    def word_features(self, words: NDArray[np.integer]) -> Inputs:
        return {}

    def forget_spellings(self) -> None:
        pass

    def forget(self) -> None:
        pass

    def files(self) -> dict[str, bytes]:
        return {"tokenizer.json": self._tokenizer.to_str().encode(), "features.safetensors": b""}
