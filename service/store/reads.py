"""Questions to the log, answered as values of the domain at one position; each is a statement in ``sql/``."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import asyncpg
import msgspec

from service.domain.claims import Claim, Recorded, Word
from service.domain.edtf import Bounds, Span
from service.domain.events import Event
from service.domain.refusals import NotFound
from service.store.pool import Connection
from service.store.statements import statement

_HEAD = statement("head")
_BATCH_AT_TIME, _BATCH_AT_POSITION = statement("batch_at_time"), statement("batch_at_position")
_REVISION_AT = statement("revision_at")
_CLAIMS_ON_TIMELINES, _CLAIMS_BY_ID = statement("claims_on_timelines"), statement("claims_by_id")
_EVENTS_OF_RELATIONSHIP, _EVENTS_OF_CLAIMS = statement("events_of_relationship"), statement("events_of_claims")
_EVENT_BY_ID = statement("event_by_id")
_events = msgspec.json.Decoder(Event)
_words = msgspec.json.Decoder(dict[str, tuple[str, int]])


class Head(msgspec.Struct, frozen=True):
    """Where a ledger stands; instants in µs."""

    position: int
    recorded_at: int | None
    digest: bytes
    generation: int
    epoch: UUID
    now: int
    """The later of the database's clock and the last recorded instant."""


class BatchEnd(msgspec.Struct, frozen=True):
    """The end of a batch: the only places at which a ledger can be known."""

    position: int
    recorded_at: int


class Retracted(msgspec.Struct, frozen=True):
    """A claim that is taken back at the point asked for, with the content it had and the position that took it."""

    claim: Claim
    retraction: int


class Stored(msgspec.Struct, frozen=True):
    """An event with the bytes of its content and the revisions it made."""

    recorded: Recorded
    content: str
    revisions: dict[str, int]


async def head_of(connection: Connection, ledger: str) -> Head:
    """Raises NotFound."""
    row = await connection.fetchrow(_HEAD, ledger)
    if row is None:
        raise NotFound("ledger", f"there is no ledger `{ledger}`")
    return Head(
        row["position"],
        row["recorded_us"],
        row["digest"],
        row["generation"],
        row["epoch"],
        max(row["clock_us"], row["recorded_us"] or 0),
    )


async def batch_at_time(connection: Connection, ledger: str, instant: int) -> BatchEnd | None:
    return _batch_end(await connection.fetchrow(_BATCH_AT_TIME, ledger, instant))


async def batch_at_position(connection: Connection, ledger: str, position: int) -> BatchEnd | None:
    return _batch_end(await connection.fetchrow(_BATCH_AT_POSITION, ledger, position))


def _batch_end(row: asyncpg.Record | None) -> BatchEnd | None:
    return None if row is None else BatchEnd(row["last_position"], row["recorded_us"])


async def revision_at(connection: Connection, ledger: str, relationship: str, position: int) -> int:
    """0 where nothing had touched it."""
    revision: int | None = await connection.fetchval(_REVISION_AT, ledger, relationship, position)
    return revision or 0


async def claims_on_timelines(
    connection: Connection,
    ledger: str,
    generation: int,
    timelines: Iterable[str],
    position: int,
    type_: str | None = None,
) -> list[Claim | Retracted]:
    rows = await connection.fetch(_CLAIMS_ON_TIMELINES, ledger, generation, list(timelines), position, type_)
    return [_claim(row) for row in rows]


async def claims_by_id(
    connection: Connection, ledger: str, generation: int, claims: Iterable[str], position: int
) -> list[Claim | Retracted]:
    rows = await connection.fetch(_CLAIMS_BY_ID, ledger, generation, list(claims), position, None)
    return [_claim(row) for row in rows]


async def events_of_relationship(connection: Connection, ledger: str, relationship: str, position: int) -> list[Stored]:
    rows = await connection.fetch(_EVENTS_OF_RELATIONSHIP, ledger, relationship, position)
    return [stored(row) for row in rows]


async def events_of_claims(connection: Connection, ledger: str, claims: Iterable[str], position: int) -> list[Stored]:
    rows = await connection.fetch(_EVENTS_OF_CLAIMS, ledger, list(claims), position)
    return [stored(row) for row in rows]


async def event_by_id(connection: Connection, ledger: str, event_id: str) -> Stored | None:
    row = await connection.fetchrow(_EVENT_BY_ID, ledger, event_id)
    return None if row is None else stored(row)


def event_of(content: str) -> Event:
    event: Event = _events.decode(content)
    return event


def stored(row: asyncpg.Record) -> Stored:
    return Stored(_recorded(row, row["claim"]), row["content"], msgspec.json.decode(row["revisions"]))


def _claim(row: asyncpg.Record) -> Claim | Retracted:
    words = [
        Word(publisher, "confirm" if action == "confirm" else "deny", position)
        for publisher, (action, position) in _words.decode(row["words"]).items()
    ]
    claim = Claim(
        id=row["claim"],
        content=_recorded(row, row["claim"]),
        expectation=row["expectation"],
        words=tuple(sorted(words, key=lambda word: (word.position, word.publisher))),
        fulfilled_by=row["fulfilled_by"],
    )
    return claim if row["retraction"] is None else Retracted(claim, row["retraction"])


def _recorded(row: asyncpg.Record, claim: str) -> Recorded:
    edges: Sequence[int] = row["members"] or ()
    return Recorded(
        position=row["position"],
        recorded_at=row["recorded_us"],
        id=row["event_id"],
        claim=claim,
        event=event_of(row["content"]),
        bounds=None
        if row["starts_earliest"] is None
        else Bounds(row["starts_earliest"], row["starts_latest"], row["ends_earliest"], row["ends_latest"]),
        members=tuple(Span(*edges[i : i + 2]) for i in range(0, len(edges), 2)),
        reported=None if row["reported_latest"] is None else Span(row["reported_earliest"], row["reported_latest"]),
        recorded_by=row["recorded_by"],
    )
