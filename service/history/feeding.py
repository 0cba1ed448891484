"""To follow: the events of a ledger after a place in it."""

from collections.abc import AsyncIterator, Sequence
from functools import partial

import msgspec

from service.domain.refusals import AnotherEpoch, BeyondHead, Unavailable
from service.store import feed, reads
from service.store.feed import FeedEvent, Filters
from service.store.log import Log
from service.store.readers import Need, Reader
from service.store.reads import Head


class Place(msgspec.Struct, frozen=True):
    """How far a follower has come."""

    position: int = 0
    epoch: str | None = None
    """The beginning of the ledger's epoch there, where the follower knows it."""


class FedPage(msgspec.Struct, frozen=True):
    """Events after a place, how far was looked for them, whether there is more, and where the ledger stands."""

    events: tuple[FeedEvent, ...]
    through: int
    more: bool
    head: Head


def reached(head: Head, place: Place) -> None:
    """Raises AnotherEpoch or BeyondHead where ``place`` is none that the ledger has come to; Unavailable where it
    must have been."""
    if place.epoch is not None and not head.epoch.hex.startswith(place.epoch):
        raise AnotherEpoch(place.epoch, head.position)
    if place.position > head.position:
        if place.epoch is not None:  # it was there: this database only lags behind the one that said so
            raise Unavailable(f"this database has come to {head.position}, not yet to {place.position}")
        raise BeyondHead(place.position, head.position)


async def feed_from(log: Log, ledger: str, after: Place) -> Head:
    """Where the ledger stands, if ``after`` is a place in it. Raises NotFound, and as ``reached`` does."""

    async def question(reader: Reader) -> Head:
        async with reader.connection() as connection:
            head = await reads.head_of(connection, ledger)
        reached(head, after)
        return head

    return await log.ask(ledger, _need(after), question)


def _need(after: Place) -> Need:
    return Need(position=after.position, epoch=after.epoch or "", now=True)


async def feed_page(log: Log, ledger: str, after: Place, limit: int, filters: Filters) -> FedPage:
    """At most ``limit`` events. Raises as ``feed_from`` does."""

    async def question(reader: Reader) -> tuple[Head, feed.Page]:
        async with reader.connection() as connection:
            head = await reads.head_of(connection, ledger)
            reached(head, after)
            return head, await feed.page(connection, ledger, after.position, limit, filters)

    head, found = await log.ask(ledger, _need(after), question)
    stopped = len(found.events) == limit
    stopped |= filters.need_content and found.through - after.position >= feed.MOST_SCANNED
    more = stopped and found.through < head.position
    return FedPage(found.events, found.through if more else max(found.through, head.position), more, head)


async def feed_export(
    log: Log, ledger: str, after: int, head: int, filters: Filters
) -> AsyncIterator[Sequence[FeedEvent]]:
    """Everything after ``after`` up to ``head``, some at a time; no connection is kept between. Raises Unavailable."""
    while after < head:
        found = await log.ask(ledger, Need(position=head), partial(feed.page_of, ledger, after, filters))
        # Where the look brought nothing new, nothing more of this relationship stands below the head.
        after = head if found.through == after else found.through
        yield [event for event in found.events if event.position <= head]
