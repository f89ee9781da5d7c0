"""Texts of many requests are answered together: while the model works on some, the next ones gather.

One thread works, so no request is slowed by another's threads. It takes the oldest request and all others of the same kind that
fit into a batch beside it. Nothing waits for a batch to fill. How many texts may wait is bounded: more are refused at once.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from attnclf.service.refusals import Refused

Work = Callable[[Any, Sequence[Any]], Sequence[Any]]
"""Answers items of one kind: an answer for each, or the exception with which it failed."""


@dataclass(frozen=True, eq=False)
class Job:
    """What one request asks of the model. `size` is how many texts it has."""

    kind: Hashable
    item: Any
    size: int
    answer: "asyncio.Future[Any]"


class Batcher:
    """Gathers jobs, and has `work` answer them in a thread of its own.

    `largest` says how many texts of a kind are answered together, `most_waiting` how many may wait. `observe`, which may be
    set, is told how many texts each batch has.
    """

    def __init__(self, work: Work, largest: Callable[[Any], int], most_waiting: int) -> None:
        self._work, self._largest, self._most_waiting = work, largest, most_waiting
        self.observe: Callable[[int], None] = _unobserved
        self._jobs: deque[Job] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self.waiting = 0  # texts
        self._thread = threading.Thread(target=self._run, name="model", daemon=True)
        self._thread.start()

    async def ask(self, kind: Hashable, item: Any, size: int, seconds: float) -> Any:
        """The answer to one item of so many texts. Raises Refused where too much waits already, TimeoutError after that time,
        and what the work raised."""
        size = max(1, size)
        job = Job(kind, item, size, asyncio.get_running_loop().create_future())
        with self._changed:
            if self._closing:
                raise Refused(503, "the service is ending", hint="try again later", retry_after=1)
            if self._jobs and self.waiting + size > self._most_waiting:
                raise Refused(503, f"{self.waiting:,} texts wait already", hint="try again later", retry_after=1)
            self._jobs.append(job)
            self.waiting += size
            self._changed.notify()
        try:
            async with asyncio.timeout(seconds):
                return await job.answer
        finally:
            if job.answer.cancelled():
                self._forget(job)

    def _forget(self, job: Job) -> None:
        """Makes room where a job waits for which nobody waits any more."""
        with self._changed:
            if job in self._jobs:
                self._jobs.remove(job)
                self.waiting -= job.size

    @property
    def is_alive(self) -> bool:
        """Whether there is a thread that answers."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Answers what waits, and ends the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while jobs := self._next():
            asked = [job for job in jobs if not job.answer.done()]  # what ran out of time meanwhile is not worked on
            if not asked:
                continue
            self.observe(sum(job.size for job in asked))
            answers = self._answers(asked)
            _deliver(asked, answers)

    def _next(self) -> list[Job]:
        """The jobs of the next batch, once there is one; none at the end."""
        with self._changed:
            while not self._jobs and not self._closing:
                self._changed.wait()
            if not self._jobs:
                return []
            kind, room = self._jobs[0].kind, self._largest(self._jobs[0].kind)
            chosen: list[Job] = []
            rest: deque[Job] = deque()
            for job in self._jobs:
                fits = job.kind == kind and (job.size <= room or not chosen)
                (chosen if fits else rest).append(job)
                room -= job.size if fits else 0
            self._jobs = rest
            self.waiting -= sum(job.size for job in chosen)
            return chosen

    def _answers(self, jobs: Sequence[Job]) -> list[Any]:
        """An answer or an exception for each. Where the batch fails, each job is tried by itself, so that one fails alone."""
        try:
            found = list(self._work(jobs[0].kind, [job.item for job in jobs]))
            if len(found) != len(jobs):
                raise RuntimeError(f"{len(jobs)} items got {len(found)} answers")
            return found
        except Exception as error:
            if len(jobs) == 1:
                return [error]
            return [answer for job in jobs for answer in self._answers([job])]


def _deliver(jobs: Sequence[Job], answers: Sequence[Any]) -> None:
    """Hands the answers to the event loops that wait for them, each of which is woken once."""
    of_loops: dict[asyncio.AbstractEventLoop, list[tuple[Job, Any]]] = {}
    for job, answer in zip(jobs, answers, strict=True):
        of_loops.setdefault(job.answer.get_loop(), []).append((job, answer))
    for loop, pairs in of_loops.items():
        try:
            loop.call_soon_threadsafe(_set, pairs)
        except RuntimeError:  # the loop has ended, and nobody waits
            continue


def _set(pairs: Sequence[tuple[Job, Any]]) -> None:
    for job, answer in pairs:
        if job.answer.done():
            continue
        if isinstance(answer, Exception):
            job.answer.set_exception(answer)
        else:
            job.answer.set_result(answer)


def _unobserved(_: int) -> None:
    """Nobody counts."""
