"""Keys over HTTP and by command: who may make which, what is shown of them, and that they end when they are to."""

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from service.store import keys
from tests.api.conftest import SAMPLE, Api, note, running
from tests.api.streams import following
from tests.conftest import Database

pytestmark = pytest.mark.anyio
KEYS = "/v1/keys"


def new(**fields: Any) -> dict[str, Any]:
    return {"label": "a test's", "scopes": {"drones": ["append"]}} | fields


async def made(api: Api, key: str | None = None, **fields: Any) -> dict[str, Any]:
    answer = await api.send("POST", KEYS, key or api.admin, json=new(**fields))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def pointers(answer: Any) -> list[tuple[str, str]]:
    return [(one["pointer"], one["code"]) for one in answer.json()["errors"]]


async def test_a_key_is_shown_once_and_only_its_hash_is_kept(api: Api, own_database: Database) -> None:
    key = await made(api)
    assert keys.is_secret(key["secret"])
    assert (await api.append(note("a"), key=key["secret"])).status_code == 201
    assert (await api.get(f"{SAMPLE}/events/a")).json()["recorded_by"] == key["key"]
    for path in (KEYS, f"{KEYS}/{key['key']}"):
        answer = await api.get(path, api.admin)
        assert key["secret"] not in answer.text
        assert answer.headers["cache-control"] == "private, no-store"
    connection = await asyncpg.connect(own_database.superuser_url)
    rows = await connection.fetch("SELECT k::text AS row FROM tarih.keys AS k")
    await connection.close()
    assert not [row for row in rows if key["secret"] in row["row"]]


async def test_a_key_says_whose_it_is_and_by_whom_it_was_made(api: Api) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%d")
    key = await made(api, label="Redaktion İstanbul", expires_at=tomorrow)
    [own] = [one for one in (await api.get(KEYS, api.admin)).json()["keys"] if one["key"].startswith("admin-")]
    assert (key["label"], key["created_by"], key["status"]) == ("Redaktion İstanbul", own["key"], "active")
    assert key["expires_at"] == f"{tomorrow}T23:59:59.999999Z"
    assert "created_by" not in own


async def test_ledgers_admins_give_keys_for_their_ledgers_and_see_no_others(api: Api) -> None:
    for ledger in ("one", "two"):
        await api.put(f"/v1/ledgers/{ledger}", {"title": "T", "public_read": False})
    admin = await made(api, scopes={"one": ["admin"]})
    other = await made(api, scopes={"two": ["read"]})
    both = await made(api, scopes={"one": ["read"], "two": ["read"]})
    given = await made(api, admin["secret"], scopes={"one": ["append"]})
    assert given["created_by"] == admin["key"]
    seen = [one["key"] for one in (await api.get(KEYS, admin["secret"])).json()["keys"]]
    assert sorted(seen) == sorted([admin["key"], given["key"]])
    for hidden in (other, both):
        for method in ("GET", "DELETE"):
            answer = await api.send(method, f"{KEYS}/{hidden['key']}", admin["secret"])
            assert answer.status_code == 404
    for scopes in ({"two": ["read"]}, {"nothing": ["read"]}, {"*": ["read"]}):
        answer = await api.send("POST", KEYS, admin["secret"], json=new(scopes=scopes))
        [ledger] = scopes
        assert pointers(answer) == [(f"/scopes/{ledger}", "not-administered")]
        assert answer.json()["detail"].replace(ledger, "") == "/scopes/: ``: this key does not administer it"
    assert (await api.send("DELETE", f"{KEYS}/{given['key']}", admin["secret"])).json()["status"] == "revoked"


async def test_whoever_administers_nothing_sees_and_revokes_itself_alone(api: Api) -> None:
    reader, another = await made(api, scopes={"drones": ["read"]}), await made(api)
    assert [one["key"] for one in (await api.get(KEYS, reader["secret"])).json()["keys"]] == [reader["key"]]
    assert (await api.send("POST", KEYS, reader["secret"], json=new())).status_code == 403
    assert (await api.send("DELETE", f"{KEYS}/{another['key']}", reader["secret"])).status_code == 404
    assert (await api.send("DELETE", f"{KEYS}/{reader['key']}", reader["secret"])).status_code == 200
    assert (await api.get(SAMPLE, reader["secret"])).status_code == 401
    assert (await api.get(SAMPLE, another["secret"])).status_code == 200


