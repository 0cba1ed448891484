"""Connections to PostgreSQL, and the check that this login cannot rewrite the log; session settings belong here."""

import secrets
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, cast

import asyncpg

from service import metrics, traces
from service.domain.refusals import Unavailable
from service.store.statements import NAMES, statement

# Generic only to the type checker.
if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
else:
    Pool = asyncpg.Pool
    Connection = asyncpg.Connection

PATIENCE = 15.0
"""Seconds that the database has to answer one question; to record, it has twice as long."""
AT_HAND = 5.0
"""Seconds until a connection must be had."""
GIVEN_BACK = 1.0
"""Seconds that a connection has to come to rest, where whoever asked has left."""
Init = Callable[[Connection], Coroutine[Any, Any, None]]
"""Awaited with every connection that is made, before anything else is asked of it."""
WORTH_TELLING = 0.001
"""Seconds of a wait for a connection; mostly one is at hand."""
UNAVAILABLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that was cut off, and does not know it yet
    asyncpg.OperatorInterventionError,  # it is being stopped, or has stopped what took too long
    asyncpg.InsufficientResourcesError,  # connections, memory, disk
    asyncpg.CannotConnectNowError,
    asyncpg.InvalidAuthorizationSpecificationError,  # at a new connection: the password is being changed
    asyncpg.InvalidCatalogNameError,  # likewise: the database is being restored
    asyncpg.ReadOnlySQLTransactionError,  # a standby, or a server that was made one
    asyncpg.TransactionRollbackError,
    asyncpg.PostgresSystemError,  # its files cannot be read or written
    asyncpg.LockNotAvailableError,
    asyncpg.InvalidCachedStatementError,  # the schema has changed in the midst of a transaction
)
HOW_TO_MAKE_A_LOGIN = """\
  CREATE ROLE tarih_app LOGIN PASSWORD '...';
  GRANT tarih_service TO tarih_app;
and point TARIH_DATABASE_URL at it. TARIH_ALLOW_OWNER=1 starts all the same."""

SESSION = {"application_name": "tarih", "timezone": "UTC"}

_RIGHTS, _STATEMENT = statement("rights"), statement("prepared")


class TimedOut(Unavailable):
    """The database did not answer in time; what it was asked may still be done."""


class UnsafeLogin(Exception):
    """The service's login could change or remove recorded events."""

    def __init__(self, login: str) -> None:
        super().__init__(
            f"the login {login!r} can UPDATE, DELETE or TRUNCATE recorded events, and a service must not be able to.\n"
            f"As the database's owner, run\n{HOW_TO_MAKE_A_LOGIN}"
        )


async def open_pool(
    url: str,
    *,
    size: int = 10,
    allow_owner: bool = False,
    patience: float = PATIENCE,
    init: Init | None = None,
    through_pooler: bool = False,
) -> Pool:
    """A pool whose sessions speak UTC and have ``patience`` seconds for a statement, unless its caller has more.

    ``through_pooler``, what is at ``url`` lends a session of the server for one transaction at a time.

    Raises UnsafeLogin, and what asyncpg raises where it cannot connect.
    """
    how = await _through_pooler(url) if through_pooler else _directly(patience)
    pool = await _pool(url, size, patience, how, least=1, init=init)
    try:
        if not allow_owner:
            async with pool.acquire() as connection:
                await check_rights(connection)
    except BaseException:
        pool.terminate()
        raise
    return pool


def replica_pool(url: str, size: int, patience: float, init: Init) -> Pool:
    """To be awaited before it is used; nothing needs to be there. Nobody writes to a replica, whatever the login."""
    return _pool(url, size, patience, _directly(patience), least=0, init=init)


def _directly(patience: float) -> dict[str, Any]:
    """How to connect where a session is one of the server's: that stops by itself what nobody waits for any more."""
    bounds = {"statement_timeout": str(int(2 * patience * 1000)), "idle_in_transaction_session_timeout": "30000"}
    return {"server_settings": SESSION | bounds}


async def _through_pooler(url: str) -> dict[str, Any]:
    """How to connect where it is not: a pooler carries over only ``SESSION``, and statements if it knows of them."""
    return {"server_settings": SESSION} | ({} if await _keeps_statements(url) else {"statement_cache_size": 0})


