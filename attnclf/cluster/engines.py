"""The engines that give parts to workers, by their addresses."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from attnclf.cluster import on_ray, on_spark
from attnclf.cluster.parts import Outcome, Part, Work
from attnclf.errors import UsageError


@dataclass(frozen=True)
class Engine:
    """An engine: its `name` is its address on this machine, and `name://HOST:PORT` elsewhere."""

    name: str
    library: Callable[[], Any]
    run: Callable[[str, Work, Sequence[Part]], Iterator[Outcome]]


ENGINES = (Engine(on_ray.LOCAL, on_ray.library, on_ray.on_ray), Engine(on_spark.LOCAL, on_spark.library, on_spark.on_spark))


def engine_at(address: str) -> Engine:
    """The engine of an address. Raises UsageError for what is no address, and where the engine is not installed."""
    for engine in ENGINES:
        if address == engine.name or address.startswith(f"{engine.name}://"):
            engine.library()
            return engine
    names = " or ".join(engine.name for engine in ENGINES)
    addresses = " or ".join(f"{engine.name}://HOST:PORT" for engine in ENGINES)
    raise UsageError(f"`on` is '{address}'", hint=f"{names} for this machine, {addresses} for a cluster")
