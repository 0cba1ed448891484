"""A live stream from within: how it ends, what it says when nothing comes, and whom it lets go."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from service.api import access, live, streams
from service.api.access import Pass
from service.api.live import Live
from service.api.streams import Flowing, Streams
from service.domain.refusals import Unavailable
from service.store.feed import EVERYTHING, Page
from service.store.reads import Head
from tests.api.conftest import Api
from tests.api.streams import Stream
from tests.api.streams import following as streaming
from tests.conftest import Database

pytestmark = pytest.mark.anyio
ANYONE = Pass(None, public=True)


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


async def ended(stream: Stream) -> None:
    while await stream.text() is not None:
        pass


@asynccontextmanager
async def begun(api: Api, key: str | None = None) -> AsyncIterator[Stream]:
    """A stream that has lasted for some pulses, and said so."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    async with streaming(api, "/v1/ledgers/quiet/events", **headers) as stream:
        assert await stream.text() == "retry: 1000"
        caught_up = (await stream.text() or "").split("\n")
        assert caught_up[0].startswith("id: ")
        assert caught_up[1:] == ["event: caught-up", 'data: {"position":0}']
        assert [await stream.text() for _ in range(3)] == [":"] * 3
        yield stream


@pytest.mark.usefixtures("quick")
async def test_a_key_that_is_revoked_ends_its_stream(api: Api, own_database: Database) -> None:
    await api.put("/v1/ledgers/quiet", {"title": "Quiet", "public_read": False})
    async with begun(api, await api.key(quiet="read")) as stream:
        await change(own_database, "UPDATE tarih.keys SET revoked_at = now() WHERE label = $1", "a test's")
        await ended(stream)


@pytest.mark.usefixtures("quick")
async def test_a_ledger_made_private_ends_the_streams_of_those_who_may_not_read_it(api: Api) -> None:
    await api.put("/v1/ledgers/quiet", {"title": "Quiet", "public_read": True})
    async with begun(api) as anyone, begun(api, await api.key(quiet="read")) as reader:
        await api.put("/v1/ledgers/quiet", {"title": "Quiet", "public_read": False})
        await ended(anyone)
        assert [await reader.text() for _ in range(3)] == [":"] * 3


@pytest.mark.usefixtures("quick")
async def test_a_ledger_with_another_past_ends_its_streams(api: Api, own_database: Database) -> None:
    await api.put("/v1/ledgers/quiet", {"title": "Quiet", "public_read": True})
    async with begun(api) as stream:
        await change(own_database, "UPDATE tarih.heads SET epoch = $1 WHERE ledger = 'quiet'", uuid4())
        await ended(stream)


class Broken:
    """A log that cannot be read at first, and then tells that nothing passed up to a position."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.more = asyncio.Event()

    async def follow(self, _ledger: str, after: int, _head: int, _filters: object) -> AsyncIterator[Page]:
        self.asked.append(after)
        if len(self.asked) < 3:
            raise Unavailable("away")
        yield Page((), after + 3)
        await self.more.wait()
        yield Page((), after + 1003)
        await asyncio.Event().wait()


def following(log: Any, of: Streams | None = None) -> Live:
    head = Head(position=5, recorded_at=None, digest=b"", generation=0, epoch=uuid4(), now=0)
    return Live(log, of or Streams(), "a caller", "quiet", 2, head, EVERYTHING)


@pytest.mark.usefixtures("quick")
async def test_a_stream_outlasts_the_database_and_tells_nothing_while_nobody_knows_whether_it_may() -> None:
    log, known = Broken(), False

    async def check() -> Pass:
        if not known:
            raise Unavailable("away")
        return ANYONE

    blocks = following(log).blocks(ANYONE, check)
    assert await anext(blocks) == b"retry: 1000\n\n"
    assert b'event: caught-up\ndata: {"position":5}' in await anext(blocks)
    assert log.asked == [2, 2, 2]
    assert await anext(blocks) == b":\n\n"
    log.more.set()
    assert [await anext(blocks) for _ in range(4)] == [b":\n\n"] * 4
    known = True
    while (block := await anext(blocks)) == b":\n\n":
        pass
    assert block.startswith(b"id: ")
    assert block.endswith(b"-1005\n\n")
    await blocks.aclose()


async def test_the_end_of_the_service_ends_all_streams_and_admits_no_more() -> None:
    reading = asyncio.Barrier(streams.READ_AT_ONCE + 1)  # the third one waits for its turn

    class Silent:
        async def follow(self, *_: object) -> AsyncIterator[Page]:
            await reading.wait()
            await asyncio.Event().wait()
            yield Page((), 0)

    async def check() -> Pass:
        return ANYONE

    async def whole(blocks: AsyncGenerator[bytes, None]) -> bytes:
        return b"".join([block async for block in blocks])

    all_ = Streams()
    tasks = [asyncio.create_task(whole(following(Silent(), all_).blocks(ANYONE, check))) for _ in range(3)]
    async with asyncio.timeout(10):
        await reading.wait()
    all_.end()
    async with asyncio.timeout(2):
        assert await asyncio.gather(*tasks) == [b"retry: 1000\n\n"] * 3
    with pytest.raises(Unavailable):
        all_.admit("a caller")


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

    taken = asyncio.Event()

    async def send(message: Any) -> None:
        if message.get("body"):
            taken.set()

    async def receive() -> Any:
        await taken.wait()
        return {"type": "http.disconnect"}

    answer = Flowing(chunks(), {}, "text/plain").to_asgi_response(None, None)
    async with asyncio.timeout(5):
        await answer({}, receive, send)  # type: ignore[arg-type]
    assert freed.is_set()
