"""To outline a relationship: when its answers change, and what its claims are of; by a core that is kept."""

import time
from collections.abc import Hashable, Sequence

import msgspec

from service.domain.actors import members_of
from service.domain.claims import Recorded, fold
from service.domain.events import Fulfil, Statement
from service.history.answering import Answered, Merged
from service.history.cores import Core, Cores, digest_of
from service.history.describing import actors_named
from service.history.points import Standpoint, When, needed, stand
from service.history.remembering import Remembered
from service.projections.outline import VERSION, Outlined, extent_of, outline
from service.projections.outline import stand as stood
from service.store import reads
from service.store.log import Log
from service.store.pool import Connection
from service.store.readers import Reader

STANDS_ON = b'"as_of":'


async def outline_as_of(
    log: Log, cores: Cores, ledger: str, relationship: str, when: When, lang: str, most: int
) -> Answered:
    """At most ``most`` points of each axis. Raises as ``stand`` does, and Merged."""

    async def question(reader: Reader) -> Answered:
        return await _outline_as_of(reader, cores, ledger, relationship, when, lang, most)

    return await log.ask(ledger, needed(when), question)


async def _outline_as_of(
    log: Reader, cores: Cores, ledger: str, relationship: str, when: When, lang: str, most: int
) -> Answered:
    begun = time.perf_counter()
    folding = 0.0
    await log.types(ledger)
    async with log.connection() as connection:
        at = await stand(connection, ledger, when, relationship)
        if (survivor := at.aliases.relationship(relationship)) != relationship:
            raise Merged(survivor)
        key = _key(at, ledger, relationship, lang, most)
        core = cores.get(key, at.as_of.valid)
        if core is None:
            outlined = await _read(log, cores.remembered, connection, ledger, relationship, at, lang, most)
    middle = time.perf_counter()
    if core is None:
        core = _core(outlined)
        cores.put(key, core)
        folding = time.perf_counter() - middle
    where = msgspec.json.encode(stood(at.as_of, at.revision))
    return Answered(
        body=core.before + where + core.after,
        digest=digest_of(core.digest, where),
        core=core.digest,
        later=core.later,
        at=at,
        asking=middle - begun,
        folding=folding,
    )


def _key(at: Standpoint, ledger: str, relationship: str, lang: str, most: int) -> tuple[Hashable, ...]:
    hangs_on = (at.touched, at.described, at.as_of.position)  # what fulfils an expectation may stand elsewhere
    return ("outline", VERSION, ledger, at.head.epoch, relationship, *hangs_on, lang, most)


async def _read(
    log: Reader,
    remembered: Remembered,
    connection: Connection,
    ledger: str,
    relationship: str,
    at: Standpoint,
    lang: str,
    most: int,
) -> Outlined:
    timelines = at.aliases.timelines(relationship)
    histories, epoch = remembered.contents.histories, at.head.epoch
    history = await histories.of(connection, ledger, epoch, sorted(timelines), at.as_of.position)
    events = history.events
    claims = [claim for claim in fold(events).claims.values() if history.is_here(claim.statement)]
    members = members_of(relationship)
    parties = {party.actor for one in events if isinstance(one.event, Statement) for party in one.event.parties}
    return Outlined(
        relationship=relationship,
        members=members,
        as_of=at.as_of,
        revision=at.revision,
        events=[*events, *await _fulfilling(connection, ledger, at, events)],
        claims=claims,
        actors=await actors_named(connection, ledger, at, [members, parties]),
        types=await log.types(ledger),
        lang=lang,
        most=most,
    )


async def _fulfilling(
    connection: Connection, ledger: str, at: Standpoint, events: Sequence[Recorded]
) -> list[Recorded]:
    """What stands elsewhere and fulfilled an expectation here: its dates say when that was."""
    here = {one.claim for one in events}
    named = {one.event.fulfilled_by for one in events if isinstance(one.event, Fulfil)} - here
    if not named:
        return []
    return [one.recorded for one in await reads.events_of_claims(connection, ledger, named, at.as_of.position)]


def _core(outlined: Outlined) -> Core:
    said, (earlier, later) = outline(outlined), extent_of(outlined)
    body = msgspec.json.encode(said)
    # No text in JSON can hold it, as its quotes would be escaped there.
    where = STANDS_ON + msgspec.json.encode(said.as_of)
    before, after = body.split(where)
    before += STANDS_ON
    return Core(
        before=before,
        after=after,
        digest=digest_of(before, after),
        earlier=earlier,
        later=later,
        since=0,
    )
