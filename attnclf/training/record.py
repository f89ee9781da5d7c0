"""What training of the network leaves: its history, what it began with, when it began; and the checkpoint of it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from attnclf.checkpoint import Checkpoints, NetworkState
from attnclf.model.pretrained import Pretrained
from attnclf.reading.base import Reader
from attnclf.reading.readers import WordReader
from attnclf.results import EpochEnded, Event, OnEvent

Arrays = Mapping[str, NDArray[np.float32]]


class Record:
    """Passes events on, and records each epoch, for the model and for the checkpoint. `began` is when the network began."""

    def __init__(self, checkpoints: Checkpoints, on_event: OnEvent) -> None:
        self._checkpoints, self._on_event = checkpoints, on_event
        self.begun = ""
        self.history = [dict(line) for line in checkpoints.state.history]
        before = checkpoints.state.network_began if checkpoints.state.network else None
        self.began = time.monotonic() if before is None else checkpoints.started + before

    @property
    def seconds(self) -> float:
        """How many seconds the epochs took: what came after them does not count."""
        return float(self.history[-1]["seconds"]) - (self.began - self._checkpoints.started)

    def __call__(self, event: Event) -> None:
        if isinstance(event, EpochEnded):
            line = {"epoch": event.epoch, "loss": event.loss, **asdict(event.scores)}
            self.history.append(line | {"seconds": event.seconds, "best": event.best})
        self._on_event(event)

    def beginning(self, pretrained: Pretrained | None, reader: Reader, vectors: int) -> Callable[[Arrays], Arrays] | None:
        """Gives, and tells, the weights that the network begins with in place of its random ones; None if there are none.

        The first `vectors` features of the reader have a vector in the network.
        """
        if pretrained is None or not isinstance(reader, WordReader):
            return None

        def begin(fresh: Arrays) -> Arrays:
            arrays, note = pretrained.begin(fresh, reader.feature_hashes(vectors))
            self.begun = note.message
            self._on_event(note)
            return arrays

        return begin

    def keep(self, network: NetworkState) -> None:
        began = self.began - self._checkpoints.started
        self._checkpoints.keep(network=network, history=tuple(self.history), network_began=began)
