"""One service for all published examples, each of which has a ledger of its own in it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.api.conftest import Api, running
from tests.conftest import Database, Server


@pytest.fixture(scope="package")
def library_database(server: Server, founded: tuple[str, str]) -> Iterator[Database]:
    database = server.create(founded[0])
    yield database
    server.drop(database)


@pytest.fixture(scope="package")
async def library(library_database: Database, founded: tuple[str, str]) -> AsyncIterator[Api]:
    """Where every example puts its ledger."""
    async with running(library_database, founded[1]) as api:
        yield api
