"""Rebuilding: derived rows are made again from the events, while others read and append, and whenever it is killed."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from service.domain.claims import fold
from service.domain.edtf import FOREVER
from service.domain.names import Actors
from service.domain.refusals import NotFound
from service.history import When, ask, record
from service.store import ledgers, reads, rebuilding
from service.store.log import Log
from service.store.pool import open_pool
from service.store.rebuilding import AlreadyRebuilding, Rebuilt, rebuild
from service.store.standings import standing_after
from service.store.verifying import verify
from tests.conftest import Database
from tests.store.test_verify import tell, verdict_on
from tests.store.test_versions import histories, readable
from tests.store.writing import LEDGER, acquired, corrected, retracted, said, write, write_group

pytestmark = pytest.mark.anyio
CHECKOUT = Path(__file__).parents[2]
ROWS_READ = """
SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'claims'
"""
REBUILDING = """
SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tarih rebuild' AND datname = current_database()
"""


NOBODY = Actors()


@pytest.fixture
async def owner(database: Database) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(database.owner_url)
    yield connection
    await connection.close()


async def again(database: Database, **how: Any) -> Rebuilt:
    return await rebuild(database.service_url, LEDGER, **{"grace": 0, **how})


async def answers(log: Log) -> dict[tuple[str, int], Any]:
    """What is said of each relationship from the end of the first batch on."""
    async with log.connection() as connection:
        head = await reads.head_of(connection, LEDGER)
    found = {
        (relationship, position): (await ask(log, LEDGER, relationship, When(position=position)))[0]
        for relationship in ("pak--tur", "aze--tur")
        for position in range(2, head.position + 1)
    }
    # Actors are equal to themselves alone.
    return {
        key: (msgspec.structs.replace(one, actors=NOBODY), one.actors.descriptions, one.actors.aliases)
        for key, one in found.items()
    }


async def generations(owner: "asyncpg.Connection[asyncpg.Record]") -> set[int]:
    return {row[0] for row in await owner.fetch("SELECT DISTINCT generation FROM tarih.claim_versions")}


async def test_a_sound_ledger_gives_the_same_answers_after_it_is_rebuilt(log: Log, database: Database) -> None:
    await tell(log)
    before = await answers(log)
    done = await again(database)
    assert await answers(log) == before
    assert (done.position, done.generation, done.claims_corrected, done.relationships_corrected) == (14, 2, 0, 0)
    assert (await verdict_on(database.service_url)).clean


DAMAGE = {
    "versions deleted": "DELETE FROM tarih.claim_versions",
    "versions changed": "UPDATE tarih.claim_versions SET retraction = 1, words = '{}'",
    "versions of nothing": "UPDATE tarih.claim_versions SET claim = claim || 'x'",
    "claims deleted": "DELETE FROM tarih.claims",
    "claims changed": "UPDATE tarih.claims SET words = '{}', rank_day = 1, timelines = '{x}', expectation = true",
    "claims of nothing": "UPDATE tarih.claims SET claim = claim || 'x'",
    "relationships deleted": "DELETE FROM tarih.relationships",
    "relationships changed": "UPDATE tarih.relationships SET revision = 99, first_position = 3",
    "relationships of nothing": "UPDATE tarih.relationships SET relationship = relationship || '--x'",
    "a claim that stands on another content": "UPDATE tarih.claims SET content_position = 1 WHERE claim = 'a'",
}


@pytest.mark.parametrize("kind", DAMAGE)
async def test_what_is_derived_is_restored(
    log: Log, database: Database, owner: "asyncpg.Connection[asyncpg.Record]", kind: str
) -> None:
    await tell(log)
    before = await answers(log)
    await owner.execute(DAMAGE[kind])
    assert not (await verdict_on(database.service_url)).clean
    done = await again(database)
    assert (await verdict_on(database.service_url)).findings == []
    assert await answers(log) == before
    assert (done.claims_corrected > 0, done.relationships_corrected > 0) == ("claim" in kind, "relationship" in kind)
    await write(log, retracted("f"))
    assert (await verdict_on(database.service_url)).clean


def test_a_rebuilt_ledger_verifies_after_any_history(database: Database) -> None:
    with asyncio.Runner() as runner:
        pool = runner.run(open_pool(database.service_url, size=2))
        log, number = Log(pool), iter(range(10_000))

        async def play(ledger: str, history: list[list[list[dict[str, Any]]]]) -> None:
            async with log.connection() as connection:
                await ledgers.create_ledger(connection, ledger, ledger, public_read=True)
            for group in history:
                if requests := list(readable(group)):
                    await write_group(log, requests, ledger)
            async with log.connection() as connection:
                await connection.execute("DELETE FROM tarih.claim_versions WHERE ledger = $1", ledger)
            done = await rebuild(database.service_url, ledger, grace=0)
            assert (done.claims_corrected, done.relationships_corrected) == (0, 0)
            async with log.connection() as connection:
                assert (await verify(connection, ledger)).findings == []
                stored = await reads.events_of_claims(connection, ledger, list("abcd"), done.position)
            for claim in "abcd":
                of_claim = [one for one in stored if one.recorded.claim == claim]
                for end in range(1, len(of_claim) + 1):
                    folds_alike(of_claim[:end])

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(histories)
        def holds(history: list[list[list[dict[str, Any]]]]) -> None:
            runner.run(play(f"l{next(number)}", history))

        holds()
        runner.run(pool.close())


def folds_alike(stored: list[reads.Stored]) -> None:
    """The fold of one event at a time, and the pure fold of all at once."""
    standing = None
    for one in stored:
        event = one.recorded
        row: Any = {
            "position": event.position, "type": "", "starts_earliest": 0, "starts_latest": 0, "ends_earliest": 0,
            "ends_latest": 0, "reported_latest": event.reported.latest if event.reported else None,
        }  # fmt: skip
        standing = standing_after(standing, row, event.event)
    assert standing is not None
    folded = fold(one.recorded for one in stored)
    if standing.retraction is not None:
        [retraction] = folded.retracted.values()
        assert (retraction.position, folded.claims) == (standing.retraction, {})
        return
    [claim] = folded.claims.values()
    assert claim.content.position == standing.content_position
    assert claim.expectation == standing.expectation
    assert claim.fulfilled_by == standing.fulfilled_by
    assert {word.publisher: (word.action, word.position) for word in claim.words} == standing.words


def at(what: str, do: Callable[[], Awaitable[object]]) -> rebuilding.Report:
    """A report that does something, once, when the rebuild comes to ``what``."""
    done = False

    async def report(now: str, _done: int, _of: int) -> None:
        nonlocal done
        if now == what and not done:
            done = True
            await do()

    return report


@pytest.mark.parametrize("what", ["filling", "catching up"])
async def test_what_is_appended_meanwhile_is_in_the_new_generation(log: Log, database: Database, what: str) -> None:
    await tell(log)

    async def append() -> None:
        await write(log, acquired("new"), said("deny", "f"))
        await write(log, corrected("new", actors=["tur", "aze"]))
        for n in range(300):  # more than is caught up with under the lock
            await write(log, acquired(f"new-{n}"))
        await write(log, retracted("a"))

    done = await again(database, report=at(what, append))
    assert (done.position, done.generation) == (318, 2)
    assert (await verdict_on(database.service_url)).findings == []


async def test_reads_and_appends_go_on_all_the_while(log: Log, database: Database) -> None:
    """Writers and readers that never pause, and three rebuilds; every answer is right, and nothing is lost."""
    await tell(log)
    done = asyncio.Event()
    acknowledged: list[str] = []

    async def writes(writer: int) -> None:
        n = 0
        while not done.is_set():
            claim = f"w{writer}-{n}"
            await write(log, acquired(claim))
            acknowledged.append(claim)
            await write(log, corrected(claim))
            n += 1

    async def asks() -> None:
        while not done.is_set():
            question, _ = await ask(log, LEDGER, "pak--tur", When(position=2))
            assert [claim.id for claim in question.claims] == ["a"]
            expected = set(acknowledged)
            question, _ = await ask(log, LEDGER, "pak--tur", When())
            assert expected <= {claim.id for claim in question.claims}

    tasks = [asyncio.create_task(writes(n)) for n in range(3)] + [asyncio.create_task(asks()) for _ in range(2)]
    for _ in range(3):
        await again(database)
    done.set()
    await asyncio.gather(*tasks)
    verdict = await verdict_on(database.service_url)
    assert verdict.findings == []
    assert verdict.position == 14 + 2 * len(acknowledged)


async def test_a_reader_that_began_before_the_flip_is_still_right(log: Log, database: Database) -> None:
    await tell(log)
    async with log.connection() as connection:
        head = await reads.head_of(connection, LEDGER)
        before = await reads.claims_on_timelines(connection, LEDGER, head.generation, ["aze--tur"], head.position)
        await again(database)
        await write(log, retracted("a"))
        after = await reads.claims_on_timelines(connection, LEDGER, head.generation, ["aze--tur"], head.position)
        assert (await reads.head_of(connection, LEDGER)).generation != head.generation
    assert after == before


async def test_the_old_generation_is_gone_at_the_end_of_the_next_rebuild(
    log: Log, database: Database, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await tell(log)
    assert (await again(database)).versions_removed == 0
    assert await generations(owner) == {1, 2}
    assert (await again(database)).versions_removed > 0
    assert await generations(owner) == {2, 3}


async def test_a_retired_generation_outlives_the_readers_it_may_have(
    log: Log, database: Database, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await tell(log)
    rested: list[float] = []
    there: list[set[int]] = []

    async def rest(seconds: float) -> None:
        rested.append(seconds)
        there.append(await generations(owner))

    await again(database, grace=60, rest=rest)
    assert rested == []
    await again(database, grace=60, rest=rest)
    assert 0 < rested[0] <= 60
    assert there == [{1, 2, 3}]


async def test_numbers_of_generations_begin_again_after_the_largest(
    log: Log, database: Database, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await tell(log)
    largest = rebuilding.LARGEST_GENERATION
    await owner.execute(f"UPDATE tarih.heads SET generation = {largest}")
    await owner.execute(f"UPDATE tarih.claim_versions SET generation = {largest}")
    assert (await again(database)).generation == 1
    assert (await again(database)).generation == 2
    assert await generations(owner) == {1, 2}
    assert (await verdict_on(database.service_url)).clean


async def gone(owner: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Until the server has noticed the end of every rebuild."""
    while await owner.fetchval(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
        "(SELECT oid FROM pg_database WHERE datname = current_database())"
    ):
        pass


