"""Timing in an event loop, for the measuring processes that run in the project's own environment."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

import uvloop

from benchmarks.protocol import Json, figures

T = TypeVar("T")


class Loop:
    """The one event loop of a measuring process, on the service's own implementation."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)

    def run(self, what: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(what)


def tidy() -> None:
    """What was prepared is the benchmark's, not the contestant's: no collection looks at it while time is taken."""
    gc.collect()
    gc.freeze()


async def in_tasks(callers: int, seconds: float, items: Sequence[T], write: Callable[[T], Awaitable[object]]) -> Json:
    """So many callers write, each the next item once its last is acknowledged, until time or items are over."""
    tidy()
    latencies: list[float] = []
    waiting = iter(items)
    start, computed = time.perf_counter(), time.process_time()
    deadline = start + seconds

    async def call() -> None:
        for item in waiting:
            begun = time.perf_counter()
            await write(item)
            end = time.perf_counter()
            latencies.append(end - begun)
            if end > deadline:
                break

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(callers):
                group.create_task(call())
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    elapsed = time.perf_counter() - start
    return figures(elapsed, latencies, busy=(time.process_time() - computed) / elapsed)


async def in_calls(
    seconds: float, groups: Sequence[Sequence[T]], write: Callable[[Sequence[T]], Awaitable[object]]
) -> Json:
    """One caller writes group after group, until the time or the groups are over."""
    done = 0

    async def count(group: Sequence[T]) -> None:
        nonlocal done
        await write(group)
        done += len(group)

    return await in_tasks(1, seconds, groups, count) | {"done": done}
