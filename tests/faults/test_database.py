"""PostgreSQL fails in every way it can: answers are 503 in bounded time, all comes right by itself, nothing is lost.

One service for all of these, with a database of its own behind a proxy; each test leaves both as they were. What is
promised of each fault stands in ``docs/reliability.md``.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from migrations import running
from service.embedded.cluster import given_away
from service.embedded.server import Embedded
from service.processes import processes_in
from tests.faults.clients import EVENTS, key_of, note
from tests.faults.proxy import Proxy
from tests.faults.traffic import SLOWEST, Traffic
from tests.serving import Serving, free_port, until

SMALL = "48M"
"""The file system that the database's tables are on."""


@dataclass
class Ground:
    """A PostgreSQL that tests may do anything to, and the service that lives with it."""

    folder: Path
    postgres: Embedded
    proxy: Proxy
    serving: Serving
    small: Path | None
    """A file system of its own, that can be filled; None where none can be mounted."""

    def sql(self, *statements: str, database: str = "tarih") -> Any:
        """Run by the superuser; what the last one gives."""

        async def run() -> Any:
            connection = await asyncpg.connect(self.postgres.url("postgres", database), timeout=10)
            try:
                for statement in statements[:-1]:
                    await connection.execute(statement)
                return await connection.fetchval(statements[-1])
            finally:
                await connection.close()

        return asyncio.run(run())

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While it lasts, nobody records."""
        address = self.postgres.url("postgres", "tarih")
        locking = subprocess.Popen(
            [str(self.postgres.place.binaries / "psql"), "--no-psqlrc", "--quiet", address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert locking.stdin is not None
        assert locking.stdout is not None
        locking.stdin.write("BEGIN; SELECT 'locked' FROM tarih.heads FOR UPDATE;\n")
        locking.stdin.flush()
        while "locked" not in locking.stdout.readline():
            pass
        try:
            yield
        finally:
            locking.communicate("ROLLBACK;\n", timeout=30)

    def start_again(self) -> None:
        self.postgres = Embedded.start(self.folder / "data")

    def signal_all(self, number: signal.Signals) -> None:
        for pid in processes_in(self.postgres.place.cluster) or []:
            os.kill(pid, number)

    def end_sessions(self) -> None:
        """Of the service; it opens others."""
        self.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'tarih_app'")


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    folder = Path(tempfile.mkdtemp(prefix="tarih-"))
    folder.chmod(0o755)
    (folder / "data").mkdir()
    small: Path | None = folder / "small"
    folder.joinpath("small").mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(small)], capture_output=True
    ).returncode
    postgres = Embedded.start(folder / "data")
    proxy = Proxy(postgres.socket / ".s.PGSQL.5432")
    try:
        if mounted == 0 and small is not None:
            given_away(small, postgres.place)
            postgres.psql(f"CREATE TABLESPACE small LOCATION '{small}'")
            postgres.psql("ALTER DATABASE tarih SET TABLESPACE small")
        else:
            small = None
        running.upgrade(postgres.owner_url)
        postgres.admit_service()
        serving = Serving(
            folder / "service",
            free_port(),
            TARIH_DATABASE_URL=f"postgresql://tarih_app@127.0.0.1:{proxy.port}/tarih",
            TARIH_DATABASE_TIMEOUT="2",
            TARIH_LOG_LEVEL="WARNING",
        )
        serving.watchdog.cancel()  # it lives as long as all of these tests
        ground = Ground(folder, postgres, proxy, serving, small)
        try:
            serving.until_it_answers()
            yield ground
            assert serving.end(signal.SIGTERM) == 0, serving.output
            assert "Traceback" not in serving.output
        finally:
            if serving.process.poll() is None:
                serving.end(signal.SIGKILL)
            ground.signal_all(signal.SIGCONT)
            ground.postgres.stop(at_once=True)
    finally:
        proxy.close()
        postgres.stop(at_once=True)
        if mounted == 0:
            subprocess.run(["umount", "-l", str(folder / "small")], check=True)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def traffic(ground: Ground, request: pytest.FixtureRequest) -> Iterator[Traffic]:
    with Traffic(ground.serving, request.node.name) as traffic:
        yield traffic


def ready(ground: Ground) -> int:
    return httpx.get(f"http://127.0.0.1:{ground.serving.port}/health/ready", timeout=20).status_code


def test_postgresql_is_killed_and_started_again(ground: Ground, traffic: Traffic) -> None:
    ground.signal_all(signal.SIGKILL)
    traffic.until_refused()
    traffic.until_refused("read")
    assert ready(ground) == 503
    ground.start_again()
    traffic.stop()
    assert ready(ground) == 200


def test_postgresql_is_restarted(ground: Ground, traffic: Traffic) -> None:
    ground.postgres.stop()
    traffic.until_refused()
    ground.start_again()
    traffic.stop()


def test_one_of_its_processes_crashes_and_postgresql_recovers(ground: Ground, traffic: Traffic) -> None:
    pid = ground.sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'tarih' LIMIT 1")
    os.kill(pid, signal.SIGKILL)
    traffic.stop()


def test_postgresql_is_paused(ground: Ground, traffic: Traffic) -> None:
    ground.signal_all(signal.SIGSTOP)
    traffic.until_refused()
    traffic.until_refused("read")
    begun = time.monotonic()
    assert ready(ground) == 503
    assert time.monotonic() - begun < 5
    ground.signal_all(signal.SIGCONT)
    traffic.stop()


def test_there_are_no_connections_to_be_had(ground: Ground, traffic: Traffic) -> None:
    ground.sql("ALTER ROLE tarih_app CONNECTION LIMIT 0", "SELECT 1")
    ground.end_sessions()
    traffic.until_refused()
    traffic.until_refused("read")
    ground.sql("ALTER ROLE tarih_app CONNECTION LIMIT -1", "SELECT 1")
    traffic.stop()


def test_the_disk_is_full(ground: Ground, traffic: Traffic) -> None:
    if ground.small is None:
        pytest.skip("only root can mount a file system to be filled")
    ballast = ground.small / "ballast"
    with ballast.open("wb") as file:
        try:
            while True:
                file.write(bytes(65_536))
                file.flush()
        except OSError:
            pass
    try:
        traffic.until_refused()
        traffic.until_read(10)
    finally:
        ballast.unlink()
    traffic.stop()


def test_the_database_is_read_only_and_still_answers(ground: Ground, traffic: Traffic) -> None:
    ground.sql("ALTER ROLE tarih_app SET default_transaction_read_only = on", "SELECT 1")
    ground.end_sessions()
    traffic.until_refused()
    traffic.until_read(10)
    refused = httpx.put(
        f"http://127.0.0.1:{ground.serving.port}/v1/ledgers/another",
        json={"title": "Another", "public_read": True},
        headers=key_of(ground.serving),
        timeout=20,
    )
    assert refused.status_code == 503
    ground.sql("ALTER ROLE tarih_app RESET default_transaction_read_only", "SELECT 1")
    ground.end_sessions()
    traffic.stop()


def test_the_clock_is_set_back(ground: Ground, traffic: Traffic) -> None:
    # As if what was recorded last had been recorded by a clock that was ten seconds ahead of this one.
    ground.sql("UPDATE tarih.heads SET recorded_at = clock_timestamp() + interval '10 seconds'", "SELECT 1")
    traffic.until_written(20)
    rows = ground.sql(
        "SELECT bool_and(rises) FROM (SELECT recorded_at > lag(recorded_at) OVER (ORDER BY last_position) AS rises"
        " FROM tarih.batches WHERE ledger = 'drones') AS each"
    )
    assert rows is True
    metrics = httpx.get(
        f"http://127.0.0.1:{ground.serving.port}/metrics", headers=key_of(ground.serving), timeout=20
    ).text
    [behind] = [line for line in metrics.splitlines() if line.startswith("tarih_clock_behind_seconds ")]
    assert float(behind.split()[1]) > 0
    traffic.stop()
    ground.sql("UPDATE tarih.heads SET recorded_at = greatest(recorded_at, clock_timestamp())", "SELECT 1")


def test_the_network_is_cut(ground: Ground, traffic: Traffic) -> None:
    ground.proxy.cut()
    traffic.until_refused()
    traffic.until_refused("read")
    ground.proxy.heal()
    traffic.stop()


def test_the_network_says_nothing_any_more(ground: Ground, traffic: Traffic) -> None:
    ground.proxy.stall()
    traffic.until_refused()
    traffic.until_refused("read")
    ground.proxy.heal()
    traffic.stop()


def test_connections_are_forgotten_on_the_way(ground: Ground, traffic: Traffic) -> None:
    """As a firewall does: nobody is told, and what is sent is lost; a new connection is as good as ever."""
    ground.proxy.stall()
    traffic.until_refused()
    ground.proxy.reset()
    ground.proxy.heal()
    traffic.stop()


def test_the_network_is_slow(ground: Ground, traffic: Traffic) -> None:
    ground.proxy.delay = 0.05
    traffic.until_written(10)
    traffic.until_read(10)
    ground.proxy.heal()
    traffic.stop()


def test_an_answer_that_is_lost_on_its_way_is_found_again(ground: Ground) -> None:
    """The database has recorded, and the service does not hear of it: it asks again, and the events are there once."""
    answers: list[httpx.Response] = []

    def send() -> None:
        address = f"http://127.0.0.1:{ground.serving.port}{EVENTS}"
        body = {"events": [note("lost-answer")]}
        answers.append(httpx.post(address, json=body, headers=key_of(ground.serving), timeout=30))

    sending = threading.Thread(target=send)
    with ground.locked():
        sending.start()
        until(lambda: ground.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
        ground.proxy.down.clear()
    until(lambda: ground.sql("SELECT count(*) FROM tarih.events WHERE event_id = 'lost-answer'"))
    ground.proxy.reset()
    ground.proxy.heal()
    sending.join(SLOWEST)
    assert answers[0].status_code == 200
    position = answers[0].json()["events"][0]["position"]
    assert position == ground.sql("SELECT position FROM tarih.events WHERE event_id = 'lost-answer'")
