"""The feed: events after a position, in order, from the database or from what this process has just read for others."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import asyncpg
import msgspec

from service.domain.events import Statement
from service.store.pool import Connection, Pool, connection_of
from service.store.readers import Reader
from service.store.reads import Stored, event_of, stored
from service.store.statements import statement
from service.store.wakeups import Wakeups

_FEED, _FEED_OF_RELATIONSHIP = statement("feed"), statement("feed_of_relationship")
PAGE = 500
"""Events read at once while following."""
MOST_SCANNED = 5000
"""Events looked at for one page, however few of them pass the filters."""
TAIL = 2000
"""Events kept for followers that are near the head."""


class Filters(msgspec.Struct, frozen=True):
    """What a follower wants; an event passes by what its claim says, or said before it."""

    type: str | None = None
    actor: str | None = None
    relationship: str | None = None

    @property
    def need_content(self) -> bool:
        return self.type is not None or self.actor is not None


EVERYTHING = Filters()


class FeedEvent(msgspec.Struct, frozen=True):
    """An event as it stands in the feed, with the content its claim had: its own, or the one before it."""

    stored: Stored
    about: Statement | None

    @property
    def position(self) -> int:
        return self.stored.recorded.position

    def passes(self, filters: Filters) -> bool:
        if filters.relationship is not None and filters.relationship not in self.stored.revisions:
            return False
        if not filters.need_content:
            return True
        if self.about is None:
            return False
        if filters.type is not None and self.about.type != filters.type:
            return False
        return filters.actor is None or any(party.actor == filters.actor for party in self.about.parties)


class Page(msgspec.Struct, frozen=True):
    """Events that pass, and how far the log was looked at: the position to go on from, though nothing passed."""

    events: tuple[FeedEvent, ...]
    through: int


async def page(connection: Connection, ledger: str, after: int, limit: int, filters: Filters = EVERYTHING) -> Page:
    """At most ``limit`` events; it stops early where too many were looked at."""
    passed: list[FeedEvent] = []
    scanned = 0
    while len(passed) < limit and scanned < MOST_SCANNED:
        wanted = limit - len(passed) if not filters.need_content else min(1000, MOST_SCANNED - scanned)
        rows = await _rows(connection, ledger, after, wanted, filters)
        for row in rows:
            event = _event(row)
            after = event.position
            if event.passes(filters):
                passed.append(event)
                if len(passed) == limit:
                    break
        scanned += len(rows)
        if len(rows) < wanted:
            break
    return Page(tuple(passed), after)


async def page_of(ledger: str, after: int, filters: Filters, reader: Reader) -> Page:
    """For one who follows."""
    async with reader.connection() as connection:
        return await page(connection, ledger, after, PAGE, filters)


async def _rows(
    connection: Connection, ledger: str, after: int, limit: int, filters: Filters
) -> Sequence[asyncpg.Record]:
    if filters.relationship is None:
        return await connection.fetch(_FEED, ledger, after, limit, filters.need_content)
    return await connection.fetch(
        _FEED_OF_RELATIONSHIP, ledger, after, limit, filters.need_content, filters.relationship
    )


def _event(row: asyncpg.Record) -> FeedEvent:
    one = stored(row)
    about = one.recorded.event if row["about"] is None else event_of(row["about"])
    return FeedEvent(one, about if isinstance(about, Statement) else None)


class Tail:
    """The last events of one ledger, read once for all who follow it; one that lags reads the database itself."""

    def __init__(self, pool: Pool, wakeups: Wakeups, ledger: str) -> None:
        self._pool, self._wakeups, self._ledger = pool, wakeups, ledger
        self._events: list[FeedEvent] = []
        self._start = self._end = 0
        self._reading = asyncio.Lock()

    async def after(self, position: int) -> Sequence[FeedEvent]:
        """Some of the events after ``position``; it waits until there are any. Raises Stopping, Unavailable."""
        while True:
            if self._start <= position < self._end:
                first = position - self._start
                return self._events[first : first + PAGE]
            if position < self._start:
                async with connection_of(self._pool) as connection:
                    return (await page(connection, self._ledger, position, PAGE, EVERYTHING)).events
            await self._wakeups.beyond(self._ledger, position)
            await self._read(position)

    async def _read(self, position: int) -> None:
        async with self._reading:
            if position < self._end:
                return  # another follower has read it meanwhile
            if position > self._end:
                self._events, self._start, self._end = [], position, position
            async with connection_of(self._pool) as connection:
                found = (await page(connection, self._ledger, self._end, PAGE, EVERYTHING)).events
            if not found:
                self._wakeups.not_beyond(self._ledger, self._end)
            self._events = [*self._events, *found][-TAIL:]
            self._end += len(found)
            self._start = self._end - len(self._events)


async def follow(
    read: Callable[[int], Awaitable[Page]], tail: Tail, after: int, head: int, filters: Filters
) -> AsyncIterator[Page]:
    """Page after page, for ever: first, by ``read``, what stands between ``after`` and ``head``, then what comes.

    Raises Stopping.
    """
    while after < head:
        backlog = await read(after)
        # Where the look brought nothing new, nothing more of this relationship stands below the head.
        after = head if backlog.through == after else backlog.through
        yield Page(backlog.events, after)
    while True:
        events = await tail.after(after)
        after = events[-1].position if events else after
        yield Page(tuple(event for event in events if event.passes(filters)), after)
