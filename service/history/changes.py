"""To ask what differs between two points of one relationship, and why; both stand in one snapshot of the ledger."""

import time
from collections.abc import Sequence

import msgspec

from service.domain.claims import Recorded
from service.history.answering import Merged
from service.history.asking import ask_at
from service.history.points import Standpoint, UnusablePoint, When, needed, stand
from service.history.remembering import Remembered
from service.projections.causes import EventCause, TimeCause
from service.projections.changes import MOST_CAUSES, Changes, Comparison
from service.projections.criteria import Criteria
from service.store import feed, reads
from service.store.changes import merges_between, snapshot
from service.store.feed import Filters
from service.store.log import Log
from service.store.pool import Connection
from service.store.readers import Need, Reader
from service.store.reads import Stored

UNUSABLE = {
    "known_at": "its known part lies in the future: nothing can be known of it yet",
    "known_position": "nothing was known then, so no day follows from it: give its valid part",
    "reported_by": "its reported part lies in the future: nothing can be known of it yet",
}


class Differing(msgspec.Struct, frozen=True, kw_only=True):
    """Two points of one relationship, and how their answers are told."""

    from_: When
    to: When
    lang: str = "en"
    criteria: Criteria = Criteria()
    most: int
    """How many each list holds."""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What differs, the points it stands on, and the seconds that went into it."""

    changes: Changes
    before: Standpoint
    after: Standpoint
    asking: float
    folding: float


class Because(msgspec.Struct, frozen=True, kw_only=True):
    """Why one answer followed another."""

    events: tuple[Stored, ...]
    """The last, by position."""
    times: tuple[TimeCause, ...]
    more: bool
    """There are more than are listed."""


class _Found(msgspec.Struct, frozen=True):
    changes: Changes
    stored: Sequence[Stored]
    """What its causes are among."""
    folding: float


async def changes(log: Log, ledger: str, relationship: str, asked: Differing) -> Compared:
    """Raises as ``stand`` does, of `from` or `to`; and Merged, where the later known of the points was after that."""
    need = needed(asked.from_) | needed(asked.to)
    return await log.ask(ledger, need, lambda reader: _changes(reader, ledger, relationship, asked))


async def _changes(log: Reader, ledger: str, relationship: str, asked: Differing) -> Compared:
    begun = time.perf_counter()
    await log.types(ledger)
    async with log.connection() as connection, snapshot(connection):
        after = await _stand(connection, ledger, "to", asked.to, relationship)
        before = await _stand(connection, ledger, "from", asked.from_, relationship, after.head.now)
        # The other point may have been before a merge, or before one was taken back: it is asked what it was then.
        newest = max((after, before), key=lambda one: one.as_of.position)
        if (survivor := newest.aliases.relationship(relationship)) != relationship:
            raise Merged(survivor)
        if (name := before.aliases.relationship(relationship)) != relationship:
            before = await _stand(connection, ledger, "from", asked.from_, name, after.head.now)
        if (name := after.aliases.relationship(relationship)) != relationship:
            after = await _stand(connection, ledger, "to", asked.to, name, after.head.now)
        found = await _compared(log, connection, ledger, relationship, (before, after), asked)
    return Compared(
        changes=found.changes,
        before=before,
        after=after,
        asking=time.perf_counter() - begun - found.folding,
        folding=found.folding,
    )


async def causes_between(
    log: Log, ledger: str, relationship: str, points: tuple[Standpoint, Standpoint], asked: Differing
) -> Because:
    """Why the state of one point is not that of the other; both are resolved already."""
    need = Need(position=max(point.as_of.position for point in points))
    return await log.ask(ledger, need, lambda reader: _causes_between(reader, ledger, relationship, points, asked))


async def _causes_between(
    log: Reader, ledger: str, relationship: str, points: tuple[Standpoint, Standpoint], asked: Differing
) -> Because:
    before, after = points
    async with log.connection() as connection, snapshot(connection):
        found = await _compared(log, connection, ledger, relationship, points, asked)
        told = found.changes.state
        lines = (*told.added, *told.changed, *told.removed)
        causes = {cause for line in lines for cause in line.causes}
        positions = {cause.position for cause in causes if isinstance(cause, EventCause)}
        events = {one.recorded.position: one for one in found.stored if one.recorded.position in positions}
        if not causes:  # a count alone is another, by what touched it
            after_, until = sorted((before.as_of.position, after.as_of.position))
            page = await feed.page(connection, ledger, after_, MOST_CAUSES, Filters(relationship=relationship))
            events = {one.position: one.stored for one in page.events if one.position <= until}
    times = sorted((cause for cause in causes if isinstance(cause, TimeCause)), key=lambda one: (one.at, one.claim))
    return Because(
        events=tuple(events[position] for position in sorted(events)[-MOST_CAUSES:]),
        times=tuple(times[:MOST_CAUSES]),
        more=max(len(events), len(times)) > MOST_CAUSES or any(line.more_causes for line in lines),
    )


async def _compared(
    log: Reader,
    connection: Connection,
    ledger: str,
    relationship: str,
    points: tuple[Standpoint, Standpoint],
    asked: Differing,
) -> _Found:
    remembered = Remembered()  # by the other of the two points
    before, after = [
        await ask_at(
            log, connection, ledger, at.aliases.relationship(relationship), at, asked.lang, asked.criteria, remembered
        )
        for at in points
    ]
    begun = time.perf_counter()
    made = remembered.past(ledger, points[0].head).made(after.types) if before.types is after.types else None
    comparison = Comparison(before, after, asked.most, made)
    folded = time.perf_counter()
    earlier, later = sorted(at.as_of.position for at in points)
    stored = await reads.events_of_claims(connection, ledger, sorted(comparison.wanted), later)
    merges: list[Stored] = []
    if comparison.merged_differently:
        generation = points[0].head.generation
        merges = await merges_between(connection, ledger, generation, earlier, later, MOST_CAUSES + 1)
    read = time.perf_counter()
    histories: dict[str, list[Recorded]] = {}
    for one in stored:
        histories.setdefault(one.recorded.claim, []).append(one.recorded)
    changes = comparison.answer(histories, (one.recorded for one in merges))
    if changes.relationship != relationship:
        changes = msgspec.structs.replace(changes, relationship=relationship)
    return _Found(changes, [*stored, *merges], folded - begun + time.perf_counter() - read)


async def _stand(
    connection: Connection, ledger: str, side: str, when: When, relationship: str, now: int | None = None
) -> Standpoint:
    try:
        return await stand(connection, ledger, when, relationship, now=now)
    except UnusablePoint as error:
        raise UnusablePoint(side, f"`{side}`: {UNUSABLE[error.parameter]}") from None
