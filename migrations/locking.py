"""One process at a time changes the schema: whoever does holds this lock, by a connection of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

LOCK = 0x7461_7269_68  # "tarih"; any number will do that nothing else in the database takes
POLL = 0.1  # seconds


@asynccontextmanager
async def locked(url: str) -> AsyncIterator[asyncpg.Connection]:
    """The connection that holds it, idle.

    The lock is polled: a process that waits inside ``pg_advisory_lock`` holds a snapshot, which an index built
    CONCURRENTLY by the process that has the lock would wait for, in a cycle PostgreSQL cannot see.
    """
    connection = await asyncpg.connect(url)
    try:
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):  # noqa: ASYNC110  # another process frees it
            await asyncio.sleep(POLL)
        yield connection
    finally:
        await connection.close()  # which frees the lock
