"""The feed: every event once, in order, to everyone who follows, whoever wrote it and whatever broke meanwhile."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from service.store import ledgers, reads
from service.store.feed import Filters, page
from service.store.log import Log
from service.store.pool import open_pool
from service.store.wakeups import Stopping, Wakeups
from tests.conftest import Database
from tests.store.writing import LEDGER, acquired, corrected, retracted, said, write

pytestmark = pytest.mark.anyio
EVERYTHING = Filters()


@pytest.fixture
async def log(database: Database) -> AsyncIterator[Log]:
    log = await opened(database)
    async with log.connection() as connection:
        await ledgers.create_ledger(connection, LEDGER, "A ledger for a test", public_read=True)
    yield log
    await log.close()


async def opened(database: Database) -> Log:
    pool = await open_pool(database.service_url, size=6)
    wakeups = Wakeups(database.service_url, pool)
    wakeups.start()
    return Log(pool, wakeups)


async def head(log: Log) -> int:
    async with log.connection() as connection:
        return (await reads.head_of(connection, LEDGER)).position


async def positions(log: Log, count: int, after: int = 0, filters: Filters = EVERYTHING) -> list[int]:
    """The first ``count`` that a follower sees."""
    seen: list[int] = []
    async for found in log.follow(LEDGER, after, await head(log), filters):
        seen += [event.position for event in found.events]
        if len(seen) >= count:
            break
    return seen


async def test_a_follower_sees_what_was_there_and_then_what_comes(log: Log) -> None:
    await write(log, acquired("a"), acquired("b"))
    follower = asyncio.create_task(positions(log, 4))
    await write(log, acquired("c"))
    await write(log, acquired("d"))
    async with asyncio.timeout(20):
        assert await follower == [1, 2, 3, 4]


async def test_followers_see_every_event_once_and_in_order_while_eight_write(log: Log) -> None:
    async def run(writer: int) -> None:
        for n in range(25):
            await write(log, acquired(f"{writer}-{n}"))

    followers = [asyncio.create_task(positions(log, 200)) for _ in range(50)]
    await asyncio.gather(*(run(writer) for writer in range(8)))
    async with asyncio.timeout(30):
        for seen in await asyncio.gather(*followers):
            assert seen == list(range(1, 201))


async def test_what_another_process_writes_reaches_a_follower_here(log: Log, database: Database) -> None:
    other = await opened(database)
    follower = asyncio.create_task(positions(log, 2))
    await write(other, acquired("a"))
    await write(other, acquired("b"))
    async with asyncio.timeout(20):
        assert await follower == [1, 2]
    await other.close()


async def test_a_listener_that_is_cut_off_misses_nothing(log: Log, database: Database) -> None:
    other = await opened(database)
    follower = asyncio.create_task(positions(log, 3))
    await write(other, acquired("a"))
    owner = await asyncpg.connect(database.superuser_url)
    await owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'tarih wakeups'"
    )
    await owner.close()
    await write(other, acquired("b"))
    await write(other, acquired("c"))
    async with asyncio.timeout(20):
        assert await follower == [1, 2, 3]
    await other.close()


async def test_a_follower_far_behind_reads_on_from_its_own_position(log: Log) -> None:
    await write(log, *(acquired(f"c{n}") for n in range(3000)))
    fast = asyncio.create_task(positions(log, 3001))
    slow = asyncio.create_task(positions(log, 2999, after=2))
    await write(log, acquired("last"))
    async with asyncio.timeout(30):
        assert await fast == list(range(1, 3002))
        assert await slow == list(range(3, 3002))


async def test_stopping_ends_those_who_wait(log: Log) -> None:
    follower = asyncio.create_task(positions(log, 1))
    while not log.wakeups or not log.wakeups._waiters:  # noqa: ASYNC110 - nothing tells that it waits
        await asyncio.sleep(0)
    await log.wakeups.stop()
    with pytest.raises(Stopping):
        await follower


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), [1, 2, 3, 4, 5, 6]),
        (Filters(type="acquisition"), [1, 3, 4, 5, 6]),
        (Filters(type="note"), [2]),
        (Filters(actor="aze"), [3, 5, 6]),
        (Filters(relationship="pak--tur"), [1, 4, 5]),
        (Filters(relationship="pak--tur", actor="aze"), [5]),
        (Filters(actor="nobody"), []),
    ],
)
async def test_filters_go_by_what_the_claim_says_or_said(log: Log, filters: Filters, expected: list[int]) -> None:
    await write(log, acquired("a"))  # 1
    note = {
        "action": "assert",
        "claim": "n",
        "type": "note",
        "occurred": "2020",
        "parties": [{"actor": "tur", "role": "x"}],
    }
    await write(log, note)  # 2
    await write(log, acquired("b", actors=["tur", "aze"]))  # 3
    await write(log, said("confirm", "a"))  # 4
    await write(log, corrected("a", actors=["tur", "aze"]))  # 5: out of pak--tur
    await write(log, retracted("a"))  # 6
    async with log.connection() as connection:
        found = await page(connection, LEDGER, 0, 100, filters)
        assert [event.position for event in found.events] == expected
        one_by_one: list[int] = []
        after = 0
        while (step := await page(connection, LEDGER, after, 1, filters)).events:
            one_by_one += [event.position for event in step.events]
            after = step.through
        assert one_by_one == expected


async def test_a_hint_at_what_is_not_there_is_looked_into_once(log: Log) -> None:
    assert log.wakeups is not None
    follower = asyncio.create_task(positions(log, 1))
    log.wakeups.recorded(LEDGER, 99)
    while log.wakeups._heads.get(LEDGER) != 0:  # noqa: ASYNC110 - nothing tells that the look was taken
        await asyncio.sleep(0)
    await write(log, acquired("a"))
    async with asyncio.timeout(20):
        assert await follower == [1]
