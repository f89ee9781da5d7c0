"""Requests are answered together, in bounds, and one that fails, fails alone."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from attnclf.service.batching import Batcher
from attnclf.service.refusals import Refused


class Model:
    """Answers n with 2 n, fails on "bad", and waits while it is held."""

    def __init__(self) -> None:
        self.batches: list[tuple[str, list[object]]] = []
        self.free = threading.Event()
        self.begun = threading.Event()
        self.free.set()

    def work(self, kind: str, items: list[object]) -> list[object]:
        self.begun.set()
        self.free.wait(10)
        self.batches.append((kind, list(items)))
        if "bad" in items:
            raise ValueError("bad")
        return [2 * item for item in items]  # type: ignore[operator]


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def batcher(model: Model) -> Iterator[Batcher]:
    batcher = Batcher(model.work, lambda kind: 4, most_waiting=6)
    yield batcher
    model.free.set()
    batcher.close()


async def held(model: Model, batcher: Batcher) -> "asyncio.Task[object]":
    """A first request on which the model is working, so that others gather behind it."""
    model.free.clear()
    first = asyncio.create_task(batcher.ask("a", 0, 1, 10))
    await asyncio.to_thread(model.begun.wait, 10)
    return first


def test_what_gathers_is_answered_together_by_kind_and_up_to_the_largest_batch(model: Model, batcher: Batcher) -> None:
    seen: list[int] = []
    batcher.observe = seen.append

    async def ask() -> list[object]:
        first = await held(model, batcher)
        others = [asyncio.create_task(batcher.ask(kind, n, size, 10)) for kind, n, size in
                  (("a", 1, 2), ("b", 2, 1), ("a", 3, 2), ("a", 4, 1))]  # fmt: skip
        await asyncio.sleep(0)
        assert batcher.waiting == 6
        model.free.set()
        return [await one for one in (first, *others)]

    assert asyncio.run(ask()) == [0, 2, 4, 6, 8]
    assert model.batches == [("a", [0]), ("a", [1, 3]), ("b", [2]), ("a", [4])]
    assert seen == [1, 4, 1, 1]
    assert batcher.waiting == 0


def test_too_much_is_refused_at_once_but_never_the_only_one(model: Model, batcher: Batcher) -> None:
    async def ask() -> None:
        first = await held(model, batcher)
        second = asyncio.create_task(batcher.ask("a", 1, 100, 10))
        await asyncio.sleep(0)
        with pytest.raises(Refused) as refused:
            await batcher.ask("a", 2, 1, 10)
        assert (refused.value.status, refused.value.retry_after) == (503, 1)
        model.free.set()
        assert [await first, await second] == [0, 2]

    asyncio.run(ask())


def test_a_request_that_fails_does_so_alone(model: Model, batcher: Batcher) -> None:
    async def ask() -> list[object]:
        first = await held(model, batcher)
        others = [asyncio.create_task(batcher.ask("a", item, 1, 10)) for item in (1, "bad", 3)]
        await asyncio.sleep(0)
        model.free.set()
        return await asyncio.gather(first, *others, return_exceptions=True)

    first, one, bad, three = asyncio.run(ask())
    assert (first, one, three) == (0, 2, 6)
    assert isinstance(bad, ValueError)


def test_what_ran_out_of_time_is_not_worked_on(model: Model, batcher: Batcher) -> None:
    async def ask() -> None:
        first = await held(model, batcher)
        with pytest.raises(TimeoutError):
            await batcher.ask("a", 1, 1, 0.01)
        assert batcher.waiting == 0
        model.free.set()
        await first
        assert await batcher.ask("a", 2, 1, 10) == 4

    asyncio.run(ask())
    assert model.batches == [("a", [0]), ("a", [2])]


def test_the_end_answers_what_waits_and_takes_no_more(model: Model) -> None:
    batcher = Batcher(model.work, lambda kind: 4, most_waiting=6)

    async def ask() -> None:
        first = await held(model, batcher)
        second = asyncio.create_task(batcher.ask("b", 1, 1, 10))
        await asyncio.sleep(0)
        threading.Timer(0.01, model.free.set).start()
        await asyncio.to_thread(batcher.close)
        assert [await first, await second] == [0, 2]
        with pytest.raises(Refused, match="ending"):
            await batcher.ask("a", 1, 1, 10)

    asyncio.run(ask())


def test_a_loop_that_has_ended_stops_nothing(model: Model, batcher: Batcher) -> None:
    async def leave() -> None:
        task = await held(model, batcher)
        task.cancel()

    loop = asyncio.new_event_loop()
    loop.run_until_complete(leave())
    loop.close()
    model.free.set()

    async def ask() -> object:
        return await batcher.ask("a", 5, 1, 10)

    assert asyncio.run(ask()) == 10


def test_work_that_loses_an_item_fails_and_the_thread_goes_on() -> None:
    batcher = Batcher(lambda kind, items: [], lambda kind: 4, most_waiting=6)

    async def ask() -> None:
        for _ in range(2):
            with pytest.raises(RuntimeError, match="1 items got 0 answers"):
                await batcher.ask("a", 1, 1, 10)

    asyncio.run(ask())
    assert batcher.is_alive
    batcher.close()
    assert not batcher.is_alive
