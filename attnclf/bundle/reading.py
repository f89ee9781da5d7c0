"""A model directory is read: every file once, and what is checked is what is used."""

import contextlib
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attnclf.bundle.atomic import NAMES, restore
from attnclf.bundle.directory import Bundle
from attnclf.bundle.kept import RELATIVE, Kept, content_of
from attnclf.bundle.manifest import DAMAGE, FILES, MANIFEST, MOST_BYTES, parsed
from attnclf.config import Config
from attnclf.errors import AttnclfError, ModelError
from attnclf.results import AccountRule, share
from attnclf.upgrades import TRAIN_AGAIN

SERVING = ("tokenizer.json", "features.safetensors", "words.onnx", "model.onnx")  # needed at once, by everyone
PATIENCE = 5.0  # seconds in which a model that is replaced again and again is tried


def load(path: Path) -> Bundle:
    """The bundle at `path`, with its format and every checksum verified. Raises ModelError, which names the file at fault.

    Where a check fails because another model has taken its place meanwhile, that one is read.
    """
    end = time.monotonic() + PATIENCE
    while True:
        with _directory(path) as number:
            before = _state(path, number)
            try:
                return _loaded(path, number)
            except ModelError:
                if before == _state(path) or time.monotonic() > end:
                    raise


def summary_of(path: Path) -> str:
    """The model at `path` in a few words: when it was made, from how many rows, how accurate it was; "" where there is none."""
    if not os.path.lexists(path / MANIFEST):
        return ""
    try:
        scores = _manifest(path, None)[0]["scores"]
        report, facts = scores.get("validation"), scores.get("training")
        changed = datetime.fromtimestamp((path / MANIFEST).stat().st_mtime, UTC)
        made = datetime.fromisoformat(facts["made"]) if facts else changed
        parts = [f"made on {made.astimezone():%Y-%m-%d at %H:%M}"]
        parts += [f"from {int(facts['rows']):,} rows"] if facts else []
        parts += [f"validation accuracy {share(float(report['accuracy']), int(report['rows']))}"] if report else []
    except (ModelError, *DAMAGE, OSError):
        return "unreadable"
    return ", ".join(parts)


@contextlib.contextmanager
def _directory(path: Path) -> Iterator[int | None]:
    """The open directory, through which all files are found even if another takes its place; None on Windows."""
    hint = "train one with `attnclf.train(data)`, or name another directory with `model`"
    try:
        if not os.path.lexists(path):
            restore(path)
        path.stat()
        number = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC) if RELATIVE else None
    except (FileNotFoundError, ValueError) as error:  # the second is a name with a NUL in it
        raise ModelError(f"there is no model at {path}", hint=hint) from error
    except OSError as error:
        raise ModelError(f"{path} is not an attnclf model: {error.strerror}", hint=hint) from error
    try:
        yield number
    finally:
        if number is not None:
            os.close(number)


def _state(path: Path, directory: int | None = None) -> tuple[int, ...]:
    """What changes when another model takes the place of this one."""
    try:
        folder = os.fstat(directory) if directory is not None else path.stat()
        manifest = os.stat(MANIFEST, dir_fd=directory) if directory is not None else (path / MANIFEST).stat()
    except OSError:
        return ()
    return folder.st_dev, folder.st_ino, manifest.st_ino, manifest.st_size, manifest.st_mtime_ns


def _loaded(path: Path, directory: int | None) -> Bundle:
    manifest, content = _manifest(path, directory)
    _refuse_others(path, directory)
    names = [name for name in FILES if name in manifest["files"]]
    kept = {name: Kept(path / name, manifest["sizes"].get(name), manifest["files"][name], directory) for name in names}
    for name in names:
        kept[name].verify(keep=name in SERVING)
    kept[MANIFEST] = Kept.of(path / MANIFEST, content)
    try:
        config = Config.from_dict(manifest["config"])
    except (AttnclfError, *DAMAGE) as error:
        problem = error.message if isinstance(error, AttnclfError) else "its configuration is damaged"
        raise ModelError(f"{path / MANIFEST}: {problem}", hint=TRAIN_AGAIN) from error
    fields = {name: manifest[name] for name in ("scores", "onnx_inputs", "label_type", "checksum")}
    accounts = AccountRule.from_dict(manifest["accounts"]) if manifest["accounts"] else None
    shares = tuple(manifest["shares"])
    return Bundle(path, config, tuple(manifest["labels"]), kept=kept, shares=shares, accounts=accounts, **fields)


def _refuse_others(path: Path, directory: int | None) -> None:
    """Raises ModelError for a file that belongs to no model. What systems leave in any directory is hidden, and ignored."""
    try:
        with os.scandir(path if directory is None else directory) as entries:
            for entry in entries:
                if entry.name not in NAMES and not entry.name.startswith("."):
                    raise ModelError(
                        f"{path / entry.name} does not belong to a model", hint="move it elsewhere, or restore the model"
                    )
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}", hint=TRAIN_AGAIN) from error


def _manifest(path: Path, directory: int | None) -> tuple[dict[str, Any], bytes]:
    """The checked manifest, in today's format, and its content. Raises ModelError."""
    try:
        content = content_of(path / MANIFEST, MOST_BYTES, directory)
    except OSError as error:
        raise ModelError(
            f"{path} is not an attnclf model: {MANIFEST}: {error.strerror}", hint="name a model directory with `model`"
        ) from error
    if len(content) > MOST_BYTES:
        raise ModelError(f"{path / MANIFEST} is larger than any that attnclf writes", hint=TRAIN_AGAIN)
    return parsed(content, path), content
