"""Pages for people, and what those who run the service ask; nothing on them comes from elsewhere."""

import re

import asyncpg
import pytest

from service.api import health
from service.telemetry import TextFormatter
from tests.api.conftest import Api, note, running
from tests.conftest import Database

pytestmark = pytest.mark.anyio
LOADED = re.compile(
    r"<(?:script|img|link|iframe|object|embed|video|audio|base|form)\b|<[^>]*\bsrc=|@import|url\(|[\"'=]javascript:|<[^>]*\son\w+=",
    re.I,
)


@pytest.mark.parametrize("path", ["/docs", "/problems", "/problems/invalid"])
async def test_a_page_loads_nothing_and_lets_nothing_in(shared: Api, path: str) -> None:
    page = await shared.get(path, headers={"Accept": "text/html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]
    assert LOADED.findall(page.text) == []
    assert page.text.startswith("<!doctype html>")
    assert all(not link.startswith("http") for link in re.findall(r'href="([^"]*)"', page.text))


async def test_every_anchor_of_the_reference_is_on_it(shared: Api) -> None:
    page = (await shared.get("/docs")).text
    anchors = set(re.findall(r'href="#([^"]*)"', page))
    assert len(anchors) > 50
    assert anchors <= set(re.findall(r'id="([^"]*)"', page))


async def test_addresses_stand_on_the_public_one_where_it_is_set(
    own_database: Database, founded: tuple[str, str]
) -> None:
    async with running(own_database, founded[1], public_url="https://tarih.example") as api:
        assert (await api.get("/nothing")).json()["type"] == "https://tarih.example/problems/not-found"
        made = await api.append(note("a"))
        assert made.headers["location"] == "https://tarih.example/v1/ledgers/drones/events/a"
        assert "https://tarih.example/v1" in (await api.get("/")).text


async def test_the_process_lives_and_is_ready(shared: Api) -> None:
    for path in ("/health/live", "/health/ready"):
        answer = await shared.get(path)
        assert (answer.json(), answer.headers["cache-control"]) == ({"status": "pass"}, "no-store")


async def test_without_its_database_it_lives_and_is_not_ready(api: Api, own_database: Database) -> None:
    connection = await asyncpg.connect(own_database.superuser_url)
    try:
        await connection.execute(f"ALTER DATABASE {own_database.name} CONNECTION LIMIT 0")
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()",
            own_database.name,
        )
    finally:
        await connection.close()
    for path in ("/health/ready", "/v1/ledgers", "/v1/ledgers/drones/relationships/pak--tur"):
        answer = await api.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert "asyncpg" not in answer.text
    assert (await api.get("/health/live")).status_code == 200


async def test_on_an_older_schema_it_is_not_ready(api: Api, own_database: Database) -> None:
    connection = await asyncpg.connect(own_database.owner_url)
    try:
        await connection.execute("UPDATE tarih.alembic_version SET version_num = '0000'")
    finally:
        await connection.close()
    assert (await api.get("/health/ready")).status_code == 503


async def test_a_fault_of_ours_is_logged_with_the_request_id_and_tells_nothing(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: str) -> None:
        raise RuntimeError("SELECT a secret")

    monkeypatch.setattr(health, "_health", broken)
    answer = await api.get("/health/live", headers={"X-Request-Id": "the-one"})
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    [record] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "[the-one] GET /health/live 500" in TextFormatter().format(record)
    assert "SELECT a secret" in caplog.text
