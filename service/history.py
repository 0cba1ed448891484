"""The verbs: record, and answer as of a point; each is one walk down to the store and one back; add questions here."""

from collections.abc import AsyncIterator, Iterable, Sequence

import msgspec
import uuid_utils

from service.domain.as_of import AsOf, Point
from service.domain.batches import read_batch
from service.domain.claims import Claim, Folded, Omitted, fold
from service.domain.names import Actors, actors_of
from service.domain.reading import read_events, relationships_of
from service.domain.refusals import AnotherEpoch, BeyondHead, Invalid, NotFound, Refusal, Unavailable
from service.domain.types import Actor
from service.projections import Question
from service.store import feed, reads
from service.store.appender import Acceptable, Expectation, Receipt, Request
from service.store.feed import FeedEvent, Filters
from service.store.log import Log
from service.store.pool import Connection
from service.store.reads import Head, Retracted, Stored

MOST_PART_OF = 8
"""How many steps up from a unit to its state are followed."""


class UnusablePoint(Refusal):
    """A point that can be read, but that this question cannot stand on."""

    def __init__(self, parameter: str, detail: str) -> None:
        super().__init__(detail)
        self.parameter = parameter


class When(msgspec.Struct, frozen=True, kw_only=True):
    """The points a question gives; what is left out has its default."""

    valid: Point | None = None
    known: Point | None = None
    position: int | None = None
    reported: Point | None = None


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


class Standpoint(msgspec.Struct, frozen=True):
    """Where an answer stands, and what the ledger was when it was given."""

    as_of: AsOf
    head: Head


async def record(
    log: Log,
    ledger: str,
    items: Sequence[bytes],
    *,
    by: str,
    scope: str | None = None,
    expectations: Sequence[Expectation] = (),
    idempotency_key: str | None = None,
    fingerprint: bytes | None = None,
    dry_run: bool = False,
) -> Receipt | Acceptable:
    """Records the events as one batch. Raises Refusal; then nothing is recorded.

    A request that repeats an idempotency key of this writer with the same fingerprint gets the first one's receipt,
    whose events may have other ids than this one's would have been given.
    """
    try:
        drafts = read_events(items, await log.types(ledger), new_id)
    except Invalid as invalid:
        if all(fault.code != "unknown-type" for fault in invalid.faults):
            raise
        drafts = read_events(items, await log.types(ledger, afresh=True), new_id)
    request = Request(
        batch=read_batch(drafts),
        by=by,
        scope=scope,
        expectations=tuple(expectations),
        idempotency_key=idempotency_key,
        fingerprint=fingerprint,
    )
    return await (log.check(ledger, request) if dry_run else log.append(ledger, request))


def new_id() -> str:
    """In the order of time, which keeps the index of ids small."""
    return str(uuid_utils.uuid7())


async def stand(connection: Connection, ledger: str, when: When) -> Standpoint:
    """Resolves the points to one position. Raises NotFound, BeyondHead, UnusablePoint."""
    head = await reads.head_of(connection, ledger)
    reported = _past(when.reported, head.now, "reported_by")
    if when.position is not None:
        if when.known is not None:
            raise UnusablePoint("known_position", "give `known_at` or `known_position`, not both")
        if when.position > head.position:
            raise BeyondHead(when.position, head.position)
        end = await reads.batch_at_position(connection, ledger, when.position)
        if end is None and when.valid is None:
            raise UnusablePoint("known_position", "nothing was known then, so no day follows from it: give `valid_at`")
        known, final = (end.recorded_at if end else None), True
    elif when.known is not None:
        known = _past(when.known, head.now, "known_at")
        assert known is not None  # noqa: S101 - a point was given
        end = await reads.batch_at_time(connection, ledger, known)
        final = head.recorded_at is not None and known <= head.recorded_at
    else:
        known, final = head.now, False
        end = None if head.recorded_at is None else reads.BatchEnd(head.position, head.recorded_at)
    valid = when.valid.at if when.valid is not None else known
    assert valid is not None  # noqa: S101 - only position 0 has no known instant, and it was refused without a valid one
    as_of = AsOf(
        valid=valid,
        known=known,
        position=end.position if end else 0,
        reported=reported,
        final=final,
        pinned=when.position is not None or when.known is not None,
    )
    return Standpoint(as_of, head)


