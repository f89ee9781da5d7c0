"""Texts → the arrays that a model reads: words as sets of features (`WordReader`), or characters as ids (`CharReader`)."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from attnclf.config import TextConfig
from attnclf.errors import ModelError
from attnclf.ragged import Ragged
from attnclf.reading.base import Ids, Inputs, Reader
from attnclf.reading.characters import CharReader
from attnclf.reading.counting import Hashes
from attnclf.reading.lexicon import FeatureRows, Lexicon
from attnclf.reading.ngrams import FIRST_ID, NGRAM, PAIR, Features, distinct, pairs_of
from attnclf.reading.padding import occurrence_shares, placed, with_lengths
from attnclf.reading.sentences import SentenceReader
from attnclf.reading.tokens import Encoded, build_tokenizer, open_tokenizer
from attnclf.reading.windows import Window
from attnclf.upgrades import TRAIN_AGAIN

Occurrences = tuple[NDArray[np.intp], NDArray[np.int32]]  # indices of texts, and ids of words or pairs in them
FEATURE_ARRAYS = {"hashes": (np.dtype(np.uint64), 1), "kinds": (np.dtype(np.uint8), 1)}
LONGEST_SEARCH = 10_000  # slots that the search for a hash may pass: chance alone gives no more than some dozens
ROWS = 64  # the rows of a batch are a multiple of this where lengths are rounded up too


def build_reader(texts: Sequence[str], config: TextConfig) -> Reader:
    """A reader at `config.level` ("char" or "word") with a vocabulary built from the texts."""
    tokenizer, window = build_tokenizer(texts, config), Window.of(config)
    if config.level == "char":
        return _by_sentence(CharReader(tokenizer, window), config)
    lexicon = Lexicon(tokenizer)
    ids, _ = lexicon.ids(texts)
    return _by_sentence(WordReader(tokenizer, Features.build(ids, lexicon.words_from(0), config), window), config)


def open_reader(files: Mapping[str, bytes], config: TextConfig) -> Reader:
    """The reader whose method `files` returned these files. Raises ModelError, naming the file, for files of any other kind."""
    with _named("tokenizer.json"):
        tokenizer = open_tokenizer(files["tokenizer.json"], config)
    window = Window.of(config)
    if config.level == "char":
        return _by_sentence(CharReader(tokenizer, window), config)
    with _named("features.safetensors"):
        features = _features(files["features.safetensors"], config)
    return _by_sentence(WordReader(tokenizer, features, window), config)


def _features(content: bytes, config: TextConfig) -> Features:
    """The vocabulary of features in a file. Raises ValueError where it is not what `WordReader.files` gives."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(content)
    except SafetensorError as error:
        raise ValueError("it does not hold arrays") from error
    if {name: (array.dtype, array.ndim) for name, array in arrays.items()} != FEATURE_ARRAYS:
        raise ValueError("it does not hold the arrays that attnclf writes")
    hashes, kinds = arrays["hashes"], arrays["kinds"]
    if len(hashes) != len(kinds) or kinds.max(initial=0) > PAIR or not np.all(np.diff((kinds == PAIR).astype(np.int8)) >= 0):
        raise ValueError("its features are not in the order in which attnclf writes them")
    features = Features(hashes, kinds, config)
    if features.repeats or features.longest_search() > LONGEST_SEARCH:
        raise ValueError("its hashes are not those of texts")
    return features


@contextlib.contextmanager
def _named(name: str) -> Iterator[None]:
    """Makes an error of a file's content one that names the file."""
    try:
        yield
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{name} cannot be used: {error or 'it is nested too deep'}", hint=TRAIN_AGAIN) from error


def _by_sentence(reader: Reader, config: TextConfig) -> Reader:
    return reader if config.sentences == "none" else SentenceReader(reader, config.sentences, config.level)


