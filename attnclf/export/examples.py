"""What attnclf says of some texts, by which a program in another language can be checked."""

import json
from collections.abc import Sequence
from unicodedata import normalize

from attnclf.data.columns import joined_columns
from attnclf.served.model import Scored, ServedModel

# Each is read in another way: endings, contractions, typos; Hangul, decomposed and compatibility letters; Greek, whose last
# sigma has a form of its own; capitals that are two small letters; marks, digits, joined emoji, a right-to-left word; nothing.
TEXTS = (
    "get 1000 f0llowers fast, link in bio",
    "Don't stop — it's the BEST, the best!",
    "오늘 성수동에서 라떼 마셨는데 너무 좋았다ㅋㅋ",
    "팔로워 1만 늘려드려요 DM 주세요",
    "\u1112\u1161\u11ab\u1100\u1173\u11af cafe\u0301",
    "ΟΔΥΣΣΕΥΣ και Οδυσσεύς",
    "İstanbul Straße ǅ",
    "naïve x² ½ Ⅷ _under_score",
    "👍🏽 👩‍👩‍👧 #hashtag @name https://example.com/a?b=c",
    "שלום עולם مرحبا",
    "日本語のテキスト 中文",
    'a\u200db\u00adc\u3164d <tag> & "quotes" ‘single’',
    "again again again and again, Again",
    "supercalifragilisticexpialidociousandmuchlongerthanthirty",
    "tabs\tand\nnew lines\u2028and\u00a0spaces  ",
    "",
    "   ",
)
LONG = "one two three, "  # repeated until it is longer than what the network reads


def examples_of(served: ServedModel, texts: Sequence[str] = ()) -> bytes:
    """A line of JSON for each text: the text, its tokens, the logits, and what each token contributes to them.

    Texts are answered one by one: in int8 an answer depends a little on the texts that are answered with it.
    """
    size = served.limits.window.size
    columns = len(served.bundle.config.data.text_col)
    joined = [joined_columns(TEXTS[:columns])] if columns > 1 else []
    some = texts or (*TEXTS, *joined, LONG * (size // (len(LONG) if served.bundle.config.text.level == "char" else 4) + 2))
    return "".join(_line(text, served.scored([text])[0]) for text in some).encode()


def _line(text: str, scored: Scored) -> str:
    tokens = [normalize("NFC", text[start:end]) for start, end in scored.encoded.spans]
    contributions = [[float(number) for number in token] for token in scored.contributions]
    logits = [float(number) for number in scored.logits]
    return json.dumps({"text": text, "tokens": tokens, "logits": logits, "contributions": contributions}) + "\n"
