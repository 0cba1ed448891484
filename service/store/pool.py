"""Connections to PostgreSQL, and the check that this login cannot rewrite the log; session settings belong here."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg

from service import figures, traces
from service.domain.refusals import Unavailable
from service.store.statements import NAMES, statement

# Generic only to the type checker.
if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
else:
    Pool = asyncpg.Pool
    Connection = asyncpg.Connection

WORTH_TELLING = 0.001
"""Seconds of a wait for a connection; mostly one is at hand."""
UNAVAILABLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that was cut off, and does not know it yet
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.CannotConnectNowError,
)
HOW_TO_MAKE_A_LOGIN = """\
  CREATE ROLE tarih_app LOGIN PASSWORD '...';
  GRANT tarih_service TO tarih_app;
and point TARIH_DATABASE_URL at it. TARIH_ALLOW_OWNER=1 starts all the same."""

_RIGHTS = statement("rights")


class UnsafeLogin(Exception):
    """The service's login could change or remove recorded events."""

    def __init__(self, login: str) -> None:
        super().__init__(
            f"the login {login!r} can UPDATE, DELETE or TRUNCATE recorded events, and a service must not be able to.\n"
            f"As the database's owner, run\n{HOW_TO_MAKE_A_LOGIN}"
        )


async def open_pool(url: str, *, size: int = 10, allow_owner: bool = False) -> Pool:
    """A pool whose sessions speak UTC and give up on a statement after 30 s; raises UnsafeLogin."""
    pool = await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        command_timeout=40,
        # No caller changes its session, so nothing is reset: that would be one more round trip per question.
        reset=_as_it_is,
        init=_traced if traces.tracer is not None else None,
        server_settings={
            "application_name": "tarih",
            "timezone": "UTC",
            "statement_timeout": "30000",
            "idle_in_transaction_session_timeout": "30000",
        },
    )
    try:
        if not allow_owner:
            async with pool.acquire() as connection:
                await check_rights(connection)
    except BaseException:
        pool.terminate()
        raise
    return pool


async def _as_it_is(connection: Connection) -> None:
    """The session goes back to the pool unchanged."""


async def _traced(connection: Connection) -> None:
    connection.add_query_logger(traces.asked(NAMES))


async def check_rights(connection: Connection) -> None:
    row = await connection.fetchrow(_RIGHTS)
    if row is not None and row["unsafe"]:
        raise UnsafeLogin(row["login"])


@asynccontextmanager
async def connection_of(pool: Pool) -> AsyncIterator[Connection]:
    """A connection for one question; raises Unavailable where there is none to be had, or it breaks."""
    began = time.perf_counter()
    try:
        async with pool.acquire(timeout=10) as connection:
            if (waited := time.perf_counter() - began) > WORTH_TELLING:
                figures.POOL_SECONDS.observe(waited)
            yield connection
    except UNAVAILABLE as error:
        figures.FAILURES.labels(type(error).__name__).inc()
        raise Unavailable(f"the database is not available: {type(error).__name__}") from error
