"""Streams within the process: one connection to the application that goes on, read block by block."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.api.conftest import STATE, Api

SSE = {"Accept": "text/event-stream"}
Json = dict[str, Any]


class Stream:
    """One connection to the application that goes on; httpx's transport within a process would wait for its end."""

    def __init__(self, api: Api, path: str, headers: dict[str, str]) -> None:
        path, _, query = path.partition("?")
        self._app = api.client._transport.app  # type: ignore[attr-defined]
        self._scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in (SSE | headers).items()],
            "server": ("tarih.test", 80), "client": ("127.0.0.1", 1),
        }  # fmt: skip
        self.left = asyncio.Event()
        self._sent: asyncio.Queue[Any] = asyncio.Queue()
        self._held = b""
        self.last_id = ""

    async def begin(self) -> None:
        self._asked = False
        self.task = asyncio.create_task(self._app(self._scope, self._receive, self._sent.put))
        start = await asyncio.wait_for(self._sent.get(), 10)
        self.status = start["status"]
        self.headers = {name.decode(): value.decode() for name, value in start["headers"]}

    async def _receive(self) -> Any:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def text(self) -> str | None:
        """The next block, as it was sent; None at the end."""
        async with asyncio.timeout(10):
            while b"\n\n" not in self._held:
                message = await self._sent.get()
                self._held += message.get("body", b"")
                if not message.get("more_body") and b"\n\n" not in self._held:
                    return None
        text, _, self._held = self._held.partition(b"\n\n")
        return text.decode()

    async def block(self) -> Json | None:
        """The next one that is an event; None at the end."""
        while (text := await self.text()) is not None:
            fields: Json = dict(line.partition(": ")[::2] for line in text.split("\n"))
            if "data" in fields:
                self.last_id = fields.get("id", self.last_id)
                return {**fields, "data": json.loads(fields["data"])}
        return None

    async def state(self) -> Json:
        """The next state; what it was caused by is kept."""
        self.causes: list[Json] = []
        while block := await self.block():
            if block["event"] == "state":
                found: Json = block["data"]
                return found
            assert block["event"] == "causes"
            self.causes.append(block["data"])
        raise AssertionError("the stream ended")

    async def leave(self) -> None:
        self.left.set()
        await asyncio.wait_for(self.task, 10)


@asynccontextmanager
async def following(api: Api, path: str = STATE, **headers: str) -> AsyncIterator[Stream]:
    stream = Stream(api, path, {name.replace("_", "-"): value for name, value in headers.items()})
    await stream.begin()
    try:
        yield stream
    finally:
        await stream.leave()
