"""Texts → the arrays a model reads. A reader knows its level: characters by number, or words by what they are made of."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from attnclf.config import TextConfig
from attnclf.ngrams import FIRST_ID, Features
from attnclf.text import PADDING_ID, UNKNOWN_ID, Encoded, build_tokenizer, encode, encode_ids, normalised

Ids = NDArray[np.int32]
Inputs = dict[str, NDArray[Any]]
MOST_WORDS, MOST_PAIRS = 50_000, 200_000  # remembered while serving, before all are forgotten
MOST_NGRAMS = 64  # features of one word; the longest words lose their last ones
ROW = 8  # features that stand together; a word takes as many rows as it needs, so that short words carry little padding


class Reader(Protocol):
    """Ids are good for `batch` and `is_known` until the next call of `forget`."""

    vocabulary: int
    """How many ids can have a vector, padding and unknown included."""

    batch_tokens: int
    """How many tokens to serve at once: enough to fill a core, little enough to stay small."""

    features: int
    """How many ids the linear path has weights for; 0 where there is no linear path."""

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Ids and spans of each text."""
        ...

    def ids(self, texts: Sequence[str]) -> tuple[list[Ids], list[bool]]:
        """Ids (T,) of each text, T ≥ 1, and which texts were longer than is read."""
        ...

    def is_known(self, ids: Ids) -> NDArray[np.bool_]:
        """Which of the tokens training has seen anything of."""
        ...

    def batch(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        """A model's inputs, padded on the right: `ids` (B, T) and `lengths` (B,); T is a multiple of `multiple`."""
        ...

    def forget(self) -> None:
        """Frees what was remembered of words, when it is much."""
        ...

    def files(self) -> dict[str, bytes]:
        """What `open_reader` needs to make it again, by file name."""
        ...


def build_reader(texts: Sequence[str], config: TextConfig) -> Reader:
    """A reader at `config.level`, which is "char" or "word", with the vocabulary of the texts."""
    tokenizer = build_tokenizer(texts, config)
    if config.level == "char":
        return CharReader(tokenizer)
    return WordReader(tokenizer, Features.build(WordReader(tokenizer, Features([])).words(texts), config))


def open_reader(files: Mapping[str, bytes], config: TextConfig) -> Reader:
    """The reader that `files` gave these."""
    tokenizer = Tokenizer.from_str(files["tokenizer.json"].decode())
    if config.level == "char":
        return CharReader(tokenizer)
    return WordReader(tokenizer, Features(json.loads(files["features.json"])))


class CharReader:
    """Every character has its number, and its own vector."""

    batch_tokens = 8_192

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.vocabulary, self.features = tokenizer.get_vocab_size(), 0

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        return encode(self._tokenizer, texts)

    def ids(self, texts: Sequence[str]) -> tuple[list[Ids], list[bool]]:
        return encode_ids(self._tokenizer, texts)

    def is_known(self, ids: Ids) -> NDArray[np.bool_]:
        return np.asarray(ids != UNKNOWN_ID)

    def batch(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        return _padded(ids, multiple)

    def forget(self) -> None:
        pass

    def files(self) -> dict[str, bytes]:
        return {"tokenizer.json": self._tokenizer.to_str().encode(), "features.json": b"[]"}


class WordReader:
    """A word is a set of features (see `attnclf.ngrams`), whether training saw it or not.

    Ids number the distinct words met so far. A batch holds each of its words once: `features` (R, 8) are feature ids, rows of
    eight, `words` (R,) says which word each row belongs to, in rising order, `ids` (B, T) which word stands where, and `pairs`
    (B, T) has the id of each word with the one before.
    """

    batch_tokens = 1_024  # a word takes up to 64 times the memory of a character

    def __init__(self, tokenizer: Tokenizer, features: Features) -> None:
        self._tokenizer = tokenizer
        self._known = features
        self.vocabulary, self.features = features.ngrams, len(features)
        self._clear()

    def _clear(self) -> None:
        self._numbers: dict[str, int] = {}  # as written in a text → number
        self._words: list[str] = []
        self._features: list[NDArray[np.int32]] = []
        self._pairs: dict[tuple[int, int], int] = {}

    def forget(self) -> None:
        if len(self._words) > MOST_WORDS or len(self._pairs) > MOST_PAIRS:
            self._clear()

    def words(self, texts: Sequence[str]) -> list[list[str]]:
        """The words of each text, normalised."""
        return [[self._words[number] for number in encoded.ids] for encoded in self.encode(texts)]

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        return [
            Encoded(np.array([self._number(text[a:b]) for a, b in e.spans], np.int32), e.spans, e.end, e.truncated)
            for e, text in zip(encode(self._tokenizer, texts), texts, strict=True)
        ]

    def ids(self, texts: Sequence[str]) -> tuple[list[Ids], list[bool]]:
        encoded = self.encode(texts)
        return [e.ids for e in encoded], [e.truncated for e in encoded]

    def _number(self, written: str) -> int:
        number = self._numbers.get(written)
        if number is None:
            number = self._numbers[written] = len(self._words)
            word = normalised(written)
            self._words.append(word)
            self._features.append(_rows(self._known.of_word(word)[:MOST_NGRAMS]))
        return number

    def _pair(self, first: int, second: int) -> int:
        known = self._pairs.get((first, second))
        if known is None:
            words = "" if first < 0 else self._words[first], self._words[second]
            known = self._pairs[first, second] = self._known.of_pair(*words)
        return known

    def features_of(self, ids: Ids) -> NDArray[np.int32]:
        """Every feature id of the distinct words and pairs of a text, one after the other."""
        words = np.concatenate([self._features[number] for number in np.unique(ids)]).ravel()
        return np.concatenate([words[words != PADDING_ID], np.unique(self._pairs_of(ids))])

    def whole(self) -> NDArray[np.bool_]:
        """Which features are whole words or pairs of words, rather than parts."""
        return np.array([False] * FIRST_ID + [name.startswith("=") or " " in name for name in self._known.names])

    def _pairs_of(self, ids: Ids) -> NDArray[np.int32]:
        numbers = ids.tolist()
        return np.array([self._pair(a, b) for a, b in zip([-1, *numbers[:-1]], numbers, strict=True)], np.int32)

    def is_known(self, ids: Ids) -> NDArray[np.bool_]:
        return np.array([self._features[number][0, 0] != UNKNOWN_ID for number in ids])

    def batch(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        inputs = _padded(ids, multiple)
        real = np.arange(inputs["ids"].shape[1]) < inputs["lengths"][:, None]
        words, places = np.unique(np.concatenate(ids), return_inverse=True)
        inputs["ids"][real] = places
        inputs["pairs"] = np.zeros_like(inputs["ids"])
        inputs["pairs"][real] = np.concatenate([self._pairs_of(row) for row in ids])
        rows = [self._features[word] for word in words.tolist()]
        features, owners = np.concatenate(rows), np.repeat(np.arange(len(rows), dtype=np.int32), [len(row) for row in rows])
        more = -len(features) % (multiple * multiple)  # few shapes to compile; these rows belong to a word that is nowhere
        inputs["features"] = np.pad(features, ((0, more), (0, 0)))
        inputs["words"] = np.pad(owners, (0, more), constant_values=len(features) + more - 1)
        return inputs

    def files(self) -> dict[str, bytes]:
        names = json.dumps(self._known.names, ensure_ascii=False).encode("utf-8", "surrogatepass")
        return {"tokenizer.json": self._tokenizer.to_str().encode(), "features.json": names}


def _rows(features: Sequence[int]) -> NDArray[np.int32]:
    """Feature ids in rows of eight, padded."""
    rows = np.zeros((-(-len(features) // ROW), ROW), np.int32)
    rows.ravel()[: len(features)] = features
    return rows


def _padded(ids: Sequence[Ids], multiple: int) -> Inputs:
    lengths = np.array([len(row) for row in ids], np.int32)
    width = -(-int(lengths.max()) // multiple) * multiple
    padded = np.full((len(ids), width), PADDING_ID, np.int32)
    padded[np.arange(width) < lengths[:, None]] = np.concatenate(ids)
    return {"ids": padded, "lengths": lengths}
