"""Weights that another training begins with (`init`): an encoder that has learned, and vectors of n-grams and words.

They come in one file of safetensors: names, shapes and numbers, nothing that could run. What the numbers were learned for is in
its header. Vectors are known by the hashes of their n-grams and words, so any vocabulary finds its own in it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnclf.bundle.kept import content_of
from attnclf.bundle.manifest import DAMAGE, checksum_of
from attnclf.config import SIZES, Config, Level, ModelConfig
from attnclf.config.checks import RANGES
from attnclf.errors import ModelError, UsageError
from attnclf.model.architecture import Architecture
from attnclf.model.encoders import ENCODERS
from attnclf.reading.counting import Hashes
from attnclf.reading.ngrams import FIRST_ID
from attnclf.results import Note

Array = NDArray[np.float32]
KIND, FORMAT = "weights to begin a training with, by attnclf", "1"
MOST_BYTES = 8 << 30
TABLE, HASHES, ENCODER = "embedding.table", "embedding.hashes", "encoder."
OTHERS = "write one with `attnclf lesson blanks --save FILE`, or leave `init` out"


@dataclass(frozen=True)
class Pretrained:
    """What was learned, at word level.

    * `encoder`: its name; `settings`: its own (such as units) and `embedding`, the size of a token vector.
    * `arrays`: those of the encoder by their names. `table` (F, E): the vectors of the features with these `hashes` (F,).
    * `source` says in words where it was learned. `name` is that of the file, `checksum` its sha256; both may be empty.
    """

    encoder: str
    settings: Mapping[str, int]
    arrays: Mapping[str, Array]
    hashes: Hashes
    table: Array
    source: str
    name: str = ""
    checksum: str = ""

    def file(self) -> bytes:
        """The content of the file."""
        from safetensors.numpy import save

        arrays = {TABLE: self.table, HASHES: self.hashes, **{ENCODER + name: array for name, array in self.arrays.items()}}
        settings = json.dumps({"encoder": self.encoder, **self.settings}, sort_keys=True)
        metadata = {"kind": KIND, "format": FORMAT, "level": "word", "settings": settings, "source": self.source}
        return bytes(save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, metadata))

    @classmethod
    def read(cls, path: Path) -> "Pretrained":
        """Reads such a file. Raises ModelError, naming it, where it is missing, damaged or something else."""
        try:
            content = content_of(path, MOST_BYTES)
        except (OSError, ValueError) as error:  # the second for a name with a NUL in it
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise ModelError(f"`init`: {path} cannot be read: {reason}", hint=OTHERS) from error
        found = _metadata(content)
        if found.get("kind") != KIND:
            raise ModelError(f"`init`: {path} holds no weights to begin with", hint=OTHERS)
        if found.get("format") != FORMAT:
            what = f"`init`: {path} is of format {found.get('format')}, and this attnclf reads format {FORMAT}"
            raise ModelError(what, hint="upgrade attnclf, or write the file again")
        try:
            return cls._of(content, found, path)
        except DAMAGE as error:
            raise ModelError(f"`init`: {path} is damaged: {error or 'arrays are missing'}", hint=OTHERS) from error

    @classmethod
    def _of(cls, content: bytes, metadata: Mapping[str, str], path: Path) -> "Pretrained":
        """What a file holds. Raises one of DAMAGE where that does not fit together."""
        arrays = _arrays(content)
        settings = json.loads(metadata["settings"])
        encoder = settings.pop("encoder")
        shapes = _shapes(encoder, settings)
        hashes, table = arrays.pop(HASHES), arrays.pop(TABLE)
        inside = {name.removeprefix(ENCODER): array for name, array in arrays.items()}
        expected = {TABLE: (len(hashes), settings["embedding"]), **shapes}
        for name, shape in expected.items():
            array = table if name == TABLE else inside[name]
            if array.shape != shape or array.dtype != np.float32:
                raise ValueError(f"{name} is {array.dtype} {array.shape} in place of float32 {shape}")
            if not np.isfinite(array).all():
                raise ValueError(f"{name} holds what is not a number")
        if hashes.dtype != np.uint64 or hashes.ndim != 1 or len(inside) != len(expected) - 1:
            raise ValueError("its arrays are not those that attnclf writes")
        return cls(encoder, settings, inside, hashes, table, str(metadata["source"]), path.name, checksum_of(content))

    def check(self, config: ModelConfig, level: Level) -> None:
        """Raises UsageError, naming both and what to set, where a network of this configuration could not begin with it."""
        if level != "word":
            what = f"`init`: {self.name} has vectors of words, and this training reads characters"
            raise UsageError(what, hint="set `level=word`, or leave `init` out")
        if config.encoder != self.encoder:
            what = f"`init`: {self.name} was learned by the encoder {self.encoder}; this network has {config.encoder}"
            raise UsageError(what, hint=f"set `encoder={self.encoder}`, or leave `init` out")
        own = settings_of(config)
        other = {name: value for name, value in self.settings.items() if own[name] != value}
        if other:
            theirs, ours = (_listed({name: values[name] for name in other}) for values in (self.settings, own))
            what = f"`init`: {self.name} does not fit: it has {theirs}, and this network {ours}"
            raise UsageError(what, hint=f"set {self._how_to_set(config)}, or leave `init` out")

    def _how_to_set(self, config: ModelConfig) -> str:
        """What to change in a configuration. The size of a token vector has no option; one of the sizes may set it."""
        sized = {size: replace(Config(), model=config).override({"model": {"size": size}}).model for size in SIZES}
        size = next((size for size in SIZES if sized[size].embedding == self.settings["embedding"]), None)
        changed = [] if size is None or config.embedding == self.settings["embedding"] else [f"`size={size}`"]
        own = settings_of(sized[size] if changed and size else config)
        return ", ".join(changed + [f"`{name}={value}`" for name, value in self.settings.items() if own[name] != value])

    def begin(self, fresh: Mapping[str, Array], hashes: Hashes) -> tuple[dict[str, Array], Note]:
        """Which of the `fresh` weights of a network are others now, and in words what was taken and what was not.

        `hashes` (V − 2,) are those of the features that have a vector in the network, in the order of their ids from 2.
        """
        order = np.argsort(self.hashes)
        places = np.searchsorted(self.hashes[order], hashes).clip(max=max(0, len(order) - 1))
        rows = order[places] if len(order) else places
        found = np.flatnonzero(self.hashes[rows] == hashes) if len(order) else rows[:0]
        table = fresh[TABLE].copy()
        table[FIRST_ID + found] = self.table[rows[found]]
        taken = {TABLE: table} | {ENCODER + name: array for name, array in self.arrays.items()}
        left = sorted({name.split(".")[0] for name in fresh if name not in taken and not name.startswith("linear.")})
        of_network = sum(not name.startswith("linear.") for name in fresh)
        what = (
            f"{self.name}: {len(taken)} of {of_network} weight arrays taken (encoder and vectors), and vectors of "
            f"{len(found):,} of {len(hashes):,} n-grams and words of the training texts; the other vectors, {', '.join(left)} "
            "begin at random"
        )
        return taken, Note(what, warning=not len(found), topic="init")


def settings_of(config: ModelConfig) -> dict[str, int]:
    """The settings that a network must share with the file: those of its encoder that are numbers, and `embedding`."""
    encoder = Architecture.of(config, "word", FIRST_ID, FIRST_ID, 2).encoder
    numbers = {name: value for name, value in asdict(encoder).items() if type(value) is int}  # type: ignore[call-overload]
    return numbers | {"embedding": config.embedding}


def pretrained_of(config: Config) -> Pretrained | None:
    """The weights that a training with this configuration begins with; None for random ones. Raises ModelError."""
    return Pretrained.read(Path(config.training.init)) if config.training.init else None


def identified(config: Config, pretrained: Pretrained | None) -> Config:
    """The configuration with the checksum of the weights that it begins with, whatever their file is called."""
    init = f"weights of {pretrained.checksum[:23]}" if pretrained else ""
    return replace(config, training=replace(config.training, init=init))


def _shapes(encoder: str, settings: Mapping[str, int]) -> Mapping[str, tuple[int, ...]]:
    """The shapes of the arrays of an encoder with these settings. Raises ValueError for settings that cannot be."""
    if not all(type(value) is int and RANGES[name][0] <= value <= RANGES[name][1] for name, value in settings.items()):
        raise ValueError("its settings are out of their ranges")
    if not settings.keys() <= ENCODERS.settings_of(encoder) | {"embedding"}:
        raise ValueError("its settings are not those of its encoder")
    return ENCODERS.make(encoder, settings).weights(settings["embedding"])


def _listed(values: Mapping[str, int]) -> str:
    return ", ".join(f"{'token vectors of' if name == 'embedding' else name} {value}" for name, value in values.items())


def _metadata(content: bytes) -> Mapping[str, Any]:
    """The words in the header of a file of safetensors; none where there is no such header."""
    length = int.from_bytes(content[:8], "little")
    if not 0 < length <= len(content) - 8:
        return {}
    try:
        header = json.loads(content[8 : 8 + length])
        return dict(header.get("__metadata__", {}))
    except DAMAGE:
        return {}


def _arrays(content: bytes) -> dict[str, NDArray[Any]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return dict(load(content))
    except SafetensorError as error:
        raise ValueError("it is cut short or altered") from error
