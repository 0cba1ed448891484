"""A whole service under callers who ask too much, too slowly, or with too many connections."""

import asyncio
import json
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.api.bodies import PATIENCE, SLOWEST_JSON
from service.commands.serve import IDLE
from tests.api.conftest import note
from tests.faults.test_following import open_files_of, until, workers_of
from tests.serving import Serving, free_port

pytestmark = pytest.mark.anyio


def serving(started: list[Serving], data_dir: Path, **environment: str) -> Serving:
    one = Serving(data_dir, free_port(), **{f"TARIH_{name}": text for name, text in environment.items()})
    started.append(one)
    return one.until_it_answers()


async def statuses(service: Serving, times: int, **headers: str) -> list[int]:
    """Of so many requests, each on a connection of its own, so that every worker gets some."""
    limits = httpx.Limits(max_keepalive_connections=0)
    address = f"http://127.0.0.1:{service.port}/v1/ledgers/drones"
    async with httpx.AsyncClient(limits=limits, headers=headers, timeout=60) as client:
        return [(await client.get(address)).status_code for _ in range(times)]


async def test_workers_count_together(data_dir: Path, started: list[Serving]) -> None:
    service = serving(started, data_dir, WORKERS="3", LIMIT_PER_ADDRESS="60/86400", LIMIT_PER_KEY="50/86400")
    key = (data_dir / "admin.key").read_text().strip()
    known = await statuses(service, 80, authorization=f"Bearer {key}")
    # Where a worker does not know the key yet, its address counts: once a worker.
    assert 50 <= known.count(200) <= 53
    assert set(known) == {200, 429}
    unknown = await statuses(service, 80)
    assert known.count(200) + unknown.count(200) <= 50 + 60
    assert unknown.count(200) >= 60 - 3 - 3, "what the start itself asked, and the key's first requests"
    assert service.end(signal.SIGTERM) == 0
    again = serving(started, data_dir, WORKERS="3", LIMIT_PER_ADDRESS="60/86400", LIMIT_PER_KEY="50/86400")
    assert 200 in await statuses(again, 1), "a new start forgets"


