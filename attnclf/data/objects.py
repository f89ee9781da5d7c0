"""JSON as tables hold it: values are decoded by one decoder, which refuses an object in which a key stands twice."""

import json
from collections import Counter
from typing import Any

TAIL = 16  # characters, in which an error may come from a text that goes on: the longest word of JSON is "-Infinity"


class RepeatedKeyError(ValueError):
    """A key stands more than once in one object: which of its values counts, nobody can tell."""


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        key = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise RepeatedKeyError(f"the key '{key}' stands more than once in one object")
    return found


DECODER = json.JSONDecoder(object_pairs_hook=_object_of)  # no slower than `json.loads`, whose scanner calls the same code
BROKEN = (ValueError, RecursionError)  # what it raises


def in_words(error: Exception) -> tuple[str, str]:
    """What is wrong with a value that cannot be decoded, and what to do, where its kind says so."""
    if isinstance(error, RepeatedKeyError):
        return str(error), "keep one of them, or rename the others"
    why = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    return f"not JSON ({'nested too deeply' if isinstance(error, RecursionError) else why})", ""


def may_go_on(error: Exception, text: str) -> bool:
    """Whether a value may only be cut: more text may mend what the error is about."""
    if not isinstance(error, json.JSONDecodeError):
        return False
    return error.msg.startswith("Unterminated string") or error.pos > len(text) - TAIL
