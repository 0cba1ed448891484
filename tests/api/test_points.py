"""Points in time, over HTTP: what they resolve to, what is visible at them, and what never changes at an older one."""

import pytest

from service.domain.as_of import parse_point, rfc3339
from tests.api.conftest import SAMPLE, STATE, Api, note
from tests.api.test_merges import delivered

DEAL = [{"actor": "tur", "role": "supplier"}, {"actor": "pak", "role": "recipient"}]


async def others(api: Api, query: str) -> set[str]:
    """Claims among the other lines of the state."""
    return {id_ for line in (await api.state(query))["other"] for id_ in line["claims"]}


async def test_an_event_is_visible_at_the_very_instant_it_was_recorded_and_not_a_microsecond_before(api: Api) -> None:
    recorded = (await api.append(note("n", claim="n"))).json()["recorded_at"]
    before = rfc3339(parse_point(recorded).at - 1)
    assert "n" in await others(api, f"?valid_at=2025-01-01&known_at={recorded}")
    assert "n" not in await others(api, f"?valid_at=2025-01-01&known_at={before}")


async def test_what_is_known_at_the_last_recorded_instant_is_final_and_at_a_later_one_it_is_not(api: Api) -> None:
    recorded = (await api.append(note("n"))).json()["recorded_at"]
    assert (await api.state(f"?known_at={recorded}"))["as_of"]["final"] is True
    assert (await api.state())["as_of"]["final"] is False
    later = await api.get(f"{STATE}?known_at={rfc3339(parse_point(recorded).at + 3_600_000_000)}")
    assert later.status_code == 400
    assert "future" in later.text


async def test_before_the_first_event_nothing_is_known_and_it_is_not_the_first_version(shared: Api) -> None:
    early = await shared.state("?known_at=1990-01-01")
    assert (early["known"], early["as_of"]["position"], early["inventory"]) == (False, 0, [])
    assert early["as_of"]["valid_at"] == "1990-01-01T23:59:59.999999Z"


async def test_a_position_beyond_the_head_is_not_found_and_leads_nowhere(shared: Api) -> None:
    answer = await shared.get(f"{STATE}?known_position={10**9}")
    assert (answer.status_code, "location" in answer.headers) == (404, False)


async def test_a_late_arrival_is_absent_at_every_earlier_known_time_and_present_from_then_on(api: Api) -> None:
    before = await api.head()
    await api.append(note("n", claim="n", occurred="2021-03-01"))
    after = await api.head()
    assert "n" not in await others(api, f"?valid_at=2021-06-01&known_position={before}")
    assert "n" in await others(api, f"?valid_at=2021-06-01&known_position={after}")
    assert "n" in await others(api, "?valid_at=2021-06-01")


async def test_ended_corrected_retracted_and_denied_look_different(api: Api) -> None:
    def held(id_: str, **fields: object) -> dict[str, object]:
        return note(id_, claim=id_, type="training", occurred="2020", until="..", **fields)

    await api.append(held("ended"), held("corrected"), held("retracted"), held("denied"))
    body = {"type": "training", "occurred": "2020", "until": "2022-01-01T00:00:00Z"}
    await api.append(held("ends") | body | {"action": "correct", "claim": "ended"})
    await api.append(held("other") | {"action": "correct", "claim": "corrected", "title": "Another title"})
    gone = {"action": "retract", "id": "gone", "claim": "retracted", "by": "curator", "reason": "a mistake"}
    said = {"action": "deny", "id": "no", "claim": "denied", "sources": [{"publisher": "the ministry"}]}
    await api.append(gone, said)
    state = await api.state("?valid_at=2024-06-30")
    lines = {id_: line for line in state["training"] for id_ in line["claims"]}
    assert "ended" not in lines
    assert "retracted" not in lines
    assert state["retracted"] == 1
    assert (lines["corrected"]["title"], lines["corrected"]["standing"]) == ("Another title", "reported")
    assert (lines["denied"]["standing"], lines["denied"]["certainty"]) == ("denied", "certain")
    earlier = {id_ for line in (await api.state("?valid_at=2021-06-30"))["training"] for id_ in line["claims"]}
    assert {"ended", "corrected", "denied"} <= earlier


async def test_lines_stand_by_earliest_then_latest_then_position(api: Api) -> None:
    dates = {"year": "2019", "march": "2019-03", "january": "2019-01", "again": "2019-01", "decade": "201X"}
    parties = [{"actor": "eee", "role": "side_a"}, {"actor": "fff", "role": "side_b"}]
    await api.append(*(note(id_, claim=id_, occurred=text, parties=parties) for id_, text in dates.items()))
    state = await api.state("?valid_at=2024-01-01", "eee--fff")
    assert [line["claims"][0] for line in state["other"]] == ["decade", "january", "again", "year", "march"]


