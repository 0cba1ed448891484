"""To ask for a timeline in one of its formats: a page's body by a core that is kept, and what its frame needs."""

import time

import msgspec

from service.domain.spans import DAY
from service.feeds import Addresses, Format
from service.feeds.page import page_of
from service.history.cores import Core, Cores, digest_of, digests_of
from service.history.points import Standpoint
from service.history.timelines import Reading, key_of, needed_for, read_page, stand_for
from service.history.walks import TimelineAsked
from service.projections import View
from service.projections.made import Made
from service.projections.picking import START
from service.projections.timeline import extent_of
from service.projections.told import Order
from service.store.log import Log
from service.store.readers import Reader


class FeedCore(Core, frozen=True, kw_only=True):
    """A page's body, all of it in ``before``; and what else hangs on its claims."""

    title: str
    updated: str | None
    after_this: Order | None


class FeedPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page in a format, without its frame."""

    body: bytes
    digest: bytes
    """Of the body, and of all else that hangs on its claims."""
    title: str
    updated: str | None
    at: Standpoint
    next: Order | None
    asking: float
    folding: float


async def timeline_feed(
    log: Log, cores: Cores, format_: Format, addresses: Addresses, asked: TimelineAsked
) -> FeedPage:
    """Raises as ``timeline_page`` does."""
    need = needed_for(asked)
    return await log.ask(
        addresses.ledger, need, lambda reader: _timeline_feed(reader, cores, format_, addresses, asked)
    )


async def _timeline_feed(
    log: Reader, cores: Cores, format_: Format, addresses: Addresses, asked: TimelineAsked
) -> FeedPage:
    begun = time.perf_counter()
    folding = 0.0
    ledger, subject = addresses.ledger, addresses.subject
    asked = msgspec.structs.replace(asked, newest_first=format_.newest_first)
    await log.types(ledger)
    async with log.late_connection() as connection:
        at = await stand_for(connection, ledger, subject, asked, cores.remembered)
        valid = at.as_of.valid
        day = valid // DAY if format_.cuts else None
        key = (format_.name, format_.version, addresses.base, day, *key_of(at, ledger, subject, asked))
        core = cores.of(key, at.as_of.position, valid)
        if core is None:
            reading = await read_page(
                log, cores.remembered, connection, ledger, subject, at, asked,
                retracted=format_.retracted if asked.after == START else 0,
            )  # fmt: skip
    middle = time.perf_counter()
    if core is None:
        made = cores.remembered.past(ledger, at.head).made(reading.question.types)
        core = _core(reading, asked, format_, addresses, made)
        hangs = reading.hangs_on_others or subject.is_actor
        cores.put((*key, at.as_of.position if hangs else None), core)
        folding = time.perf_counter() - middle
    assert isinstance(core, FeedCore)  # noqa: S101 - no other has such a key
    return FeedPage(
        body=core.before,
        digest=core.digest,
        title=core.title,
        updated=core.updated,
        at=at,
        next=core.after_this,
        asking=middle - begun,
        folding=folding,
    )


def _core(reading: Reading, asked: TimelineAsked, format_: Format, addresses: Addresses, made: Made) -> FeedCore:
    question, picked = reading.question, reading.picked
    earlier, later = extent = extent_of(question, picked, reading.subject)
    addresses = msgspec.structs.replace(addresses, subject=reading.subject)
    page = page_of(View(question, made), picked, addresses, asked.layout, reading.retracted, extent)
    body, title, updated = format_.body(page), page.title, page.updated
    apart = b"\0".join((body.before, body.between, body.after, title.encode(), str(updated).encode()))
    return FeedCore(
        before=bytes(body),
        after=b"",
        digest=digest_of(apart, b"\0", digests_of(body.pieces)),
        earlier=earlier,
        later=later,
        since=question.since,
        title=title,
        updated=updated,
        after_this=picked.after,
    )
