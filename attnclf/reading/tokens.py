"""Texts → tokens → ids, with the Rust library `tokenizers`. Every token keeps the span of the text that it came from.

There are two levels:

- *char*: every character is a token (a BPE without merges). Upper and lower case differ.
- *word*: runs of letters and digits are tokens, and so is every other visible character.

Both normalise to NFC first, so that a Hangul syllable is one character however it was typed.
"""

import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Regex, Tokenizer, models, normalizers, pre_tokenizers

from attnclf.config import TextConfig
from attnclf.ragged import Ragged
from attnclf.reading.batching import read_in_parts

PADDING, UNKNOWN = "[PAD]", "[UNK]"
PADDING_ID, UNKNOWN_ID = 0, 1
WORD = r"\w+(?:['’]\w+)*|[^\w\s]"  # "don't" is one word, and so is each punctuation mark or emoji
# In texts of these characters only, Python's `re` finds the same words as `tokenizers`. The two differ on marks that change the
# letter before them, and on the newest letters of Unicode.
_PLAIN = re.compile("[\t\n\r -˿Ѐ-҂Ҋ-ԯ‐-‾←-⌨─-❵　-〩ぁ-ゖ゠-ヿㄱ-ㆎ가-힣！-＾\U0001f300-\U0001faff]*")
_WORDS = re.compile(WORD)

Spans = tuple[tuple[int, int], ...]
Places = tuple[Spans, int]  # of tokens, and where reading stopped


@dataclass(frozen=True, eq=False)
class Encoded:
    """One text as the model reads it, and what finds the places of its tokens, which many who ask for ids do not need."""

    ids: NDArray[np.int32]  # (T,), T ≥ 1: an empty text is one unknown token
    truncated: bool  # True if anything but whitespace was left unread, or the network does not read all of it
    locate: Callable[[], Places]

    @cached_property
    def places(self) -> Places:
        return self.locate()

    @property
    def spans(self) -> Spans:
        """Of each token, [start, end) in code points of the original text."""
        return self.places[0]

    @property
    def end(self) -> int:
        """Where reading stopped: at the length of the text, unless the text was too long."""
        return self.places[1]


def build_tokenizer(texts: Iterable[str], config: TextConfig) -> Tokenizer:
    """A tokenizer at `config.level` ("char" or "word") that reads up to `config.longest` tokens of a text.

    At character level, its vocabulary is the characters that occur often enough in `texts`.
    """
    tokenizer = _char_tokenizer(_characters(texts, config)) if config.level == "char" else _word_tokenizer()
    tokenizer.enable_truncation(config.longest)
    return tokenizer


def open_tokenizer(content: bytes, config: TextConfig) -> Tokenizer:
    """The tokenizer that `build_tokenizer` made, from its file.

    It is built again from the vocabulary and the configuration. The file can ask the library for far more: padding, patterns
    and replacements without end. Raises ValueError, in words, for a file that describes any other tokenizer.
    """
    stored = json.loads(content)
    model = stored["model"] if isinstance(stored, dict) and isinstance(stored.get("model"), dict) else {}
    vocabulary = model.get("vocab")
    if not isinstance(vocabulary, dict) or not all(type(token_id) is int for token_id in vocabulary.values()):
        raise ValueError("it has no vocabulary")
    names = sorted(vocabulary, key=vocabulary.__getitem__)
    if [vocabulary[name] for name in names] != list(range(len(names))) or names[:2] != [PADDING, UNKNOWN]:
        raise ValueError("its vocabulary is not numbered as attnclf does it")
    if config.level == "char" and any(len(name) != 1 for name in names[2:]):
        raise ValueError("its vocabulary holds more than characters")
    if config.level == "word" and len(names) > len((PADDING, UNKNOWN)):
        raise ValueError("its vocabulary holds words")
    tokenizer = _char_tokenizer(names) if config.level == "char" else _word_tokenizer()
    tokenizer.enable_truncation(config.longest)
    expected = json.loads(tokenizer.to_str())
    for name in ("truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder"):
        if stored.get(name) != expected[name]:
            raise ValueError(f"its {name.replace('_', ' ')} is not what attnclf writes")
    for name in ("type", "merges", "unk_token", "dropout"):
        if model.get(name) != expected["model"].get(name):
            raise ValueError(f"its {name.replace('_', ' ')} is not what attnclf writes")
    return tokenizer


