"""Servers that are looked at again and again: whether one answers, which it is, and where its ledgers stand."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import asyncpg
import msgspec

from service.domain.refusals import Unavailable
from service.store.pool import Pool, connection_of
from service.store.statements import statement

POLL = 0.5
"""Seconds between two looks at a server."""
PATIENCE = 2.0
"""Seconds that a server has to answer a look."""
_SEEN, _HEADS = statement("server_seen"), statement("heads")
FAILURES = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
logger = logging.getLogger(__name__)


class Seen(msgspec.Struct, frozen=True):
    """What a server said of itself."""

    system: int
    """The identifier of its cluster, which its replicas share."""
    replays: bool
    """It is a replica, and not promoted."""


class Server:
    """One server, by a connection of its own, so that a busy pool does not look like a dead server."""

    def __init__(self, url: str, told: Callable[[], None] = lambda: None) -> None:
        self.name = name_of(url)
        self._url, self._told = url, told
        self.seen: Seen | None = None
        """None while it does not answer."""
        self._looked = False
        self._again = asyncio.Event()

    @property
    def is_away(self) -> bool:
        """It was looked at, and did not answer."""
        return self._looked and self.seen is None

    def look_again(self) -> None:
        """Not in a while, but now."""
        self._again.set()

    async def watch(self) -> None:
        """Until it is cancelled; ``told`` is called after every look."""
        while True:
            try:
                await self._look_on()
            except FAILURES as error:
                if not self.is_away:
                    logger.warning("%s does not answer: %s", self.name, type(error).__name__)
                self.seen, self._looked = None, True
            self._told()
            await self._rest()

    async def _look_on(self) -> None:
        connection = await asyncpg.connect(
            self._url,
            timeout=PATIENCE,
            statement_cache_size=0,
            server_settings={"application_name": "tarih watch"},
        )
        try:
            while True:
                row = await connection.fetchrow(_SEEN, timeout=PATIENCE)
                assert row is not None, "the function always gives a row"  # noqa: S101
                if self.is_away:
                    logger.warning("%s answers again", self.name)
                self.seen, self._looked = Seen(row["system_identifier"], row["replays"]), True
                self._told()
                await self._rest()
        finally:
            connection.terminate()

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._again.wait(), POLL)
        self._again.clear()


class Come(msgspec.Struct, frozen=True):
    """How far a ledger has come in some database; the instant in µs."""

    position: int
    recorded_at: int | None
    epoch: str
    """In hexadecimal."""


class Heads:
    """Where ledgers stand in one database: asked once for all who wait, and never before they came."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._wanted: dict[str, asyncio.Future[Come | Unavailable | None]] = {}
        self._runner: asyncio.Task[None] | None = None

    async def of(self, ledger: str) -> Come | None:
        """None where it has no such ledger. Raises Unavailable."""
        wanted = self._wanted.get(ledger)
        if wanted is None:
            wanted = self._wanted[ledger] = asyncio.get_running_loop().create_future()
        if self._runner is None:
            self._runner = asyncio.create_task(self._run(), name="heads")
        found = await asyncio.shield(wanted)
        if isinstance(found, Unavailable):
            raise found
        return found

    async def _run(self) -> None:
        try:
            while self._wanted:
                wanted, self._wanted = self._wanted, {}
                try:
                    found = await self._read(list(wanted))
                except Unavailable as unavailable:
                    found = dict.fromkeys(wanted, unavailable)
                for ledger, waiting in wanted.items():
                    waiting.set_result(found.get(ledger))
        finally:
            self._runner = None

    async def _read(self, ledgers: list[str]) -> dict[str, Come | Unavailable]:
        try:
            async with asyncio.timeout(PATIENCE), connection_of(self._pool) as connection:
                rows = await connection.fetch(_HEADS, ledgers)
        except (TimeoutError, asyncpg.PostgresError) as error:
            raise Unavailable(f"the database does not say where ledgers stand: {type(error).__name__}") from None
        return {row["ledger"]: Come(row["position"], row["recorded_us"], row["epoch"].hex) for row in rows}


def name_of(url: str) -> str:
    """Without what is secret in it."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2] or parse_qs(parts.query).get("host", ["?"])[0]
    return f"{host}{parts.path}"
