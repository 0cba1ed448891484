"""Ledgers, their own types, and their epochs."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import msgspec

from service.domain.types import EventType
from service.store.pool import Connection
from service.store.statements import statement

_LEDGER, _READABLE, _COUNTS = statement("ledger"), statement("ledgers_readable"), statement("ledger_counts")
_STANDING, _HEADS = statement("standing"), statement("heads")
_CREATE_LEDGER, _CREATE_HEAD, _IDENTITY = (
    statement("create_ledger"),
    statement("create_head"),
    statement("server_identity"),
)
_STRANGERS, _NEW_EPOCH = statement("ledgers_of_another_server"), statement("new_epoch")
_TYPES, _CREATE_TYPE = statement("types"), statement("create_type")
FIRST_DIGEST = bytes(32)
"""The digest before any event: each batch's is SHA-256 over the one before it and the batch."""


class Ledger(msgspec.Struct, frozen=True):
    """A ledger, and where it stands; instants in µs."""

    name: str
    title: str
    public_read: bool
    created_at: int
    position: int
    recorded_at: int | None
    digest: bytes
    epoch: UUID
    restored_from: str | None = None
    """Of one alone: the ledger, epoch, position and digest of the export that it was made from."""


class Standing(msgspec.Struct, frozen=True):
    """All of them together."""

    ledgers: int
    positions: int
    """The sum of their heads'."""
    clock_behind: float
    """Seconds by which the database's clock lies behind the last recorded instant of any; mostly less than 0."""


async def ledgers(connection: Connection, name: str) -> list[Ledger]:
    """The one of that name, or none."""
    return [Ledger(*row.values()) for row in await connection.fetch(_LEDGER, name)]


async def readable_ledgers(
    connection: Connection, names: Sequence[str] | None, *, after: str, limit: int
) -> list[Ledger]:
    """By name: the public ones and those of these names (None for all), after one name."""
    return [Ledger(*row.values()) for row in await connection.fetch(_READABLE, names, after, limit)]


async def counts(connection: Connection, name: str) -> tuple[int, int]:
    """How many relationships and claims."""
    row = await connection.fetchrow(_COUNTS, name)
    return (row["relationships"], row["claims"]) if row is not None else (0, 0)


async def standing(connection: Connection) -> Standing:
    row = await connection.fetchrow(_STANDING)
    assert row is not None, "a sum always gives a row"  # noqa: S101
    return Standing(*row.values())


async def positions(connection: Connection, names: Sequence[str]) -> dict[str, int]:
    """Where these stand; those that are not there are left out."""
    return {row["ledger"]: row["position"] for row in await connection.fetch(_HEADS, names)}


async def create_ledger(connection: Connection, name: str, title: str, *, public_read: bool) -> bool:
    """Makes it, or gives an existing one this title and access; True if it is new."""
    identity = await connection.fetchrow(_IDENTITY)
    assert identity is not None, "both functions always give a row"  # noqa: S101
    async with connection.transaction():
        made = await connection.execute(
            _CREATE_HEAD, name, FIRST_DIGEST, uuid4(), identity["system_identifier"], identity["timeline"]
        )
        await connection.execute(_CREATE_LEDGER, name, title, public_read)
    return made == "INSERT 0 1"


async def renew_epochs(connection: Connection) -> list[str]:
    """Gives every ledger that came from another server, or from this one's past, a new epoch; returns their names.

    A replica keeps those of the server that it follows.
    """
    identity = await connection.fetchrow(_IDENTITY)
    assert identity is not None, "both functions always give a row"  # noqa: S101
    if identity["replays"]:
        return []
    server = identity["system_identifier"], identity["timeline"]
    names = [row["ledger"] for row in await connection.fetch(_STRANGERS, *server)]
    for name in names:
        await connection.execute(_NEW_EPOCH, name, uuid4(), *server)
    return names


async def own_types(connection: Connection, ledger: str) -> dict[str, EventType]:
    return {
        row["type"]: EventType(row["type"], row["kind"], row["title"], schema=row["schema"])
        for row in await connection.fetch(_TYPES, ledger)
    }


async def create_type(connection: Connection, ledger: str, type_: EventType) -> bool:
    """False where the ledger has a type of that name already; types are never changed."""
    made = await connection.execute(_CREATE_TYPE, ledger, type_.name, type_.kind, type_.title, type_.schema)
    return made == "INSERT 0 1"
