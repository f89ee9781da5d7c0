"""JSON as tables hold it: values are decoded by one decoder, which refuses an object in which a key stands twice."""

import json
from collections import Counter
from typing import Any

from attnclf.data.sources import Source
from attnclf.data.texts import open_text
from attnclf.errors import DataError

MOST = 1 << 26  # characters of a document that are looked at, where it is no table
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


def refuse_document(source: Source, encoding: str) -> None:
    """Raises DataError, which says what a source holds, where that is a JSON document of another shape than a table."""
    with open_text(source, encoding) as stream:
        try:
            text = stream.read(MOST).removeprefix("\ufeff").strip()
            value, end = DECODER.raw_decode(text)
        except BROKEN:  # what reads the source says where
            return
    what, advice = shape_in_words(value) if end == len(text) else ("", "")
    if not what and isinstance(value, dict) and "\n" in text[:end]:
        what, advice = "holds objects of several lines each", "write each in one line, as jq -c . does"
    if what:
        raise DataError(f"{source.name} {what}", hint=advice)


def shape_in_words(value: Any) -> tuple[str, str]:
    """What a JSON document of one value holds, where that is no table, and what to do."""
    if isinstance(value, list) and value and not isinstance(value[0], dict):
        if isinstance(value[0], str):
            return "holds an array of texts", "write one text a line into a file that ends in .txt, or make each an object"
        return "holds an array of values without names", 'make each an object such as {"text": "so good", "label": "x"}'
    if not isinstance(value, dict) or any(isinstance(part, str) for part in value.values()):
        return "", ""
    for name, rows in value.items():
        if isinstance(rows, list) and rows and isinstance(rows[0], dict):
            return f"holds one object, with its rows in '{name}'", "write that array by itself"
    if value and all(isinstance(part, dict | list) for part in value.values()):
        how = "with pandas, write it by to_json(orient='records', lines=True)"
        return "holds one object of whole columns, not an object for each row", how
    return "", ""