async def test_a_revoked_key_stays_listed_as_it_was_when_it_was_revoked(api: Api) -> None:
    key = await made(api)
    first = (await api.send("DELETE", f"{KEYS}/{key['key']}", api.admin)).json()
    assert (first["status"], first["revoked_by"]) == ("revoked", key["created_by"])
    assert (await api.send("DELETE", f"{KEYS}/{key['key']}", api.admin)).json() == first
    assert first in (await api.get(KEYS, api.admin)).json()["keys"]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"scopes": {}}, ("/scopes", "invalid")),
        ({"scopes": {"drones": []}}, ("/scopes/drones", "invalid")),
        ({"scopes": {"drones": ["write"]}}, ("/scopes/drones/0", "invalid")),
        ({"scopes": {"Drones": ["read"]}}, ("/scopes/Drones", "invalid")),
        ({"scopes": {"nothing": ["read"]}}, ("/scopes/nothing", "not-administered")),
        ({"label": ""}, ("/label", "invalid")),
        ({"label": "a\0b"}, ("/label", "nul")),
        ({"expires_at": "2020-01-01"}, ("/expires_at", "past")),
        ({"expires_at": "soon"}, ("/expires_at", "unreadable")),
        ({"colour": "red"}, ("/colour", "unknown-field")),
    ],
)
async def test_what_can_be_no_key_is_refused_and_none_is_made(
    shared: Api, fields: dict[str, Any], fault: tuple[str, str]
) -> None:
    before = (await shared.get(KEYS, shared.admin)).json()
    answer = await shared.send("POST", KEYS, shared.admin, json=new(**fields))
    assert answer.status_code == 422
    assert pointers(answer) == [fault]
    assert (await shared.get(KEYS, shared.admin)).json()["keys"] == before["keys"]


async def test_keys_come_in_pages(api: Api) -> None:
    for _ in range(5):
        await made(api)
    whole = (await api.get(KEYS, api.admin)).json()
    found, address = [], f"{KEYS}?limit=2"
    while address:
        answer = await api.get(address, api.admin)
        page = answer.json()
        assert len(page["keys"]) <= 2
        found += page["keys"]
        address = page.get("next", "").removeprefix("http://tarih.test")
        assert (answer.headers.get("link", "") != "") == bool(address)
    assert found == whole["keys"]
    assert len(found) == 6
    for bad in ("after=%00", "after=Nothing", "limit=0", "limit=1001", "colour=red"):
        assert (await api.get(f"{KEYS}?{bad}", api.admin)).status_code == 400


@pytest.mark.parametrize("id_", ["key-000000000000", "%00", "KEY", "a" * 500, "key-ffffffffffff%0A", "%F0%9F%92%A5"])
async def test_a_key_that_is_not_there_is_404(shared: Api, id_: str) -> None:
    for method in ("GET", "HEAD", "DELETE"):
        assert (await shared.send(method, f"{KEYS}/{id_}", shared.admin)).status_code == 404


async def test_when_a_key_was_used_is_written_later_and_at_once_for_many(api: Api) -> None:
    key = await made(api)
    address = f"{KEYS}/{key['key']}"
    for _ in range(3):
        await api.get(SAMPLE, key["secret"])
    assert "last_used_at" not in (await api.get(address, api.admin)).json()
    await api.site.gate.write_uses()
    used = (await api.get(address, api.admin)).json()["last_used_at"]
    assert used >= key["created_at"]
    await api.get(SAMPLE, key["secret"])
    await api.site.gate.write_uses()
    assert (await api.get(address, api.admin)).json()["last_used_at"] == used, "it is told to a minute or so"


async def test_a_key_opens_nothing_from_the_instant_on_that_it_expires(api: Api) -> None:
    until = datetime.now(UTC) + timedelta(seconds=1.5)
    key = await made(api, expires_at=until.isoformat().replace("+00:00", "Z"))
    assert (await api.get(SAMPLE, key["secret"])).status_code == 200
    async with asyncio.timeout(10):
        while (await api.get(SAMPLE, key["secret"])).status_code == 200:
            assert datetime.now(UTC) < until + timedelta(seconds=1), "it is not remembered beyond its end"
            await asyncio.sleep(0.02)
    assert datetime.now(UTC) >= until
    assert (await api.get(f"{KEYS}/{key['key']}", api.admin)).json()["status"] == "expired"