REBUILD_UNTIL = """
import asyncio, sys
from service.store.rebuilding import rebuild
async def report(what, done, of):
    if what == sys.argv[3]:
        print("reached", flush=True)
        await asyncio.Event().wait()
asyncio.run(rebuild(sys.argv[1], sys.argv[2], report=report, grace=0))
"""


@pytest.mark.parametrize("what", ["filling", "catching up", "removing"])
async def test_a_killed_rebuild_is_made_good_by_the_next(
    log: Log, database: Database, owner: "asyncpg.Connection[asyncpg.Record]", what: str
) -> None:
    await tell(log)
    before = await answers(log)
    await again(database)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", REBUILD_UNTIL, database.service_url, LEDGER, what, cwd=CHECKOUT, stdout=PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"reached\n"
    process.kill()
    await process.wait()
    await gone(owner)
    assert (await verdict_on(database.service_url)).clean
    await write(log, retracted("f"))
    after = await answers(log)
    assert {key: after[key] for key in before} == before
    await again(database)
    await again(database)
    assert len(await generations(owner)) == 2
    assert (await verdict_on(database.service_url)).findings == []


@pytest.mark.parametrize("what", ["filling", "catching up"])
async def test_a_cancelled_rebuild_leaves_the_ledger_as_it_was(
    log: Log, database: Database, owner: "asyncpg.Connection[asyncpg.Record]", what: str
) -> None:
    await tell(log)
    reached = asyncio.Event()

    async def wait() -> None:
        reached.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(again(database, report=at(what, wait)))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await gone(owner)
    async with log.connection() as connection:
        assert (await reads.head_of(connection, LEDGER)).generation == 1
    assert (await verdict_on(database.service_url)).clean
    assert (await again(database)).generation == 2
    assert (await verdict_on(database.service_url)).findings == []


