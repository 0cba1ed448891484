"""Versions of a relationship, looked up and listed; a new question is a statement in ``sql/`` and a function here."""

from typing import Any

import msgspec

from service.domain.versions import Merge, Reach, Version
from service.store.pool import Connection
from service.store.statements import statement

_AFTER, _BEFORE = statement("versions_after"), statement("version_before")
_MERGES = statement("merges_through_time")


class Listed(msgspec.Struct, frozen=True):
    """Versions one after another, and whether there may be more of them."""

    versions: tuple[Version, ...] = ()
    full: bool = False
    """As much was looked at as could be."""


async def after(connection: Connection, ledger: str, reach: Reach, position: int, until: int, most: int) -> Listed:
    """Those after ``position`` up to ``until``, both ends of batches or 0; ``most`` touches of it are looked at."""
    rows = await connection.fetch(_AFTER, *_reached(ledger, reach), position, until, most)
    found = tuple(Version(row["position"], row["first"], row["recorded_us"]) for row in rows)
    return Listed(found, sum(row["touches"] for row in rows) >= most)


async def before(connection: Connection, ledger: str, reach: Reach, position: int) -> Version | None:
    """The last one by ``position``, the end of a batch or 0."""
    row = await connection.fetchrow(_BEFORE, *_reached(ledger, reach), position)
    return None if row is None else Version(row["position"], row["first"], row["recorded_us"])


async def merges(connection: Connection, ledger: str, generation: int, position: int) -> list[Merge]:
    """All by ``position``, also those that were undone since."""
    rows = await connection.fetch(_MERGES, ledger, generation, position)
    return [Merge(row["merged"], row["survivor"], row["from_position"], row["to_position"]) for row in rows]


def _reached(ledger: str, reach: Reach) -> tuple[Any, ...]:
    return (
        ledger,
        [one.relationship for one in reach.stretches],
        [one.after for one in reach.stretches],
        [one.until for one in reach.stretches],
        list(reach.changes),
    )
