"""A log on a database of the test's own, with one empty ledger; helpers that write events stand in ``writing.py``."""

from collections.abc import AsyncIterator

import pytest

from service.store import ledgers
from service.store.log import Log
from service.store.pool import open_pool
from tests.conftest import Database, Server
from tests.store.writing import LEDGER


@pytest.fixture
async def log(database: Database) -> AsyncIterator[Log]:
    """As the service sees it: through a login that cannot rewrite anything."""
    pool = await open_pool(database.service_url, size=12)
    log = Log(pool)
    async with log.connection() as connection:
        await ledgers.create_ledger(connection, LEDGER, "A ledger for a test", public_read=True)
    yield log
    await log.close()


@pytest.fixture
def one_server(server: Server) -> None:
    """For who looks into the server that the service talks to."""
    if server.nodes:
        pytest.skip("a cluster's nodes plan, and count what they read, for themselves")