def _past(point: Point | None, now: int, parameter: str) -> int | None:
    """Today's date means now; anything later cannot be known yet."""
    if point is None:
        return None
    cut = point.no_later_than(now)
    if cut is None:
        raise UnusablePoint(parameter, f"`{parameter}` lies in the future: nothing can be known of it yet")
    return cut.at


async def ask(
    log: Log, ledger: str, relationship: str, when: When, *, lang: str = "en", certain_only: bool = False
) -> tuple[Question, Standpoint]:
    """All that a projection of one relationship needs, at one position."""
    types = await log.types(ledger)
    async with log.connection() as connection:
        at = await stand(connection, ledger, when)
        as_of = at.as_of
        if as_of.reported is None:
            folded = await _claims_now(connection, ledger, at, relationship)
        else:
            folded = await _claims_reported(connection, ledger, at, relationship)
        fulfilments = await _fulfilments(connection, ledger, at, folded.claims)
        revision = await reads.revision_at(connection, ledger, relationship, as_of.position)
        actors = await _actors(connection, ledger, at, relationship, folded.claims.values())
    question = Question(
        relationship=relationship,
        as_of=as_of,
        claims=list(folded.claims.values()),
        retracted=list(folded.retracted.values()),
        actors=actors,
        fulfilments=fulfilments,
        omitted=folded.omitted,
        known=bool(folded.claims),
        revision=revision,
        lang=lang,
        certain_only=certain_only,
        types=types,
    )
    return question, at


async def _claims_now(connection: Connection, ledger: str, at: Standpoint, relationship: str) -> Folded:
    """By the versions kept ready: nothing is asked of the reported axis."""
    found = await reads.claims_on_timelines(connection, ledger, at.head.generation, [relationship], at.as_of.position)
    return _folded(found)


def _folded(found: Iterable[Claim | Retracted]) -> Folded:
    claims, retracted = {}, {}
    for one in found:
        if isinstance(one, Retracted):
            retracted[one.claim.id] = one.claim.content
        else:
            claims[one.id] = one
    return Folded(claims, retracted, Omitted())


async def _claims_reported(connection: Connection, ledger: str, at: Standpoint, relationship: str) -> Folded:
    """By the events themselves, cut at the reported day."""
    stored = await reads.events_of_relationship(connection, ledger, relationship, at.as_of.position)
    folded = fold((one.recorded for one in stored), at.as_of.reported)
    here = {id_: claim for id_, claim in folded.claims.items() if relationship in relationships_of(claim.statement)}
    return Folded(here, folded.retracted, folded.omitted)


async def _claims_of(connection: Connection, ledger: str, at: Standpoint, claims: Sequence[str]) -> Folded:
    if at.as_of.reported is None:
        found = await reads.claims_by_id(connection, ledger, at.head.generation, claims, at.as_of.position)
        return _folded(found)
    stored = await reads.events_of_claims(connection, ledger, claims, at.as_of.position)
    return fold((one.recorded for one in stored), at.as_of.reported)


async def _fulfilments(
    connection: Connection, ledger: str, at: Standpoint, claims: dict[str, Claim]
) -> dict[str, Claim]:
    named = {claim.fulfilled_by for claim in claims.values() if claim.fulfilled_by is not None}
    elsewhere = sorted(named - claims.keys())
    found = (await _claims_of(connection, ledger, at, elsewhere)).claims if elsewhere else {}
    return {id_: claim for id_, claim in (claims | found).items() if id_ in named}


async def _actors(
    connection: Connection,
    ledger: str,
    at: Standpoint,
    relationship: str,
    claims: Iterable[Claim],
) -> Actors:
    """What the ledger says of everyone named, and of those they are part of."""
    wanted = set(relationship.split("--"))
    for claim in claims:
        wanted.update(party.actor for party in claim.statement.parties)
    asked: set[str] = set()
    found: dict[str, Claim] = {}
    for _ in range(MOST_PART_OF):
        if not wanted - asked:
            break
        ask_now, asked = sorted(wanted - asked), asked | wanted
        rows = await reads.claims_on_timelines(
            connection, ledger, at.head.generation, ask_now, at.as_of.position, "actor"
        )
        for one in rows:
            if isinstance(one, Claim):
                found[one.id] = one
                data = msgspec.json.decode(one.statement.data or b"{}", type=Actor)
                wanted |= {data.part_of} if data.part_of is not None else set()
    return actors_of(found.values())


