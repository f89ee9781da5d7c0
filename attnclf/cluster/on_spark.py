"""Parts given to the workers of Spark. A worker that dies costs nothing: another one begins its part afresh.

A part is a job of its own, by `mapInPandas` on a frame of one row, so that an outcome is here as soon as its file is.
"""

import os
import pickle
import signal
import socket
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from attnclf.cluster.parts import RETRIES, Outcome, Part, Work, broken, died
from attnclf.errors import DeviceError
from attnclf.extras import extra
from attnclf.limits import available_cores

if TYPE_CHECKING:
    import pandas as pd

LOCAL = "spark"
JOBS = 256  # that Spark has at a time; it gives them to as many workers as there are
GONE = "Python worker exited unexpectedly", "ExecutorLostFailure"  # in what it says of a worker that died
SECONDS = 5  # to reach a cluster: Spark itself tries for minutes
# Without a log, which would be a page of Java for each worker that dies.
SETTINGS = {
    "spark.log.level": "OFF",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.task.maxFailures": str(RETRIES + 1),
}


def on_spark(address: str, work: Work, parts: Sequence[Part]) -> Iterator[Outcome]:
    """What `work` makes of each part, as they are done. `work` is pickled; each worker has one core.

    Raises DeviceError for a cluster that cannot be reached, is lost, or cannot do the work, and without Java.
    """
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)
    session = _session(library(), address)
    pool = ThreadPoolExecutor(min(len(parts), JOBS))
    try:
        for future in as_completed([pool.submit(_outcome, session, work, part) for part in parts]):
            yield future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        session.stop()


def _outcome(session: Any, work: Work, part: Part) -> Outcome:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    frame = session.createDataFrame([(pickle.dumps(part),)], "part binary").coalesce(1)
    try:
        (row,) = frame.mapInPandas(partial(_worked, work), "outcome binary").collect()
    except (Py4JError, PySparkException) as error:
        said = str(getattr(error, "java_exception", error))
        if not any(words in said for words in GONE):
            raise broken("Spark", said) from error
        return died(part, RETRIES + 1)
    found: Outcome = pickle.loads(row.outcome)
    return found


def _worked(work: Work, frames: "Iterable[pd.DataFrame]") -> "Iterator[pd.DataFrame]":
    import pandas as pd

    for frame in frames:
        outcomes = [pickle.dumps(work(pickle.loads(part))) for part in frame["part"]]
        yield pd.DataFrame({"outcome": outcomes})


def _session(pyspark: Any, address: str) -> Any:
    builder = pyspark.sql.SparkSession.builder.appName("attnclf")
    for key, value in SETTINGS.items():
        builder = builder.config(key, value)
    if address == LOCAL:
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # else its workers run the first python3 of the path
        builder = builder.master(f"local[{available_cores()},{RETRIES + 1}]")
    else:
        _reach(address)
        builder = builder.master(address)
    before = signal.getsignal(signal.SIGINT)
    with TemporaryFile() as said:
        try:
            with _stderr_in(said):
                return builder.getOrCreate()
        except pyspark.errors.PySparkRuntimeError as error:
            said.seek(0)
            lines = said.read().decode(errors="replace").splitlines() or [str(error)]
            raise DeviceError(
                f"Spark did not start: {lines[-1]}", hint="it needs Java 17 or newer: is it installed?"
            ) from error
        finally:
            signal.signal(signal.SIGINT, before)  # Spark puts its own in place


@contextmanager
def _stderr_in(file: IO[bytes]) -> Iterator[None]:
    """Meanwhile, started processes write what they say of themselves to the file: Java has ten lines for each start."""
    sys.stderr.flush()
    before = os.dup(2)
    try:
        os.dup2(file.fileno(), 2)
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)


def _reach(address: str) -> None:
    place = urlsplit(address)
    try:
        socket.create_connection((place.hostname, place.port), SECONDS).close()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise DeviceError(f"cannot reach {address}: {why}", hint="is it the address that its master's page shows?") from error


def library() -> Any:
    """PySpark. Raises UsageError where it is not installed."""
    with extra("spark", of="`on=spark`", library="Spark"):
        import pyspark.sql
    return pyspark
