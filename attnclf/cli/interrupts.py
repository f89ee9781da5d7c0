"""Signals that end a command: Ctrl-C, SIGTERM and SIGHUP clean up alike, and each has its exit code.

This imports nothing heavy, so that it is in force before the slow imports begin.
"""

import os
import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

ENDING = tuple(number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) is not None)
Handler = Callable[[int, FrameType | None], None]


class Interrupts:
    """What signals do while a command runs. Left with `with`, all is as it was before.

    A signal that was ignored stays ignored, as `nohup` wants it. In a thread other than the main one nothing is changed.
    """

    def __init__(self) -> None:
        self._received: list[int] = []
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        """While modules are imported nothing is written: a signal ends the process at once, without a traceback."""
        for number in ENDING:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                try:
                    self._before[number] = signal.signal(number, _end_at_once)
                except ValueError:  # not the main thread
                    return self
        return self

    def in_order(self) -> None:
        """From now on a signal interrupts what runs, which then cleans up. SIGTERM and SIGHUP do not interrupt that again."""
        for number in self._before:
            signal.signal(number, self._interrupt)

    def exit_code(self, otherwise: int) -> int:
        """The exit code by the first signal, as shells have it: 130 for Ctrl-C, 143 for SIGTERM; else the given one.

        An interrupt that has passed through an `exec` of a library makes `python -m` end by SIGINT, whatever the exit code.
        Python forgets it with the next `exec`.
        """
        if not self._received:
            return otherwise
        exec("")
        return 128 + self._received[0]

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def __bool__(self) -> bool:
        """Whether a signal has arrived."""
        return bool(self._received)

    def _interrupt(self, number: int, _: FrameType | None) -> None:
        self._received.append(number)
        if len(self._received) == 1 or number == signal.SIGINT:
            raise KeyboardInterrupt


def _end_at_once(number: int, _: FrameType | None) -> None:
    os._exit(128 + number)