def _characters(texts: Iterable[str], config: TextConfig) -> list[str]:
    """The names of all ids at character level: the characters that occur often enough, by falling count."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(unicodedata.normalize("NFC", _encodable([text])[0]))
    frequent = sorted((c for c, n in counts.items() if n >= config.min_count), key=lambda c: (-counts[c], c))
    return [PADDING, UNKNOWN, *frequent][: config.max_vocabulary]


def _char_tokenizer(names: Sequence[str]) -> Tokenizer:
    vocabulary = {token: i for i, token in enumerate(names)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.NFC()
    return tokenizer


def _word_tokenizer() -> Tokenizer:
    """A tokenizer that finds words but has no vocabulary of them: `attnclf.reading.ngrams` gives words their features."""
    tokenizer = Tokenizer(models.WordLevel({PADDING: PADDING_ID, UNKNOWN: UNKNOWN_ID}, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(WORD), behavior="removed", invert=True)
    return tokenizer


def normalised(words: Sequence[str]) -> list[str]:
    """The forms of words from which their features are made: NFC, in lower case.

    A line end, which no word holds, composes with nothing and ends a word for the final sigma.
    """
    return unicodedata.normalize("NFC", "\n".join(words)).lower().split("\n") if words else []


def tokens_read(tokenizer: Tokenizer) -> int:
    """The most tokens of a text that the tokenizer reads."""
    truncation = tokenizer.truncation
    return truncation["max_length"] if truncation else sys.maxsize


def plain_words(text: str) -> list[str] | None:
    """The words that `encode` finds in a text, found several times faster; None for the few texts where the two may differ."""
    return _WORDS.findall(text) if _PLAIN.fullmatch(text) else None


def plain_places(text: str, longest: int) -> Places:
    """Where the first `longest` of the words stand that `plain_words` finds in a text; an empty text is one token."""
    spans = tuple(map(re.Match.span, _WORDS.finditer(text)))
    return spans[:longest] or ((0, 0),), spans[longest][0] if len(spans) > longest else len(text)


def encode_ids(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[Ragged, list[bool]]:
    """Ids (T,) of each text without spans, which is faster, and which texts are longer than the tokenizer reads."""

    def read(some: Sequence[str]) -> tuple[Ragged, list[bool]]:
        encodings = tokenizer.encode_batch_fast(_encodable(some), add_special_tokens=False)
        ids = Ragged.of(list(map(_ids, encodings)))
        return ids, [_is_truncated(tokenizer, e) for e in encodings]

    return read_in_parts(texts, read)


def encode(tokenizer: Tokenizer, texts: Sequence[str]) -> list[Encoded]:
    """The tokenizer's ids, and the places of the tokens, of each text."""
    encodings = tokenizer.encode_batch(_encodable(texts), add_special_tokens=False)
    return [_with_spans(tokenizer, encoding, text) for encoding, text in zip(encodings, texts, strict=True)]


def _encodable(texts: Sequence[str]) -> list[str]:
    """The texts with lone surrogates replaced and lengths kept.

    A lone surrogate is half a character, as a broken command line or broken JSON holds.
    """
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
    if unicodedata.is_normalized("NFC", text):  # then nothing was composed, and no offset needs extending
        spans: Spans = tuple(offsets)
    else:
        starts = [start for start, _ in offsets[1:]] + [tail]
        spans = _in_order((start, _extend(text, end, limit)) for (start, end), limit in zip(offsets, starts, strict=True))
    truncated = bool(encoding.overflowing) and _is_truncated(tokenizer, encoding)
    return Encoded(_ids(encoding), truncated, lambda: (spans, tail))


def _in_order(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Moves spans so that each starts where the one before it ends or later, unless the two are equal.

    NFC decomposes a few characters (musical notes, for example), and the pieces can become part of two tokens.
    """
    ordered: list[tuple[int, int]] = []
    for start, end in spans:
        before = ordered[-1] if ordered else (0, 0)
        ordered.append((start, end) if (start, end) == before else (max(start, before[1]), max(end, before[1])))
    return tuple(ordered)


def _is_truncated(tokenizer: Tokenizer, encoding: Encoding) -> bool:
    return any((tokenizer.id_to_token(token_id) or "").strip() for rest in encoding.overflowing for token_id in rest.ids)


def _extend(text: str, end: int, limit: int) -> int:
    """The end of a span, moved past the marks that belong to its last character, up to `limit`.

    Normalising to NFC gives a composed character the offset of its first code point only.
    """
    while end < limit and _continues(text[end]):
        end += 1
    return end


def _continues(character: str) -> bool:
    return unicodedata.category(character).startswith("M") or 0x1160 <= ord(character) <= 0x11FF  # jamo vowel or final
