"""The model directory: what `train` writes and everything else reads. Nothing in it can run code.

    bundle.json          format, configuration, labels, scores, facts of training, checksums of the rest; written last
    tokenizer.json       text → tokens
    features.safetensors the n-grams and word pairs of the vocabulary; empty at character level
    words.onnx           a word's features → its vector and its weights in the linear model; empty at character level
    model.onnx           ids → logits, attention, contributions
    weights.safetensors  the same weights, for gradients
    history.jsonl        one line an epoch
    README.md            the model card

It is written next to its destination and renamed into place, so that an interrupted run leaves the old one whole.
"""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attnclf.config import Config
from attnclf.errors import AttnclfError, DataError, ModelError
from attnclf.results import Faithfulness, share
from attnclf.upgrades import FORMAT, TRAIN_AGAIN, upgraded

FILES = (
    "tokenizer.json",
    "features.safetensors",
    "words.onnx",
    "model.onnx",
    "weights.safetensors",
    "history.jsonl",
    "README.md",
)
MANIFEST = "bundle.json"
DAMAGE = (ValueError, KeyError, AttributeError, TypeError, RecursionError, OverflowError)  # what a forged manifest can raise


@dataclass(frozen=True)
class Bundle:
    """A checked model directory.

    `scores` holds the validation report, the baseline's, measured faithfulness and the facts of training, as plain values.
    `onnx_inputs` has the names of `model.onnx`'s inputs where an older format called them something else.
    """

    path: Path
    config: Config
    labels: tuple[str, ...]
    scores: Mapping[str, Any]
    onnx_inputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def faithfulness(self) -> Faithfulness | None:
        """How far explanations were found to be true after training, None where that was not measured."""
        values = self.scores.get("faithfulness")
        return Faithfulness.from_dict(values) if values else None

    def history(self) -> list[dict[str, Any]]:
        """One record for each epoch of training."""
        return [json.loads(line) for line in self.read("history.jsonl").decode().splitlines()]

    def read(self, name: str) -> bytes:
        """The content of one of its files."""
        return (self.path / name).read_bytes()


def write(target: Path, files: Mapping[str, bytes], config: Config, labels: tuple[str, ...], scores: Any) -> Bundle:
    """Writes the directory atomically. An existing model at `target` is replaced; anything else there is left alone."""
    if set(files) != set(FILES):
        raise ValueError(f"a bundle holds {FILES}, got {tuple(files)}")
    target = target.resolve()  # a link to a model stays a link
    check_target(target)
    with _sibling(target) as temporary:
        for name, content in files.items():
            _write_through(temporary / name, content)
        manifest = {
            "format": FORMAT,
            "config": config.to_dict(),
            "labels": list(labels),
            "scores": scores,
            "onnx_inputs": {},
            "files": {name: _checksum(content) for name, content in files.items()},
        }
        _write_through(temporary / MANIFEST, _encode(manifest | {"checksum": _self_checksum(manifest)}))
        _replace(temporary, target)
        _sync_directory(target.parent)
    return Bundle(target, config, labels, scores)


def check_target(target: Path) -> None:
    """Raises DataError when a model cannot be written at `target`. Asked before training, so that none is lost."""
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
    with _sibling(target):
        pass


@contextlib.contextmanager
def _sibling(target: Path) -> Iterator[Path]:
    """A temporary directory next to `target`. It is removed afterwards if it was not renamed."""
    parent = target.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=parent))
    except OSError as error:
        raise DataError(
            f"cannot write a model at {target}: {error.strerror}", hint="name another place with `model`"
        ) from error
    try:
        temporary.chmod(0o755)  # mkdtemp makes it private, and a model is shared like any other file
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write_through(path: Path, content: bytes) -> None:
    try:
        with path.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise DataError(f"cannot write {path}: {error.strerror}", hint="is the disk full?") from error


def _sync_directory(path: Path) -> None:
    with contextlib.suppress(OSError):  # not every file system can
        number = os.open(path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _replace(temporary: Path, target: Path) -> None:
    if not target.exists():
        temporary.rename(target)
        return
    with _sibling(target) as aside:
        try:
            target.rename(aside / "old")
            temporary.rename(target)
        except BaseException as error:  # an interrupt between the two must not cost both models
            if (aside / "old").exists():
                (aside / "old").rename(target)
            if isinstance(error, OSError):
                raise DataError(f"cannot replace {target}: {error.strerror}", hint="the model there is as it was") from error
            raise


def load(path: Path) -> Bundle:
    """The bundle at `path`, with its format and every checksum verified. Raises ModelError, which names the file at fault."""
    manifest = _read_manifest(path)
    for name in FILES:
        _verify(path / name, manifest["files"].get(name))
    try:
        config = Config.from_dict(manifest["config"])
    except AttnclfError as error:
        raise ModelError(f"{path / MANIFEST}: {error.message}", hint=TRAIN_AGAIN) from error
    return Bundle(path, config, tuple(manifest["labels"]), manifest["scores"], manifest["onnx_inputs"])


def summary_of(path: Path) -> str:
    """The model at `path` in a few words: when it was made, from how many rows, how accurate it was; "" where there is none."""
    if not (path / MANIFEST).exists():
        return ""
    try:
        scores = _read_manifest(path)["scores"]
        report, facts = scores.get("validation"), scores.get("training")
        changed = datetime.fromtimestamp((path / MANIFEST).stat().st_mtime, UTC)
        made = datetime.fromisoformat(facts["made"]) if facts else changed
        parts = [f"made on {made.astimezone():%Y-%m-%d at %H:%M}"]
        parts += [f"from {int(facts['rows']):,} rows"] if facts else []
        parts += [f"validation accuracy {share(float(report['accuracy']), int(report['rows']))}"] if report else []
    except (ModelError, *DAMAGE, OSError):
        return "unreadable"
    return ", ".join(parts)


def _read_manifest(path: Path) -> dict[str, Any]:
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
        computed = _self_checksum(manifest)
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
    except DAMAGE as error:
        raise ModelError(f"{manifest_path} is damaged: it lacks what attnclf writes", hint=TRAIN_AGAIN) from error
    return manifest


def _verify(path: Path, checksum: str | None) -> None:
    try:
        with path.open("rb") as stream:
            found = f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}", hint=TRAIN_AGAIN) from error
    if found != checksum:
        raise ModelError(f"{path} was altered or cut short: its checksum does not match", hint=TRAIN_AGAIN)


def _checksum(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _self_checksum(manifest: Mapping[str, Any]) -> str:
    return _checksum(_encode(manifest))


def _encode(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()