async def test_retracting_a_corrected_claim_withdraws_it_whole_and_reinstating_returns_the_last(
    api: Api,
) -> None:
    await api.append(note("first", claim="n", title="First"))
    await api.append(note("second", claim="n", title="Second") | {"action": "correct"})
    pinned = f"?valid_at=2025-01-01&known_position={await api.head()}"
    before = await api.get(STATE + pinned)
    await api.append({"action": "retract", "id": "gone", "claim": "n", "by": "curator", "reason": "a mistake"})
    assert "n" not in await others(api, "?valid_at=2025-01-01")
    await api.append({"action": "reinstate", "id": "back", "claim": "n", "reason": "no mistake"})
    state = await api.state("?valid_at=2025-01-01")
    assert [line["title"] for line in state["other"] if line["claims"] == ["n"]] == ["Second"]
    assert (await api.get(STATE + pinned)).content == before.content


@pytest.mark.parametrize(
    ("occurred", "day", "low", "high"),
    [
        ("{2022,2023,2024}", "2022-12-31", 1, 7),
        ("{2022,2023,2024}", "2023-12-31", 2, 8),
        ("{2022,2023,2024}", "2024-12-31", 9, 9),
        ("2022/2024", "2023-12-31", 0, 9),
        ("[2022..2024]", "2023-12-31", 0, 9),
        ("2022/2024", "2024-12-31", 9, 9),
    ],
)
async def test_a_quantity_over_years_stays_with_its_years(
    api: Api, occurred: str, day: str, low: int, high: int
) -> None:
    told = delivered("nine", "acme", occurred=occurred, data={"platform": "kite", "quantity": {"best": 9}})
    assert (await api.append(told)).status_code == 201
    [line] = (await api.state(f"?valid_at={day}", "acme--pak"))["inventory"]
    assert (line["quantity"]["low"], line["quantity"]["high"]) == (low, high)


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("valid_at=2025", "full date"),
        ("valid_at=2025-06", "full date"),
        ("valid_at=2025-02-30", "full date"),
        ("valid_at=2025-06-01T12:00:00", "zone"),
        ("valid_at=2025-06-01T12:00:00+03:00", "%2B"),
        ("known_at=2025-06-01T12:00:00", "zone"),
        ("reported_by=2025-06", "full date"),
        ("reported_by=2025-06-01T12:00:00Z", "full date"),
        ("known_position=-1", "whole number"),
        ("known_position=1.0", "whole number"),
        ("known_position=3&known_at=2025-06-01", "not both"),
    ],
)
async def test_what_names_no_point_is_refused_with_the_form_to_use(shared: Api, query: str, form: str) -> None:
    answer = await shared.get(f"{STATE}?{query}")
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["parameter"] == query.partition("=")[0]
    assert form in error["detail"]


async def test_a_day_on_the_known_axis_means_its_end_and_today_means_now(shared: Api) -> None:
    today = (await shared.state())["as_of"]["known_at"][:10]
    now = (await shared.state(f"?known_at={today}"))["as_of"]
    assert now["known_at"][:10] == today
    assert now["known_at"] < f"{today}T23:59:59.999999Z"
    reported = (await shared.state(f"?reported_by={today}"))["as_of"]
    assert reported["reported_by"][:10] == today
    day = (await shared.state("?known_at=2020-01-01&valid_at=2020-01-01"))["as_of"]
    assert (day["known_at"], day["valid_at"]) == ("2020-01-01T23:59:59.999999Z",) * 2


async def test_every_part_of_an_answer_stands_at_one_position(shared: Api) -> None:
    head = (await shared.get(SAMPLE)).json()["position"]
    state = await shared.state(f"?known_position={head}")
    assert (state["as_of"]["position"], state["as_of"]["known_stable"]["through"]) == (head, head)
    assert state["as_of"]["known_stable"]["from"] <= head


async def test_how_far_is_enough_changes_nothing_where_the_ledger_is_further(shared: Api) -> None:
    head = (await shared.get(SAMPLE)).json()
    answer = await shared.get(f"{STATE}?valid_at=2024-06-30")
    for enough in ("0", str(head["position"]), f"{head['epoch'][:8]}-1"):
        same = await shared.get(f"{STATE}?valid_at=2024-06-30&min_position={enough}")
        assert (same.status_code, same.json()["inventory"]) == (200, answer.json()["inventory"])
        assert same.json()["as_of"]["position"] == head["position"]
        assert "min_position" not in same.headers["content-location"]


async def test_a_place_that_the_ledger_has_not_come_to_is_told_apart_from_one_in_another_past(shared: Api) -> None:
    head = (await shared.get(SAMPLE)).json()
    beyond = head["position"] + 1
    for place, status in ((str(beyond), 404), (f"{head['epoch'][:8]}-{beyond}", 503), ("00000000-1", 410)):
        answer = await shared.get(f"{STATE}?min_position={place}")
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize("query", ["known_at=2025-06-01&min_position=1", "known_position=3&min_position=1"])
async def test_how_far_is_enough_is_nobodys_question_where_the_known_time_is_given(shared: Api, query: str) -> None:
    answer = await shared.get(f"{STATE}?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "min_position")
