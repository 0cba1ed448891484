"""A service that is told to stop ends in bounded time, whatever is going on; what it has taken is answered."""

import asyncio
import http.client
import json
import signal
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from service.commands.serve import LAST_REQUESTS
from tests.faults.clients import EVENTS, key_of, note
from tests.faults.streams import following
from tests.faults.test_following_answers import STATE, told
from tests.serving import Serving, free_port, until, until_async

pytestmark = pytest.mark.anyio
LOCKED = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
A_WHILE = 10.0
"""Seconds for what is to be done beside the last requests, on a machine that does other things too."""


class Upload:
    """Lines that are sent one by one, and never end."""

    def __init__(self, serving: Serving) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", serving.port, timeout=30)
        self.connection.putrequest("POST", EVENTS)
        for name, value in {**key_of(serving), "Content-Type": "application/x-ndjson"}.items():
            self.connection.putheader(name, value)
        self.connection.putheader("Transfer-Encoding", "chunked")
        self.connection.endheaders()

    def send(self, *ids: str) -> None:
        lines = b"".join(json.dumps(note(id_)).encode() + b"\n" for id_ in ids)
        self.connection.send(b"%x\r\n%s\r\n" % (len(lines), lines))

    def answer(self) -> tuple[int, Any, str | None]:
        with closing(self.connection), self.connection.getresponse() as answer:
            return answer.status, json.loads(answer.read()), answer.headers["retry-after"]


async def test_a_stop_ends_followers_and_uploads_and_answers_what_was_taken(
    data_dir: Path, started: list[Serving]
) -> None:
    serving = Serving(data_dir, free_port(), TARIH_DRAIN="3")
    started.append(serving)
    serving.until_it_answers()
    base = f"http://127.0.0.1:{serving.port}"
    superuser = await asyncpg.connect(serving.database())
    upload = Upload(serving)
    upload.send(*(f"line-{number}" for number in range(600)))  # a batch is recorded, and the rest waits for more
    await until_async(
        lambda: superuser.fetchval("SELECT count(*) >= 500 FROM tarih.events WHERE event_id LIKE 'line-%'")
    )
    async with (
        following(serving) as feed,
        following(serving, path=STATE) as answer,
        httpx.AsyncClient(base_url=base, headers=key_of(serving), timeout=30) as client,
    ):
        await feed.until()
        await told(answer)
        serving.process.send_signal(signal.SIGTERM)
        begun = time.monotonic()

        async def is_not_ready() -> bool:
            return (await client.get("/health/ready")).status_code == 503

        await until_async(is_not_ready)
        # Until whoever sends requests here has noticed, they are answered.
        assert (await client.post(EVENTS, json={"events": [note("while-leaving")]})).status_code == 201
        await superuser.execute("BEGIN; SELECT FROM tarih.heads FOR UPDATE")
        appending = asyncio.create_task(client.post(EVENTS, json={"events": [note("at-last")]}))
        other = await asyncpg.connect(serving.database())
        await until_async(lambda: other.fetchval(LOCKED))
        await other.close()
        assert await feed.ended()
        assert await answer.ended()
        status, problem, retry_after = await asyncio.to_thread(upload.answer)
        assert (status, problem["recorded"], retry_after) == (503, 500, "1")
        await superuser.execute("COMMIT")
        assert (await appending).status_code == 201
        await superuser.close()
    assert await asyncio.to_thread(serving.end) == 0
    assert time.monotonic() - begun < 3 + LAST_REQUESTS + A_WHILE
    assert "Traceback" not in serving.output


async def test_a_stop_does_not_wait_for_a_database_that_hangs(data_dir: Path, started: list[Serving]) -> None:
    serving = Serving(data_dir, free_port())
    started.append(serving)
    serving.until_it_answers()
    superuser = await asyncpg.connect(serving.database())
    await superuser.execute("BEGIN; SELECT FROM tarih.heads FOR UPDATE")

    def send() -> None:
        with pytest.raises(httpx.HTTPError):
            httpx.post(
                f"http://127.0.0.1:{serving.port}{EVENTS}",
                json={"events": [note("held-up")]},
                headers=key_of(serving),
                timeout=30,
            )

    sending = threading.Thread(target=send)
    sending.start()
    other = await asyncpg.connect(serving.database())
    await until_async(lambda: other.fetchval(LOCKED))
    await other.close()
    begun = time.monotonic()
    serving.process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(serving.end)
    assert time.monotonic() - begun < LAST_REQUESTS + A_WHILE
    until(lambda: not serving.postgres())
    await asyncio.to_thread(sending.join)
    superuser.terminate()
