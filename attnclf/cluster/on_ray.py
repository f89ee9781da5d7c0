"""Parts given to the workers of a Ray cluster. A worker that dies costs nothing: another one begins its part afresh."""

import os
from collections.abc import Iterator, Sequence
from typing import Any

from attnclf.cluster.parts import RETRIES, Outcome, Part, Work, broken, died
from attnclf.errors import DeviceError
from attnclf.extras import extra
from attnclf.limits import available_cores

LOCAL = "ray"


def on_ray(address: str, work: Work, parts: Sequence[Part]) -> Iterator[Outcome]:
    """What `work` makes of each part, as they are done. `work` is pickled; each worker has one core.

    Raises DeviceError for a cluster that cannot be reached, is lost, or cannot do the work.
    """
    ray = library()
    _begin(ray, address)
    try:
        task = ray.remote(num_cpus=1, max_retries=0)(_worked)  # Ray would retry for ever where memory runs out
        shared = ray.put(work)
        waiting = {task.remote(shared, part): (part, 1) for part in parts}
        while waiting:
            done, _ = ray.wait(list(waiting), num_returns=1)
            for reference in done:
                part, times = waiting.pop(reference)
                outcome = _outcome(ray, reference)
                if outcome is None and times <= RETRIES:
                    waiting[task.remote(shared, part)] = part, times + 1
                else:
                    yield outcome or died(part, times)
    except (ray.exceptions.RayError, ConnectionError) as error:
        raise broken("Ray", str(error)) from error
    finally:
        ray.shutdown()


def _worked(work: Work, part: Part) -> Outcome:
    return work(part)


def _outcome(ray: Any, reference: Any) -> Outcome | None:
    """None where the worker died."""
    try:
        found: Outcome = ray.get(reference)
    except (ray.exceptions.WorkerCrashedError, ray.exceptions.OutOfMemoryError, ray.exceptions.NodeDiedError):
        return None
    return found


def _begin(ray: Any, address: str) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anybody unless asked for
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # or it warns of its next version
    quiet = {"log_to_driver": False, "logging_level": "ERROR", "configure_logging": False}
    try:
        if address == LOCAL:
            ray.init(address="local", num_cpus=available_cores(), include_dashboard=False, **quiet)
        else:
            ray.init(address=address, **quiet)
    except (ConnectionError, RuntimeError, ValueError) as error:
        first = (str(error).splitlines() or [""])[0]
        raise DeviceError(f"cannot reach {address}: {first}", hint="does `ray status` there show the cluster?") from error


def library() -> Any:
    """Ray. Raises UsageError where it is not installed."""
    with extra("ray", of="`on=ray`", library="Ray"):
        import ray
    return ray
