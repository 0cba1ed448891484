"""A service goes on while the next version's migrations run beside it."""

import asyncio

import asyncpg

from tests.api.conftest import SAMPLE, STATE, Api, note
from tests.conftest import Database

EXPANSIONS = (
    "ALTER TABLE tarih.events ADD COLUMN weight integer",
    "ALTER TABLE tarih.heads ADD COLUMN mood text DEFAULT 'calm'",
    "ALTER TABLE tarih.claim_versions ADD COLUMN shade smallint",
    "CREATE INDEX CONCURRENTLY by_weight ON tarih.events (ledger, weight)",
    "CREATE FUNCTION tarih.append(ledger text) RETURNS void LANGUAGE sql AS 'SELECT'",
    "UPDATE tarih.alembic_version SET version_num = '9998'",
)


async def test_tables_that_grow_while_it_serves_are_not_noticed(api: Api, own_database: Database) -> None:
    done = asyncio.Event()
    statuses: list[int] = []

    async def ask(caller: int) -> None:
        number = 0
        while not done.is_set():
            number += 1
            statuses.append((await api.append(note(f"meanwhile-{caller}-{number}"))).status_code)
            statuses.append((await api.get(f"{STATE}?valid_at=2024-06-{number % 28 + 1:02}")).status_code)
            statuses.append((await api.get(f"{SAMPLE}/events?after={number}")).status_code)

    asking = [asyncio.create_task(ask(caller)) for caller in range(3)]
    owner = await asyncpg.connect(own_database.owner_url)
    try:
        for expansion in EXPANSIONS:
            asked = len(statuses)
            await owner.execute(expansion)
            async with asyncio.timeout(60):
                # Until whoever asks has met it, some times.
                while len(statuses) < asked + 12 and not any(task.done() for task in asking):  # noqa: ASYNC110
                    await asyncio.sleep(0)
    finally:
        done.set()
        await asyncio.gather(*asking)
        await owner.close()
    assert set(statuses) == {200, 201}
    assert (await api.get("/health/ready")).status_code == 200
