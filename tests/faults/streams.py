"""Followers for tests, on sockets of their own: each reads its stream as it comes, and five hundred fit into a test."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx

from tests.faults.clients import key_of, note
from tests.serving import Serving

LEDGER = "/v1/ledgers/drones"
Block = dict[str, str]
"""The fields of one block; a comment is the field without a name."""


class Follower:
    """One connection that follows."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.status, self.headers = 0, dict[str, str]()
        self.held = b""
        self.last_id = ""
        self.positions: list[int] = []

    async def begin(self, serving: Serving, address: str, last_event_id: str, key: str | None) -> None:
        lines = [
            f"GET {address} HTTP/1.1",
            f"Host: 127.0.0.1:{serving.port}",
            "Accept: text/event-stream",
        ]
        lines += [f"Last-Event-ID: {last_event_id}"] if last_event_id else []
        lines += [f"Authorization: Bearer {key}"] if key else []
        self.writer.write("\r\n".join([*lines, "", ""]).encode())
        first, *rest = (await self.reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        self.status = int(first.split()[1])
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}

    async def blocks(self) -> AsyncIterator[Block]:
        """Until the server ends the stream as it should be ended."""
        while size := int(await self.reader.readline(), 16):
            chunk = await self.reader.readexactly(size + 2)
            *whole, self.held = (self.held + chunk[:-2]).split(b"\n\n")
            for block in whole:
                fields = dict(line.partition(": ")[::2] for line in block.decode().split("\n"))
                self.last_id = fields.get("id", self.last_id)
                yield fields

    async def until(self, count: int | None = None) -> list[dict[str, Any]]:
        """The events up to that many; without a number, up to where it has caught up."""
        async with asyncio.timeout(30):
            return await self._until(count)

    async def _until(self, count: int | None) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        async for block in self.blocks():
            if block.get("event") == "event":
                event = json.loads(block["data"])
                assert block["id"].endswith(f"-{event['position']}")
                found.append(event)
                self.positions.append(event["position"])
            if len(found) == count or (count is None and block.get("event") == "caught-up"):
                return found
        raise AssertionError("the stream ended")

    async def ended(self) -> bool:
        """True where the server ended it between two blocks, and as HTTP wants it."""
        async for _ in self.blocks():
            pass
        return self.held == b""


@asynccontextmanager
async def following(
    serving: Serving,
    query: str = "",
    *,
    path: str = f"{LEDGER}/events",
    last_event_id: str = "",
    key: str | None = None,
) -> AsyncIterator[Follower]:
    async with asyncio.timeout(30):
        reader, writer = await asyncio.open_connection("127.0.0.1", serving.port, limit=1_000_000)
    try:
        follower = Follower(reader, writer)
        async with asyncio.timeout(30):
            await follower.begin(serving, f"{path}?{query}", last_event_id, key)
        yield follower
    finally:
        writer.transport.abort()
        await asyncio.sleep(0)


@asynccontextmanager
async def many(serving: Serving, count: int, query: str) -> AsyncIterator[list[Follower]]:
    """All of them, each as far as the head."""
    async with AsyncExitStack() as stack:
        followers: list[Follower] = []
        for _ in range(0, count, 50):  # no more at once than wait to be accepted
            opening = [stack.enter_async_context(following(serving, query)) for _ in range(min(50, count))]
            followers += [await one for one in opening]
        await asyncio.gather(*(follower.until() for follower in followers))
        yield followers


class Writer:
    """Appends events one by one, and knows where they came to stand."""

    def __init__(self, serving: Serving) -> None:
        self.client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{serving.port}", headers=key_of(serving), timeout=30
        )

    async def __aenter__(self) -> "Writer":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    async def head(self) -> int:
        position: int = (await self.client.get(LEDGER)).json()["position"]
        return position

    async def append(self, *ids: str, **more: Any) -> list[int]:
        answer = await self.client.post(f"{LEDGER}/events", json={"events": [note(id_) | more for id_ in ids]})
        assert answer.status_code == 201, answer.text
        return [event["position"] for event in answer.json()["events"]]
