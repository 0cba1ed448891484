"""Questions to the log, answered as values of the domain at one position; each is a statement in ``sql/``."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import asyncpg
import msgspec
from msgspec import UNSET
from msgspec.structs import force_setattr

from service.domain.claims import Claim, Recorded, Word
from service.domain.edtf import BEGINNING, FOREVER, Bounds, Span
from service.domain.events import Event, Statement
from service.domain.refusals import NotFound
from service.store.pool import Connection
from service.store.statements import statement

_HEAD = statement("head")
_POINT, _TOUCHED, _MERGES = statement("point"), statement("touched"), statement("merges")
_CLAIMS_ON_TIMELINES, _CLAIMS_BY_ID = statement("claims_on_timelines"), statement("claims_by_id")
_CLAIMS_AT, _BATCH_WITH = statement("claims_at"), statement("batch_with")
_EVENTS_OF_RELATIONSHIPS, _EVENTS_OF_CLAIMS = statement("events_of_relationships"), statement("events_of_claims")
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


class Touched(msgspec.Struct, frozen=True):
    """How often a relationship had been touched, and where last; zeros where never."""

    revision: int = 0
    position: int = 0


class PointFound(msgspec.Struct, frozen=True, kw_only=True):
    """A ledger, and one point in it; positions are 0 where there is none by then."""

    head: Head
    end: BatchEnd | None
    revision: int
    touched: int
    described: int
    """Where a claim of type `actor` last changed."""
    merged: int
    """Where a merge of actors last changed."""
    since: int
    """The end of the batch that holds the last of these three."""


class Placed(msgspec.Struct, frozen=True):
    """A claim as it stands, without its content."""

    claim: str
    position: int
    """Of the content."""
    expectation: bool
    fulfilled_by: str | None
    words: tuple[Word, ...]
    updated: int | None = None
    """When the last event on it was recorded, in µs; None where that is its content, or was not asked for."""
    touched: int = 0
    """The position of that event, where it was asked for."""
    retraction: int | None = None
    """The position of what withdrew it, where such claims were asked for too."""

    def claimed(self, content: Recorded) -> Claim:
        return Claim(
            id=self.claim,
            content=content,
            expectation=self.expectation,
            words=self.words,
            fulfilled_by=self.fulfilled_by,
        )


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """Of the claims neither so at an instant nor expectations: when the last ceased, and when the next begins."""

    others: bool
    """Whether there are any."""
    ceased: int
    begins: int
    retracted: int
    """How many claims are retracted, whatever their dates."""


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
    return _head(row)


def _head(row: asyncpg.Record) -> Head:
    recorded = row["recorded_us"]
    now = max(row["clock_us"], recorded or 0)
    return Head(row["position"], recorded, row["digest"], row["generation"], row["epoch"], now)


async def point(
    connection: Connection, ledger: str, known: int | None, position: int | None, relationship: str | None
) -> PointFound:
    """The last batch by a known instant in µs, by a position, or by now. Raises NotFound."""
    row = await connection.fetchrow(_POINT, ledger, known, position, relationship)
    if row is None:
        raise NotFound("ledger", f"there is no ledger `{ledger}`")
    return PointFound(
        head=_head(row),
        end=None if row["known_position"] is None else BatchEnd(row["known_position"], row["known_us"]),
        revision=row["revision"],
        touched=row["touched"],
        described=row["described"],
        merged=row["merged"],
        since=row["since"],
    )


async def touched(connection: Connection, ledger: str, relationship: str, position: int) -> Touched:
    row = await connection.fetchrow(_TOUCHED, ledger, relationship, position)
    return Touched() if row is None else Touched(row["revision"], row["position"])


async def merges(connection: Connection, ledger: str, generation: int, position: int) -> dict[str, str]:
    """Who is merged into whom, by the slug that was given up."""
    rows = await connection.fetch(_MERGES, ledger, generation, position)
    return {row["merged"]: row["survivor"] for row in rows}


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


async def claims_at(
    connection: Connection, ledger: str, generation: int, timelines: Sequence[str], position: int, valid: int
) -> tuple[Sequence[Placed], Around]:
    """Those that were so at ``valid``, certainly or possibly, and expectations, none retracted; and of the others."""
    *here, around = await connection.fetch(_CLAIMS_AT, ledger, generation, timelines, position, valid)
    found = {
        claim: Placed(claim, content, expectation, by, words_of(words))
        for claim, content, expectation, by, words, *_ in here
    }
    ceased, begins = around["ceased"], around["begins"]
    return sorted(found.values(), key=lambda placed: placed.claim), Around(
        others=around["others"] > 0,
        ceased=BEGINNING if ceased is None else ceased,
        begins=FOREVER if begins is None else begins,
        retracted=around["retracted"],
    )


async def batch_with(connection: Connection, ledger: str, position: int) -> int:
    """The last position of the batch that holds ``position``, which is in the ledger."""
    last: int = await connection.fetchval(_BATCH_WITH, ledger, position)
    return last


async def events_of_relationships(
    connection: Connection, ledger: str, relationships: Sequence[str], position: int
) -> list[Stored]:
    """Every event by then on a claim that ever belonged to one of them, in order."""
    rows = await connection.fetch(_EVENTS_OF_RELATIONSHIPS, ledger, relationships, position)
    return [stored(row) for row in rows]


async def events_of_claims(connection: Connection, ledger: str, claims: Iterable[str], position: int) -> list[Stored]:
    rows = await connection.fetch(_EVENTS_OF_CLAIMS, ledger, list(claims), position)
    return [stored(row) for row in rows]


async def event_by_id(connection: Connection, ledger: str, event_id: str) -> Stored | None:
    row = await connection.fetchrow(_EVENT_BY_ID, ledger, event_id)
    return None if row is None else stored(row)


def event_of(content: str) -> Event:
    event: Event = _events.decode(content)
    if isinstance(event, Statement) and event.data is not UNSET:
        force_setattr(event, "data", event.data.copy())  # else all of the content would be kept for it
    return event


def stored(row: asyncpg.Record) -> Stored:
    return Stored(recorded(row, row["claim"]), row["content"], msgspec.json.decode(row["revisions"]))


def _claim(row: asyncpg.Record) -> Claim | Retracted:
    claim = standing(row)
    return claim if row["retraction"] is None else Retracted(claim, row["retraction"])


def standing(row: asyncpg.Record) -> Claim:
    return Claim(
        id=row["claim"],
        content=recorded(row, row["claim"]),
        expectation=row["expectation"],
        words=words_of(row["words"]),
        fulfilled_by=row["fulfilled_by"],
    )


def words_of(kept: str) -> tuple[Word, ...]:
    """By position."""
    if kept == "{}":
        return ()
    words = [
        Word(publisher, "confirm" if action == "confirm" else "deny", position)
        for publisher, (action, position) in _words.decode(kept).items()
    ]
    return tuple(sorted(words, key=lambda word: (word.position, word.publisher)))


def recorded(row: asyncpg.Record, claim: str) -> Recorded:
    """From a row with the columns of an event."""
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
