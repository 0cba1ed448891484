"""Versions of a relationship: which one was known at a time, which one stands at a position, and the list of them."""

from uuid import UUID

import msgspec

from service.domain.actors import Aliases
from service.domain.refusals import BeyondHead, NotFound
from service.domain.spans import FOREVER
from service.domain.versions import Reach, Version, end_of_second, stretches_of
from service.history.answering import Merged
from service.store import reads, versions
from service.store.log import Log
from service.store.pool import Connection
from service.store.readers import NOW, Need, Reader
from service.store.reads import Head

VERSIONS_A_PAGE = 1000
"""How many touches of a relationship a page looks at: it has as many versions, or fewer where a batch touched often."""


class Gated(msgspec.Struct, frozen=True, kw_only=True):
    """One version among those around it."""

    chosen: Version
    first: Version
    last: Version
    previous: Version | None
    following: Version | None
    epoch: UUID


class VersionsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some versions one after another, never none."""

    versions: tuple[Version, ...]
    following: tuple[Version, ...]
    """Of the page after this one: its first and its last version; empty where this one is the last."""
    closed: bool
    """Nothing that comes changes this page, nor how far the next one goes."""
    first: Version
    last: Version
    epoch: UUID


async def version_at(log: Log, ledger: str, relationship: str, asked: int | None) -> Gated:
    """The last version whose second is no later than the one that ``asked`` (µs) lies in; the first one where all are
    later; the last one where ``asked`` is None. Raises NotFound where there is no version, and Merged."""
    known = None if asked is None else end_of_second(asked)
    return await log.ask(ledger, NOW, lambda reader: _version_at(reader, ledger, relationship, known))


async def _version_at(reader: Reader, ledger: str, relationship: str, known: int | None) -> Gated:
    async with reader.connection() as connection:
        point = await reads.point(connection, ledger, known, None, relationship)
        head = point.head
        reach = await _reach(connection, ledger, relationship, head, head.position)
        last = await versions.before(connection, ledger, reach, head.position)
        if last is None:
            raise nothing(relationship)
        first = await _next(connection, ledger, reach, 0, head)
        assert first is not None  # noqa: S101 - there is a last one
        by_then = 0 if point.end is None else point.end.position
        chosen = await versions.before(connection, ledger, reach, by_then) or first
        previous = await versions.before(connection, ledger, reach, chosen.first - 1)
        following = await _next(connection, ledger, reach, chosen.position, head)
    return Gated(chosen=chosen, first=first, last=last, previous=previous, following=following, epoch=head.epoch)


async def version_by(log: Log, ledger: str, relationship: str, position: int) -> Version:
    """The version that stood at a position. Raises NotFound where there was none by then, BeyondHead and Merged."""

    async def question(reader: Reader) -> Version:
        async with reader.connection() as connection:
            end = await _end_by(connection, ledger, position)
            head = await reads.head_of(connection, ledger)
            reach = await _reach(connection, ledger, relationship, head, end)
            found = await versions.before(connection, ledger, reach, end)
        if found is None:
            unknown = f"nothing that `{relationship}` has a version of was known at position {position}"
            raise NotFound("version", unknown)
        return found

    return await log.ask(ledger, Need(position=position), question)


async def versions_from(
    log: Log, ledger: str, relationship: str, begins: int = 1, until: int | None = None
) -> VersionsPage:
    """Versions from a position on, up to another or the head, as many as are looked at for one page.

    Raises NotFound where there is none, BeyondHead and Merged.
    """
    return await log.ask(ledger, NOW, lambda reader: _versions_from(reader, ledger, relationship, begins, until))


async def _versions_from(
    reader: Reader, ledger: str, relationship: str, begins: int, until: int | None
) -> VersionsPage:
    async with reader.connection() as connection:
        head = await reads.head_of(connection, ledger)
        reach = await _reach(connection, ledger, relationship, head, head.position)
        last = await versions.before(connection, ledger, reach, head.position)
        first = await _next(connection, ledger, reach, 0, head)
        if last is None or first is None:
            raise nothing(relationship)
        upto = head.position if until is None else await _end_by(connection, ledger, until)
        after = 0 if begins <= 1 else await _end_by(connection, ledger, begins - 1)
        here = (await versions.after(connection, ledger, reach, after, upto, VERSIONS_A_PAGE)).versions
        if not here:
            raise NotFound("version", f"`{relationship}` has no version from position {begins} to {upto}")
        beyond = await versions.after(connection, ledger, reach, here[-1].position, head.position, VERSIONS_A_PAGE)
    following = (beyond.versions[0], beyond.versions[-1]) if beyond.versions else ()
    return VersionsPage(
        versions=here, following=following, closed=beyond.full, first=first, last=last, epoch=head.epoch
    )


async def has_versions(log: Log, ledger: str, relationship: str) -> bool:
    """Whether anything was ever recorded of it, or of what was ever read as it. Raises NotFound for the ledger."""

    async def question(reader: Reader) -> bool:
        async with reader.connection() as connection:
            head = await reads.head_of(connection, ledger)
            reach = await _reach(connection, ledger, relationship, head, 0)
            return await versions.before(connection, ledger, reach, head.position) is not None

    return await log.ask(ledger, NOW, question)


def nothing(relationship: str) -> NotFound:
    return NotFound("relationship", f"nothing was ever recorded of `{relationship}`, so it has no versions")


async def _next(connection: Connection, ledger: str, reach: Reach, position: int, head: Head) -> Version | None:
    found = (await versions.after(connection, ledger, reach, position, head.position, 1)).versions
    return found[0] if found else None


async def _end_by(connection: Connection, ledger: str, position: int) -> int:
    """The end of the last batch that was whole by then, or 0. Raises BeyondHead."""
    point = await reads.point(connection, ledger, None, min(position, FOREVER), None)
    if position > point.head.position:
        raise BeyondHead(position, point.head.position)
    return 0 if point.end is None else point.end.position


async def _reach(connection: Connection, ledger: str, relationship: str, head: Head, position: int) -> Reach:
    """What makes versions of it. Raises Merged where it had come to be read as another one by ``position``."""
    merges = await versions.merges(connection, ledger, head.generation, head.position)
    aliases = Aliases({one.merged: one.survivor for one in merges if one.position <= position < one.until})
    survivor = aliases.relationship(relationship)
    if survivor != relationship:
        raise Merged(survivor)
    stretches = stretches_of(relationship, merges)
    changes = []
    for one in stretches[1:]:
        for change in (one.after + 1, one.until + 1):
            if change <= head.position:
                touched = await reads.touched(connection, ledger, one.relationship, change)
                changes += [change] if touched.position else []
    return Reach(stretches, tuple(changes))