async def test_a_stream_ends_when_its_key_expires(api: Api) -> None:
    until = datetime.now(UTC) + timedelta(seconds=1.5)
    key = await made(api, expires_at=until.isoformat().replace("+00:00", "Z"))
    async with following(api, Authorization=f"Bearer {key['secret']}") as stream:
        async with asyncio.timeout(8):  # less than any pulse
            while await stream.text() is not None:
                pass
        assert datetime.now(UTC) >= until


@pytest.mark.parametrize("path", [f"{SAMPLE}/events", f"{SAMPLE}/relationships/pak--tur"])
async def test_a_revocation_ends_streams_at_once_in_every_process(
    api: Api, own_database: Database, founded: tuple[str, str], path: str
) -> None:
    key = await made(api)
    async with (
        running(own_database, founded[1]) as another,
        following(another, path, Authorization=f"Bearer {key['secret']}") as there,
        following(api, path, Authorization=f"Bearer {key['secret']}") as here,
        following(another, path) as anyone,
    ):
        for stream in (there, here, anyone):
            assert await stream.block()
        await listening(own_database, 2)
        await api.send("DELETE", f"{KEYS}/{key['key']}", api.admin)
        async with asyncio.timeout(8):  # less than any pulse
            for stream in (there, here):
                while await stream.text() is not None:
                    pass
        assert (await another.get(SAMPLE, key["secret"])).status_code == 401
        await api.append(note("for-anyone"))
        assert await anyone.block()


async def listening(database: Database, many: int) -> None:
    """Until so many processes hear what is told to all."""
    connection = await asyncpg.connect(database.superuser_url)
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE $1"
    try:
        async with asyncio.timeout(10):
            while await connection.fetchval(query, "LISTEN %tarih_access%") < many:  # noqa: ASYNC110 - a server tells nobody
                await asyncio.sleep(0.02)
    finally:
        await connection.close()


def tarih(database: Database, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "service", "keys", *arguments],
        env={"TARIH_DATABASE_URL": database.service_url, "PGPORT": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )


async def test_the_command_makes_lists_and_revokes_keys(api: Api, own_database: Database) -> None:
    await api.put("/v1/ledgers/hidden", {"title": "T", "public_read": False})
    options = ["--label", "a newsroom", "--append", "hidden", "--read", "drones", "--expires", "2999-01-01"]
    ran = await asyncio.to_thread(tarih, own_database, "create", *options)
    assert ran.returncode == 0, ran.stderr
    secret = ran.stdout.strip()
    assert keys.is_secret(secret)
    assert secret not in ran.stderr
    assert (await api.append(note("a"), to="/v1/ledgers/hidden/events", key=secret)).status_code == 201
    assert (await api.append(note("a"), key=secret)).status_code == 403
    key_id = ran.stderr.split(" · ")[0]
    listed = await asyncio.to_thread(tarih, own_database, "list", "--json")
    [known] = [one for one in map(json.loads, listed.stdout.splitlines()) if one["key_id"] == key_id]
    assert known["scopes"] == {"hidden": ["append"], "drones": ["read"]}
    told = await asyncio.to_thread(tarih, own_database, "list")
    assert f"{key_id} · active · drones: read, hidden: append · “a newsroom”" in told.stdout
    revoked = await asyncio.to_thread(tarih, own_database, "revoke", key_id)
    assert f"{key_id} · revoked" in revoked.stdout
    async with asyncio.timeout(10):
        while (await api.get(SAMPLE, secret)).status_code == 200:  # noqa: ASYNC110 - another process tells it
            await asyncio.sleep(0.05)
    assert (await api.get(SAMPLE, secret)).status_code == 401


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("create", "--label", "x"), "say what it may do"),
        (("create", "--label", "x", "--read", "nothing"), "there is no ledger nothing"),
        (("create", "--label", "", "--read", "*"), "a label has 1 to 200 characters"),
        (("create", "--label", "x", "--read", "*", "--expires", "soon"), "not a point in time"),
        (("create", "--label", "x", "--read", "*", "--expires", "2020-01-01"), "has expired already"),
        (("revoke", "key-000000000000"), "there is no key key-000000000000"),
    ],
)
def test_the_command_says_what_it_cannot_do(shared_database: Database, arguments: tuple[str, ...], words: str) -> None:
    ran = tarih(shared_database, *arguments)
    assert ran.returncode == 2
    assert words in ran.stderr
    assert ran.stdout == ""
