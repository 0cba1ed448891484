"""A ledger that was restored, or follows a promoted server, may number again: its epoch tells the two apart."""

import asyncpg

from service.store import ledgers, reads
from service.store.log import Log
from tests.conftest import Database
from tests.store.writing import LEDGER, acquired, write


async def test_a_start_on_the_same_server_keeps_the_epoch(log: Log) -> None:
    async with log.connection() as connection:
        before = (await reads.head_of(connection, LEDGER)).epoch
        assert await ledgers.renew_epochs(connection) == []
        assert (await reads.head_of(connection, LEDGER)).epoch == before


async def test_a_start_on_another_server_or_another_past_of_it_gives_a_new_epoch(log: Log, database: Database) -> None:
    await write(log, acquired("a"))
    owner = await asyncpg.connect(database.owner_url)
    for moved in ("system_identifier = system_identifier + 1", "timeline = timeline + 1"):
        async with log.connection() as connection:
            before = await reads.head_of(connection, LEDGER)
            await owner.execute(f"UPDATE tarih.heads SET {moved}")
            assert await ledgers.renew_epochs(connection) == [LEDGER]
            after = await reads.head_of(connection, LEDGER)
            assert after.epoch != before.epoch
            assert (after.position, after.digest) == (before.position, before.digest)
            assert await ledgers.renew_epochs(connection) == []
    await owner.close()
