"""A service that is killed at any stage of an append: before the call, within it, after the commit but unanswered."""

import http.client
import json
import signal
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from tests.conftest import Database
from tests.faults.clients import EVENTS, key_of, note, resend
from tests.faults.proxy import Proxy
from tests.serving import Serving, free_port, until, until_async

pytestmark = pytest.mark.anyio
POSITION = "SELECT position FROM tarih.events WHERE event_id = $1"
COUNT = "SELECT count(*) FROM tarih.events WHERE event_id = $1"
OF_THE_SERVICE = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'tarih_app'"
WAITING = f"{OF_THE_SERVICE} AND wait_event_type = 'Lock'"
BUSY = f"{OF_THE_SERVICE} AND state = 'active'"


@pytest.fixture
def proxy(database: Database) -> Iterator[Proxy]:
    asked = parse_qs(urlsplit(database.service_url).query)
    if "host" not in asked:
        pytest.skip("the tests' own server listens on a socket; this one does not")
    proxy = Proxy(Path(asked["host"][0]) / f".s.PGSQL.{asked['port'][0]}")
    yield proxy
    proxy.close()


class Sender:
    """One client that sends one event, and learns what it is answered, if it is."""

    def __init__(self, serving: Serving, id_: str) -> None:
        self.serving, self.id = serving, id_
        self.status: int | None = None
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    def join(self) -> int | None:
        self._thread.join(30)
        return self.status

    def _send(self) -> None:
        headers = {"Content-Type": "application/json", **key_of(self.serving)}
        with (
            suppress(OSError, http.client.HTTPException),
            closing(http.client.HTTPConnection("127.0.0.1", self.serving.port, timeout=60)) as connection,
        ):
            connection.request("POST", EVENTS, json.dumps({"events": [note(self.id)]}), headers)
            with connection.getresponse() as answer:
                answer.read()
                self.status = answer.status


async def test_whatever_was_recorded_a_retry_finds_it_once(
    data_dir: Path, started: list[Serving], database: Database, proxy: Proxy
) -> None:
    url = urlsplit(database.service_url)
    address = url._replace(netloc=f"{url.netloc.rpartition('@')[0]}@127.0.0.1:{proxy.port}", query="").geturl()
    port = free_port()

    def serve() -> Serving:
        serving = Serving(data_dir, port, TARIH_DATABASE_URL=address, TARIH_DATABASE_TIMEOUT="60")
        started.append(serving)
        return serving.until_it_answers()

    connection = await asyncpg.connect(database.superuser_url)
    holder = await asyncpg.connect(database.superuser_url)
    serving = serve()
    try:
        for stage, recorded in (("before the call", {0}), ("within the call", {0, 1}), ("after the commit", {1})):
            # So that nothing is left to be asked before the append.
            assert Sender(serving, f"warm {stage}".replace(" ", "-")).join() == 201
            id_ = stage.replace(" ", "-")
            if stage == "before the call":
                proxy.up.clear()
                sender = Sender(serving, id_)
                until(lambda: proxy.held)
            else:
                await holder.execute("BEGIN; SELECT FROM tarih.heads FOR UPDATE")
                sender = Sender(serving, id_)
                await until_async(lambda: connection.fetchval(WAITING))
            if stage == "after the commit":
                proxy.down.clear()
                await holder.execute("ROLLBACK")
                await until_async(lambda id_=id_: connection.fetchval(COUNT, id_))  # type: ignore[misc]
            serving.end(signal.SIGKILL)
            assert sender.join() is None, "nobody was answered"
            proxy.reset()
            proxy.heal()
            if stage == "within the call":
                await holder.execute("ROLLBACK")
            # What the database had begun comes to its end, whichever it is.
            await until_async(lambda: _none(connection))
            assert await connection.fetchval(COUNT, id_) in recorded, stage
            position = await connection.fetchval(POSITION, id_)
            serving = serve()
            found = resend(serving, {id_})[id_]
            assert found == (position or found)
            assert await connection.fetchval(COUNT, id_) == 1
        assert serving.end(signal.SIGTERM) == 0
    finally:
        await connection.close()
        await holder.close()


async def _none(connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
    return int(await connection.fetchval(BUSY)) == 0