@pytest.fixture(scope="module")
def shared() -> Iterator[Serving]:
    """One for all tests that leave it as it is, but for events."""
    with tempfile.TemporaryDirectory(prefix="tarih-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        service = Serving(Path(folder), free_port())
        service.watchdog.cancel()  # slow callers take their time
        try:
            yield service.until_it_answers()
        finally:
            assert service.end(signal.SIGTERM) == 0, service.output


class Wire:
    """One connection, byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, content: bytes) -> None:
        self.writer.write(content)
        await self.writer.drain()

    async def answer(self) -> tuple[int, bytes]:
        """Its status, and its body as it came: whole, or until the connection ended."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        status = int(head.split(" ")[1])
        length = [line.partition(": ")[2] for line in head.split("\r\n") if line.startswith("content-length")]
        return status, await (self.reader.readexactly(int(length[0])) if length else self.reader.read())

    async def ended(self) -> bool:
        try:
            return await self.reader.read(1) == b""
        except ConnectionError:
            return True


@asynccontextmanager
async def wire(service: Serving) -> AsyncIterator[Wire]:
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.transport.abort()


def post(service: Serving, length: int | None, media_type: str = "application/json", query: str = "") -> bytes:
    """The head of a request that writes as the admin; in chunks where no length is given."""
    key = (service.data_dir / "admin.key").read_text().strip()
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return (
        f"POST /v1/ledgers/drones/events{query} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: {media_type}\r\n{size}\r\n\r\n"
    ).encode()


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


def line(id_: str) -> bytes:
    return json.dumps(note(id_)).encode() + b"\n"


async def head_of(service: Serving) -> int:
    async with httpx.AsyncClient() as client:
        position: int = (await client.get(f"http://127.0.0.1:{service.port}/v1/ledgers/drones")).json()["position"]
        return position


async def test_connections_that_say_nothing_or_half_a_request_are_closed(shared: Serving) -> None:
    begun = time.monotonic()

    async def closed(said: bytes) -> None:
        async with wire(shared) as connection:
            await connection.send(said)
            if said.endswith(b"\r\n\r\n"):
                assert (await connection.answer())[0] == 200
            assert await connection.ended()
            assert time.monotonic() - begun > IDLE / 1000 - 1, "whoever pauses less is waited for"

    async with asyncio.timeout(IDLE / 1000 + 30):
        half = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"
        await asyncio.gather(*map(closed, [b"", b"G", half, half + b"\r\n"]))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
async def test_a_thousand_idle_connections_hold_nobody_up_and_are_let_go(shared: Serving) -> None:
    [worker] = workers_of(shared)
    before = open_files_of(worker)
    many = [await asyncio.open_connection("127.0.0.1", shared.port) for _ in range(1000)]
    await until(lambda: open_files_of(worker) >= before + 1000)
    begun = time.monotonic()
    for _ in range(20):
        assert await head_of(shared) >= 51
    assert time.monotonic() - begun < 10
    for _, writer in many:
        writer.transport.abort()
    await until(lambda: open_files_of(worker) <= before + 5)


async def test_a_body_that_stalls_is_given_up_and_what_of_it_was_whole_is_told(shared: Serving) -> None:
    before, lines = await head_of(shared), "application/x-ndjson"

    async def one(head: bytes, send: Callable[[Wire], Awaitable[None]]) -> tuple[int, Any]:
        async with wire(shared) as connection:
            await connection.send(head)
            await send(connection)
            status, body = await connection.answer()
            assert await connection.ended(), "it cannot be used for another request"
            return status, body

    async def nothing(connection: Wire) -> None:
        pass

    async def half(connection: Wire) -> None:
        await connection.send(b'{"events": [')

    async def by_the_byte(connection: Wire) -> None:
        for _ in range(int(PATIENCE) - 2):
            await connection.send(b" ")
            await asyncio.sleep(1)

    async def two_lines_and_half(connection: Wire) -> None:
        await connection.send(chunk(line("stalled-1")) + chunk(line("stalled-2")) + chunk(b'{"action": "ass'))

    async def two_lines_more(connection: Wire) -> None:
        await connection.send(chunk(line("stalled-3") + line("stalled-4")))

    begun = time.monotonic()
    async with asyncio.timeout(PATIENCE + 40):
        empty, begins, trickles, cut, told = await asyncio.gather(
            one(post(shared, 100), nothing),
            one(post(shared, 100), half),
            one(post(shared, 100), by_the_byte),
            one(post(shared, None, lines), two_lines_and_half),
            one(post(shared, None, lines, "?results=all"), two_lines_more),
        )
    assert PATIENCE - 1 <= time.monotonic() - begun < 2 * PATIENCE - 5, "and a trickle gains no time"
    for status, body in (empty, begins, trickles):
        assert status == 408
        assert json.loads(body)["type"].endswith("/problems/too-slow")
        assert "recorded" not in json.loads(body)
    assert str(f"{SLOWEST_JSON:,}") in json.loads(trickles[1])["detail"]
    assert (cut[0], json.loads(cut[1])["recorded"]) == (408, 2)
    assert told[0] == 200
    assert b'"status":"recorded"' in told[1]
    assert b'"problem"' in told[1]
    assert b'"status":408' in told[1]
    assert await head_of(shared) == before + 4


async def test_whoever_may_not_write_is_answered_before_its_body_comes(shared: Serving) -> None:
    head = post(shared, 9_000_000)
    for key, status in ((b"", 401), (b"Authorization: Bearer nothing\r\n", 401)):
        lines = [one for one in head.split(b"\r\n") if not one.startswith(b"Authorization")]
        async with asyncio.timeout(10), wire(shared) as connection:
            await connection.send(b"\r\n".join(lines[:2]) + b"\r\n" + key + b"\r\n".join(lines[2:]))
            assert (await connection.answer())[0] == status


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
async def test_whoever_does_not_read_a_large_answer_is_let_go(shared: Serving) -> None:
    key = (shared.data_dir / "admin.key").read_text().strip()
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {key}"}, timeout=60) as client:
        address = f"http://127.0.0.1:{shared.port}/v1/ledgers/drones/events"
        large = [note(f"large-{n}", phrase="x" * 190, title="y" * 190) for n in range(4000)]
        assert (await client.post(address, json={"events": large})).status_code == 201
        assert len((await client.get(f"{address}?limit=1000&after=100")).content) > 500_000
    [worker] = workers_of(shared)
    before = open_files_of(worker)
    silent = [await asyncio.open_connection("127.0.0.1", shared.port) for _ in range(40)]
    try:
        for _, writer in silent:
            writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport of a socket has it
            # More than the system's own buffers take.
            for after in range(100, 3000, 100):
                path = f"/v1/ledgers/drones/events?limit=1000&after={after}"
                writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await until(lambda: open_files_of(worker) >= before + 40)
        assert await head_of(shared) > 0
        # It has opened connections to the database meanwhile, and keeps them.
        await until(lambda: open_files_of(worker) <= before + 10, 90)
    finally:
        for _, writer in silent:
            writer.transport.abort()
