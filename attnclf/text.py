"""Texts → tokens → ids, by the Rust library `tokenizers`; every token knows which characters of the text it came from.

Two levels. *char*: every character is a token (a BPE without merges), upper and lower case apart. *word*: runs of letters and
digits, lower-cased, and every other visible character by itself. Both normalise to NFC first, so that a Hangul syllable is one
character however it was typed.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from attnclf.config import Level, TextConfig

PADDING, UNKNOWN = "[PAD]", "[UNK]"
PADDING_ID, UNKNOWN_ID = 0, 1
WORD = r"\w+(?:['’]\w+)*|[^\w\s]"  # "don't" is one word, each punctuation mark or emoji one
UNSPACED = 0.3  # auto level: at this share of letters from scripts that do not space words, characters
UNSEEN = 0.2  # auto level: at this share of words in held-out texts that training never saw, characters


@dataclass(frozen=True)
class Encoded:
    """One text as the model reads it. `spans` are [start, end) in code points of the original text; `end` is where reading
    stopped, equal to the text's length unless it was truncated."""

    ids: NDArray[np.int32]  # (T,), T ≥ 1: an empty text is one unknown token
    spans: tuple[tuple[int, int], ...]
    end: int
    truncated: bool  # more than spaces was not read


def build_tokenizer(texts: Iterable[str], config: TextConfig) -> Tokenizer:
    """A tokenizer at `config.level` ("char" or "word") whose vocabulary is what the texts hold often enough."""
    tokenizer = _char_tokenizer(texts, config) if config.level == "char" else _word_tokenizer(texts, config)
    tokenizer.enable_truncation(config.max_length)
    return tokenizer


def _char_tokenizer(texts: Iterable[str], config: TextConfig) -> Tokenizer:
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(unicodedata.normalize("NFC", text))
    frequent = sorted((c for c, n in counts.items() if n >= config.min_count), key=lambda c: (-counts[c], c))
    names = [PADDING, UNKNOWN, *frequent][: config.max_vocabulary]
    vocabulary = {token: i for i, token in enumerate(names)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.NFC()
    return tokenizer


def _word_tokenizer(texts: Iterable[str], config: TextConfig) -> Tokenizer:
    counter = _word_level({})
    trainer = trainers.WordLevelTrainer(
        vocab_size=config.max_vocabulary,
        min_frequency=config.min_count,
        special_tokens=[PADDING, UNKNOWN],
        show_progress=False,
    )
    counter.train_from_iterator(texts, trainer)
    return _word_level(counter.get_vocab())  # a fresh one: the trainer would make a literal "[PAD]" in a text special


def _word_level(vocabulary: dict[str, int]) -> Tokenizer:
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(WORD), behavior="removed", invert=True)
    return tokenizer


def choose_level(train: Sequence[str], held_out: Sequence[str]) -> tuple[Level, str]:
    """The level for these texts, and the reason in words.

    Characters where words are not spaced or carry endings (30 % of the letters are Hangul, kana, Han, Thai …), or where the
    training words do not cover new texts (20 % of the words in `held_out` were never seen); words otherwise.
    """
    share = unspaced_share(train)
    if share >= UNSPACED:
        return "char", f"{share:.0%} of the letters are of scripts whose words vary or are not spaced"
    unseen = unseen_share(train, held_out)
    if unseen >= UNSEEN:
        return "char", f"{unseen:.0%} of the words in held-out texts are not in the training texts"
    return "word", f"words are spaced, and only {unseen:.0%} of those in held-out texts are new"


def unspaced_share(texts: Sequence[str], sample: int = 2_000) -> float:
    """Share of letters from scripts that glue endings to words or do not put spaces between words."""
    letters = [c for text in _sample(texts, sample) for c in text if c.isalpha()]
    return sum(_is_unspaced(c) for c in letters) / max(1, len(letters))


