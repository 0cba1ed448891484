"""A live stream from within: how it ends, what it says when nothing comes, and whom it lets go."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from service.api import access, live, streams
from service.api.live import Live
from service.api.streams import Flowing, Streams
from service.domain.refusals import Unavailable
from service.store.feed import EVERYTHING, Page
from service.store.reads import Head
from tests.api.conftest import Api
from tests.conftest import Database

pytestmark = pytest.mark.anyio
SSE = {"headers": {"Accept": "text/event-stream"}}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes fifteen seconds in life."""
    monkeypatch.setattr(live, "PULSE", 0.1)
    monkeypatch.setattr(live, "RETRY", 0.01)
    monkeypatch.setattr(access, "REMEMBERED", 0.0)


async def change(database: Database, statement: str, *values: object) -> None:
    connection = await asyncpg.connect(database.superuser_url)
    assert (await connection.execute(statement, *values)).startswith("UPDATE 1")
    await connection.close()


async def ended(stream: "asyncio.Task[httpx.Response]") -> str:
    async with asyncio.timeout(10):
        text = (await stream).text
    assert text.startswith("retry: 1000\n\n")
    assert "\n\n:\n\n" in text, "nothing came, and it did not say so"
    return text


async def begun(api: Api, key: str | None = None) -> "asyncio.Task[httpx.Response]":
    """A stream that has lasted for some pulses."""
    stream = asyncio.create_task(api.get("/v1/ledgers/quiet/events", key, **SSE))
    await asyncio.sleep(0.5)
    assert not stream.done()
    return stream


@pytest.mark.usefixtures("quick")
async def test_a_key_that_is_revoked_ends_its_stream(api: Api, own_database: Database) -> None:
    await api.put("/v1/ledgers/quiet", {"title": "Quiet", "public_read": False})
    stream = await begun(api, await api.key(quiet="read"))
    await change(own_database, "UPDATE tarih.keys SET revoked_at = clock_timestamp() WHERE label = $1", "a test's")
    await ended(stream)


@pytest.mark.usefixtures("quick")
async def test_a_ledger_made_private_ends_the_streams_of_those_who_may_not_read_it(api: Api) -> None:
    await api.put("/v1/ledgers/quiet", {"title": "Quiet", "public_read": True})
    anyone, reader = await begun(api), await begun(api, await api.key(quiet="read"))
    await api.put("/v1/ledgers/quiet", {"title": "Quiet", "public_read": False})
    await ended(anyone)
    assert not reader.done()
    reader.cancel()


@pytest.mark.usefixtures("quick")
async def test_a_ledger_with_another_past_ends_its_streams(api: Api, own_database: Database) -> None:
    await api.put("/v1/ledgers/quiet", {"title": "Quiet", "public_read": True})
    stream = await begun(api)
    await change(own_database, "UPDATE tarih.heads SET epoch = $1 WHERE ledger = 'quiet'", uuid4())
    text = await ended(stream)
    assert "id: " in text
    assert 'event: caught-up\ndata: {"position":0}' in text


class Broken:
    """A log that cannot be read at first, and then tells that nothing passed up to a position."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    async def follow(self, _ledger: str, after: int, _head: int, _filters: object) -> AsyncIterator[Page]:
        self.asked.append(after)
        if len(self.asked) < 3:
            raise Unavailable("away")
        yield Page((), after + 3)
        await asyncio.sleep(0.2)
        yield Page((), after + 1003)
        await asyncio.Event().wait()


def following(log: Any, of: Streams | None = None) -> Live:
    head = Head(position=5, recorded_at=None, digest=b"", generation=0, epoch=uuid4(), now=0, clock=0)
    return Live(log, of or Streams(), "quiet", 2, head, EVERYTHING)


@pytest.mark.usefixtures("quick")
async def test_a_stream_outlasts_the_database_and_tells_nothing_while_nobody_knows_whether_it_may() -> None:
    log, known = Broken(), False

    async def check() -> None:
        if not known:
            raise Unavailable("away")

    blocks = following(log).blocks(check)
    assert await anext(blocks) == b"retry: 1000\n\n"
    assert b'event: caught-up\ndata: {"position":5}' in await anext(blocks)
    assert log.asked == [2, 2, 2]
    assert [await anext(blocks) for _ in range(4)] == [b":\n\n"] * 4
    known = True
    while (block := await anext(blocks)) == b":\n\n":
        pass
    assert block.startswith(b"id: ")
    assert block.endswith(b"-1005\n\n")
    await blocks.aclose()


async def test_the_end_of_the_service_ends_all_streams_and_admits_no_more() -> None:
    class Silent:
        async def follow(self, *_: object) -> AsyncIterator[Page]:
            await asyncio.Event().wait()
            yield Page((), 0)

    async def check() -> None:
        """Anyone may."""

    async def whole(blocks: AsyncGenerator[bytes, None]) -> bytes:
        return b"".join([block async for block in blocks])

    all_ = Streams()
    tasks = [asyncio.create_task(whole(following(Silent(), all_).blocks(check))) for _ in range(3)]
    await asyncio.sleep(0.05)
    all_.end()
    async with asyncio.timeout(2):
        assert await asyncio.gather(*tasks) == [b"retry: 1000\n\n"] * 3
    with pytest.raises(Unavailable):
        all_.admit()


async def test_whoever_takes_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SLOWEST", 0.05)
    freed = asyncio.Event()

    async def chunks() -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield b"x"
        finally:
            freed.set()

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)
        if message.get("more_body") and len(sent) > 3:
            await asyncio.Event().wait()

    async def receive() -> Any:
        await asyncio.Event().wait()

    answer = Flowing(chunks(), {}, "text/plain").to_asgi_response(None, None)
    async with asyncio.timeout(5):
        await answer({}, receive, send)  # type: ignore[arg-type]
    assert freed.is_set()
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


async def test_whoever_leaves_frees_the_generator() -> None:
    freed = asyncio.Event()

    async def chunks() -> AsyncGenerator[bytes, None]:
        try:
            yield b"x"
            await asyncio.Event().wait()
        finally:
            freed.set()

    async def send(_message: Any) -> None:
        """It takes everything."""

    async def receive() -> Any:
        await asyncio.sleep(0.05)
        return {"type": "http.disconnect"}

    answer = Flowing(chunks(), {}, "text/plain").to_asgi_response(None, None)
    async with asyncio.timeout(5):
        await answer({}, receive, send)  # type: ignore[arg-type]
    assert freed.is_set()
