"""Figures for those who run the service."""

import asyncpg
from prometheus_client.parser import text_string_to_metric_families

from tests.api.conftest import Api
from tests.conftest import Database


def figures(text: str) -> dict[str, float]:
    return {sample.name: sample.value for family in text_string_to_metric_families(text) for sample in family.samples}


async def test_a_clock_that_was_set_back_shows(api: Api, own_database: Database) -> None:
    straight = await api.send("GET", "/metrics", api.admin)
    assert figures(straight.text) == {"tarih_clock_behind_seconds": 0}
    assert straight.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    owner = await asyncpg.connect(own_database.owner_url)
    # As if the last batch had been recorded by a clock that was ten seconds ahead of this one.
    await owner.execute("UPDATE tarih.heads SET recorded_at = clock_timestamp() + interval '10 seconds'")
    await owner.close()
    behind = figures((await api.send("GET", "/metrics", api.admin)).text)["tarih_clock_behind_seconds"]
    assert 0 < behind <= 10


async def test_figures_are_for_administrators(api: Api) -> None:
    assert (await api.send("GET", "/metrics", None)).status_code == 401
    reader = await api.key(drones="read")
    assert (await api.send("GET", "/metrics", reader)).status_code == 404