async def event(log: Log, ledger: str, event_id: str) -> Stored:
    """Raises NotFound."""
    async with log.connection() as connection:
        stored = await reads.event_by_id(connection, ledger, event_id)
    if stored is None:
        raise NotFound("event", f"there is no event `{event_id}` in this ledger")
    return stored


async def claim_at(log: Log, ledger: str, claim_id: str, when: When) -> tuple[Claim | Retracted, Standpoint]:
    """Raises NotFound where nothing was known of it at that point."""
    async with log.connection() as connection:
        at = await stand(connection, ledger, when)
        if at.as_of.reported is None:
            found = await reads.claims_by_id(connection, ledger, at.head.generation, [claim_id], at.as_of.position)
            if found:
                return found[0], at
        else:
            history = await reads.events_of_claims(connection, ledger, [claim_id], at.as_of.position)
            folded = fold((one.recorded for one in history), at.as_of.reported)
            if claim_id in folded.claims:
                return folded.claims[claim_id], at
            if claim_id in folded.retracted:
                without = [
                    one.recorded for one in history if one.recorded.position < folded.retracted[claim_id].position
                ]
                before = fold(without, at.as_of.reported).claims.get(claim_id)
                if before is not None:
                    return Retracted(before, folded.retracted[claim_id].position), at
    raise NotFound("claim", f"no claim `{claim_id}` was known at that point")


async def claim_history(log: Log, ledger: str, claim_id: str, when: When) -> tuple[list[Stored], Standpoint]:
    """Every event that acted on it, in order; raises NotFound where none had."""
    async with log.connection() as connection:
        at = await stand(connection, ledger, when)
        stored = await reads.events_of_claims(connection, ledger, [claim_id], at.as_of.position)
    if not stored:
        raise NotFound("claim", f"no claim `{claim_id}` was known at that point")
    return stored, at


async def feed_from(log: Log, ledger: str, after: Place) -> Head:
    """Where the ledger stands, if ``after`` is a place in it. Raises NotFound, AnotherEpoch, BeyondHead."""
    async with log.connection() as connection:
        return await _feed_from(connection, ledger, after)


async def _feed_from(connection: Connection, ledger: str, after: Place) -> Head:
    head = await reads.head_of(connection, ledger)
    if after.epoch is not None and not head.epoch.hex.startswith(after.epoch):
        raise AnotherEpoch(after.epoch, head.position)
    if after.position > head.position:
        if after.epoch is not None:  # it was there: this database only lags behind the one that said so
            raise Unavailable(f"this database has come to {head.position}, not yet to {after.position}")
        raise BeyondHead(after.position, head.position)
    return head


async def feed_page(log: Log, ledger: str, after: Place, limit: int, filters: Filters) -> FedPage:
    """At most ``limit`` events. Raises as ``feed_from`` does."""
    async with log.connection() as connection:
        head = await _feed_from(connection, ledger, after)
        found = await feed.page(connection, ledger, after.position, limit, filters)
    stopped = len(found.events) == limit
    stopped |= filters.need_content and found.through - after.position >= feed.MOST_SCANNED
    more = stopped and found.through < head.position
    return FedPage(found.events, found.through if more else max(found.through, head.position), more, head)


async def feed_export(
    log: Log, ledger: str, after: int, head: int, filters: Filters
) -> AsyncIterator[Sequence[FeedEvent]]:
    """Everything after ``after`` up to ``head``, some at a time; no connection is kept between. Raises Unavailable."""
    while after < head:
        async with log.connection() as connection:
            found = await feed.page(connection, ledger, after, feed.PAGE, filters)
        # Where the look brought nothing new, nothing more of this relationship stands below the head.
        after = head if found.through == after else found.through
        yield [event for event in found.events if event.position <= head]
