"""A ledger written out whole, as it stood at one position, while others read and append."""

import hashlib
from collections.abc import AsyncIterator, Callable

import asyncpg
import msgspec
from msgspec import UNSET

from service.domain.refusals import NotFound
from service.store.exported import FORM, Line, Opening, OwnType, closed
from service.store.ledgers import ledgers
from service.store.pool import Connection
from service.store.statements import statement

_EVENTS, _TYPES = statement("export_events"), statement("export_types")
_SLICE = 2_000
_revisions = msgspec.json.Decoder(dict[str, int])


def _silent(done: int, of: int) -> None:
    """A report to nobody."""


async def export(
    connection: Connection, ledger: str, *, report: Callable[[int, int], None] = _silent
) -> AsyncIterator[bytes]:
    """The bytes, some at a time. Raises NotFound.

    Events never change, so that no transaction is held; keys, idempotency keys and derived rows are not in it.
    """
    if not (there := await ledgers(connection, ledger)):
        raise NotFound("ledger", f"there is no ledger `{ledger}`")
    [found] = there
    opening = Opening(
        tarih_export=FORM,
        ledger=found.name,
        title=found.title,
        public_read=found.public_read,
        created_at=found.created_at,
        epoch=str(found.epoch),
        position=found.position,
        digest=found.digest.hex(),
        types=tuple(
            OwnType(
                type=row["type"],
                kind=row["kind"],
                title=row["title"],
                schema=row["schema"],
                created_at=row["created_us"],
            )
            for row in await connection.fetch(_TYPES, ledger)
        ),
    )
    whole, after = hashlib.sha256(), 0
    chunk = msgspec.json.encode(opening) + b"\n"
    while True:
        whole.update(chunk)
        yield chunk
        rows = await connection.fetch(_EVENTS, ledger, after, found.position, _SLICE)
        if not rows:
            break
        chunk = b"".join(msgspec.json.encode(_line(row)) + b"\n" for row in rows)
        after = rows[-1]["position"]
        report(after, found.position)
    yield closed(found.position, whole.hexdigest())


def _line(row: asyncpg.Record) -> Line:
    bounds = (row["starts_earliest"], row["starts_latest"], row["ends_earliest"], row["ends_latest"])
    return Line(
        position=row["position"],
        id=row["event_id"],
        recorded_at=row["recorded_us"],
        recorded_by=row["recorded_by"],
        event=msgspec.Raw(row["content"].encode()),
        bounds=None if bounds[0] is None else bounds,
        members=None if row["members"] is None else tuple(row["members"]),
        reported=None if row["reported_latest"] is None else (row["reported_earliest"], row["reported_latest"]),
        revisions=_revisions.decode(row["revisions"]),
        digest=UNSET if row["digest"] is None else row["digest"].hex(),
    )