def _is_unspaced(character: str) -> bool:
    code = ord(character)
    return (
        0x0E00 <= code <= 0x0EFF  # Thai, Lao
        or 0x1000 <= code <= 0x11FF  # Myanmar, Hangul jamo
        or 0x1780 <= code <= 0x17FF  # Khmer
        or 0x3040 <= code <= 0x9FFF  # kana, Hangul compatibility jamo, Han
        or 0xAC00 <= code <= 0xD7FF  # Hangul syllables
        or 0x20000 <= code <= 0x3FFFF  # more Han
    )


def unseen_share(train: Sequence[str], held_out: Sequence[str]) -> float:
    """Share of the words in `held_out` that `train` does not hold."""
    known = {word for text in train for word in _words(text)}
    words = [word for text in _sample(held_out, 2_000) for word in _words(text)]
    return sum(word not in known for word in words) / max(1, len(words))


def _words(text: str) -> list[str]:
    return unicodedata.normalize("NFC", text).lower().split()


def _sample(texts: Sequence[str], n: int) -> Sequence[str]:
    return texts[:: max(1, len(texts) // n)]


def encode_ids(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[list[NDArray[np.int32]], list[bool]]:
    """Ids (T,) of each text, without spans (the fast way), and which texts were longer than the tokenizer reads."""
    encodings = tokenizer.encode_batch_fast(_encodable(texts), add_special_tokens=False)
    return [_ids(e) for e in encodings], [_is_truncated(tokenizer, e) for e in encodings]


def encode(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Encoded]:
    """Ids and spans of each text."""
    encodings = tokenizer.encode_batch(_encodable(texts), add_special_tokens=False)
    return [_with_spans(tokenizer, e, text) for e, text in zip(encodings, texts, strict=True)]


def _encodable(texts: Sequence[str]) -> list[str]:
    """The texts with lone surrogates (half a character, as a broken command line or JSON holds) replaced, lengths kept."""
    return [re.sub("[\ud800-\udfff]", "\ufffd", text) if not _is_utf8(text) else text for text in texts]


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _ids(encoding: Encoding) -> NDArray[np.int32]:
    return np.array(encoding.ids or [UNKNOWN_ID], np.int32)


def _with_spans(tokenizer: Tokenizer, encoding: Encoding, text: str) -> Encoded:
    offsets: list[tuple[int, int]] = encoding.offsets or [(0, 0)]
    tail = encoding.overflowing[0].offsets[0][0] if encoding.overflowing else len(text)
    starts = [start for start, _ in offsets[1:]] + [tail]
    spans = tuple((start, _extend(text, end, limit)) for (start, end), limit in zip(offsets, starts, strict=True))
    return Encoded(_ids(encoding), spans, tail, _is_truncated(tokenizer, encoding))


def _is_truncated(tokenizer: Tokenizer, encoding: Encoding) -> bool:
    return any((tokenizer.id_to_token(number) or "").strip() for rest in encoding.overflowing for number in rest.ids)


def _extend(text: str, end: int, limit: int) -> int:
    """The end of a span moved over marks that belong to its last character.

    Normalising to NFC gives a composed character the offset of its first code point only.
    """
    while end < limit and _continues(text[end]):
        end += 1
    return end


def _continues(character: str) -> bool:
    return unicodedata.category(character).startswith("M") or 0x1160 <= ord(character) <= 0x11FF  # jamo vowel or final


def pad(ids: Sequence[NDArray[np.int32]], multiple: int = 1) -> dict[str, NDArray[Any]]:
    """The model's inputs for a batch: `ids` (B, T) padded on the right with 0, and `lengths` (B,).

    T is the longest length rounded up to a multiple of `multiple`. A batch is named arrays, so that a level whose tokens carry
    more than one feature adds a name and changes no signature.
    """
    lengths = np.array([len(row) for row in ids], np.int32)
    width = -(-int(lengths.max()) // multiple) * multiple
    padded = np.full((len(ids), width), PADDING_ID, np.int32)
    for row, values in zip(padded, ids, strict=True):
        row[: len(values)] = values
    return {"ids": padded, "lengths": lengths}
