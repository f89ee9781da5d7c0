"""A model directory that was read and checked, and how one is written."""

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields
from pathlib import Path
from typing import Any

from attnclf.bundle.atomic import NAMES, followed, model_around, replace, sibling, sync_directory, write_through
from attnclf.bundle.kept import RELATIVE, SMALL, Kept
from attnclf.bundle.manifest import ACCOUNTS, DAMAGE, FILES, LABEL_TYPES, MANIFEST, TEXTS, checksum_of, written
from attnclf.config import Config
from attnclf.errors import DataError, ModelError
from attnclf.results import AccountRule, AccountSummary, Faithfulness
from attnclf.upgrades import TRAIN_AGAIN


@dataclass(frozen=True)
class Bundle:
    """A checked model directory.

    `scores` holds the validation report, the baseline's, measured faithfulness and the facts of training, as plain values.
    `onnx_inputs` has the names of `model.onnx`'s inputs where an older format called them something else. `label_type` is the
    type that the labels had in training: "str", "int", "float" or "bool". `shares` are those of the labels among the training
    rows, empty where they were not kept. `accounts` is the rule by which posts of an account come together, None where there is
    none. `checksum` is that of the whole directory, "" before it is written. `contents` are the files of a model that is in
    memory, `kept` those of one that was read from `path`.
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
    kept: Mapping[str, Kept] = field(default_factory=dict, repr=False, compare=False)

    @property
    def faithfulness(self) -> Faithfulness | None:
        """How far explanations were found to be true after training, None where that was not measured. Raises ModelError."""
        try:
            values = self.scores.get("faithfulness")
            return Faithfulness.from_dict(values) if values else None
        except DAMAGE as error:
            raise ModelError(f"{self.path / MANIFEST}: its faithfulness is damaged", hint=TRAIN_AGAIN) from error

    @property
    def held_out_accounts(self) -> AccountSummary | None:
        """The accounts that were held out of training, None for a model without them. Raises ModelError."""
        try:
            values = (self.scores.get("accounts") or {}).get("summary")
            return AccountSummary.from_dict(values) if values else None
        except DAMAGE as error:
            raise ModelError(f"{self.path / MANIFEST}: its held-out accounts are damaged", hint=TRAIN_AGAIN) from error

    @property
    def typed_labels(self) -> tuple[str | int | float | bool, ...]:
        """The labels in the type that they had in training."""
        return tuple(map(LABEL_TYPES[self.label_type], self.labels))

    def history(self) -> list[dict[str, Any]]:
        """One record for each epoch of training. Raises ModelError when the file was altered since the model was loaded."""
        try:
            return [dict(json.loads(line)) for line in self.read("history.jsonl").decode().splitlines()]
        except DAMAGE as error:
            raise ModelError(f"{self.path / 'history.jsonl'} is damaged", hint=TRAIN_AGAIN) from error

    def training_texts(self) -> bytes:
        """The hashes of the training texts and of the names of their accounts; none for a model that keeps none.
        `attnclf.data.repeats` has their form.

        Raises ModelError when the file was altered since the model was loaded.
        """
        return self.read(TEXTS) if TEXTS in self._names else b""

    def account_model(self) -> bytes:
        """The content of the file of the account model, empty where there is none.

        Raises ModelError when the file was altered since the model was loaded.
        """
        return self.read(ACCOUNTS) if ACCOUNTS in self._names else b""

    @property
    def _names(self) -> list[str]:
        """Its files; models of older formats lack some."""
        there = self.contents or self.kept
        return [name for name in (*FILES, MANIFEST) if name in there]

    def read(self, name: str) -> bytes:
        """The content of one of its files, as it was when the model was loaded, even if another model has replaced it since.

        Raises ModelError when the file itself was altered.
        """
        return self.contents[name] if self.contents else self.kept[name].read()

    def in_memory(self) -> "Bundle":
        """The same model with its files in memory. It no longer needs its directory."""
        return replace_fields(self, contents={name: self.read(name) for name in self._names}, kept={})

    def copy_to(self, target: Path) -> None:
        """Writes the files to another directory, as `write` does."""
        target = followed(target)
        check_target(target)
        with sibling(target) as temporary:
            for name in self._names:
                write_through(temporary / name, self.read(name))
            sync_directory(temporary)
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
    """Writes the directory atomically. An existing model at `target` is replaced; anything else there is left alone.

    Raises DataError, and leaves what is there as it was, where that fails.
    """
    if set(files) != set(FILES):
        raise ValueError(f"a bundle holds {FILES}, got {tuple(files)}")
    target = followed(target)  # a link to a model stays a link
    check_target(target)
    values = {
        "config": config.to_dict(),
        "labels": list(labels),
        "scores": scores,
        "onnx_inputs": {},
        "label_type": label_type,
        "shares": list(shares),
        "accounts": accounts.to_dict() if accounts else None,
    }
    manifest, checksum = written(values, files)
    with sibling(target) as temporary:
        for name, content in {**files, MANIFEST: manifest}.items():
            write_through(temporary / name, content)
        kept = _kept(temporary, target, {**files, MANIFEST: manifest})
        sync_directory(temporary)
        replace(temporary, target)
        sync_directory(target.parent)
    return Bundle(
        target,
        config,
        labels,
        scores,
        label_type=label_type,
        shares=shares,
        accounts=accounts,
        checksum=checksum,
        kept=kept,
    )


def _kept(temporary: Path, target: Path, files: Mapping[str, bytes]) -> dict[str, Kept]:
    """The files that were just written, under the names that they are about to have. Raises DataError."""
    if not RELATIVE:
        return {name: Kept.of(target / name, content) for name, content in files.items()}
    try:
        directory = os.open(temporary, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            return {
                name: Kept.of(target / name, content)
                if len(content) <= SMALL
                else Kept(target / name, len(content), checksum_of(content), directory)
                for name, content in files.items()
            }
        finally:
            os.close(directory)
    except (OSError, ModelError) as error:
        problem = error.message if isinstance(error, ModelError) else error.strerror
        raise DataError(f"cannot write a model at {target}: {problem}", hint="name another place with `model`") from error


def check_target(target: Path, *, write: bool = True) -> None:
    """Raises DataError when a model cannot be written at `target`. Asked before training, so that none is lost.

    Without `write` nothing is written there to try it.
    """
    try:
        mode = target.stat().st_mode if target.exists() else 0
        names = {path.name for path in target.iterdir()} if stat.S_ISDIR(mode) else set()
    except OSError as error:
        raise DataError(
            f"cannot write a model at {target}: {error.strerror}", hint="name another place with `model`"
        ) from error
    if names and (MANIFEST not in names or names - NAMES):
        stranger = min(names - NAMES, default="")
        raise DataError(
            f"{target} is not (only) an attnclf model" + (f": it holds '{stranger}'" if stranger else ""),
            hint="name another place with `model`; nothing there was touched",
        )
    if mode and not stat.S_ISDIR(mode):
        raise DataError(f"{target} is a file, and a model is a directory", hint="name another place with `model`")
    if around := model_around(target.parent):
        what = f"{target} lies in the model directory {around}, which holds nothing but its model"
        raise DataError(what, hint="name another place with `model`")
    if write:
        with sibling(target):
            pass
