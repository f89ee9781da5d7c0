"""Starts Keras' back end, and says what it computes on."""

import hashlib
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from attnclf.checkpoint import Machine
from attnclf.config import TrainingConfig
from attnclf.processes import Place
from attnclf.reading.base import Reader

if TYPE_CHECKING:
    from attnclf.trainable.group import Group


def start_backend(config: TrainingConfig, place: Place) -> tuple[str, Machine, "Group"]:
    """Starts Keras' back end on the device and in the precision asked for, in all processes of a group.

    Says in words which, and gives the machine, and the group. Raises DeviceError for a device that is not there, and
    UsageError for a back end that cannot train in a group.
    """
    import keras

    from attnclf.trainable import backend
    from attnclf.trainable.group import Group

    if config.device == "cpu":
        backend.choose_device("cpu")  # the group begins with the devices that it sees
    group = Group.joined(place)
    device, reason = backend.choose_device(config.device)
    precision = backend.set_precision(config.precision, device)
    backend.make_repeatable(config.seed)
    name = keras.backend.backend()
    versions = {library: str(getattr(sys.modules.get(library), "__version__", "")) for library in ("keras", name)}
    with suppress(PackageNotFoundError):
        versions["attnclf"] = version("attnclf")
    computes = device if device == "cpu" else f"{device} ({reason})"
    return f"{device} ({reason}), {precision}", Machine(computes + group.computes, precision, name, versions), group


def vocabulary_of(reader: Reader) -> str:
    """A hash of what the reader knows: to a network of another vocabulary, its ids would mean something else."""
    digest = hashlib.sha256()
    for name, content in sorted(reader.files().items()):
        digest.update(name.encode() + content)
    return digest.hexdigest()
