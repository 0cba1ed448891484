"""Keys and what they open: who may not read a ledger cannot tell that it is there."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar, cast

import pytest

from service.api.access import REMEMBERED, Gate, Memory
from service.api.refused import Unauthorized
from service.domain.refusals import NotFound
from service.store import keys
from service.store.log import Log
from service.store.pool import Connection
from service.store.readers import Reader
from tests.api.conftest import SAMPLE, STATE, Api, note

pytestmark = pytest.mark.anyio
T = TypeVar("T")
NEW = {"title": "Secret", "public_read": False}
PATHS = [
    ("GET", ""),
    ("GET", "?colour=red"),
    ("GET", "/types"),
    ("GET", "/types/note"),
    ("GET", "/events/a"),
    ("GET", "/claims/a"),
    ("GET", "/claims/a?valid_at=soon"),
    ("GET", "/claims/a/history"),
    ("GET", "/relationships/pak--tur"),
    ("GET", "/relationships/tur--pak"),
    ("GET", "/relationships/none"),
    ("HEAD", "/relationships/pak--tur"),
    ("POST", "/events"),
    ("POST", "/relationships/pak--tur/events"),
    ("POST", "/relationships/tur--pak/events"),
    ("PUT", ""),
    ("PUT", "/types/visit"),
]


def told(answer: Any) -> tuple[int, dict[str, Any], dict[str, str]]:
    """All of an answer but what differs between any two."""
    body = answer.json() if answer.content else {}
    apart = {"instance", "detail"}
    headers = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "content-length")}
    return answer.status_code, {name: value for name, value in body.items() if name not in apart}, headers


@pytest.mark.parametrize("right", [None, "read"])
async def test_a_private_ledger_looks_exactly_like_one_that_is_not_there(api: Api, right: str | None) -> None:
    assert (await api.put("/v1/ledgers/hidden", NEW)).status_code == 201
    assert (await api.append(note("a"), to="/v1/ledgers/hidden/events")).status_code == 201
    key = None if right is None else await api.key(drones=right)
    for method, path in PATHS:
        for body in (b"{", b'{"events":[]}'):
            more = {} if method in ("GET", "HEAD") else {"content": body}
            hidden = await api.send(method, f"/v1/ledgers/hidden{path}", key, **more)
            absent = await api.send(method, f"/v1/ledgers/absent{path}", key, **more)
            assert told(hidden) == told(absent)
            assert hidden.status_code == 404
            if method != "HEAD":
                assert hidden.json()["detail"] == absent.json()["detail"].replace("absent", "hidden")


async def test_those_who_may_read_a_private_ledger_get_private_answers(api: Api) -> None:
    await api.put("/v1/ledgers/hidden", NEW)
    key = await api.key(hidden="read")
    answer = await api.get("/v1/ledgers/hidden/relationships/pak--tur?valid_at=2024-01-01", key)
    assert (answer.status_code, answer.headers["cache-control"].split(",")[0]) == (200, "private")
    names = [one["ledger"] for one in (await api.get("/v1/ledgers", key)).json()["ledgers"]]
    assert names == ["drones", "hidden"]
    assert [one["ledger"] for one in (await api.get("/v1/ledgers")).json()["ledgers"]] == ["drones"]
    writing = await api.append(note("a"), to="/v1/ledgers/hidden/events", key=key)
    assert writing.status_code == 403


async def test_who_may_append_may_read_and_who_may_append_may_not_administer(api: Api) -> None:
    await api.put("/v1/ledgers/hidden", NEW)
    key = await api.key(hidden="append")
    assert (await api.append(note("a"), to="/v1/ledgers/hidden/events", key=key)).status_code == 201
    assert (await api.get("/v1/ledgers/hidden/events/a", key)).json()["recorded_by"]
    new = {"kind": "state", "title": "Visit", "schema": {}}
    assert (await api.put("/v1/ledgers/hidden/types/visit", new, key)).status_code == 403
    administering = await api.key(hidden="admin")
    assert (await api.put("/v1/ledgers/hidden/types/visit", new, administering)).status_code == 201
    assert (await api.put("/v1/ledgers/hidden", NEW, administering)).status_code == 404


async def test_writing_to_a_public_ledger_without_a_key_is_401(shared: Api) -> None:
    for path in (f"{SAMPLE}/events", f"{STATE}/events"):
        answer = await shared.append(note("a"), to=path, key=None)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="tarih"')
    assert (await shared.put(f"{SAMPLE}/types/visit", {}, key=None)).status_code == 401


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer tarih_nobody", "Basic dGFyaWg6eA==", "tarih_nobody", "Bearer a b", "Bearer \xe9"],
)
@pytest.mark.parametrize("path", ["/v1/ledgers", SAMPLE, "/v1/ledgers/absent", STATE, f"{SAMPLE}/types"])
async def test_a_bad_key_is_401_everywhere(shared: Api, header: str, path: str) -> None:
    for method in ("GET", "HEAD"):
        answer = await shared.send(method, path, headers={"Authorization": header.encode("latin-1")})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer realm="tarih", error="invalid_token"'


async def test_two_keys_at_once_are_none(shared: Api) -> None:
    headers = [("Authorization", f"Bearer {shared.admin}"), ("Authorization", f"Bearer {shared.admin}")]
    assert (await shared.client.get(SAMPLE, headers=headers)).status_code == 401


async def test_a_key_is_read_whatever_case_its_scheme_has(shared: Api) -> None:
    for scheme in ("bearer", "BEARER", "Bearer "):
        answer = await shared.send("GET", "/v1/ledgers", headers={"Authorization": f"{scheme} {shared.admin}"})
        assert answer.status_code == 200


async def test_ledgers_are_made_and_changed_by_admins_of_the_service_only(api: Api) -> None:
    appending = await api.key(drones="append")
    for key in (None, appending):
        for ledger in ("drones", "new"):
            assert (await api.put(f"/v1/ledgers/{ledger}", NEW, key)).status_code == 404
    made = await api.put("/v1/ledgers/new", NEW)
    assert (made.status_code, made.headers["location"]) == (201, "http://tarih.test/v1/ledgers/new")
    assert (await api.get("/v1/ledgers/new")).status_code == 404
    opened = await api.put("/v1/ledgers/new", {"title": "Open", "public_read": True})
    assert (opened.status_code, opened.json()["title"]) == (200, "Open")
    assert (await api.get("/v1/ledgers/new")).json() == opened.json()
    await api.put("/v1/ledgers/new", NEW)
    assert (await api.get("/v1/ledgers/new")).status_code == 404


async def test_a_revoked_key_stops_to_open_once_it_is_forgotten(api: Api) -> None:
    now = 100.0
    gate = Gate(api.log, clock=lambda: now)
    secret = await api.key(drones="append")
    header = [f"Bearer {secret}"]
    assert (await gate.writer(header, "drones")).may("append", "drones")
    async with api.log.connection() as connection:
        await connection.execute("UPDATE tarih.keys SET revoked_at = now() WHERE hash = $1", keys.hash_of(secret))
    now += REMEMBERED - 0.01
    await gate.writer(header, "drones")
    now += 0.02
    with pytest.raises(Unauthorized):
        await gate.writer(header, "drones")


class Counted:
    """A log that counts who asks it."""

    def __init__(self, log: Log) -> None:
        self.log, self.asked = log, 0

    def connection(self) -> AbstractAsyncContextManager[Connection]:
        self.asked += 1
        return self.log.connection()

    async def consult(self, question: Callable[[Reader], Awaitable[T]]) -> T:
        return await question(cast("Reader", self))


async def test_those_who_come_at_once_wait_for_one_reading_of_the_key_and_one_of_the_ledger(api: Api) -> None:
    now = 100.0
    counted = Counted(api.log)
    gate = Gate(cast("Log", counted), clock=lambda: now)
    header = [f"Bearer {await api.key(drones='append')}"]
    for asked in (2, 4):
        passed = await asyncio.gather(*(gate.writer(header, "drones") for _ in range(64)))
        assert len({key.key_id for key in passed}) == 1
        assert counted.asked == asked
        now += REMEMBERED


async def test_what_is_forgotten_while_it_is_read_is_not_remembered() -> None:
    memory: Memory[str] = Memory(clock=lambda: 0.0)
    begun, changed = asyncio.Event(), asyncio.Event()

    async def read() -> str:
        begun.set()
        await changed.wait()
        return "old"

    reading = asyncio.create_task(memory.read("name", read))
    await begun.wait()
    memory.forget_all()
    changed.set()
    assert await reading == "old"
    assert memory.get("name") is None


async def test_a_ledger_that_is_closed_is_forgotten_too(api: Api) -> None:
    now = 100.0
    gate = Gate(api.log, clock=lambda: now)
    await api.put("/v1/ledgers/new", {"title": "Open", "public_read": True})
    assert (await gate.reader([], "new")).public
    await api.put("/v1/ledgers/new", NEW)
    now += REMEMBERED
    with pytest.raises(NotFound):
        await gate.reader([], "new")


async def test_no_key_reaches_the_log_or_an_answer(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    answers = await asyncio.gather(
        api.append(note("a"), note("a")),
        api.get(SAMPLE, "tarih_a-secret-that-nobody-has"),
        api.get(f"{SAMPLE}/nothing", api.admin),
        api.append({"action": "explode"}),
    )
    for answer in answers:
        assert api.admin not in answer.text
        assert "a-secret-that-nobody-has" not in answer.text
    assert api.admin not in caplog.text
    assert "a-secret-that-nobody-has" not in caplog.text
