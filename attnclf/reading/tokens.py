"""Texts → tokens → ids, by the Rust library `tokenizers`; every token knows which characters of the text it came from.

Two levels. *char*: every character is a token (a BPE without merges), upper and lower case apart. *word*: runs of letters and
digits, and every other visible character by itself. Both normalise to NFC first, so that a Hangul syllable is one character
however it was typed.
"""

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Regex, Tokenizer, models, normalizers, pre_tokenizers

from attnclf.config import Level, TextConfig

PADDING, UNKNOWN = "[PAD]", "[UNK]"
PADDING_ID, UNKNOWN_ID = 0, 1
WORD = r"\w+(?:['’]\w+)*|[^\w\s]"  # "don't" is one word, each punctuation mark or emoji one
# Texts in which Python's `re` finds the words that `tokenizers` finds; about marks that change the letter before them, and
# about the newest letters of Unicode, the two differ.
_PLAIN = re.compile("[\t\n\r -˿Ѐ-҂Ҋ-ԯ‐-‾←-⌨─-❵　-〩ぁ-ゖ゠-ヿㄱ-ㆎ가-힣！-＾\U0001f300-\U0001faff]*")
_WORDS = re.compile(WORD)
UNSPACED = 0.3  # auto level: characters at this share of letters from scripts that do not space words

Numbering = Callable[[Encoding, str, Sequence[tuple[int, int]]], list[int]]
"""What the tokens of a text are numbered by: its encoding, the text, the tokens' spans in it."""


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
    tokenizer = _char_tokenizer(texts, config) if config.level == "char" else _word_tokenizer()
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


def _word_tokenizer() -> Tokenizer:
    """Finds the words and knows none: what a word is made of is for `attnclf.reading.ngrams` to say."""
    tokenizer = Tokenizer(models.WordLevel({PADDING: PADDING_ID, UNKNOWN: UNKNOWN_ID}, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(WORD), behavior="removed", invert=True)
    return tokenizer


def normalised(word: str) -> str:
    """A word as its features see it: composed, in lower case."""
    return unicodedata.normalize("NFC", word).lower()


def choose_level(texts: Sequence[str]) -> tuple[Level, str]:
    """The level for these texts, and the reason in words: characters where scripts without spaces between words (Han, kana,
    Thai …) are 30 % of the letters, words everywhere else."""
    share = unspaced_share(texts)
    if share >= UNSPACED:
        return "char", f"{share:.0%} of the letters are of scripts without spaces between words"
    return "word", "words are spaced"


def unspaced_share(texts: Sequence[str], sample: int = 2_000) -> float:
    """Share of letters from scripts that do not put spaces between words."""
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


def tokens_read(tokenizer: Tokenizer) -> int:
    """How many tokens of a text are read, at most."""
    truncation = tokenizer.truncation
    return truncation["max_length"] if truncation else sys.maxsize


def plain_words(text: str) -> list[str] | None:
    """The words of a text as `encode` would find them, several times as soon; None for the few texts where it may not."""
    return _WORDS.findall(text) if _PLAIN.fullmatch(text) else None


def encode_ids(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[list[NDArray[np.int32]], list[bool]]:
    """Ids (T,) of each text, without spans (the fast way), and which texts were longer than the tokenizer reads."""
    encodings = tokenizer.encode_batch_fast(_encodable(texts), add_special_tokens=False)
    return [np.array(_own_ids(e), np.int32) for e in encodings], [_is_truncated(tokenizer, e) for e in encodings]


def encode(tokenizer: Tokenizer, texts: Sequence[str], number: Numbering | None = None) -> list[Encoded]:
    """Ids and spans of each text; the ids are the tokenizer's, or those that `number` gives."""
    encodings = tokenizer.encode_batch(_encodable(texts), add_special_tokens=False)
    return [_with_spans(tokenizer, e, text, number or _own_ids) for e, text in zip(encodings, texts, strict=True)]


def _encodable(texts: Sequence[str]) -> list[str]:
    """The texts with lone surrogates (half a character, as a broken command line or JSON holds) replaced, lengths kept."""
    return [re.sub("[\ud800-\udfff]", "\ufffd", text) if not _is_utf8(text) else text for text in texts]


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _own_ids(encoding: Encoding, *_: object) -> list[int]:
    return encoding.ids or [UNKNOWN_ID]


def _with_spans(tokenizer: Tokenizer, encoding: Encoding, text: str, number: Numbering) -> Encoded:
    offsets: list[tuple[int, int]] = encoding.offsets or [(0, 0)]
    tail = encoding.overflowing[0].offsets[0][0] if encoding.overflowing else len(text)
    if unicodedata.is_normalized("NFC", text):  # then nothing was composed, and the offsets are whole
        spans = tuple(offsets)
    else:
        starts = [start for start, _ in offsets[1:]] + [tail]
        spans = _in_order((start, _extend(text, end, limit)) for (start, end), limit in zip(offsets, starts, strict=True))
    ids = np.array(number(encoding, text, spans), np.int32)
    return Encoded(ids, spans, tail, bool(encoding.overflowing) and _is_truncated(tokenizer, encoding))


def _in_order(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Each span from where the one before ends, or equal to it.

    NFC takes a few characters apart (musical notes, for one), and the pieces can become part of two tokens.
    """
    ordered: list[tuple[int, int]] = []
    for start, end in spans:
        before = ordered[-1] if ordered else (0, 0)
        ordered.append((start, end) if (start, end) == before else (max(start, before[1]), max(end, before[1])))
    return tuple(ordered)


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
