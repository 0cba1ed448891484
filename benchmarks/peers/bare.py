"""Bare Litestar handlers on the service's own server: one row in or out per request, or nothing but an answer."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import msgspec
from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from granian.server.mp import MPServer
from litestar import Litestar, Request, Response, asgi, get, post
from litestar.types import ASGIApp, Receive, Scope, Send

from service.processes import die_with_parent

URL = "BENCHMARK_BARE_URL"
TABLES = """
CREATE TABLE IF NOT EXISTS bare (id uuid PRIMARY KEY, content json NOT NULL);
CREATE TABLE IF NOT EXISTS answers (key text PRIMARY KEY, content text NOT NULL);
CREATE TABLE IF NOT EXISTS items (list text, number int, content json NOT NULL, PRIMARY KEY (list, number));
"""
INSERT = "INSERT INTO bare (id, content) VALUES ($1::uuid, $2)"
SELECT = "SELECT content FROM answers WHERE key = $1"
AGGREGATE = "SELECT json_agg(content ORDER BY number) FROM items WHERE list = $1"
TAG = '"kept"'


class _Identified(msgspec.Struct):
    id: str


class _Body(msgspec.Struct):
    events: list[_Identified]


_decoder = msgspec.json.Decoder(_Body)


@post("/events", status_code=201)
async def insert(request: Request[Any, Any, Any]) -> Response[bytes]:
    """As little as can be done with the same request: its id is read, and its bytes are stored."""
    body = await request.body()
    id_ = _decoder.decode(body).events[0].id
    await request.app.state.pool.execute(INSERT, id_, body.decode())
    return Response(b'{"id":"' + id_.encode() + b'"}', media_type="application/json")


@get("/rows/{key:str}")
async def one_row(request: Request[Any, Any, Any], key: str) -> Response[bytes]:
    """An answer that somebody has put into the table: one trivial query."""
    content: str = await request.app.state.pool.fetchval(SELECT, key)
    return Response(content.encode(), media_type="application/json")


@get("/lists/{key:str}")
async def aggregated(request: Request[Any, Any, Any], key: str) -> Response[bytes]:
    """All items of a list, put together by PostgreSQL."""
    content: str = await request.app.state.pool.fetchval(AGGREGATE, key)
    return Response(content.encode(), media_type="application/json")


@get("/held/{key:str}")
async def held(request: Request[Any, Any, Any], key: str) -> Response[bytes]:
    """The same answer as the row's, from memory: no query, but for the first time that it is asked for."""
    if request.headers.get("if-none-match") == TAG:
        return Response(b"", status_code=304, headers={"etag": TAG})
    answers: dict[str, bytes] = request.app.state.held
    if key not in answers:
        answers[key] = (await request.app.state.pool.fetchval(SELECT, key)).encode()
    return Response(answers[key], headers={"etag": TAG}, media_type="application/json")


@asgi("/nothing", is_mount=False)
async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """The body is read, and no more: what the load generator can do at most is measured with it."""
    while (await receive()).get("more_body"):
        continue
    await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}", "more_body": False})


def create() -> ASGIApp:
    """What a worker runs."""
    die_with_parent()

    @asynccontextmanager
    async def connected(app: Litestar) -> AsyncIterator[None]:
        # As many connections as a worker of the service has.
        async with asyncpg.create_pool(os.environ[URL], min_size=10, max_size=10) as pool:
            await pool.execute(TABLES)
            app.state.pool, app.state.held = pool, {}
            yield

    return Litestar(
        [insert, one_row, aggregated, held, nothing], lifespan=[connected], openapi_config=None, logging_config=None
    )


if __name__ == "__main__":
    MPServer(
        "benchmarks.peers.bare:create",
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.ASGI,
        workers=int(sys.argv[2]),
        loop=Loops.uvloop,
        factory=True,
        log_access=False,
        log_level=LogLevels.warning,
        websockets=False,
    ).serve()
