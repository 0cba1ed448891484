"""Behind pgbouncer in transaction mode, where no session is one's own beyond a transaction, all is as without it."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from service.store.pool import open_pool
from tests.conftest import TEMPLATE, Database, Server
from tests.faults import pgbouncer
from tests.faults.clients import EVENTS, key_of, note
from tests.faults.pgbouncer import Pgbouncer
from tests.faults.streams import following
from tests.faults.traffic import STATE, Traffic
from tests.serving import CHECKOUT, Serving, free_port, until_async

KEEPS_STATEMENTS = (1, 21)
AT_ONCE = 64


def kept() -> list[int | None]:
    """How many statements it may be told to keep, as far as the one that is installed can."""
    if pgbouncer.PROGRAM is None or pgbouncer.version() < KEEPS_STATEMENTS:
        return [None]
    return [0, 200]


@pytest.fixture(scope="module", params=kept(), ids=lambda most: f"keeps {most or 'no'} statements")
def bouncer(request: pytest.FixtureRequest, server: Server) -> Iterator[tuple[Pgbouncer, Database]]:
    if pgbouncer.PROGRAM is None:
        if os.environ.get("CI"):
            pytest.fail("pgbouncer is needed where CI is set", pytrace=False)
        pytest.skip("pgbouncer is needed")
    folder = Path(tempfile.mkdtemp(prefix="tarih-"))
    folder.chmod(0o755)
    database = server.create(TEMPLATE)
    running = Pgbouncer(folder, database, free_port(), request.param)
    try:
        yield running, database
    finally:
        running.end()
        server.drop(database)
        shutil.rmtree(folder)


def environment(bouncer: Pgbouncer, database: Database) -> dict[str, str]:
    return {
        "TARIH_DATABASE_URL": bouncer.url,
        "TARIH_DIRECT_URL": database.service_url,
        "TARIH_OWNER_URL": database.owner_url,
    }


@pytest.fixture(scope="module")
def serving(bouncer: tuple[Pgbouncer, Database]) -> Iterator[Serving]:
    with tempfile.TemporaryDirectory(prefix="tarih-") as folder:
        service = Serving(Path(folder), free_port(), **environment(*bouncer), TARIH_DATABASE_TIMEOUT="2")
        service.watchdog.cancel()  # it lives as long as all of these tests
        try:
            yield service.until_it_answers()
            assert service.end(signal.SIGTERM) == 0, service.output
            assert "Traceback" not in service.output
        finally:
            if service.process.poll() is None:
                service.end(signal.SIGKILL)


@pytest.fixture
async def client(serving: Serving) -> AsyncIterator[httpx.AsyncClient]:
    base = f"http://127.0.0.1:{serving.port}"
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(base_url=base, headers=key_of(serving), timeout=30, limits=limits) as client:
        yield client


async def test_appends_at_once_are_each_recorded_once_and_a_stream_tells_of_all(
    serving: Serving, client: httpx.AsyncClient
) -> None:
    async with following(serving) as follower:
        before = len(await follower.until())
        sent = [client.post(EVENTS, json={"events": [note(f"at-once-{number}")]}) for number in range(AT_ONCE)]
        answers = await asyncio.gather(*sent)
        assert {answer.status_code for answer in answers} == {201}
        told = await follower.until(AT_ONCE)
    positions = {answer.json()["events"][0]["id"]: answer.json()["events"][0]["position"] for answer in answers}
    assert {event["id"]: event["position"] for event in told} == positions
    assert sorted(positions.values()) == list(range(before + 1, before + AT_ONCE + 1))


async def test_questions_at_once_get_each_its_own_answer(client: httpx.AsyncClient) -> None:
    async def told(number: int) -> list[str]:
        claim = await client.get(f"/v1/ledgers/drones/claims/asked-{number}")
        state = await client.get(f"{STATE}?valid_at={1900 + number}-06-30")
        return [claim.json()["event"]["claim"], state.json()["as_of"]["valid_at"][:10]]

    numbers = range(AT_ONCE)
    events = [note(f"asked-{number}") | {"claim": f"asked-{number}"} for number in numbers]
    assert (await client.post(EVENTS, json={"events": events})).status_code == 201
    answers = await asyncio.gather(*map(told, numbers))
    assert answers == [[f"asked-{number}", f"{1900 + number}-06-30"] for number in numbers]


async def test_a_request_sent_again_with_its_key_is_recorded_once(client: httpx.AsyncClient) -> None:
    def send() -> Coroutine[Any, Any, httpx.Response]:
        headers = {"Idempotency-Key": '"once"'}
        return client.post(EVENTS, json={"events": [note("once")]}, headers=headers)

    answers = await asyncio.gather(*(send() for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["events"][0]["position"] for answer in answers}) == 1


def test_pgbouncer_is_killed_and_started_again(bouncer: tuple[Pgbouncer, Database], serving: Serving) -> None:
    with Traffic(serving, "restarted") as traffic:
        bouncer[0].end()
        traffic.until_refused()
        traffic.until_refused("read")
        assert httpx.get(f"http://127.0.0.1:{serving.port}/health/ready", timeout=20).status_code == 503
        bouncer[0].start()
        traffic.stop()


async def test_a_server_that_was_exchanged_behind_it_is_noticed(
    bouncer: tuple[Pgbouncer, Database], serving: Serving, client: httpx.AsyncClient
) -> None:
    """The connections to the pooler stand meanwhile; the one that listens does not."""

    async def epoch() -> str:
        return str((await client.get("/v1/ledgers/drones")).json()["epoch"])

    before = await epoch()
    connection = await asyncpg.connect(bouncer[1].superuser_url)
    try:
        await connection.execute("UPDATE tarih.heads SET system_identifier = system_identifier + 1")
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = 'tarih wakeups'"
        )
    finally:
        await connection.close()

    async def renewed() -> bool:
        return await epoch() != before

    await until_async(renewed, 20)


async def test_statements_are_prepared_for_good_only_where_it_knows_of_them(
    bouncer: tuple[Pgbouncer, Database], request: pytest.FixtureRequest
) -> None:
    pool = await open_pool(bouncer[0].url, size=8, through_pooler=True)
    try:
        question = "SELECT array_agg(name), pg_sleep(0.01) FROM pg_prepared_statements WHERE $1 > 0"
        for _ in range(5):
            asked = await asyncio.gather(*(pool.fetchval(question, 1) for _ in range(16)))
            assert all(bool(names) is bool(bouncer[0].statements) for names in asked)
    finally:
        await pool.close()


def test_commands_do_not_go_through_it(bouncer: tuple[Pgbouncer, Database], serving: Serving) -> None:
    nobody = {"TARIH_DATABASE_URL": f"postgresql://tarih_app@127.0.0.1:{free_port()}/tarih"}
    done = subprocess.run(
        [sys.executable, "-m", "service", "keys", "list"],
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], **environment(*bouncer), **nobody},
        capture_output=True,
        text=True,
    )
    assert "admin" in done.stdout, done.stderr
