"""Every operation of the document, as every kind of caller, on a ledger that is public, private, or not there.

What an operation needs stands in the document; one that does not say it fails here, and so does a new one that answers
anybody otherwise than it says.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import jsonschema
import msgspec
import pytest

from service import history
from service.api.described.catalogue import OPERATIONS
from service.api.described.operation import Operation, Right
from service.sample import drones
from service.store import keys
from tests.api.conftest import Api, running
from tests.api.documented import DOCUMENT, resolved
from tests.conftest import Database, Server

pytestmark = pytest.mark.anyio
PUBLIC, PRIVATE, ABSENT = "drones", "hidden", "absent"
"""Two hold the same; the last two names are of one length."""
BAD = {"garbage": "tarih_" + "x" * 43, "malformed": "nothing", "expired": "", "revoked": ""}
GOOD = ("reader of another", "reader", "appender", "ledger's admin", "service's admin")
RIGHTS = {"reader": "read", "appender": "append", "ledger's admin": "admin"}
ENOUGH = {
    Right.NOTHING: ("nobody", *BAD, *GOOD),
    Right.NO_KEY: ("nobody", *GOOD),
    Right.ANY_KEY: GOOD,
    Right.READ: ("reader", "appender", "ledger's admin", "service's admin"),
    Right.APPEND: ("appender", "ledger's admin", "service's admin"),
    Right.ADMIN: ("ledger's admin", "service's admin"),
    Right.ANY_ADMIN: ("ledger's admin", "service's admin"),
    Right.SERVICE: ("service's admin",),
}
"""Who may, where the ledger is private."""
DENIED = {401, 403, 404}


class Call(msgspec.Struct, frozen=True):
    """One request that the document describes, for whichever ledger."""

    operation: Operation
    method: str
    accept: str | None
    content: bytes | None
    media_type: str | None

    @property
    def name(self) -> str:
        return f"{self.method} {self.operation.id} {self.accept or ''} {self.media_type or ''}".strip()

    def address(self, ledger: str) -> str:
        """With the examples of its parameters that it cannot do without."""
        said, path = self.parameters(), self.operation.path
        for name, value in said.items():
            path = path.replace(f"{{{name}}}", quote(value.replace(PUBLIC, ledger), safe=""))
        asked = {name: value.replace(PUBLIC, ledger) for name, value in said.items() if f"{{{name}}}" not in path}
        needed = {name: value for name, value in asked.items() if name in self.needed()}
        return f"{path}?{urlencode(needed)}" if needed else path

    def body(self, ledger: str) -> bytes | None:
        """Its example; who may read the ledger stays as it is."""
        return self.content and self.content.replace(b'"public_read": true', self._access(ledger))

    def _access(self, ledger: str) -> bytes:
        return b'"public_read": %s' % json.dumps(ledger == PUBLIC).encode()

    def parameters(self) -> dict[str, str]:
        return {one["name"]: str(one["example"]) for one in self._parameters() if one["in"] in ("path", "query")}

    def needed(self) -> set[str]:
        return {one["name"] for one in self._parameters() if one["in"] == "query" and one.get("required")}

    def queried(self) -> list[dict[str, Any]]:
        return [one for one in self._parameters() if one["in"] == "query"]

    def _parameters(self) -> list[dict[str, Any]]:
        item = DOCUMENT["paths"][self.operation.path]
        return [resolved(one) for one in [*item.get("parameters", ()), *self._said().get("parameters", ())]]

    def _said(self) -> dict[str, Any]:
        found: dict[str, Any] = DOCUMENT["paths"][self.operation.path][self.operation.method]
        return found


def calls() -> Iterator[Call]:
    """Each operation in each form it can be had in and sent in; HEAD besides GET."""
    for operation in OPERATIONS:
        said = DOCUMENT["paths"][operation.path][operation.method]
        forms = [form for one in said["responses"].values() for form in resolved(one).get("content", {})]
        accepts = [None, *sorted({form for form in forms if "problem" not in form})]
        if operation.method == "get":
            for accept in accepts:
                yield Call(operation, "GET", accept, None, None)
            yield Call(operation, "HEAD", None, None, None)
        elif "requestBody" not in said:
            yield Call(operation, operation.method.upper(), None, None, None)
        else:
            for media_type, content in said["requestBody"]["content"].items():
                # Who may call is settled before a body is read, so that any will do where there is no example.
                examples = content.get("examples", {"none": {"value": ""}})
                example = next(iter(examples.values()))["value"]
                body = example.encode() if isinstance(example, str) else json.dumps(example).encode()
                yield Call(operation, operation.method.upper(), None, body, media_type)


CALLS = list(calls())
OF_LEDGERS = [call for call in CALLS if call.address(PRIVATE) != call.address(ABSENT)]


class Callers:
    """Their keys, by what they are."""

    def __init__(self, api: Api, found: dict[str, str]) -> None:
        self.api, self.keys = api, found

    async def send(self, call: Call, ledger: str, caller: str) -> httpx.Response:
        headers = {"Accept": call.accept} if call.accept else {}
        if call.media_type:
            headers["Content-Type"] = call.media_type
        if caller != "nobody":
            headers["Authorization"] = f"Bearer {self.keys[caller]}"
        content = call.body(ledger)
        return await self.api.client.request(call.method, call.address(ledger), headers=headers, content=content)


@pytest.fixture(scope="module")
def database(server: Server, founded: tuple[str, str]) -> Iterator[Database]:
    database = server.create(founded[0])
    yield database
    server.drop(database)


@pytest.fixture(scope="module")
async def callers(database: Database, founded: tuple[str, str]) -> AsyncIterator[Callers]:
    async with running(database, founded[1]) as api:
        for ledger in (PRIVATE, "another"):
            assert (await api.put(f"/v1/ledgers/{ledger}", {"title": "T", "public_read": False})).status_code == 201
        for batch in drones().batches:
            await history.record(api.log, PRIVATE, batch, by="sample")
        found = dict(BAD) | {"service's admin": api.admin, "reader of another": await api.key(another="read")}
        for name, right in RIGHTS.items():
            found[name] = await api.key(**dict.fromkeys((PUBLIC, PRIVATE), right))
        for name in ("expired", "revoked"):
            found[name] = await api.key(**dict.fromkeys((PUBLIC, PRIVATE), "admin"))
        async with api.log.connection() as connection:
            expire, revoke = keys.hash_of(found["expired"]), keys.hash_of(found["revoked"])
            await connection.execute("UPDATE tarih.keys SET expires_at = now() WHERE hash = $1", expire)
            await connection.execute("UPDATE tarih.keys SET revoked_at = now() WHERE hash = $1", revoke)
        yield Callers(api, found)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_an_operation_says_what_it_needs(operation: Operation) -> None:
    assert operation.needs is not None, "give it a `right`: nobody can tell who may call it"
    said = DOCUMENT["paths"][operation.path][operation.method]["security"]
    if operation.needs is Right.NOTHING:
        assert said == []
    elif operation.needs in (Right.READ, Right.NO_KEY):
        assert said[0] == {}
    else:
        assert all("key" in one for one in said)


@pytest.mark.parametrize("call", OF_LEDGERS, ids=lambda call: call.name)
async def test_a_private_ledger_answers_those_who_may_not_read_it_as_one_that_is_not_there(
    call: Call, callers: Callers
) -> None:
    reads = ENOUGH[Right.SERVICE if call.operation.needs is Right.SERVICE else Right.READ]
    for caller in {"nobody", *BAD, *GOOD} - set(reads):
        hidden, absent = [await callers.send(call, ledger, caller) for ledger in (PRIVATE, ABSENT)]
        assert told(hidden, PRIVATE) == told(absent, ABSENT), caller
        assert hidden.status_code == (401 if caller in BAD else 404), caller
    for caller in GOOD[-1:]:
        if call.operation.needs is not Right.SERVICE:
            assert (await callers.send(call, ABSENT, caller)).status_code == 404


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
async def test_an_operation_is_for_those_who_have_the_right_it_names(call: Call, callers: Callers) -> None:
    needs = call.operation.needs
    assert needs is not None
    endless = call.accept == "text/event-stream"  # what tells these is that access is looked at before they begin
    for ledger in (PUBLIC, PRIVATE):
        for caller in ("nobody", *BAD, *GOOD):
            public = ledger == PUBLIC and needs is Right.READ and caller not in BAD
            may = public or caller in ENOUGH[needs]
            if may and endless:
                continue
            status = (await callers.send(call, ledger, caller)).status_code
            if may:
                assert status not in DENIED or (status == 404 and names_none(call)), f"{caller}: {status}"
            else:
                assert status == refusal(call, ledger, caller), f"{caller}: {status}"


def names_none(call: Call) -> bool:
    """The example names something that only its own maker could find."""
    return "{key_id}" in call.operation.path


def refusal(call: Call, ledger: str, caller: str) -> int:
    """The status that is owed to those who may not."""
    if caller in BAD:
        return 401
    of_a_ledger = call.operation.needs in (Right.READ, Right.APPEND, Right.ADMIN)
    if of_a_ledger and ledger == PRIVATE and caller in ("nobody", "reader of another"):
        return 404
    if call.operation.needs is Right.SERVICE:
        return 401 if caller == "nobody" and "{ledger}" not in call.operation.path else 404
    return 401 if caller == "nobody" else 403


async def test_a_private_ledger_costs_those_who_may_not_read_it_what_one_costs_that_is_not_there(
    callers: Callers,
) -> None:
    """Time is told from the statements that run: it is they that it goes by."""
    seen: list[tuple[str, tuple[Any, ...]]] = []
    pool = callers.api.log.pool
    held = [await pool.acquire() for _ in range(pool.get_size())]
    for connection in held:
        connection.add_query_logger(lambda query: seen.append((query.query, query.args)))
        await pool.release(connection)
    assert OF_LEDGERS
    for call in OF_LEDGERS:
        for caller in ("nobody", "reader of another"):
            ran = []
            for ledger in (PRIVATE, ABSENT):
                seen.clear()
                await callers.send(call, ledger, caller)
                # Keys are looked up anew now and then, and figures by themselves; neither names a ledger.
                ran.append([query for query, arguments in seen if ledger in arguments])
            assert ran[0] == ran[1], call.name
            assert ran[0] or call.operation.needs is Right.SERVICE, "the ledger is looked for"


def told(answer: httpx.Response, ledger: str) -> tuple[int, str, dict[str, str]]:
    """All of an answer but what differs between any two, and the ledger's name."""
    apart = ("x-request-id",)
    body = re.sub(r'"instance":"[^"]*"', "", answer.text).replace(ledger, "")
    headers = {name: value.replace(ledger, "") for name, value in answer.headers.items() if name not in apart}
    return answer.status_code, body, headers


def without_form(said: dict[str, Any]) -> str | None:
    """What the schema of a parameter does not hold; None where it holds everything."""
    schema = said["schema"]
    if schema.get("type") in ("integer", "boolean"):
        return ""
    fits = jsonschema.Draft202012Validator(schema).is_valid
    return next((value for value in ("", "!", "-1", "never") if not fits(value)), None)


MALFORMED = [
    (call, said["name"], value)
    for call in CALLS
    if call.method == "GET" and call.accept is None
    for said in call.queried()
    if (value := without_form(said)) is not None
]


@pytest.mark.parametrize(("call", "name", "value"), MALFORMED, ids=lambda part: getattr(part, "name", part))
async def test_what_a_parameter_may_not_be_is_refused_wherever_it_is_offered(
    call: Call, name: str, value: str, callers: Callers
) -> None:
    address = call.address(PUBLIC)
    asked = f"{address}{'&' if '?' in address else '?'}{urlencode({name: value})}"
    answer = await callers.api.client.get(asked, headers={"Authorization": f"Bearer {callers.api.admin}"})
    assert answer.status_code == 400, answer.text[:300]
    assert name in [fault.get("parameter") for fault in answer.json()["errors"]]
