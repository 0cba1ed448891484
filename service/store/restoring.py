"""A ledger made again from its export, word for word: positions, times, ids, bytes; all of it in one transaction.

What an export says beside the events' own bytes (bounds, revisions) is judged by the whole ledger being verified before
anything is committed.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
from msgspec import UNSET

from service.domain.actors import Slug
from service.domain.events import Event, Statement, action_of
from service.store.exported import Line, NotAnExport, Opening
from service.store.ledgers import create_ledger, ledgers
from service.store.pool import Connection
from service.store.reads import head_of
from service.store.standings import CLAIM, Standing, Versions
from service.store.statements import statement
from service.store.verifying import judged

_LEDGER, _HEAD, _RELATIONSHIPS = (
    statement("restore_ledger"),
    statement("restore_head"),
    statement("restore_relationships"),
)
_OWNS = statement("owns_events")
_LOCK, _BY_CLAIM = statement("rebuild_lock_head"), statement("rebuild_events")
_SLICE = 5_000
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_events = msgspec.json.Decoder(Event)
COLUMNS = {
    "events": (
        "ledger", "position", "event_id", "claim", "action", "type", "recorded_at", "recorded_by", "content",
        "starts_earliest", "starts_latest", "ends_earliest", "ends_latest", "members", "reported_earliest",
        "reported_latest", "revisions",
    ),
    "batches": ("ledger", "last_position", "first_position", "recorded_at", "digest"),
    "memberships": ("ledger", "relationship", "revision", "position", "claim"),
    "parties": ("ledger", "actor", "position", "role"),
    "claims": ("ledger", "claim", *CLAIM),
    "claim_versions": (
        "ledger", "generation", "timeline", "claim", "from_position", "to_position", "content_position", "type",
        "starts_earliest", "starts_latest", "ends_earliest", "ends_latest", "expectation", "retraction", "fulfilled_by",
        "words",
    ),
    "types": ("ledger", "type", "kind", "title", "schema", "created_at"),
}  # fmt: skip


class CannotRestore(Exception):
    """The ledger is not empty, or what would be there is not sound; nothing was changed."""


class Restored(msgspec.Struct, frozen=True):
    """What was made."""

    ledger: str
    position: int
    digest: str
    restored_from: str


def _silent(what: str, done: int, of: int) -> None:
    """A report to nobody."""


async def restore(
    connection: Connection,
    ledger: str,
    lines: Iterator[Opening | Line],
    *,
    report: Callable[[str, int, int], None] = _silent,
) -> Restored:
    """By the owner, into a ledger that is empty or not there.

    Raises NotAnExport and CannotRestore; then, and cut off anywhere, it leaves what was: it is all one transaction.
    """
    opening = next(lines)
    assert isinstance(opening, Opening)  # noqa: S101 - what is read begins with it
    try:
        msgspec.convert(ledger, Slug)
    except msgspec.ValidationError:
        raise CannotRestore(f"{ledger!r} cannot be the name of a ledger") from None
    if not await connection.fetchval(_OWNS):
        raise CannotRestore("only the database's owner may write word for word: TARIH_OWNER_URL")
    comes_from = f"{opening.ledger} {opening.epoch} {opening.position} sha256:{opening.digest}"
    try:
        async with connection.transaction():
            await _prepare(connection, ledger, opening)
            last = await _log(connection, ledger, opening, lines, report)
            at = None if last is None else _instant(last)
            digest = bytes.fromhex(opening.digest)
            await connection.execute(_HEAD, ledger, opening.position, at, digest, uuid4(), comes_from)
            await _derived(connection, ledger)
            await connection.execute(_RELATIONSHIPS, ledger)
            verdict = await judged(connection, ledger, lambda done, of: report("verifying", done, of))
            if not verdict.clean:
                found = "; ".join(list(verdict.lines())[:5])
                raise CannotRestore(f"the ledger would not be sound: {found}")
    except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError, asyncpg.InternalServerError) as error:
        # The last is what a cluster makes of the first, where one of its nodes refuses what is copied.
        raise CannotRestore(f"the database does not take it: {error}") from None
    await connection.execute("SELECT tarih.refresh_statistics()")
    return Restored(ledger, opening.position, opening.digest, comes_from)


async def _prepare(connection: Connection, ledger: str, opening: Opening) -> None:
    if not await ledgers(connection, ledger):
        await create_ledger(connection, ledger, opening.title, public_read=opening.public_read)
    await connection.fetchval(_LOCK, ledger)
    head = await head_of(connection, ledger)
    if head.position > 0:
        raise CannotRestore(
            f"the ledger `{ledger}` holds {head.position} events; word for word only an empty one is filled"
        )
    if await connection.fetchval("SELECT EXISTS (SELECT FROM tarih.types WHERE ledger = $1)", ledger):
        raise CannotRestore(f"the ledger `{ledger}` has types of its own; word for word only an empty one is filled")
    await connection.execute(_LEDGER, ledger, opening.title, opening.public_read, opening.created_at)
    types = [(ledger, t.type, t.kind, t.title, t.schema, _instant(t.created_at)) for t in opening.types]
    await _copy(connection, "types", types)


async def _log(
    connection: Connection,
    ledger: str,
    opening: Opening,
    lines: Iterator[Opening | Line],
    report: Callable[[str, int, int], None],
) -> int | None:
    """The events and what lists them; when the last one was recorded."""
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in ("events", "batches", "memberships", "parties")}
    first, last = 1, None
    for line in lines:
        assert isinstance(line, Line)  # noqa: S101 - only the first one is none
        event = _event(line)
        at = _instant(line.recorded_at)
        bounds = line.bounds or (None,) * 4
        reported = line.reported or (None, None)
        revisions = msgspec.json.encode(line.revisions).decode()
        type_ = event.type if isinstance(event, Statement) else None
        rows["events"].append(
            (
                ledger, line.position, line.id, event.claim, action_of(event), type_, at, line.recorded_by,
                bytes(line.event).decode(), *bounds, None if line.members is None else list(line.members), *reported,
                revisions,
            )
        )  # fmt: skip
        rows["memberships"] += [
            (ledger, relationship, revision, line.position, event.claim)
            for relationship, revision in line.revisions.items()
        ]
        if isinstance(event, Statement):
            rows["parties"] += [(ledger, party.actor, line.position, party.role) for party in event.parties]
        if line.digest is not UNSET:
            rows["batches"].append((ledger, line.position, first, at, bytes.fromhex(line.digest)))
            first = line.position + 1
        last = line.recorded_at
        if len(rows["events"]) >= _SLICE:
            await _flush(connection, rows)
            report("restoring", line.position, opening.position)
    await _flush(connection, rows)
    return last


def _event(line: Line) -> Event:
    try:
        event: Event = _events.decode(line.event)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotAnExport(f"position {line.position} holds no event: {error}") from None
    if event.claim is None:
        raise NotAnExport(f"position {line.position} names no claim")
    return event


async def _flush(connection: Connection, rows: dict[str, list[tuple[Any, ...]]]) -> None:
    for table, some in rows.items():
        await _copy(connection, table, some)
        some.clear()


async def _copy(connection: Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        await connection.copy_records_to_table(table, schema_name="tarih", columns=COLUMNS[table], records=rows)


async def _derived(connection: Connection, ledger: str) -> None:
    """Claims and their versions, from the events, claim by claim."""
    generation = (await head_of(connection, ledger)).generation
    versions = Versions(ledger, generation)
    await connection.execute("SET LOCAL cursor_tuple_fraction = 1")
    cursor = await connection.cursor(_BY_CLAIM, ledger)
    while rows := await cursor.fetch(_SLICE):
        for row in rows:
            versions.read(row)
        await _store(connection, ledger, versions)
    versions.end()
    await _store(connection, ledger, versions)


async def _store(connection: Connection, ledger: str, versions: Versions) -> None:
    await _copy(connection, "claim_versions", versions.done)
    claims = [(ledger, claim, *_row(standing)) for claim, standing, _ in versions.claims if standing is not None]
    await _copy(connection, "claims", claims)
    versions.done.clear()
    versions.claims.clear()


def _row(standing: Standing) -> tuple[Any, ...]:
    *others, words, timelines, merged = standing.row()
    return *others, msgspec.json.encode(words).decode(), list(timelines), merged


def _instant(micros: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(microseconds=micros)