async def _keeps_statements(url: str) -> bool:
    """Whether what was prepared is there in the next transaction too: then it has a name of the pooler's own making,
    as several clients would give the same names to theirs.
    """
    name = f"tarih_{secrets.token_hex(8)}"
    connection = await asyncpg.connect(url, timeout=AT_HAND, command_timeout=AT_HAND, server_settings=SESSION)
    try:
        async with connection.transaction():
            asked = await connection.prepare(_STATEMENT, name=name)
            if not await asked.fetchval(name):
                return True
            await connection.execute(f"DEALLOCATE {name}")  # the session goes on to others
            return False
    finally:
        connection.terminate()


def _pool(url: str, size: int, patience: float, how: Mapping[str, Any], *, least: int, init: Init | None) -> Pool:
    async def prepare(connection: Connection) -> None:
        if traces.tracer is not None:
            connection.add_query_logger(traces.asked(NAMES))
        if init is not None:
            await init(connection)

    return asyncpg.create_pool(
        url,
        min_size=least,
        max_size=size,
        timeout=AT_HAND,
        command_timeout=patience,
        # No caller changes its session, so nothing is reset: that would be one more round trip per question.
        reset=_as_it_is,
        init=prepare,
        **how,
    )


async def _as_it_is(connection: Connection) -> None:
    """The session goes back to the pool unchanged."""


async def check_rights(connection: Connection) -> None:
    row = await connection.fetchrow(_RIGHTS)
    if row is not None and row["unsafe"]:
        raise UnsafeLogin(row["login"])


@asynccontextmanager
async def connection_of(pool: Pool) -> AsyncIterator[Connection]:
    """A connection for one question; raises Unavailable where there is none to be had, or it breaks."""
    began = time.perf_counter()
    connection = None
    try:
        connection = await pool.acquire(timeout=AT_HAND)
        if (waited := time.perf_counter() - began) > WORTH_TELLING:
            metrics.POOL_SECONDS.observe(waited)
        yield connection
    except UNAVAILABLE as error:
        metrics.FAILURES.labels(type(error).__name__).inc()
        why = f"the database is not available: {type(error).__name__}"
        if connection is not None and (isinstance(error, TimeoutError) or _is_broken(connection)):
            with suppress(asyncpg.InterfaceError):  # it has given itself back
                connection.terminate()
            _forget_idle(pool)
        raise (TimedOut if isinstance(error, TimeoutError) else Unavailable)(why) from error
    finally:
        if connection is not None:
            await pool.release(connection, timeout=GIVEN_BACK)


def _is_broken(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:  # and so has given itself back
        return True


def _forget_idle(pool: Pool) -> None:
    """Of the idle ones too the peer may be gone without a word, and each would hold somebody up.

    asyncpg's own way, to let them expire, waits for the peer to say good-bye.
    """
    for holder in pool._holders:  # type: ignore[attr-defined]  # its stubs leave out what is not for all
        if holder.is_connected() and holder.is_idle():
            holder.terminate()


class LateConnection:
    """A connection for questions, which the first of them takes; none is taken where all answers are known. It has no
    transactions."""

    def __init__(self, connect: Callable[[], AbstractAsyncContextManager[Connection]]) -> None:
        self._connect = connect
        self._taken: AbstractAsyncContextManager[Connection] | None = None
        self._connection: Connection | None = None

    async def __aenter__(self) -> Connection:
        return cast("Connection", self)

    async def __aexit__(self, *raised: Any) -> bool | None:
        return None if self._taken is None else await self._taken.__aexit__(*raised)

    async def _there(self) -> Connection:
        if self._connection is None:
            taken = self._connect()
            self._connection, self._taken = await taken.__aenter__(), taken
        return self._connection

    async def fetch(self, *asked: Any) -> list[asyncpg.Record]:
        return await (await self._there()).fetch(*asked)

    async def fetchrow(self, *asked: Any) -> asyncpg.Record | None:
        return await (await self._there()).fetchrow(*asked)

    async def fetchval(self, *asked: Any) -> Any:
        return await (await self._there()).fetchval(*asked)
