"""The processes that train one network together: Keras' `DataParallel` on JAX.

Each process makes the same steps on the same batches, and holds all weights. It hands its rows of a batch to JAX. Over all
devices, that computes what one device would compute of the whole batch, dropout included; only the order of sums differs.
"""

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from attnclf.errors import AttnclfError
from attnclf.processes import Place, ProcessLost
from attnclf.results import counted
from attnclf.trainable.backend import Batch
from attnclf.trainable.shapes import padded

LOST = ("Gloo", "NCCL", "connection", "coordination", "peer", "heartbeat", "DEADLINE_EXCEEDED", "UNAVAILABLE", "ABORTED")


class Group:
    """The processes of a training, of which this is one. `Group()` is a process by itself, and changes nothing."""

    def __init__(self, place: Place = Place(), devices: int = 1) -> None:  # noqa: B008 (frozen)
        self.place, self.devices = place, devices

    @classmethod
    def joined(cls, place: Place) -> "Group":
        """The group once all its processes are there. What Keras builds from now on is of all of them.

        Raises ProcessLost where one does not come.
        """
        group = cls(place)
        if place.together:
            import jax

            with group.errors():
                jax.config.update("jax_enable_preemption_service", False)  # it would take SIGTERM from us
                keras.distribution.initialize()
                keras.distribution.set_distribution(keras.distribution.DataParallel(auto_shard_dataset=False))
                group.devices = len(keras.distribution.list_devices())
        elif keras.distribution.distribution() is not None:  # of a group that this process has left
            keras.distribution.set_distribution(None)
        return group

    @property
    def leads(self) -> bool:
        """Whether this process decides, tells and writes."""
        return self.place.leads

    @property
    def computes(self) -> str:
        """What computes, such as ", 2 devices in 2 processes"; "" for a process by itself."""
        return f", {self._counted}" if self.place.together else ""

    def in_words(self, batch_size: int) -> str:
        """What the processes do, each and together."""
        what = f"{self._counted} share each batch of {batch_size}; every process reads all rows, and this one alone fits the "
        what += "linear model, measures and writes"
        copies = -batch_size % self.devices
        return what + (f"; {copies} of {batch_size + copies} places of a batch stay empty" if copies else "")

    @property
    def _counted(self) -> str:
        return f"{counted(self.devices, 'device', 'devices')} in {counted(self.place.size, 'process', 'processes')}"

    def padded(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """The rows of a batch, with copies of the first so that each device gets as many."""
        return np.concatenate([rows, np.repeat(rows[:1], -len(rows) % self.devices)])

    def part(self, batch: Batch, real: int) -> Batch:
        """What this process hands to Keras of a batch of which the first `real` texts are no copies. Copies weigh nothing.

        The losses are means over the batch, so the weights of the others make up for the copies.
        """
        if not self.place.together:
            return batch
        inputs, targets, weights = batch
        weights = np.where(np.arange(len(weights)) < real, weights * np.float32(len(weights) / real), np.float32(0))
        return (
            {name: self._rows(name, array) for name, array in inputs.items()},
            self._rows("", targets),
            self._rows("", weights),
        )

    def inputs(self, inputs: dict[str, NDArray[Any]]) -> Any:
        """The same for inputs that no call of `fit` hands over: arrays over all devices."""
        if not self.place.together:
            return inputs
        import jax

        distribution = keras.distribution.distribution()
        found = {}
        for name, array in inputs.items():
            rows = self._rows(name, array)
            layout = distribution.get_data_layout(rows.shape).backend_layout
            found[name] = jax.make_array_from_process_local_data(layout, rows)
        return found

    def _rows(self, name: str, array: NDArray[Any]) -> NDArray[Any]:
        """The rows of this process, after padding to a number that all devices can share."""
        array = padded(name, array, len(array) + -len(array) % self.devices)
        size = len(array) // self.place.size
        return array[self.place.rank * size : (self.place.rank + 1) * size]

    def share(self, content: bytes = b"") -> bytes:
        """What process 0 gives, in all processes. Every process must call this, and in the same order."""
        if not self.place.together:
            return content
        with self.errors():
            size = int.from_bytes(self._shared(len(content).to_bytes(8, "little")), "little")
            return self._shared(content if self.leads else bytes(size)) if size else b""

    def share_numbers(self, numbers: Sequence[float]) -> list[float]:
        """The numbers of process 0, in all processes. All give as many."""
        if not self.place.together:
            return list(numbers)
        with self.errors():
            form = f"<{len(numbers)}d"
            return list(struct.unpack(form, self._shared(struct.pack(form, *numbers))))

    def _shared(self, content: bytes) -> bytes:
        from jax.experimental import multihost_utils

        return bytes(multihost_utils.broadcast_one_to_all(np.frombuffer(content, np.uint8)).tobytes())

    def all_same(self, content: bytes) -> list[bool]:
        """For each process, whether it gives the same as process 0. All give as many bytes."""
        if not self.place.together:
            return [True]
        from jax.experimental import multihost_utils

        with self.errors():
            found = np.atleast_2d(multihost_utils.process_allgather(np.frombuffer(content, np.uint8)))
        return [bool((one == found[0]).all()) for one in found]

    def leave(self) -> None:
        """Lets the processes go once all have come here. What is built from now on is of this process alone."""
        if not self.place.together:
            return
        import jax

        keras.distribution.set_distribution(None)
        with self.errors():
            jax.distributed.shutdown()

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turns what JAX says when another process is gone into a ProcessLost."""
        try:
            yield
        except AttnclfError:
            raise
        except Exception as error:  # of several types: JAX's own when a step is waited for, Python's when it is begun
            if not self.place.together or not any(word in str(error) for word in LOST):
                raise
            first = str(error).strip().split("\n")[0][:200]
            raise ProcessLost(
                f"process {self.place.rank} of {self.place.size} has lost another one: {first}",
                hint="see what the other processes say; the same again with `resume=True` goes on after the last checkpoint",
            ) from error


def replicated(tensor: Any) -> Any:
    """The tensor, which each device of a group is to hold whole; without a group it is returned unchanged.

    The n-grams of a batch are held whole, so that each device computes the gradient of their table by itself. The devices would
    else have to add up their gradients of the whole table at every step, a hundred times as many numbers as all other weights.
    """
    distribution = keras.distribution.distribution()
    if distribution is None:
        return tensor
    layout = keras.distribution.TensorLayout([None] * len(tensor.shape), distribution.device_mesh)
    return keras.distribution.distribute_tensor(tensor, layout)
