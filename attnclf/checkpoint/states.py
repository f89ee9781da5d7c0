"""Where a training stands, as values and arrays that can be written and read back."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from numpy.typing import NDArray

from attnclf.linear.model import LinearModel

Arrays = Mapping[str, NDArray[Any]]
LINEAR_ARRAYS = ("table", "bias", "logits", "scales", "coefficients")


@dataclass(frozen=True)
class NetworkState:
    """The network after `epoch` whole epochs, and `step` steps of the next one.

    `stopped` says that no step is to follow. `least` is the least validation log loss so far, in nats, and `best_epoch` the
    epoch whose weights are kept, counted from 1; 0 before the first has ended. `order` has the states of the generator that
    orders the batches. `weights` are those of the network, `slots` what the optimizer, the generators of dropout and the mean
    loss of this epoch remember, `best` the weights of the best epoch.
    """

    epoch: int = 0
    step: int = 0
    stopped: bool = False
    least: float = math.inf
    best_epoch: int = 0
    order: Mapping[str, Any] | None = None
    weights: Arrays | None = None
    slots: Arrays | None = None
    best: Arrays | None = None

    def in_words(self) -> str:
        """What is done, such as "epoch 3"."""
        if self.stopped:
            return f"epoch {self.epoch}, the last"
        return f"step {self.step:,} of epoch {self.epoch + 1}" if self.step else f"epoch {self.epoch}"


@dataclass(frozen=True)
class TrainingState:
    """A training: the linear model and its refit once they are fitted, the network once it is trained, a record of each epoch.

    `seconds` is how long training has taken, and `network_began` the part of it before the network.
    """

    seconds: float = 0.0
    network_began: float = 0.0
    linear: LinearModel | None = None
    network: NetworkState | None = None
    history: Sequence[Mapping[str, Any]] = ()
    refitted: LinearModel | None = None

    def in_words(self) -> str:
        """What is done, in words; "" where nothing is."""
        return self.network.in_words() if self.network else "fitting the linear model" if self.linear else ""

    def ended(self) -> "TrainingState":
        """The same, with nothing left for the network to do but to take its best weights."""
        return replace(self, network=replace(self.network, stopped=True, step=0)) if self.network else self

    def light(self) -> "TrainingState":
        """The same without the arrays that only a file needs."""
        return replace(self, network=replace(self.network, weights=None, slots=None)) if self.network else self

    def values(self) -> dict[str, Any]:
        """All but the arrays, as JSON holds it."""
        found: dict[str, Any] = {"seconds": self.seconds, "network_began": self.network_began, "history": list(self.history)}
        for name, linear in (("linear", self.linear), ("refitted", self.refitted)):
            found[name] = {"c": linear.c, "choice": linear.choice} if linear else None
        if self.network:
            bare = asdict(replace(self.network, weights=None, slots=None, best=None))
            found["network"] = bare | {"least": None if math.isinf(self.network.least) else self.network.least}
        return found

    def parts(self) -> dict[str, Arrays]:
        """The arrays, by what they belong to."""
        models = {"linear": self.linear, "refitted": self.refitted}
        parts = {name: {array: getattr(model, array) for array in LINEAR_ARRAYS} for name, model in models.items() if model}
        arrays = {name: getattr(self.network, name) for name in ("weights", "slots", "best")} if self.network else {}
        return parts | {name: found for name, found in arrays.items() if found}

    @classmethod
    def of(cls, values: Mapping[str, Any], parts: Mapping[str, Arrays]) -> "TrainingState":
        """Reads back what `values` and `parts` gave. Raises KeyError, TypeError or ValueError for anything else."""
        models = {
            name: LinearModel(**parts[name], c=float(values[name]["c"]), choice=str(values[name]["choice"]))
            for name in ("linear", "refitted")
            if values[name]
        }
        network = None
        if found := values.get("network"):
            least = math.inf if found["least"] is None else float(found["least"])
            arrays = {name: parts.get(name) for name in ("weights", "slots", "best")}
            if any(type(found[name]) is not int or found[name] < 0 for name in ("epoch", "step", "best_epoch")):
                raise ValueError("no numbers of epochs and steps")
            if (found["best_epoch"] > 0) != bool(arrays["best"]):
                raise ValueError("no best weights")
            network = NetworkState(**{**found, "least": least, **arrays})
        history = tuple(dict(line) for line in values["history"])
        seconds, began = float(values["seconds"]), float(values["network_began"])
        return cls(seconds, began, network=network, history=history, **models)
