"""The application on a database that holds the sample ledger; every answer it gives is held against the document."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest

from service.api.limiting import Limits
from service.api.site import Site
from service.api.tokens import Tokens
from service.app import UNLIMITED, build, followed_log
from service.commands.first_start import found
from service.store import keys
from service.store.log import Log
from tests.api.documented import check
from tests.conftest import TEMPLATE, Database, Server

SAMPLE = "/v1/ledgers/drones"
STATE = f"{SAMPLE}/relationships/pak--tur"


class Api:
    """What a test talks to: requests without a key, or with one."""

    def __init__(self, client: httpx.AsyncClient, log: Log, admin: str, site: Site) -> None:
        self.client, self.log, self.admin, self.site = client, log, admin, site

    async def get(self, path: str, key: str | None = None, **more: Any) -> httpx.Response:
        return await self.send("GET", path, key, **more)

    async def send(self, method: str, path: str, key: str | None = None, **more: Any) -> httpx.Response:
        headers = dict(more.pop("headers", {}))
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        return await self.client.request(method, path, headers=headers, **more)

    async def state(self, query: str = "", relationship: str = "pak--tur") -> dict[str, Any]:
        answer = await self.get(f"{SAMPLE}/relationships/{relationship}{query}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def append(
        self, *events: dict[str, Any], to: str = f"{SAMPLE}/events", key: str | None = "", **more: Any
    ) -> httpx.Response:
        """By the admin, unless ``key`` says otherwise; ``expect`` goes into the body."""
        body: dict[str, Any] = {"events": list(events)}
        if "expect" in more:
            body["expect"] = more.pop("expect")
        return await self.send("POST", to, self.admin if key == "" else key, json=body, **more)

    async def put(self, path: str, body: Any, key: str | None = "") -> httpx.Response:
        return await self.send("PUT", path, self.admin if key == "" else key, json=body)

    async def key(self, **rights: str) -> str:
        """A new one, with one right for each ledger named."""
        secret = keys.new_secret()
        scopes = {ledger: [right] for ledger, right in rights.items()}
        async with self.log.connection() as connection:
            await keys.create_key(connection, secret, f"key-{keys.hash_of(secret).hex()[:12]}", "a test's", scopes)
        return secret

    async def head(self) -> int:
        position: int = (await self.get(SAMPLE)).json()["position"]
        return position


def note(id_: str, /, **fields: Any) -> dict[str, Any]:
    """The least that can be said of pak--tur."""
    parties = [{"actor": "pak", "role": "side_a"}, {"actor": "tur", "role": "side_b"}]
    return {"action": "assert", "id": id_, "type": "note", "occurred": "2024", "parties": parties} | fields


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    """(pointer, code) of each."""
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


@asynccontextmanager
async def running(
    database: Database,
    admin: str,
    public_url: str | None = None,
    limits: Limits = UNLIMITED,
    tokens: Tokens | None = None,
    replica_urls: Sequence[str] = (),
) -> AsyncIterator[Api]:
    log: Log | None = None

    @asynccontextmanager
    async def open_log() -> AsyncIterator[Log]:
        nonlocal log
        async with followed_log(database.service_url, size=8, replica_urls=replica_urls) as log:
            yield log

    app = build(open_log, public_url=public_url, limits=limits, tokens=tokens)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # Litestar names the same protocol otherwise
    hooks: Any = {"response": [check]}
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=transport, base_url="http://tarih.test", event_hooks=hooks) as client,
    ):
        assert log is not None
        yield Api(client, log, admin, app.opt["site"])


@pytest.fixture(scope="session")
def founded(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The name of a database with the sample ledger to copy, and the admin's key."""
    database = server.create(TEMPLATE)
    started = asyncio.run(found(database.service_url, tmp_path_factory.mktemp("data")))
    yield database.name, started.admin_key_file.read_text().strip()
    server.drop(database)


@pytest.fixture(scope="session")
def shared_database(server: Server, founded: tuple[str, str]) -> Iterator[Database]:
    database = server.create(founded[0])
    yield database
    server.drop(database)


@pytest.fixture(scope="session")
async def shared(shared_database: Database, founded: tuple[str, str]) -> AsyncIterator[Api]:
    """For tests that only read."""
    async with running(shared_database, founded[1]) as api:
        yield api


@pytest.fixture
def own_database(server: Server, founded: tuple[str, str]) -> Iterator[Database]:
    database = server.create(founded[0])
    yield database
    server.drop(database)


@pytest.fixture
async def api(own_database: Database, founded: tuple[str, str]) -> AsyncIterator[Api]:
    """For tests that write: a copy of their own."""
    async with running(own_database, founded[1]) as api:
        yield api


def encoded(value: Any) -> bytes:
    return msgspec.json.encode(value)