async def test_of_two_rebuilds_at_once_the_second_refuses(log: Log, database: Database) -> None:
    await tell(log)
    refused: list[BaseException] = []

    async def second() -> None:
        with pytest.raises(AlreadyRebuilding) as refusal:
            await again(database)
        refused.append(refusal.value)
        async with log.connection() as connection:
            await ledgers.create_ledger(connection, "other", "Another", public_read=True)
        assert (await rebuild(database.service_url, "other", grace=0)).generation == 2

    assert (await again(database, report=at("filling", second))).generation == 2
    assert len(refused) == 1


async def test_a_ledger_that_is_not_there_cannot_be_rebuilt(log: Log, database: Database) -> None:
    with pytest.raises(NotFound):
        await rebuild(database.service_url, "nowhere")


async def test_an_empty_ledger_can_be_rebuilt(log: Log, database: Database) -> None:
    done = await again(database)
    assert (done.position, done.versions) == (0, 0)
    await write(log, acquired("a"))
    assert (await verdict_on(database.service_url)).clean


async def test_a_long_history_is_read_in_slices(
    log: Log, database: Database, owner: "asyncpg.Connection[asyncpg.Record]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "_SLICE", 3)
    await tell(log)
    await owner.execute("UPDATE tarih.claims SET rank_day = 1")
    assert (await again(database)).claims_corrected == 5
    await again(database)
    assert (await verdict_on(database.service_url)).findings == []
    ends = await owner.fetch("SELECT to_position FROM tarih.claim_versions WHERE generation = 3 AND claim = 'f'")
    assert [row[0] for row in ends] == [FOREVER]


@pytest.mark.usefixtures("one_server")
async def test_a_ledger_that_no_statistics_know_is_not_joined_row_by_row(
    log: Log, database: Database, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    events = 2_000
    async with log.connection() as connection:
        await ledgers.create_ledger(connection, "known", "Known", public_read=True)
    for ledger in ("known", LEDGER):
        for first in range(0, events, 250):
            batch = [msgspec.json.encode(acquired(f"c{n}")) for n in range(first, first + 250)]
            await record(log, ledger, batch, by="a test")
        if ledger == "known":
            await owner.execute("ANALYZE")

    async def rows_read() -> int:
        await owner.execute("SELECT pg_stat_clear_snapshot()")
        counted: int = await owner.fetchval(ROWS_READ)
        return counted

    await log.close()  # what a session has read is counted at its end at the latest
    before = await rows_read()
    rebuilt = await again(database)
    while await owner.fetchval(REBUILDING):
        pass
    assert rebuilt.position == events
    assert await rows_read() - before < 10 * events
