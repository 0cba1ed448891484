"""What is so between Pakistan and Türkiye, as of any day, as told over HTTP from the sample ledger."""

from typing import Any

import pytest

from service.domain.claims import fold
from service.domain.reading import relationships_of
from service.store import reads
from tests.api.conftest import SAMPLE, STATE, Api, note

pytestmark = pytest.mark.anyio


def held(state: dict[str, Any]) -> dict[str, str]:
    """Certainty, by platform that Pakistan holds."""
    return {line["platform"]: line["certainty"] for line in state["inventory"] if line["actor"] == "pak"}


def amounts(state: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {
        line["platform"]: (line["quantity"]["low"], line["quantity"]["high"])
        for line in state["inventory"]
        if "quantity" in line
    }


async def test_as_of_june_2021_the_tb2_is_possible_and_there_is_no_akinci(shared: Api) -> None:
    found = held(await shared.state("?valid_at=2021-06-01"))
    assert found["tb2"] == "possible"
    assert "akinci" not in found


async def test_as_of_june_2022_the_tb2_is_certain(shared: Api) -> None:
    assert held(await shared.state("?valid_at=2022-06-30"))["tb2"] == "certain"


async def test_as_of_june_2024_both_are_certain_and_nothing_says_that_the_plant_operates(shared: Api) -> None:
    state = await shared.state("?valid_at=2024-06-30")
    found = held(state)
    assert (found["tb2"], found["akinci"]) == ("certain", "certain")
    assert state["phase"]["name"] in ("customer", "partner")
    assert state["facilities"] == []
    assert "prospective" not in state["phase"]


async def test_as_of_december_2025_the_plant_is_reported_and_not_confirmed(shared: Api) -> None:
    state = await shared.state("?valid_at=2025-12-31")
    [plant] = state["facilities"]
    assert (plant["stage"], plant["standing"], plant["official_status"]) == ("reported", "reported", "not_confirmed")
    assert state["phase"]["prospective"]["name"] == "co-producer"


async def test_as_of_june_2026_the_expectation_has_lapsed(shared: Api) -> None:
    state = await shared.state("?valid_at=2026-06-30")
    assert [line["status"] for line in state["expectations"]] == ["lapsed"]


@pytest.mark.parametrize(("reported_by", "tb2", "akinci"), [("2024-06-30", 6, 2), ("2025-11-30", 9, 3)])
async def test_the_register_said_as_much_as_it_had_published_by_then(
    shared: Api, reported_by: str, tb2: int, akinci: int
) -> None:
    state = await shared.state(f"?valid_at=2025-12-31&reported_by={reported_by}")
    found = amounts(state)
    assert (found["tb2"][1], found["akinci"][1]) == (tb2, akinci)
    assert state["facilities"] == []
    assert state["as_of"]["reported_by"] == f"{reported_by}T23:59:59.999999Z"


async def test_turkey_is_called_tuerkiye_from_june_2022_on_and_always_in_turkish(shared: Api) -> None:
    for query, label in (
        ("?valid_at=2022-05-31", "Turkey"),
        ("?valid_at=2022-06-01", "Türkiye"),
        ("?valid_at=2021-06-01&lang=tr", "Türkiye"),
        ("?valid_at=2021-06-01&lang=tr-TR", "Türkiye"),
    ):
        state = await shared.state(query)
        assert {member["actor"]: member["label"] for member in state["members"]}["tur"] == label


async def test_only_certain_lines_on_request_and_the_rest_is_counted(shared: Api) -> None:
    state = await shared.state("?valid_at=2021-06-01&certainty=certain")
    assert "tb2" not in held(state)
    assert state["omitted"]["possible"] > 0


async def test_of_a_relationship_nobody_spoke_of_nothing_is_known(shared: Api) -> None:
    state = await shared.state("?valid_at=2024-06-30", relationship="nobody--noone")
    assert state["known"] is False
    assert state["as_of"]["revision"] == 0


async def test_before_the_ledger_knew_anything_nothing_is_known(shared: Api) -> None:
    state = await shared.state("?valid_at=2024-06-30&known_at=2020-01-01")
    assert (state["known"], state["as_of"]["position"]) == (False, 0)
    assert "known_at" in state["as_of"]
    state = await shared.state("?valid_at=2024-06-30&known_position=0")
    assert "known_at" not in state["as_of"]


async def test_a_position_inside_a_batch_means_the_batch_before(shared: Api) -> None:
    for position in (13, 14):
        state = await shared.state(f"?valid_at=2024-06-30&known_position={position}")
        assert state["as_of"]["position"] == 13


async def test_without_a_valid_time_the_known_one_is_meant(shared: Api) -> None:
    head = await shared.head()
    as_of = (await shared.state(f"?known_position={head}"))["as_of"]
    assert as_of["valid_at"] == as_of["known_at"]
    assert as_of["final"] is True
    now = (await shared.state())["as_of"]
    assert now["valid_at"] == now["known_at"]
    assert (now["final"], now["position"]) == (False, head)


async def test_an_address_gives_the_pinned_one_that_repeats_its_points(shared: Api) -> None:
    answer = await shared.get(f"{STATE}?valid_at=2025-12-31&reported_by=2025-11-30&certainty=certain&lang=tr")
    pinned = await shared.get(answer.headers["content-location"])
    assert pinned.status_code == 200
    assert pinned.headers["content-location"] == answer.headers["content-location"]
    said, again = answer.json(), pinned.json()
    for name in ("valid_at", "position", "revision", "reported_by"):
        assert said["as_of"][name] == again["as_of"][name]
    assert said["inventory"] == again["inventory"]


CORRECTED = {"action": "correct", "claim": "tb2-acquired", "type": "acquisition", "occurred": "2020"}
TB2 = {
    "data": {"platform": "tb2", "platform_name": "Bayraktar TB2"},
    "parties": [{"actor": "tur", "role": "supplier"}, {"actor": "pak", "role": "recipient"}],
}


async def test_a_correction_changes_todays_answer_and_no_answer_pinned_before_it(api: Api) -> None:
    head = await api.head()
    pins = [
        f"{STATE}?valid_at=2021-06-01&known_position={head}",
        f"{STATE}?valid_at=2021-06-01&known_position={head}&reported_by=2025-12-31&lang=tr",
        f"{STATE}?known_position={head}&certainty=certain",
        f"{SAMPLE}/claims/tb2-acquired?valid_at=2021-06-01&known_position={head}",
        f"{SAMPLE}/claims/tb2-acquired/history?known_position={head}",
        f"{SAMPLE}/events/tb2-acquired",
    ]
    before = [await api.get(pin) for pin in pins]
    assert held(await api.state("?valid_at=2021-06-01"))["tb2"] == "possible"

    answer = await api.append({**CORRECTED, **TB2})
    assert answer.status_code == 201

    assert held(await api.state("?valid_at=2021-06-01"))["tb2"] == "certain"
    after = [await api.get(pin) for pin in pins]
    assert [one.content for one in after] == [one.content for one in before]
    assert [one.headers["etag"] for one in after] == [one.headers["etag"] for one in before]


async def test_a_retraction_removes_and_a_reinstatement_returns(api: Api) -> None:
    at = "?valid_at=2024-06-30"
    before = await api.state(at)
    retraction = {"action": "retract", "claim": "plant-talks", "by": "curator", "reason": "Misread."}
    plant = {"action": "retract", "claim": "joint-training", "by": "curator", "reason": "Misread."}
    assert (await api.append(retraction, plant)).status_code == 201
    gone = await api.state(at)
    assert gone["training"] == []
    assert gone["retracted"] == 2
    assert len(gone["negotiations"]) == len(before["negotiations"]) - 1
    back = [{"action": "reinstate", "claim": claim} for claim in ("plant-talks", "joint-training")]
    assert (await api.append(*back)).status_code == 201
    after = await api.state(at)
    assert [after[name] for name in ("training", "negotiations")] == [
        before[name] for name in ("training", "negotiations")
    ]


async def test_a_confirmation_changes_the_standing_and_no_date(api: Api) -> None:
    at = "?valid_at=2025-12-31"
    [before] = (await api.state(at))["facilities"]
    sources = [{"publisher": "Ministry of Defence Production", "published": "2026-02-01"}]
    assert (await api.append({"action": "confirm", "claim": "plant-reported", "sources": sources})).status_code == 201
    [after] = (await api.state(at))["facilities"]
    assert (before["standing"], after["standing"]) == ("reported", "confirmed")
    assert {**after, "standing": "reported"} == before
    denial = {"action": "deny", "claim": "plant-reported", "sources": [{"publisher": "Baykar"}]}
    assert (await api.append(denial)).status_code == 201
    assert (await api.state(at))["facilities"][0]["standing"] == "disputed"


async def test_an_expectation_is_fulfilled_where_the_claim_that_fulfils_it_is_so(api: Api) -> None:
    said = note("announced", type="statement", occurred="2026-02-10")
    fulfilment = {"action": "fulfil", "claim": "more-announcements", "fulfilled_by": "announced"}
    assert (await api.append(said, fulfilment)).status_code == 201
    [line] = (await api.state("?valid_at=2026-06-30"))["expectations"]
    assert (line["status"], line["fulfilled_by"]) == ("fulfilled", {"claim": "announced", "certainty": "certain"})
    [line] = (await api.state("?valid_at=2026-02-01"))["expectations"]
    assert line["status"] == "due"


async def test_ten_thousand_events_in_one_relationship_are_counted_right(api: Api) -> None:
    parties = [{"actor": "aaa", "role": "supplier"}, {"actor": "bbb", "role": "recipient"}]
    deliveries = [
        note(
            f"delivery-{number}",
            type="delivery",
            occurred=f"{2000 + number % 20}",
            parties=parties,
            data={"platform": f"platform-{number % 10}", "quantity": {"best": 1 + number % 3}},
        )
        for number in range(9_000)
    ]
    assert (await api.append(*deliveries)).status_code == 201
    corrections = [
        {**delivery, "action": "correct", "claim": delivery["id"], "id": f"corrected-{number}", "occurred": "2030"}
        for number, delivery in enumerate(deliveries[:500])
    ]
    retractions = [
        {
            "action": "retract",
            "claim": f"delivery-{number}",
            "id": f"gone-{number}",
            "by": "curator",
            "reason": "Twice.",
        }
        for number in range(500, 1_000)
    ]
    answer = await api.append(*corrections, *retractions, to=f"{SAMPLE}/relationships/aaa--bbb/events")
    assert (answer.status_code, answer.headers["etag"]) == (201, '"r10000"')

    state = await api.state("?valid_at=2025-01-01", relationship="aaa--bbb")
    assert (state["as_of"]["revision"], state["retracted"]) == (10_000, 500)
    expected = {f"platform-{kind}": 0 for kind in range(10)}
    for number in range(1_000, 9_000):
        expected[f"platform-{number % 10}"] += 1 + number % 3
    assert {line["platform"]: line["quantity"]["best"] for line in state["inventory"]} == expected
    assert sum(line["claims_total"] for line in state["inventory"]) == 8_000

    async with api.log.connection() as connection:
        stored = await reads.events_of_relationships(connection, "drones", ["aaa--bbb"], await api.head())
    folded = fold(one.recorded for one in stored)
    assert len(folded.claims) == 8_500
    assert all(relationships_of(claim.statement) == ("aaa--bbb",) for claim in folded.claims.values())
    reported = await api.state("?valid_at=2025-01-01&reported_by=2025-01-01", relationship="aaa--bbb")
    assert reported["omitted"]["undated"] == 9_500  # a curator's retraction holds at every reported day
