"""`bundle.json`: what a model is, and the size and checksum of each of its files. Its first line is its own checksum."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attnclf.errors import ModelError
from attnclf.results import AccountRule
from attnclf.upgrades import FORMAT, TRAIN_AGAIN, upgraded

TEXTS = "texts.bin"
ACCOUNTS = "accounts.safetensors"
FILES = (
    "tokenizer.json",
    "features.safetensors",
    "words.onnx",
    "model.onnx",
    "weights.safetensors",
    "history.jsonl",
    "README.md",
    TEXTS,
    ACCOUNTS,
)
MANIFEST = "bundle.json"
MOST_BYTES, MOST_BRACKETS = 8 << 20, 400_000  # of a manifest: both are far above what thousands of labels need
LOOSE_BYTES = 256 << 10  # up to here JSON may be laid out in another way than attnclf does
# The types that labels can have, and what makes such a label of its text.
LABEL_TYPES: Mapping[str, Callable[[str], str | int | float | bool]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": lambda label: label == "True",
}
DAMAGE = (ValueError, KeyError, AttributeError, TypeError, RecursionError, OverflowError)  # what a forged manifest can raise
_OPENING = b'{\n "checksum": "'


def written(values: Mapping[str, Any], files: Mapping[str, bytes]) -> tuple[bytes, str]:
    """The content of `bundle.json` for these values and files, and the checksum in it."""
    stated = {
        "format": FORMAT,
        "files": {name: checksum_of(content) for name, content in files.items()},
        "sizes": {name: len(content) for name, content in files.items()},
    }
    manifest = {**values, **stated}
    body = encoded(manifest)
    checksum = checksum_of(body)
    # The checksum stands first, before names that come earlier in the alphabet.
    return _OPENING + checksum.encode() + b'",\n' + body.removeprefix(b"{\n"), checksum


def parsed(content: bytes, path: Path) -> dict[str, Any]:
    """The checked manifest of the model at `path`, in today's format. Raises ModelError."""
    where = path / MANIFEST
    if content.count(b"{") + content.count(b"[") > MOST_BRACKETS:
        raise ModelError(f"{where} is damaged: no model has so many values", hint=TRAIN_AGAIN)
    try:
        # The checksum comes first where it can, so that what was altered is not even parsed.
        matches = _is_checked(content)
        manifest = json.loads(content) if matches or len(content) <= LOOSE_BYTES else {"format": None, "checksum": ""}
        checksum = manifest.pop("checksum")
        number = manifest["format"]
        matches = matches or checksum == self_checksum(manifest)
    except DAMAGE as error:
        raise ModelError(f"{where} is damaged: not the JSON that attnclf writes", hint=TRAIN_AGAIN) from error
    if isinstance(number, int) and number > FORMAT:
        raise ModelError(
            f"{path} is of format {number}, and this attnclf reads up to {FORMAT}",
            hint="upgrade attnclf: pip install -U attnclf",
        )
    if not matches:
        raise ModelError(f"{where} was altered: its checksum does not match", hint=TRAIN_AGAIN)
    try:
        manifest = upgraded(dict(manifest), path)
        _check(manifest)
    except DAMAGE as error:
        raise ModelError(f"{where} is damaged: it lacks what attnclf writes", hint=TRAIN_AGAIN) from error
    return {**manifest, "checksum": checksum}


def _check(manifest: Mapping[str, Any]) -> None:
    """Raises one of DAMAGE where a value is missing or of a wrong type."""
    names = {"files", "sizes", "config", "scores", "onnx_inputs"}
    _require(all(isinstance(manifest[name], dict) for name in names))
    files, sizes, labels = manifest["files"], manifest["sizes"], manifest["labels"]
    _require(set(FILES) - {TEXTS, ACCOUNTS} <= set(files) <= set(FILES))
    _require(all(isinstance(checksum, str) for checksum in files.values()))
    _require(not sizes or set(sizes) == set(files))
    _require(all(type(size) is int and size >= 0 for size in sizes.values()))
    _require(all(isinstance(name, str) for name in manifest["onnx_inputs"].values()))
    _require(isinstance(labels, list) and bool(labels) and all(isinstance(label, str) for label in labels))
    "".join(labels).encode()  # half a character cannot be shown
    _require(len(set(labels)) == len(labels))
    for label in labels:
        LABEL_TYPES[manifest["label_type"]](label)
    _require(all(isinstance(share, float | int) for share in manifest["shares"]))
    _require(len(manifest["shares"]) in (0, len(labels)))
    _ = AccountRule.from_dict(manifest["accounts"]) if manifest["accounts"] else None


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError("not what attnclf writes")


def _is_checked(content: bytes) -> bool:
    """Whether the first line holds the checksum of the rest. False for JSON that is laid out otherwise."""
    first, _, rest = content.removeprefix(_OPENING).partition(b'",\n')
    digest = hashlib.sha256(b"{\n")
    digest.update(rest)
    return content.startswith(_OPENING) and first == f"sha256:{digest.hexdigest()}".encode()


def checksum_of(content: bytes) -> str:
    """The checksum of a file."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def self_checksum(manifest: Mapping[str, Any]) -> str:
    """The checksum of a manifest that has none yet."""
    return checksum_of(encoded(manifest))


def encoded(value: Any) -> bytes:
    """JSON as attnclf writes it."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()
