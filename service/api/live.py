"""Streams of server-sent events that last as long as they may; and the live feed: what was there, then what comes."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Generic, TypeVar

import msgspec

from service.api.access import Pass
from service.api.events import stored_event
from service.api.streams import CHUNK, Streams
from service.domain.refusals import Refusal, Unavailable
from service.store.feed import PAGE, FeedEvent, Filters, Page
from service.store.log import Log
from service.store.reads import Head
from service.store.wakeups import Stopping

PULSE = 15.0
"""Seconds after which a follower that got nothing gets a comment, and after which access is looked at again."""
RETRY = 1.0
"""Seconds until a stream tries the database again."""
MOST_WRITTEN = 2 * PAGE
"""Events kept as they were written, for the others that are near the head."""


T = TypeVar("T")


class Lasting(ABC, Generic[T]):
    """A stream for one follower, of whatever ``_next`` finds."""

    def __init__(self, streams: Streams, caller: str) -> None:
        """Raises Unavailable, and TooManyRequests."""
        self._streams, self.caller = streams, caller
        streams.enter(self)

    async def blocks(self, passed: Pass, check: Callable[[], Awaitable[Pass]]) -> AsyncGenerator[bytes, None]:
        """For ever; it ends where ``check`` raises a Refusal, as it does once the caller may not read any more, and at
        the service's end. ``passed`` is what the caller came in with."""
        waiting: asyncio.Task[T] | None = None
        written = time.monotonic()
        due = min(written + PULSE, passed.ends)
        changed = self._streams.until_access_changes()
        try:
            yield b"retry: 1000\n\n"
            while not self._streams.ended:
                if block := self._before():
                    written = time.monotonic()
                    yield block
                waiting = waiting or self._streams.waiting(self._next())
                patience = max(0.0, min(due, written + PULSE) - time.monotonic())
                both: set[asyncio.Future[Any]] = {waiting, changed}
                await asyncio.wait(both, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                if changed.done():
                    changed, due = self._streams.until_access_changes(), 0.0
                if time.monotonic() >= due:
                    try:
                        ends = (await check()).ends
                        due = min(time.monotonic() + PULSE, ends)
                    except Unavailable:  # nobody knows, so nothing is told until somebody does
                        await asyncio.sleep(RETRY)
                    except Refusal:
                        return
                if waiting.done() and time.monotonic() < due:
                    found, waiting = waiting.result(), None
                    for chunk in self._chunks(found):
                        written = time.monotonic()
                        yield chunk
                if time.monotonic() >= written + PULSE:
                    written = time.monotonic()
                    yield b":\n" + self._id() + b"\n"
        except Refusal:  # nothing more can be told: it is stopping, or gone
            return
        except asyncio.CancelledError:
            if not self._streams.ended:  # it was not the wait that was cut short: the follower left
                raise
        finally:
            self._streams.leave(self)
            changed.cancel()
            if waiting is not None:
                waiting.cancel()

    @property
    def behind(self) -> int:
        return 0

    def _before(self) -> bytes:
        """What is to be told before the next wait; mostly nothing."""
        return b""

    @abstractmethod
    async def _next(self) -> T:
        """What comes next, however long the database is away. Raises Stopping, or another Refusal at its end."""

    @abstractmethod
    def _chunks(self, found: T) -> Iterator[bytes]:
        """What was found, as whole blocks."""

    def _id(self) -> bytes:
        """A line that moves the follower's place, where it is behind; a block of only that is no event."""
        return b""


class Live(Lasting[Page]):
    """What one follower of a feed gets: first what stands after its place, then what comes."""

    def __init__(
        self, log: Log, streams: Streams, caller: str, ledger: str, after: int, head: Head, filters: Filters
    ) -> None:
        super().__init__(streams, caller)
        self._log, self._ledger, self._filters = log, ledger, filters
        self._head = head
        self._epoch = head.epoch.hex[:8]
        self._at = self._told = after
        """How far was looked for it, and how far it knows of that."""
        self._has_caught_up = False
        self._pages = self._follow()

    @property
    def behind(self) -> int:
        heard = 0 if self._log.wakeups is None else self._log.wakeups.head(self._ledger)
        return max(0, heard - self._at, self._head.position - self._at)

    def _before(self) -> bytes:
        if self._has_caught_up or self._at < self._head.position:
            return b""
        self._has_caught_up, self._told = True, self._at
        return f'id: {self._epoch}-{self._at}\nevent: caught-up\ndata: {{"position":{self._at}}}\n\n'.encode()

    def _follow(self) -> AsyncIterator[Page]:
        return self._log.follow(self._ledger, self._at, self._head.position, self._filters)

    async def _next(self) -> Page:
        while True:
            try:
                if self._at >= self._head.position:
                    return await anext(self._pages)
                async with self._streams.catching_up:
                    return await anext(self._pages)
            except Stopping:
                raise
            except Unavailable:
                await asyncio.sleep(RETRY)
                self._pages = self._follow()

    def _chunks(self, found: Page) -> Iterator[bytes]:
        """The page's events; where none passed for long, how far was looked, so that nobody looks there again."""
        held = bytearray()
        for event in found.events:
            self._told = event.position
            held += self._written(event) if self._has_caught_up else self._write(event)
            if len(held) >= CHUNK:
                yield bytes(held)
                held.clear()
        self._at = max(self._at, found.through)
        if self._at - self._told >= PAGE:
            held += self._id() + b"\n"
        if held:
            yield bytes(held)

    def _id(self) -> bytes:
        if self._told == self._at:
            return b""
        self._told = self._at
        return f"id: {self._epoch}-{self._at}\n".encode()

    def _write(self, event: FeedEvent) -> bytes:
        data = msgspec.json.encode(stored_event(self._ledger, event.stored))
        return b"id: %s-%d\nevent: event\ndata: %s\n\n" % (self._epoch.encode(), event.position, data)

    def _written(self, event: FeedEvent) -> bytes:
        """Once for all who are near the head."""
        key = self._head.epoch.int, event.position
        block = _kept.get(key)
        if block is None:
            block = self._write(event)
            if len(block) < CHUNK:
                if len(_kept) >= MOST_WRITTEN:
                    del _kept[next(iter(_kept))]
                _kept[key] = block
        return block


_kept: dict[tuple[int, int], bytes] = {}
"""By epoch, which no two ledgers share, and position: the newest blocks of this process."""
