"""Makes text from strangers safe to show: characters that move the cursor, or hide or reorder text, become visible escapes."""

import re

# What moves the cursor: C0 and C1 controls, DEL, line separators. What reorders: bidi marks, overrides and isolates. What
# shows nothing and so hides words: zero-width space, byte-order mark, soft hyphen, grapheme and word joiners, invisible
# operators, the fillers of Hangul, Khmer and Mongolian, interlinear marks, musical controls, tag characters. What has no
# meaning: private use and lone surrogates. The joiners U+200C and U+200D and the variation selectors are not here: emoji and
# several scripts need them.
UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\uf8ff\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e007f"
    "\U000f0000-\U0010ffff]"
)
# The joiners U+200C and U+200D between letters and digits that have nothing to join.
_UNJOINED = "0-9A-Za-z\u00c0-\u024f\u1e00-\u1eff\u1100-\u11ff\u3131-\u318e가-힣ぁ-ヿ一-鿿"
JOINERS = re.compile(f"(?<=[{_UNJOINED}\u200c\u200d])[\u200c\u200d](?=[\u200c\u200d]*[{_UNJOINED}])")
SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def visible(text: str) -> str:
    r"""The text with each unsafe character as an escape.

    >>> visible("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return UNSAFE.sub(lambda match: escape(match.group()), without_joiners(text))


def without_joiners(text: str) -> str:
    """The text with an escape for each joiner that stands where there is nothing to join, which only its neighbours tell."""
    return JOINERS.sub(lambda match: escape(match.group()), text)


def escape(character: str) -> str:
    """One character as a Python-style escape."""
    code = ord(character)
    if character in SHORT:
        return SHORT[character]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