class WordReader:
    """Every word is a set of features (see `attnclf.reading.ngrams`), whether training saw the word or not.

    Ids number the distinct words met so far. A batch holds each of its words once:

    - `features` (R, 8): feature ids, in rows of eight
    - `words` (R,): the word that each row belongs to, in rising order
    - `ids` (B, W): the word at each position that the network reads

    and for the linear model, of all T tokens of a text:

    - `linear_ids` (B, T): the word at each position
    - `pairs` (B, T): the feature id of the pair that each word forms with the word before it
    - `word_shares`, `pair_shares` (B, T): 1 / n, where n is how often the text has this word, and this pair; 0 on padding
    """

    batch_tokens = 2_048  # fewer than for characters, because each word comes with its vector

    def __init__(self, tokenizer: Tokenizer, features: Features, window: Window) -> None:
        self._tokenizer, self.window = tokenizer, window
        self._known = features
        self.vocabulary, self.features = features.ngrams, len(features)
        self.forget()

    def forget(self) -> None:
        self._lexicon, self._rows = Lexicon(self._tokenizer), FeatureRows(self._known)

    def forget_spellings(self) -> None:
        self._lexicon.forget_spellings()

    def words(self) -> int:
        return len(self._rows)

    @property
    def feature_numbers(self) -> int:
        """How many feature ids the words met so far have together, padding included."""
        return self._rows.numbers

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        encoded = self._lexicon.encode(texts)
        self._look_up()
        return self.window.told_of(encoded)

    def ids(self, texts: Sequence[str]) -> tuple[Ragged, list[bool]]:
        ids, cut = self._lexicon.ids(texts)
        self._look_up()
        return ids, self.window.cuts(ids, cut)

    def in_window(self, ids: Sequence[Ids]) -> Ragged:
        return self.window.cut(Ragged.of(ids))

    def _look_up(self) -> None:
        """Looks up the features of the words that are new."""
        self._rows.add(self._lexicon.words_from(len(self._rows)))

    def pair_ids(self, ids: Sequence[Ids]) -> NDArray[np.int32]:
        """The ids of the pairs that words form with the word before them, 0 for those outside the vocabulary; all texts,
        concatenated."""
        return self._known.ids(pairs_of(Ragged.of(ids), self._rows.word_hashes))

    def distinct(self, ids: Sequence[Ids]) -> tuple[Occurrences, Occurrences]:
        """(text, word) for every distinct word of each text, and (text, pair) for every distinct pair in the vocabulary."""
        texts = Ragged.of(ids)
        pair_texts, pairs = _distinct(texts.owners, self.pair_ids(texts), self.features)
        return _distinct(texts.owners, texts.flat, len(self._rows)), (pair_texts[pairs > 0], pairs[pairs > 0])

    def feature_hashes(self, vectors: int) -> Hashes:
        """The hashes of the features with an id below `vectors`, in the order of their ids from 2."""
        return self._known.hashes[: max(0, vectors - FIRST_ID)]

    def whole(self) -> NDArray[np.bool_]:
        """True for features that are whole words or pairs of words, False for n-grams (R,)."""
        return np.concatenate([np.zeros(FIRST_ID, bool), self._known.kinds != NGRAM])

    def token_ids(self, ids: Sequence[Ids]) -> Ragged:
        return Ragged.of(ids)

    def is_known(self, ids: Ids) -> NDArray[np.bool_]:
        return self._rows.known[ids]

    def is_familiar(self, ids: Ids) -> NDArray[np.bool_]:
        return self._known.ids(self._rows.word_hashes[ids]) > 0

    def batch(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        texts = Ragged.of(ids)
        return self._with_words(self.token_inputs(texts, multiple), np.unique(texts.flat), multiple)

    def network_batch(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        seen = self.in_window(ids)
        return self._with_words(with_lengths(seen, multiple), np.unique(seen.flat), multiple)

    def _with_words(self, inputs: Inputs, words: NDArray[np.int32], multiple: int) -> Inputs:
        """The inputs with the features of `words` (rising ids). `ids` and `linear_ids` are now positions among these."""
        for name in {"ids", "linear_ids"} & inputs.keys():
            inputs[name] = np.searchsorted(words, inputs[name]).astype(np.int32)
        inputs |= self.word_features(words)
        # Padding rows keep the number of shapes to compile small. They belong to a word that no position holds.
        padding = -len(inputs["words"]) % (ROWS if multiple > 1 else 1)
        inputs["features"] = np.pad(inputs["features"], ((0, padding), (0, 0)))
        inputs["words"] = np.pad(inputs["words"], (0, padding), constant_values=len(inputs["features"]) - 1)
        return inputs

    def token_inputs(self, ids: Sequence[Ids], multiple: int = 1) -> Inputs:
        texts = Ragged.of(ids)
        pairs = texts.like(self.pair_ids(texts))
        linear = {
            "linear_ids": texts,
            "pairs": pairs,
            "word_shares": texts.like(occurrence_shares(texts)),
            "pair_shares": texts.like(occurrence_shares(pairs)),
        }
        inputs = with_lengths(self.in_window(texts), multiple) | placed(self.window, texts, multiple)
        return inputs | {name: rows.padded(multiple) for name, rows in linear.items()}

    def word_features(self, words: NDArray[np.integer]) -> Inputs:
        features, sizes = self._rows.of(words)
        return {"features": features, "words": np.repeat(np.arange(len(words), dtype=np.int32), sizes)}

    def files(self) -> dict[str, bytes]:
        from safetensors.numpy import save

        arrays: dict[str, NDArray[Any]] = {"hashes": self._known.hashes, "kinds": self._known.kinds}
        return {"tokenizer.json": self._tokenizer.to_str().encode(), "features.safetensors": bytes(save(arrays))}


def _distinct(texts: NDArray[np.int32], ids: NDArray[np.int32], limit: int) -> Occurrences:
    """The distinct (text, id) pairs among these; every id is below `limit`."""
    keys = distinct(texts.astype(np.int64) * limit + ids)
    return keys // limit, (keys % limit).astype(np.int32)
