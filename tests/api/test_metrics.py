"""Figures for those who run the service."""

import asyncio

import asyncpg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.api import metrics
from service.metrics import REGISTRY
from tests.api.conftest import SAMPLE, STATE, Api, note
from tests.conftest import Database

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(text: str) -> Figures:
    """By name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


class Looks:
    """Figures now, and how far they have risen since they were looked at."""

    def __init__(self, api: Api) -> None:
        self.api, self.before = api, dict[tuple[str, frozenset[tuple[str, str]]], float]()

    async def look(self) -> Figures:
        answer = await self.api.send("GET", "/metrics", self.api.admin)
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        self.before = read(answer.text)
        return self.before

    async def risen(self, name: str, **labels: str) -> float:
        key, before = (name, frozenset(labels.items())), self.before
        after = await self.look()
        self.before = before
        return after[key] - before.get(key, 0.0)


@pytest.fixture
async def looks(api: Api) -> Looks:
    looks = Looks(api)
    await looks.look()
    return looks


def now(found: Figures, name: str, **labels: str) -> float:
    return found[name, frozenset(labels.items())]


async def test_requests_are_counted_by_template_and_status_and_no_word_of_a_caller_is_a_label(looks: Looks) -> None:
    api = looks.api
    for path in (STATE, f"{STATE}?valid_at=2024", "/nowhere", f"{STATE}?valid_at=2024-06-30&known_position=51"):
        await api.get(path)
    for _ in range(2):  # the last of them from memory
        await api.get(f"{STATE}?valid_at=2024-06-30&known_position=51")
    await api.send("BREW", STATE)
    route = "/v1/ledgers/{ledger}/relationships/{relationship}"
    assert await looks.risen("tarih_requests_total", method="GET", route=route, status="200") == 4
    assert await looks.risen("tarih_requests_total", method="GET", route=route, status="400") == 1
    assert await looks.risen("tarih_requests_total", method="GET", route="none", status="404") == 1
    assert await looks.risen("tarih_requests_total", method="other", route="none", status="405") == 1
    assert await looks.risen("tarih_request_seconds_count", route=route) == 5
    assert await looks.risen("tarih_cache_hits_total", cache="kept") == 1
    for name, labels in await looks.look():
        assert {"drones", "pak--tur", "BREW"}.isdisjoint(value for _, value in labels), name


async def test_appends_are_counted_by_what_became_of_them(looks: Looks) -> None:
    api = looks.api
    assert (await api.append(note("counted-1"), note("counted-2"))).status_code == 201
    assert (await api.append(note("counted-1"), note("counted-2"))).status_code == 200
    assert (await api.append(note("counted-1", title="Another"))).status_code == 409
    for outcome in ("recorded", "repeated", "refused"):
        assert await looks.risen("tarih_appends_total", outcome=outcome) == 1
    assert await looks.risen("tarih_events_recorded_total") == 2
    assert await looks.risen("tarih_group_events_sum") == 5
    assert await looks.risen("tarih_group_requests_count") == 3
    assert await looks.risen("tarih_positions") == 2
    found = await looks.look()
    assert now(found, "tarih_database_up") == now(found, "tarih_processes") == now(found, "tarih_ledgers") == 1
    assert now(found, "tarih_queue_events") == 0
    assert now(found, "tarih_pool_used") + now(found, "tarih_pool_idle") <= now(found, "tarih_pool_most") == 8
    assert now(found, "tarih_memory_bytes") > 10_000_000
    assert now(found, "tarih_requests_open") == 1


async def test_a_clock_that_was_set_back_shows(looks: Looks, own_database: Database) -> None:
    assert now(await looks.look(), "tarih_clock_behind_seconds") == 0
    owner = await asyncpg.connect(own_database.owner_url)
    # As if the last batch had been recorded by a clock that was ten seconds ahead of this one.
    await owner.execute("UPDATE tarih.heads SET recorded_at = now() + interval '10 seconds'")
    await owner.close()
    for _ in range(50):  # another application of this process may have looked at its own database in between
        behind = now(await looks.look(), "tarih_clock_behind_seconds")
        if behind > 0:
            break
    assert 0 < behind <= 10


async def test_figures_are_for_administrators(api: Api) -> None:
    assert (await api.send("GET", "/metrics", None)).status_code == 401
    reader = await api.key(drones="read")
    assert (await api.send("GET", "/metrics", reader)).status_code == 404


async def test_the_figures_are_valid_for_prometheus(api: Api) -> None:
    await api.get(SAMPLE)
    text = (await api.send("GET", "/metrics", api.admin)).text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert families.keys() == {family.name for family in REGISTRY.collect()}
    assert all(family.documentation for family in families.values())


async def test_a_look_that_fails_does_not_end_the_looking(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looked = 0
    again = asyncio.Event()

    def failing(_: object) -> None:
        nonlocal looked
        looked += 1
        if looked > 1:
            again.set()
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(metrics, "TICK", 0.01)
    monkeypatch.setattr(metrics, "look_at", failing)
    watching = asyncio.create_task(metrics.watch(api.site))
    async with asyncio.timeout(30):
        await again.wait()
    watching.cancel()
    assert "the figures could not be brought up to date" in caplog.text
