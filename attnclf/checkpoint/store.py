"""The folder of a checkpoint. At every moment it holds one whole checkpoint, or none.

    .NAME.resume/                  beside the model NAME
      resume.json                  where training stands, and the size and checksum of each file
      PART-1234abcd.safetensors    arrays

New files get new names. When they are on the disk, a new `resume.json` takes the place of the old one in one step, and files
that it does not name are removed. A part that has not changed is not written again. Whoever writes holds a lock on the folder.
"""

import contextlib
import json
import os
import re
import secrets
import weakref
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attnclf.bundle import followed
from attnclf.bundle.atomic import sync_directory, write_through
from attnclf.bundle.kept import Kept, content_of
from attnclf.bundle.leftovers import locked, release, start_of
from attnclf.bundle.manifest import DAMAGE, checksum_of, encoded, self_checksum
from attnclf.checkpoint.states import Arrays
from attnclf.errors import DataError, ModelError

FORMAT = 1
MANIFEST = "resume.json"
OURS = re.compile(r"[a-z]+-[0-9a-f]{8}\.(?:safetensors|json)")  # files that a killed writer may have left
MOST_BYTES = 64 << 20  # of a manifest, whose history grows with the epochs
ANEW = "leave out `resume` to start from the beginning"


class Store:
    """The checkpoint beside `target`. Nothing is made before the first `write`."""

    def __init__(self, target: Path) -> None:
        self._lock: int | None = None  # first, since it is given back even where the next line raises
        place = followed(target).absolute()
        self.path = place.parent / f"{start_of(place)}resume"
        self._files: dict[str, tuple[int, str]] = {}  # size and checksum of each file that was written or read
        self._arrays: dict[str, dict[str, weakref.ref[Any]]] = {}  # what is in it, to know it again

    @property
    def exists(self) -> bool:
        """Whether there is a checkpoint, whole or damaged."""
        return os.path.lexists(self.path / MANIFEST)

    def lock(self) -> bool:
        """Takes the lock of the folder, if there is a folder. False where another process holds it.

        Where nothing can be locked, the lock is taken for free.
        """
        if self._lock is None and self.path.is_dir():
            try:
                self._lock = locked(self.path)
            except OSError:  # not every file system can lock
                self._lock = -1
            return self._lock is not None
        return True

    def unlock(self) -> None:
        """Gives the lock back."""
        number, self._lock = self._lock, None
        release(-1 if number is None else number)

    def __del__(self) -> None:
        self.unlock()

    def write(self, values: Mapping[str, Any], parts: Mapping[str, Arrays]) -> None:
        """Puts a checkpoint in the place of the last one. Raises DataError, and leaves the last one as it was, where that
        fails."""
        self._make()
        fresh: list[str] = []
        try:
            names = {part: self._written(part, arrays, fresh) for part, arrays in parts.items()}
            files = {name: list(self._files[name]) for name in names.values()}
            manifest: dict[str, Any] = {"format": FORMAT, "saved": datetime.now(UTC).isoformat(timespec="seconds")}
            manifest |= {"values": values, "parts": names, "files": files}
            fresh.append(f"resume-{secrets.token_hex(4)}.json")
            write_through(self.path / fresh[-1], encoded(manifest | {"checksum": self_checksum(manifest)}))
            sync_directory(self.path)
        except BaseException:
            self._unlink(fresh)
            raise
        try:  # beyond this an interrupt must not remove what may be in place
            (self.path / fresh[-1]).replace(self.path / MANIFEST)
        except OSError as error:
            self._unlink(fresh)
            raise DataError(f"cannot write {self.path / MANIFEST}: {error.strerror}") from error
        sync_directory(self.path)
        self._sweep(set(files))

    def read(self) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """Values and parts as they were written. Raises ModelError, which names the file at fault."""
        manifest = self.manifest()
        try:
            files = {str(name): (size, checksum) for name, (size, checksum) in manifest["files"].items()}
            if not all(OURS.fullmatch(name) and type(size) is int for name, (size, _) in files.items()):
                raise ValueError("not what attnclf writes")
            loaded = {name: self._loaded(name, *about) for name, about in files.items()}
            self._files |= files
            for name, arrays in loaded.items():
                self._remember(name, arrays)
            return dict(manifest["values"]), {part: loaded[name] for part, name in manifest["parts"].items()}
        except DAMAGE as error:
            raise self._damaged(error) from error

    def manifest(self) -> dict[str, Any]:
        """The checked content of `resume.json`. Raises ModelError."""
        path = self.path / MANIFEST
        try:
            content = content_of(path, MOST_BYTES)
        except OSError as error:
            raise ModelError(f"{path} cannot be read: {error.strerror}", hint=ANEW) from error
        try:
            manifest = dict(json.loads(content))
            checksum, number = manifest.pop("checksum"), manifest["format"]
            matches = checksum == self_checksum(manifest)
        except DAMAGE as error:
            raise self._damaged(error) from error
        if not matches:
            raise ModelError(f"{path} was altered: its checksum does not match", hint=ANEW)
        if number != FORMAT:
            raise ModelError(f"{path} is of format {number}, and this attnclf goes on from {FORMAT}", hint=ANEW)
        return manifest

    def remove(self) -> None:
        """Removes the checkpoint, unless another process writes there, and the folder if nothing else is in it. Raises
        OSError."""
        if self.path.is_dir() and self.lock():
            (self.path / MANIFEST).unlink(missing_ok=True)
            self._sweep(set())
            with contextlib.suppress(OSError):
                self.path.rmdir()
        self.unlock()

    def _damaged(self, error: Exception) -> ModelError:
        return ModelError(f"{self.path / MANIFEST} is damaged: {error or type(error).__name__}", hint=ANEW)

    def _make(self) -> None:
        try:
            if not self.path.is_dir():
                self.unlock()
                self._arrays.clear()  # what was there is gone
                self.path.mkdir(0o755)
                sync_directory(self.path.parent)
        except FileExistsError as error:
            if not self.path.is_dir():
                raise DataError(f"cannot write {self.path}: it is a file") from error
        except OSError as error:
            raise DataError(f"cannot write {self.path}: {error.strerror}") from error
        if not self.lock():
            raise DataError(f"cannot write {self.path}: another training writes there")

    def _written(self, part: str, arrays: Arrays, fresh: list[str]) -> str:
        """The name of the file that holds these arrays, which is written if there is none yet."""
        from safetensors.numpy import save

        for name, known in self._arrays.items():
            same = known.keys() == arrays.keys() and all(known[key]() is array for key, array in arrays.items())
            if same and os.path.lexists(self.path / name):
                return name
        content = bytes(save(dict(arrays)))
        fresh.append(name := f"{part}-{secrets.token_hex(4)}.safetensors")
        write_through(self.path / name, content)
        self._files[name] = len(content), checksum_of(content)
        self._remember(name, arrays)
        return name

    def _remember(self, name: str, arrays: Arrays) -> None:
        self._arrays[name] = {key: weakref.ref(array) for key, array in arrays.items()}

    def _loaded(self, name: str, size: int, checksum: str) -> dict[str, Any]:
        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            kept = Kept(self.path / name, size, checksum)
            try:
                return dict(load(kept.read()))
            finally:
                kept.close()
        except SafetensorError as error:
            raise ModelError(f"{self.path / name} is damaged: {error}", hint=ANEW) from error
        except ModelError as error:
            raise ModelError(error.message, hint=ANEW) from error

    def _unlink(self, names: list[str]) -> None:
        for name in names:
            self._files.pop(name, None)
            self._arrays.pop(name, None)
            with contextlib.suppress(OSError):
                (self.path / name).unlink()

    def _sweep(self, keep: set[str]) -> None:
        """Removes files of ours that no checkpoint names any longer. What a full or broken disk does not remove is left."""
        with contextlib.suppress(OSError):
            names = [path.name for path in self.path.iterdir()]
            self._unlink([name for name in names if OURS.fullmatch(name) and name not in keep])
