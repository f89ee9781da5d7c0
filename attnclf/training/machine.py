"""Starts Keras' back end, and says what it computes on."""

import hashlib
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

from attnclf.checkpoint import Machine
from attnclf.config import TrainingConfig
from attnclf.reading.base import Reader


def start_backend(config: TrainingConfig) -> tuple[str, Machine]:
    """Starts Keras' back end on the device and in the precision asked for. Says in words which, and gives the machine."""
    import keras

    from attnclf.trainable import backend

    device, reason = backend.choose_device(config.device)
    precision = backend.set_precision(config.precision, device)
    backend.make_repeatable(config.seed)
    name = keras.backend.backend()
    versions = {library: str(getattr(sys.modules.get(library), "__version__", "")) for library in ("keras", name)}
    with suppress(PackageNotFoundError):
        versions["attnclf"] = version("attnclf")
    computes = device if device == "cpu" else f"{device} ({reason})"
    return f"{device} ({reason}), {precision}", Machine(computes, precision, name, versions)


def vocabulary_of(reader: Reader) -> str:
    """A hash of what the reader knows: to a network of another vocabulary, its ids would mean something else."""
    digest = hashlib.sha256()
    for name, content in sorted(reader.files().items()):
        digest.update(name.encode() + content)
    return digest.hexdigest()
