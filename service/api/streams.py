"""Answers that go on: how many a process keeps, how they end together, and how one lets go of who does not read."""

import asyncio
import logging
import math
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any, Protocol, TypeVar
from weakref import WeakSet

from litestar.response import Stream
from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import HTTPResponseBodyEvent, HTTPResponseStartEvent, Receive, Send

from service import metrics
from service.api.accounts import account_of
from service.api.refused import TooManyRequests
from service.domain.refusals import Unavailable
from service.store.wakeups import Stopping

EVENT_STREAM = "text/event-stream"
SLOWEST = 30.0
"""Seconds that a caller has to take a chunk; who is slower is let go, and may come back to where it was."""
LAST_CHUNKS = 1.0
"""Seconds for which bodies may still come in, once the service ends."""
CHUNK = 65_536
"""Bytes, about, that are sent at once."""
READ_AT_ONCE = 2
MOST_FOLLOWERS = 1500
"""Streams of one process at a time."""
MOST_OF_A_CALLER = 1000
"""Of these, where nothing else is said."""
WORTH_TRYING = 10
"""Seconds in which one of them may have ended."""

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Follower(Protocol):
    """Who reads one."""

    caller: str

    @property
    def behind(self) -> int:
        """How many events it has still to get, as far as is known."""


class Streams:
    """The live streams of one process; ``end`` ends them all, and lets no other begin."""

    def __init__(self, most_of_a_caller: int = MOST_OF_A_CALLER) -> None:
        self._most_of_a_caller = most_of_a_caller
        self.ended = False
        self._bodies_until = math.inf
        self._receiving: set[asyncio.Timeout] = set()
        self.catching_up = asyncio.Semaphore(READ_AT_ONCE)
        """Held while a page of what is long recorded is read, so that those who catch up leave others their turn."""
        self._open: WeakSet[Follower] = WeakSet()
        """Those that have entered and not left; one whose answer was never begun goes with that."""
        self._waits: set[asyncio.Task[Any]] = set()
        self._looks: set[asyncio.Future[None]] = set()

    def admit(self, caller: str) -> None:
        """Raises Unavailable, and TooManyRequests."""
        if self.ended:
            raise Stopping
        most = self._most_of_a_caller
        if len(self._open) >= most and sum(follower.caller == caller for follower in self._open) >= most:
            detail = f"at most {most:,} live streams at one time for one key, or one address without a key"
            raise TooManyRequests(detail, WORTH_TRYING)
        if len(self._open) >= MOST_FOLLOWERS:
            raise Unavailable(f"{len(self._open)} streams are open")

    def end(self) -> None:
        self.ended = True
        self._bodies_until = asyncio.get_running_loop().time() + LAST_CHUNKS
        for patience in self._receiving:
            patience.reschedule(min(patience.when() or math.inf, self._bodies_until))
        for wait in list(self._waits):
            wait.cancel()

    @property
    def open(self) -> int:
        return len(self._open)

    @property
    def furthest_behind(self) -> int:
        """How many events one of them has still to get."""
        return max((follower.behind for follower in self._open), default=0)

    def enter(self, follower: Follower) -> None:
        """Raises as ``admit`` does: others may have entered since."""
        self.admit(follower.caller)
        self._open.add(follower)

    def leave(self, follower: Follower) -> None:
        self._open.discard(follower)

    def access_changed(self) -> None:
        """Every stream looks at its caller's access at once."""
        for look in self._looks:
            if not look.done():  # that of a stream which has just ended is taken out a little later
                look.set_result(None)
        self._looks.clear()

    def until_access_changes(self) -> asyncio.Future[None]:
        look = asyncio.get_running_loop().create_future()
        self._looks.add(look)
        look.add_done_callback(self._looks.discard)
        return look

    @asynccontextmanager
    async def receiving(self, seconds: float) -> AsyncGenerator[None, None]:
        """Around the wait for a piece of a body: for so long, and not for long after the end.

        Raises TimeoutError, and Stopping once nothing more is taken in.
        """
        now = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(min(now + seconds, self._bodies_until)) as patience:
                self._receiving.add(patience)
                try:
                    yield
                finally:
                    self._receiving.discard(patience)
        except TimeoutError:
            if self.ended:
                raise Stopping from None
            raise
        if now >= self._bodies_until:  # whoever never pauses would never be stopped
            raise Stopping

    def waiting(self, coming: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A task that ``end`` cancels."""
        task = asyncio.create_task(coming)
        self._waits.add(task)
        task.add_done_callback(self._waits.discard)
        return task


async def send_whole(send: Send, start: HTTPResponseStartEvent, body: bytes) -> None:
    """An answer that is there already; a large one in chunks, or the server would hold it for whoever does not read."""
    await send(start)
    if len(body) > CHUNK:
        try:
            for begin in range(0, len(body) - CHUNK, CHUNK):
                async with asyncio.timeout(SLOWEST):
                    await send(_body(body[begin : begin + CHUNK], more=True))
            body = body[begin + CHUNK :]
        except TimeoutError:
            logger.info("a caller took nothing for %d s and is let go", SLOWEST)
            body = b""
    await send(_body(body, more=False))


class Flowing(Stream):
    """An answer in chunks; its generator ends when the caller leaves, or does not take them."""

    def __init__(self, chunks: AsyncGenerator[bytes, None], headers: Mapping[str, str], media_type: str) -> None:
        super().__init__(chunks, headers=dict(headers), media_type=media_type)
        self.chunks = chunks

    def to_asgi_response(self, app: Any, request: Any, **given: Any) -> ASGIStreamingResponse:
        if self.media_type == EVENT_STREAM:
            account_of(request.scope).lasting = True
        return _Writing(
            iterator=self.chunks,
            headers={**(given.get("headers") or {}), **self.headers},
            media_type=self.media_type,
            status_code=self.status_code or 200,
        )


class _Writing(ASGIStreamingResponse):
    async def send_body(self, send: Send, receive: Receive) -> None:
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(self._write(send))
            gone = group.create_task(_gone(receive))
            gone.add_done_callback(lambda _: writing.cancel())
            writing.add_done_callback(lambda _: gone.cancel())

    async def _write(self, send: Send) -> None:
        assert isinstance(self.iterator, AsyncGenerator)  # noqa: S101 - so it was made
        async with aclosing(self.iterator) as chunks:
            async for chunk in chunks:
                try:
                    async with asyncio.timeout(SLOWEST):
                        await send(_body(chunk, more=True))
                except TimeoutError:
                    logger.info("a caller took nothing for %d s and is let go", SLOWEST)
                    metrics.LET_GO.inc()
                    break
        await send(_body(b"", more=False))


def _body(chunk: bytes | str, *, more: bool) -> HTTPResponseBodyEvent:
    assert isinstance(chunk, bytes)  # noqa: S101 - so its generator says
    return {"type": "http.response.body", "body": chunk, "more_body": more}


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
