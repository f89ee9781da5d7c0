"""The manifest of a model directory, `bundle.json`: what must be in it, and the checksums that guard it and its neighbours."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attnclf.errors import ModelError
from attnclf.results import AccountRule
from attnclf.upgrades import FORMAT, TRAIN_AGAIN, upgraded

TEXTS = "texts.bin"
FILES = (
    "tokenizer.json",
    "features.safetensors",
    "words.onnx",
    "model.onnx",
    "weights.safetensors",
    "history.jsonl",
    "README.md",
    TEXTS,
)
MANIFEST = "bundle.json"
# The types that labels can have, and what makes such a label of its text.
LABEL_TYPES: Mapping[str, Callable[[str], str | int | float | bool]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": lambda label: label == "True",
}
DAMAGE = (ValueError, KeyError, AttributeError, TypeError, RecursionError, OverflowError)  # what a forged manifest can raise


def read_manifest(path: Path) -> dict[str, Any]:
    """The checked manifest, in today's format. Raises ModelError."""
    manifest_path = path / MANIFEST
    if not path.exists():
        raise ModelError(
            f"there is no model at {path}", hint="train one with `attnclf.train(data)`, or name another directory with `model`"
        )
    try:
        manifest = json.loads(manifest_path.read_bytes())
        checksum = manifest.pop("checksum")
        number = manifest["format"]
        computed = self_checksum(manifest)
    except OSError as error:
        raise ModelError(
            f"{path} is not an attnclf model: {MANIFEST}: {error.strerror}", hint="name a model directory with `model`"
        ) from error
    except DAMAGE as error:
        raise ModelError(f"{manifest_path} is damaged: not the JSON that attnclf writes", hint=TRAIN_AGAIN) from error
    if isinstance(number, int) and number > FORMAT:
        raise ModelError(
            f"{path} is of format {number}, and this attnclf reads up to {FORMAT}",
            hint="upgrade attnclf: pip install -U attnclf",
        )
    if checksum != computed:
        raise ModelError(f"{manifest_path} was altered: its checksum does not match", hint=TRAIN_AGAIN)
    try:
        manifest = upgraded(dict(manifest), path)
        _ = manifest["files"].items(), manifest["config"].items(), manifest["scores"].items(), manifest["onnx_inputs"].items()
        _ = [str(label) for label in manifest["labels"]]
        _ = LABEL_TYPES[manifest["label_type"]]
        _ = [float(share) for share in manifest["shares"]]
        _ = AccountRule.from_dict(manifest["accounts"]) if manifest["accounts"] else None
    except DAMAGE as error:
        raise ModelError(f"{manifest_path} is damaged: it lacks what attnclf writes", hint=TRAIN_AGAIN) from error
    return {**manifest, "checksum": checksum}


def verify(path: Path, checksum: str | None) -> None:
    """Raises ModelError when the file at `path` has another checksum."""
    try:
        with path.open("rb") as stream:
            found = f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}", hint=TRAIN_AGAIN) from error
    if found != checksum:
        raise ModelError(f"{path} was altered or cut short: its checksum does not match", hint=TRAIN_AGAIN)


def checksum_of(content: bytes) -> str:
    """The checksum of a file."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def self_checksum(manifest: Mapping[str, Any]) -> str:
    """The checksum of a manifest without it, which covers those of all files."""
    return checksum_of(encode(manifest))


def encode(value: Any) -> bytes:
    """The bytes of a manifest."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()
