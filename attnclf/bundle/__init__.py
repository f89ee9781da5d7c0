"""The model directory: what `train` writes and everything else reads. Nothing in it can run code.

    bundle.json          format, configuration, labels, scores, facts of training, checksums of the rest; written last
    tokenizer.json       text → tokens
    features.safetensors the n-grams and word pairs of the vocabulary; empty at character level
    words.onnx           a word's features → its vector and its weights in the linear model; empty at character level
    model.onnx           ids → logits, attention, contributions
    weights.safetensors  the same weights, for gradients
    history.jsonl        one line an epoch
    texts.bin            hashes of the training texts, by which `eval` knows them again; not in models of format 7 and before
    README.md            the model card

It is written next to its destination and renamed into place, so that an interrupted run leaves the old one whole.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attnclf.bundle.atomic import replace, sibling, sync_directory, write_through
from attnclf.bundle.manifest import (
    DAMAGE,
    FILES,
    MANIFEST,
    TEXTS,
    checksum_of,
    encode,
    read_manifest,
    self_checksum,
    verify,
)
from attnclf.bundle.manifest import LABEL_TYPES as LABEL_TYPES
from attnclf.config import Config
from attnclf.errors import AttnclfError, DataError, ModelError
from attnclf.results import AccountRule, Faithfulness, share
from attnclf.upgrades import FORMAT as FORMAT
from attnclf.upgrades import TRAIN_AGAIN


@dataclass(frozen=True)
class Bundle:
    """A checked model directory.

    `scores` holds the validation report, the baseline's, measured faithfulness and the facts of training, as plain values.
    `onnx_inputs` has the names of `model.onnx`'s inputs where an older format called them something else. `label_type` is the
    type that the labels had in training: "str", "int", "float" or "bool". `shares` are those of the labels among the training
    rows, empty where they were not kept. `accounts` is the rule by which posts of an account come together, None where there is
    none. `checksum` is that of the whole directory, "" before it is written.
    """

    path: Path
    config: Config
    labels: tuple[str, ...]
    scores: Mapping[str, Any]
    onnx_inputs: Mapping[str, str] = field(default_factory=dict)
    label_type: str = "str"
    shares: tuple[float, ...] = ()
    accounts: AccountRule | None = None
    checksum: str = ""
    contents: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def faithfulness(self) -> Faithfulness | None:
        """How far explanations were found to be true after training, None where that was not measured."""
        values = self.scores.get("faithfulness")
        return Faithfulness.from_dict(values) if values else None

    def history(self) -> list[dict[str, Any]]:
        """One record for each epoch of training."""
        return [json.loads(line) for line in self.read("history.jsonl").decode().splitlines()]

    def training_texts(self) -> bytes:
        """The hashes of the training texts; none for a model that keeps none. `attnclf.data.repeats` has their form."""
        return self.read(TEXTS) if TEXTS in self._names else b""

    @property
    def _names(self) -> list[str]:
        """Its files; models of older formats lack one."""
        there = self.contents or {path.name for path in self.path.iterdir()}
        return [name for name in (*FILES, MANIFEST) if name in there]

    def read(self, name: str) -> bytes:
        """The content of one of its files."""
        return self.contents[name] if self.contents else (self.path / name).read_bytes()

    def in_memory(self) -> "Bundle":
        """The same model with its files in memory. It no longer needs its directory."""
        return replace_fields(self, contents={name: self.read(name) for name in self._names})

    def copy_to(self, target: Path) -> None:
        """Writes the files to another directory, as `write` does."""
        target = target.resolve()
        check_target(target)
        with sibling(target) as temporary:
            for name in self._names:
                write_through(temporary / name, self.read(name))
            replace(temporary, target)
            sync_directory(target.parent)


def write(
    target: Path,
    files: Mapping[str, bytes],
    config: Config,
    labels: tuple[str, ...],
    scores: Any,
    label_type: str = "str",
    shares: tuple[float, ...] = (),
    accounts: AccountRule | None = None,
) -> Bundle:
    """Writes the directory atomically. An existing model at `target` is replaced; anything else there is left alone."""
    if set(files) != set(FILES):
        raise ValueError(f"a bundle holds {FILES}, got {tuple(files)}")
    target = target.resolve()  # a link to a model stays a link
    check_target(target)
    with sibling(target) as temporary:
        for name, content in files.items():
            write_through(temporary / name, content)
        manifest = {
            "format": FORMAT,
            "config": config.to_dict(),
            "labels": list(labels),
            "scores": scores,
            "onnx_inputs": {},
            "label_type": label_type,
            "shares": list(shares),
            "accounts": accounts.to_dict() if accounts else None,
            "files": {name: checksum_of(content) for name, content in files.items()},
        }
        checksum = self_checksum(manifest)
        write_through(temporary / MANIFEST, encode(manifest | {"checksum": checksum}))
        replace(temporary, target)
        sync_directory(target.parent)
    return Bundle(target, config, labels, scores, label_type=label_type, shares=shares, accounts=accounts, checksum=checksum)


def check_target(target: Path, *, write: bool = True) -> None:
    """Raises DataError when a model cannot be written at `target`. Asked before training, so that none is lost.

    Without `write` nothing is written there to try it.
    """
    if target.is_dir() and any(target.iterdir()):
        names = {path.name for path in target.iterdir()}
        if MANIFEST not in names or names - {MANIFEST, *FILES}:
            stranger = min(names - {MANIFEST, *FILES}, default="")
            raise DataError(
                f"{target} is not (only) an attnclf model" + (f": it holds '{stranger}'" if stranger else ""),
                hint="name another place with `model`; nothing there was touched",
            )
    if target.exists() and not target.is_dir():
        raise DataError(f"{target} is a file, and a model is a directory", hint="name another place with `model`")
    if write:
        with sibling(target):
            pass


def load(path: Path) -> Bundle:
    """The bundle at `path`, with its format and every checksum verified. Raises ModelError, which names the file at fault."""
    manifest = read_manifest(path)
    for name in FILES:
        if name != TEXTS or name in manifest["files"]:
            verify(path / name, manifest["files"].get(name))
    try:
        config = Config.from_dict(manifest["config"])
    except AttnclfError as error:
        raise ModelError(f"{path / MANIFEST}: {error.message}", hint=TRAIN_AGAIN) from error
    names = ("scores", "onnx_inputs", "label_type", "checksum")
    kept = {name: manifest[name] for name in names}
    accounts = AccountRule.from_dict(manifest["accounts"]) if manifest["accounts"] else None
    return Bundle(path, config, tuple(manifest["labels"]), **kept, shares=tuple(manifest["shares"]), accounts=accounts)


def summary_of(path: Path) -> str:
    """The model at `path` in a few words: when it was made, from how many rows, how accurate it was; "" where there is none."""
    if not (path / MANIFEST).exists():
        return ""
    try:
        scores = read_manifest(path)["scores"]
        report, facts = scores.get("validation"), scores.get("training")
        changed = datetime.fromtimestamp((path / MANIFEST).stat().st_mtime, UTC)
        made = datetime.fromisoformat(facts["made"]) if facts else changed
        parts = [f"made on {made.astimezone():%Y-%m-%d at %H:%M}"]
        parts += [f"from {int(facts['rows']):,} rows"] if facts else []
        parts += [f"validation accuracy {share(float(report['accuracy']), int(report['rows']))}"] if report else []
    except (ModelError, *DAMAGE, OSError):
        return "unreadable"
    return ", ".join(parts)
