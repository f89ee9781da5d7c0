"""Which process this is, of those that train one network together. The environment says so, as Keras reads it.

Process 0 leads: it alone fits the linear model, validates, tells and writes. The others compute their part of every batch.
"""

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass

from attnclf.errors import DeviceError, UsageError

ADDRESSES = "KERAS_DISTRIBUTION_JOB_ADDRESSES"
NUMBER = "KERAS_DISTRIBUTION_NUM_PROCESSES"
RANK = "KERAS_DISTRIBUTION_PROCESS_ID"
BACKEND = "KERAS_BACKEND"
VARIABLES = (ADDRESSES, NUMBER, RANK)


class ProcessLost(DeviceError):
    """Another process of this training has ended, or cannot be reached."""


@dataclass(frozen=True)
class Place:
    """This process is number `rank`, counted from 0, of `size`. `together` is false where a process trains by itself."""

    rank: int = 0
    size: int = 1
    together: bool = False

    @property
    def leads(self) -> bool:
        """Whether this process tells and writes."""
        return self.rank == 0

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> "Place":
        """The place that the environment gives this process. Raises UsageError where that makes no sense."""
        given = [name for name in VARIABLES if environment.get(name)]
        if not given:
            return cls()
        if missing := [name for name in VARIABLES if name not in given]:
            raise UsageError(
                f"{' and '.join(given)} {'is' if len(given) == 1 else 'are'} set, and {' and '.join(missing)} not",
                hint="set all three in each process that trains the network, or none of them",
            )
        size, rank = (_number(name, environment[name]) for name in (NUMBER, RANK))
        if not 0 <= rank < size:
            raise UsageError(f"{RANK} is {rank}, and {NUMBER} {size}", hint="processes are counted from 0")
        require_jax(environment)
        return cls(rank, size, together=True)


def require_jax(environment: Mapping[str, str] = os.environ) -> None:
    """Raises UsageError unless training runs on JAX: of Keras' back ends, it alone trains in several processes."""
    problem = ""
    if environment.get(BACKEND) != "jax":
        problem = f"Keras' back end is {environment.get(BACKEND) or 'tensorflow'}"
    elif importlib.util.find_spec("jax") is None:
        problem = "JAX is not installed"
    if problem:
        raise UsageError(
            f"training in several processes needs Keras on JAX, and {problem}",
            hint=f"pip install 'attnclf[jax]', and set {BACKEND}=jax",
        )


def _number(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit():
        raise UsageError(f"{name} is '{value}', which is no number of processes")
    return int(value)
