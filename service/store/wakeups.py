"""Whoever waits for a ledger to grow is woken here: at once by this process, by NOTIFY from others, at worst by a poll.

A hint carries only a ledger and a position; nothing is lost with it, because every follower reads on from its own.
"""

import asyncio
import logging
from collections.abc import Callable

import asyncpg

from service.domain.refusals import Unavailable
from service.store import keys
from service.store.pool import Init, Pool, connection_of
from service.store.statements import statement

logger = logging.getLogger(__name__)

CHANNEL = "tarih_heads"
COALESCE = 0.005
"""Seconds in which hints for other processes gather; inside an append they would serialise commits."""
POLL = 1.0
"""Seconds between two looks at the heads that somebody waits for."""
CONNECTING = 10.0
RECONNECT = 1.0

_HEADS, _NOTIFY = statement("heads"), statement("notify")


class Stopping(Unavailable):
    """The service is being stopped; whoever waits may resume elsewhere."""

    def __init__(self) -> None:
        super().__init__("the service is stopping")


class Wakeups:
    """One per process. ``start`` before the first wait; ``stop`` ends every wait with Stopping."""

    def __init__(self, url: str, pool: Pool, init: Init | None = None) -> None:
        """``url`` leads to the server itself; ``init`` is awaited with every connection that is made to listen."""
        self._url, self._pool, self._init = url, pool, init
        self._heads: dict[str, int] = {}
        self._waiters: dict[str, asyncio.Event] = {}
        self._untold: dict[str, int] = {}
        self._something_to_tell = asyncio.Event()
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.stopped = asyncio.Event()
        self.access_changed: Callable[[], object] = lambda: None
        """Called where some process has changed what somebody may read, or may have done so unheard."""

    def start(self) -> None:
        jobs: tuple[Callable[[], object], ...] = (self._listen, self._tell, self._poll)
        self._tasks = [asyncio.create_task(job(), name=f"wakeups: {job.__name__}") for job in jobs]  # type: ignore[arg-type]

    async def stop(self) -> None:
        self.stopped.set()
        for waiter in self._waiters.values():
            waiter.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._connection is not None:
            self._connection.terminate()

    @property
    def listening(self) -> bool:
        """Whether hints of other processes are heard; else they show in the poll."""
        return self._connection is not None and not self._connection.is_closed()

    @property
    def awaited(self) -> list[str]:
        """The ledgers that somebody waits for."""
        return list(self._waiters)

    def head(self, ledger: str) -> int:
        """The last position that was heard of, if any."""
        return self._heads.get(ledger, 0)

    def recorded(self, ledger: str, position: int) -> None:
        """This process has committed up to ``position``: its own followers go on at once, others are told soon."""
        self._note(ledger, position)
        self._untold[ledger] = max(position, self._untold.get(ledger, 0))
        self._something_to_tell.set()

    async def beyond(self, ledger: str, position: int) -> None:
        """Returns once the ledger may have grown beyond ``position``. Raises Stopping."""
        while self._heads.get(ledger, 0) <= position:
            if self.stopped.is_set():
                raise Stopping
            await self._waiters.setdefault(ledger, asyncio.Event()).wait()
        if self.stopped.is_set():
            raise Stopping

    def not_beyond(self, ledger: str, position: int) -> None:
        """A look found nothing after ``position``: whatever hinted at more was wrong, or of a past that was lost."""
        self._heads[ledger] = min(position, self._heads.get(ledger, 0))

    def _note(self, ledger: str, position: int) -> None:
        if position > self._heads.get(ledger, 0):
            self._heads[ledger] = position
            waiter = self._waiters.pop(ledger, None)
            if waiter is not None:
                waiter.set()

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        ledger, _, position = str(payload).partition(" ")
        if position.isdecimal():
            self._note(ledger, int(position))

    def _heard_of_access(self, _connection: object, _pid: int, _channel: str, _payload: object) -> None:
        self.access_changed()

    async def _listen(self) -> None:
        """Keeps a connection that listens; a silent loss shows when it looks at the server now and then."""
        while True:
            try:
                gone = asyncio.Event()
                async with asyncio.timeout(CONNECTING):
                    connection = await self._connect(gone)
                self.access_changed()
                while not gone.is_set():
                    try:
                        await asyncio.wait_for(gone.wait(), 15)
                    except TimeoutError:
                        await connection.fetchval("SELECT 1", timeout=5)
            except (
                OSError,
                TimeoutError,
                asyncpg.PostgresError,
                asyncpg.InterfaceError,
                asyncpg.InternalClientError,
            ) as error:
                logger.warning("the listener lost its connection: %s", type(error).__name__)
            if self._connection is not None:
                self._connection.terminate()
                self._connection = None
            await asyncio.sleep(RECONNECT)

    async def _connect(self, gone: asyncio.Event) -> "asyncpg.Connection[asyncpg.Record]":
        self._connection = connection = await asyncpg.connect(
            self._url, server_settings={"application_name": "tarih wakeups"}
        )
        connection.add_termination_listener(lambda _: gone.set())
        if self._init is not None:
            await self._init(connection)
        await connection.add_listener(CHANNEL, self._heard)
        await connection.add_listener(keys.CHANNEL, self._heard_of_access)
        return connection

    async def _tell(self) -> None:
        while True:
            await self._something_to_tell.wait()
            await asyncio.sleep(COALESCE)
            self._something_to_tell.clear()
            untold, self._untold = self._untold, {}
            try:
                async with connection_of(self._pool) as connection:
                    await connection.fetch(
                        _NOTIFY, CHANNEL, [f"{ledger} {position}" for ledger, position in untold.items()]
                    )
            except (Unavailable, asyncpg.PostgresError) as error:
                logger.warning("other processes could not be told of new events: %s", type(error).__name__)

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL)
            if not self._waiters:
                continue
            try:
                async with connection_of(self._pool) as connection:
                    for row in await connection.fetch(_HEADS, list(self._waiters)):
                        self._note(row["ledger"], row["position"])
            except (Unavailable, asyncpg.PostgresError) as error:
                logger.warning("the heads could not be looked at: %s", type(error).__name__)
