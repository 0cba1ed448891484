"""What comparing two points of one ledger needs besides what each of them needs; its statements stand in ``sql/``."""

from contextlib import AbstractAsyncContextManager

from service.store.pool import Connection
from service.store.reads import Stored, stored
from service.store.statements import statement

_MERGES_BETWEEN = statement("merges_between")


def snapshot(connection: Connection) -> AbstractAsyncContextManager[object]:
    """Within it, every question sees the ledger as it was at the first."""
    return connection.transaction(isolation="repeatable_read", readonly=True)


async def merges_between(
    connection: Connection, ledger: str, generation: int, after: int, until: int, most: int
) -> list[Stored]:
    """The events that merged actors, corrected that or took it back: after ``after``, up to ``until``, in order."""
    rows = await connection.fetch(_MERGES_BETWEEN, ledger, generation, after, until, most)
    return [stored(row) for row in rows]
