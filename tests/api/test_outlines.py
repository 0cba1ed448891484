"""An outline and a glance over HTTP: their points, their validators, and who may ask."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.api.conftest import SAMPLE, STATE, Api, note

pytestmark = pytest.mark.anyio
OUTLINE, GLANCE, TIMELINE = f"{STATE}/outline", f"{STATE}/glance", f"{STATE}/timeline"


async def told(api: Api, address: str) -> dict[str, Any]:
    answer = await api.get(address)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_samples_stops_are_the_days_that_readers_ask_for(shared: Api) -> None:
    axes = (await told(shared, OUTLINE))["axes"]
    assert [one["at"] for one in axes["reported"]["points"]] == ["2024-03-18", "2025-10-23", "2025-12-05"]
    assert len(axes["known"]["points"]) == 3
    days = [one["at"] for one in axes["valid"]["points"]]
    assert {"2021-01-01", "2021-12-31", "2022-06-01", "2025-12-05", "2026-04-01"} <= set(days)
    assert days == sorted(days)


async def test_between_two_stops_the_sample_answers_alike(shared: Api) -> None:
    axes = (await told(shared, OUTLINE))["axes"]
    for earlier, later in pairwise(one["at"] for one in axes["valid"]["points"]):
        eve = (date.fromisoformat(later) - timedelta(days=1)).isoformat()
        for address in (STATE, TIMELINE):
            one, other = [await told(shared, f"{address}?known_position=51&valid_at={day}") for day in (earlier, eve)]
            one["as_of"] = other["as_of"] = None
            assert one == other, (earlier, later)


async def test_moving_knowledge_back_takes_the_plant_and_three_drones_away(shared: Api) -> None:
    async def held(reported_by: str) -> dict[str, int]:
        said = await told(shared, f"{GLANCE}?valid_at=2025-12-31&reported_by={reported_by}")
        plants = {"plant": len(said["facilities"])}
        return plants | {line["platform"]: line["quantity"]["best"] for line in said["held"] if "quantity" in line}

    assert (await held("2025-12-05"))["plant"] == 1
    assert await held("2025-11-30") | {"plant": 0, "tb2": 9, "akinci": 3} == await held("2025-11-30")
    assert await held("2024-06-30") | {"plant": 0, "tb2": 6, "akinci": 2} == await held("2024-06-30")


async def test_an_outline_can_be_pinned_and_kept(shared: Api) -> None:
    answer = await shared.get(f"{OUTLINE}?max_points=5&lang=tr")
    again = await shared.get(f"{OUTLINE}?max_points=5&lang=tr", headers={"If-None-Match": answer.headers["etag"]})
    pinned = await shared.get(answer.headers["content-location"])
    assert answer.headers["cache-control"] == "public, max-age=5, stale-while-revalidate=30"
    assert "immutable" in pinned.headers["cache-control"]
    assert pinned.json() | {"as_of": None} == answer.json() | {"as_of": None}
    assert pinned.json()["as_of"]["final"] is True
    earlier = await told(shared, f"{OUTLINE}?valid_at=2020-01-01")
    assert [one["label"] for one in earlier["members"]] == ["Pakistan", "Turkey"]
    assert answer.json()["lang"] == "tr"
    assert [one["label"] for one in answer.json()["members"]] == ["Pakistan", "Türkiye"]
    assert answer.json()["axes"]["valid"]["precision"] == "decade"
    assert again.status_code in (200, 304)  # the known time goes on
    assert (await shared.get(f"{pinned.url}", headers={"If-None-Match": pinned.headers["etag"]})).status_code == 304
    assert (await shared.get(f"{OUTLINE}?v=9.00000000")).status_code == 404


async def test_an_outline_is_as_then_known(api: Api) -> None:
    before = await told(api, OUTLINE)
    await api.append(note("late", occurred="1999-05-03", sources=[{"publisher": "A", "published": "2020-02-02"}]))
    after = await told(api, OUTLINE)
    assert after["claims"] == before["claims"] + 1
    assert after["axes"]["valid"]["points"][0]["at"] == "1999-05-03"
    assert "2020-02-02" in [one["at"] for one in after["axes"]["reported"]["points"]]
    assert len(after["axes"]["known"]["points"]) == 4
    assert after["as_of"]["revision"] == before["as_of"]["revision"] + 1
    then = await told(api, f"{OUTLINE}?known_position=51")
    assert then | {"as_of": None} == before | {"as_of": None}


async def test_what_fulfils_an_expectation_elsewhere_is_a_stop(api: Api) -> None:
    parties = [{"actor": "pak", "role": "side_a"}, {"actor": "chn", "role": "side_b"}]
    await api.append(note("elsewhere", occurred="2026-02-14", parties=parties))
    fulfil = {"action": "fulfil", "id": "f", "claim": "more-announcements", "fulfilled_by": "elsewhere"}
    assert (await api.append(fulfil)).status_code == 201
    assert "2026-02-14" in [one["at"] for one in (await told(api, OUTLINE))["axes"]["valid"]["points"]]


@pytest.mark.parametrize(
    "query",
    [
        "?reported_by=2024-01-01",
        "?known_at=2024-01-01&known_position=5",
        "?max_points=0",
        "?max_points=2001",
        "?known_at=2024",
        "?lang=_",
        "?x=1",
    ],
)
async def test_what_an_outline_cannot_be_asked_is_refused(shared: Api, query: str) -> None:
    assert (await shared.get(OUTLINE + query)).status_code == 400


async def test_outlines_and_glances_of_a_private_ledger_look_absent(api: Api) -> None:
    await api.put("/v1/ledgers/closed", {"title": "Closed", "public_read": False})
    key = await api.key(closed="read")
    for what in ("outline", "glance"):
        closed = await api.get(f"/v1/ledgers/closed/relationships/pak--tur/{what}")
        absent = await api.get(f"/v1/ledgers/absent/relationships/pak--tur/{what}")
        assert (closed.status_code, absent.status_code) == (404, 404)
        assert closed.json()["detail"].replace("closed", "absent") == absent.json()["detail"]
        opened = await api.get(f"/v1/ledgers/closed/relationships/pak--tur/{what}", key)
        assert (opened.status_code, opened.json()["known"]) == (200, False)
        assert opened.headers["cache-control"].startswith("private")


@pytest.mark.parametrize("what", ["outline", "glance"])
async def test_members_out_of_order_and_merged_ones_are_led_on(api: Api, what: str) -> None:
    turned = await api.get(f"{SAMPLE}/relationships/tur--pak/{what}?lang=tr")
    assert (turned.status_code, turned.headers["location"]) == (308, f"http://tarih.test{STATE}/{what}?lang=tr")
    parties = [{"actor": "tur", "role": "survivor"}, {"actor": "turkiye", "role": "merged"}]
    merge = {"action": "assert", "id": "merge", "type": "actor-merge", "occurred": "2024-01-01", "parties": parties}
    assert (await api.append(merge)).status_code == 201
    merged = await api.get(f"{SAMPLE}/relationships/pak--turkiye/{what}")
    assert (merged.status_code, merged.headers["location"]) == (308, f"http://tarih.test{STATE}/{what}")
