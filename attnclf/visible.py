"""Makes text from strangers safe to show: characters that move the cursor, or hide or reorder text, become visible escapes."""

import re

# C0 and C1 controls, DEL; zero-width space and byte-order mark; line separators; bidi marks, overrides and isolates; word
# joiner and invisible operators; interlinear marks; lone surrogates; tag characters. The joiners U+200C and U+200D are not
# here: emoji and several scripts need them, and they do no harm.
UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def visible(text: str) -> str:
    r"""The text with each unsafe character as an escape.

    >>> visible("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return UNSAFE.sub(lambda match: escape(match.group()), text)


def escape(character: str) -> str:
    """One character as a Python-style escape."""
    code = ord(character)
    if character in SHORT:
        return SHORT[character]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
