"""One order for everyone: positions without gaps, visible in order, and times that never change an answer given."""

import asyncio
from itertools import pairwise

import asyncpg
import pytest

from service.domain.as_of import Point
from service.history import When, ask
from service.store import reads
from service.store.log import Log
from service.store.pool import connection_of
from tests.conftest import Database
from tests.store.writing import LEDGER, acquired, request, write

pytestmark = pytest.mark.anyio


async def test_an_answer_as_of_the_last_time_is_not_changed_by_a_writer_that_began_before(log: Log) -> None:
    """T1 begins and waits, T2 commits, a reader asks as of then, T1 commits, the reader asks again."""
    from service.store import appender

    async with connection_of(log.pool) as one:
        slow = one.transaction()
        await slow.start()
        await one.execute("SELECT now()")  # its transaction's clock stands from here on
        fast = await write(log, acquired("fast"))
        when = When(known=Point(fast.recorded_at, whole_day=False))
        before, _ = await ask(log, LEDGER, "pak--tur", when)
        [late] = await appender.append(one, LEDGER, [request(acquired("slow"))])
        await slow.commit()
    assert isinstance(late, appender.Receipt)
    assert late.recorded_at > fast.recorded_at
    after, _ = await ask(log, LEDGER, "pak--tur", when)
    assert [claim.id for claim in after.claims] == [claim.id for claim in before.claims] == ["fast"]


async def test_eight_writers_leave_no_gap_and_become_visible_in_order(log: Log) -> None:
    done = asyncio.Event()
    seen: list[list[int]] = []

    async def poll() -> None:
        async with log.connection() as connection:
            while not done.is_set():
                rows = await connection.fetch("SELECT position FROM tarih.events WHERE ledger = $1", LEDGER)
                seen.append(sorted(row["position"] for row in rows))

    async def run(writer: int) -> None:
        for n in range(50):
            await write(log, acquired(f"{writer}-{n}"))

    poller = asyncio.create_task(poll())
    await asyncio.gather(*(run(writer) for writer in range(8)))
    done.set()
    await poller
    for positions in seen:
        assert positions == list(range(1, len(positions) + 1))
    async with log.connection() as connection:
        rows = await connection.fetch(
            "SELECT recorded_at FROM tarih.events WHERE ledger = $1 ORDER BY position", LEDGER
        )
    times = [row["recorded_at"] for row in rows]
    assert len(times) == 400
    assert all(earlier < later for earlier, later in pairwise(times))


async def test_a_writer_that_dies_before_it_commits_leaves_no_gap(log: Log, database: Database) -> None:
    from service.store import appender

    doomed = await asyncpg.connect(database.service_url)
    await doomed.transaction().start()
    [receipt] = await appender.append(doomed, LEDGER, [request(acquired("never"))])
    assert isinstance(receipt, appender.Receipt)
    doomed.terminate()
    assert (await write(log, acquired("first"))).positions == (1,)


async def test_times_rise_though_the_clock_steps_back(log: Log, database: Database) -> None:
    first = await write(log, acquired("a"))
    owner = await asyncpg.connect(database.owner_url)
    # As if the last batch had been recorded by a clock an hour ahead of this one.
    ahead = await owner.fetchval("SELECT recorded_at + interval '1 hour' FROM tarih.heads")
    await owner.execute("UPDATE tarih.heads SET recorded_at = $1", ahead)
    await owner.close()
    second = await write(log, acquired("b"))
    assert second.recorded_at == first.recorded_at + 3_600_000_000 + 1
    async with log.connection() as connection:
        assert (await reads.head_of(connection, LEDGER)).now == second.recorded_at


async def test_of_two_writers_that_expect_the_same_revision_one_wins(log: Log) -> None:
    from service.domain.refusals import RevisionConflict
    from service.store.appender import NONE, Expectation

    async def attempt(n: int) -> bool:
        try:
            await write(log, acquired(f"c{n}"), expectations=(Expectation("pak--tur", NONE),))
        except RevisionConflict:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(n) for n in range(8)))) == 1


async def test_of_eight_that_send_the_same_event_one_records_it(log: Log) -> None:
    receipts = await asyncio.gather(*(write(log, acquired(id="one")) for _ in range(8)))
    assert sorted(receipt.repeated for receipt in receipts) == [False] + [True] * 7
    assert {receipt.recorded_at for receipt in receipts} == {receipts[0].recorded_at}


async def test_a_batch_is_known_whole_or_not_at_all(log: Log) -> None:
    await write(log, acquired("a"))
    await write(log, acquired("b"), acquired("c"), acquired("d"))
    for position, known in ((1, 1), (2, 1), (3, 1), (4, 4)):
        question, at = await ask(log, LEDGER, "pak--tur", When(position=position))
        assert (at.as_of.position, len(question.claims)) == (known, known)
