"""`train --processes N`: starts the command N times, as processes of one training, and ends all when one of them ends badly.

This process only watches. Process 0 talks to the user; of the others only the error that ends the training is shown.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Annotated

import typer

from attnclf.cli import screen
from attnclf.cli.options import TRAINING
from attnclf.errors import AttnclfError, DeviceError, UsageError
from attnclf.processes import ADDRESSES, NUMBER, RANK, Place, ProcessLost, require_jax

LAUNCHER = "ATTNCLF_LAUNCHER"  # the number of the process that watches, in those that it has started
LOST = 75  # exit code of a process that only says that another one is gone
GRACE = 15.0  # seconds for process 0 to end by itself after another one has ended
EVERY = 0.1  # seconds between looks
TAIL = 2_000  # bytes of what a process has said at its end
LOOPBACK = "127.0.0.1"

Processes = Annotated[
    int | None,
    typer.Option(
        "--processes",
        min=1,
        metavar="N",
        help="Train in so many processes on this machine, by Keras on JAX, on a GPU each if there are any.",
        show_default="1",
        rich_help_panel=TRAINING,
    ),
]


def started(processes: int | None, files: list[str], place: Place) -> bool:
    """Whether training was left to `processes` processes, which have ended well.

    Raises Exit with the code of process 0 where that ended badly, DeviceError where another one did, and UsageError for what
    cannot be.
    """
    if place.together and processes not in (None, place.size):
        raise UsageError(f"--processes {processes}, and {NUMBER} is {place.size}", hint="leave one of them out")
    if place.together or processes in (None, 1):
        return False
    require_jax()
    if "-" in files:
        raise UsageError("--processes reads files, and - is standard input", hint="each process reads the table: save it first")
    if code := Launch(processes, [sys.executable, "-m", "attnclf", *sys.argv[1:]]).run():
        raise typer.Exit(code)
    return True


class Launch:
    """A command, `size` times, as processes of one training over the loopback."""

    def __init__(self, size: int, command: Sequence[str]) -> None:
        with socket.socket() as free:
            free.bind((LOOPBACK, 0))
            self._address = f"{LOOPBACK}:{free.getsockname()[1]}"
        self._size, self._command = size, command
        self._said: list[IO[bytes]] = []
        self._all: list[subprocess.Popen[bytes]] = []

    def run(self) -> int:
        """The exit code of process 0, which has said why if it is not 0. Raises DeviceError for another process that failed."""
        try:
            for rank in range(self._size):
                self._start(rank)
            return self._watched()
        except KeyboardInterrupt:
            if not self._all:
                raise
            self._all[0].send_signal(signal.SIGINT)  # it says what became of the model, and may write one
            return self._all[0].wait()
        finally:
            for process in self._all:
                process.kill()
            for process in self._all:
                process.wait()
            for said in self._said:
                said.close()

    def _start(self, rank: int) -> None:
        said = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as the process)
        self._said.append(said)
        silent = {} if rank == 0 else {"stdout": subprocess.DEVNULL, "stderr": said}
        # A session of its own, so that Ctrl-C reaches this process alone. It passes it on, even where it ignores Ctrl-C itself.
        process = subprocess.Popen(
            self._command,
            env=os.environ | self._environment(rank),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_obey_ctrl_c,  # noqa: PLW1509 (there are no threads yet)
            **silent,  # type: ignore[call-overload]
        )
        self._all.append(process)

    def _environment(self, rank: int) -> Mapping[str, str]:
        found = {ADDRESSES: self._address, NUMBER: str(self._size), RANK: str(rank), LAUNCHER: str(os.getpid())}
        return found | {"JAX_LOCAL_DEVICE_IDS": str(rank), "JAX_COORDINATOR_BIND_ADDRESS": self._address}

    def _watched(self) -> int:
        first, deadline, failed = self._all[0], 0.0, None
        while first.poll() is None:
            if failed is None:
                failed = next((rank for rank, process in enumerate(self._all) if process.poll()), None)
                deadline = time.monotonic() + GRACE
            elif time.monotonic() > deadline:  # it waits for what will not come
                first.kill()
                first.wait()
                screen.stderr().show_cursor()
                raise self._ended(failed)
            time.sleep(EVERY)
        if first.returncode == LOST:
            time.sleep(EVERY)
            raise self._ended(next((rank for rank, process in enumerate(self._all) if rank and process.poll()), None))
        if first.returncode < 0:
            screen.stderr().show_cursor()
            raise self._ended(0)
        return first.returncode

    def _ended(self, rank: int | None) -> DeviceError:
        """The error that says which process ended first, and how."""
        if rank is None:
            return DeviceError("the processes of this training have lost one another", hint="run it again")
        code, who = self._all[rank].returncode, f"process {rank} of {self._size}"
        if code < 0:
            what = f"{who} was ended by {signal.Signals(-code).name}, and with it the training"
            return DeviceError(what, hint="if nobody ended it, memory may have run out: try fewer processes or `size=small`")
        self._said[rank].seek(0)
        said = self._said[rank].read().decode(errors="replace").strip()[-TAIL:]
        return DeviceError(f"{who} failed, and with it the training: {said or f'exit code {code}'}")


def _obey_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def member(place: Place) -> Iterator[None]:
    """What a process of a training runs in. It ends without waiting for the others, as JAX would do at the end of Python."""
    if not place.together:
        yield
        return
    launched = os.environ.get(LAUNCHER)
    if launched:
        threading.Thread(target=_end_with, args=(int(launched),), daemon=True).start()
    code = 0
    try:
        yield
    except typer.Exit as ended:
        code = ended.exit_code
    except AttnclfError as error:
        code = error.exit_code
        if launched and isinstance(error, ProcessLost):
            code = LOST  # the launcher says which process it was
        else:
            screen.show_error(error)
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _end_with(launcher: int) -> None:
    """Ends this process when the one that started it is gone."""
    while os.getppid() == launcher:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)
