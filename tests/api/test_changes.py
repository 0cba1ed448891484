"""What differs between two points of a relationship, as told over HTTP."""

import asyncio
from typing import Any

import pytest

from tests.api.conftest import SAMPLE, STATE, Api, note

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
CHANGES = f"{STATE}/changes"


async def changes(api: Api, query: str, relationship: str = "pak--tur") -> Json:
    answer = await api.get(f"{SAMPLE}/relationships/{relationship}/changes?{query}")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def of(found: Json, kind: str, what: str, claim: str) -> Json:
    [one] = [one for one in found[kind][what] if one["claim"] == claim]
    return dict(one)


async def test_between_june_2021_and_december_2025_the_akinci_came_and_a_plant_was_reported(shared: Api) -> None:
    found = await changes(shared, "from=2021-06-01&to=2025-12-31")
    added = {tuple(line["key"].values()): line for line in found["state"]["added"]}
    assert added["pak", "akinci"]["line"]["certainty"] == "certain"
    assert {cause["cause"] for cause in added["pak", "akinci"]["causes"]} == {"time"}
    [plant] = [line for line in found["state"]["added"] if line["part"] == "facilities"]
    assert plant["line"]["stage"] == "reported"
    changed = {(line["part"], *line["key"].values()): line for line in found["state"]["changed"]}
    tb2 = {one["pointer"]: one for one in changed["inventory", "pak", "tb2"]["fields"]}
    assert (tb2["/certainty"]["before"], tb2["/certainty"]["after"]) == ("possible", "certain")
    assert "/prospective" in {one["pointer"] for one in changed["phase",]["fields"]}
    for side, valid in (("from", "2021-06-01"), ("to", "2025-12-31")):
        assert found[side]["valid_at"] == f"{valid}T23:59:59.999999Z"
    assert found["from"]["position"] == found["to"]["position"] == await shared.head()
    assert found["from"]["known_at"] == found["to"]["known_at"]


async def test_what_was_learned_since_a_position_names_the_events(api: Api) -> None:
    head = await api.head()
    await api.append(note("late", occurred="2021-03"))
    await api.append({"action": "retract", "claim": "tb2-acquired", "by": "curator", "reason": "twice"})
    found = await changes(api, f"from=2025-12-31@{head}&to=2025-12-31")
    late = of(found, "claims", "added", "late")
    assert late["absent"] == "unknown"
    assert [(cause["action"], cause["position"]) for cause in late["causes"]] == [("assert", head + 1)]
    gone = of(found, "claims", "removed", "tb2-acquired")
    [cause] = gone["causes"]
    assert (gone["absent"], cause["action"], cause["by"]) == ("retracted", "retract", "curator")
    assert cause["position"] == head + 2
    [line] = [one for one in found["state"]["changed"] if one["key"].get("platform") == "tb2"]
    assert {cause["id"] for cause in line["causes"]} == {cause["id"]}
    assert {"pointer": "/retracted", "before": 0, "after": 1} in found["rest"]


async def test_the_other_way_round_what_was_added_is_removed(shared: Api) -> None:
    there = await changes(shared, "from=2021-06-01@30&to=2025-12-31@51@2025-11-30")
    back = await changes(shared, "from=2025-12-31@51@2025-11-30&to=2021-06-01@30")
    for kind in ("state", "claims"):
        assert there[kind]["added"] == back[kind]["removed"]
        assert there[kind]["removed"] == back[kind]["added"]
        assert there[kind]["totals"]["changed"] == back[kind]["totals"]["changed"]
    assert (there["from"], there["to"]) == (back["to"], back["from"])


@pytest.mark.parametrize("point", ["2024-06-30", "2024-06-30@14", "@30", "2024-06-30@@2024-06-30"])
async def test_between_a_point_and_itself_nothing_differs(shared: Api, point: str) -> None:
    found = await changes(shared, f"from={point}&to={point}")
    nothing = {"added": 0, "changed": 0, "removed": 0}
    assert (found["state"]["totals"], found["claims"]["totals"], found["rest"]) == (nothing, nothing, [])
    assert found["from"] == found["to"]


async def test_points_have_the_defaults_of_every_question(shared: Api) -> None:
    found = await changes(shared, "from=@14")
    assert found["from"]["valid_at"] == found["from"]["known_at"]
    assert found["from"]["position"] == 13, "14 lies inside a batch"
    assert found["to"]["valid_at"] == found["to"]["known_at"]
    assert (found["from"]["final"], found["to"]["final"]) == (True, False)


@pytest.mark.parametrize(
    ("query", "parameter", "parts"),
    [
        ("", "from", ["`from` is needed"]),
        ("from=", "from", ["it is empty"]),
        ("from=@@", "from", ["it is empty"]),
        ("from=2024", "from", ["valid part"]),
        ("from=2024-06-30@soon", "from", ["known part", "or a position"]),
        ("from=2024-06-30@3@2024", "from", ["reported part"]),
        ("from=2024-06-30@3@2024-06-30T12:00:00Z", "from", ["reported part", "full date"]),
        ("from=2024-13-01@x@y", "from", ["valid part", "known part", "reported part"]),
        ("from=2024-06-30@1@2024-01-01@2", "from", ["more than three parts"]),
        ("from=2024-06-30&to=2024-06-30T12:00:00", "to", ["valid part", "no zone"]),
        ("from=2024-06-30@2999-01-01", "from", ["known part", "future"]),
        ("from=2024-06-30&to=2024-06-30@3@2999-01-01", "to", ["reported part", "future"]),
        ("from=@0", "from", ["give its valid part"]),
        ("from=2024-06-30&valid_at=2024-06-30", "valid_at", ["not known here"]),
        ("from=2024-06-30&limit=1001", "limit", ["from 1 to 1,000"]),
    ],
)
async def test_what_cannot_be_read_is_named(shared: Api, query: str, parameter: str, parts: list[str]) -> None:
    answer = await shared.get(f"{CHANGES}?{query}")
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["parameter"] == parameter
    assert all(part in error["detail"] for part in parts), error["detail"]


async def test_a_position_beyond_the_head_is_not_found(shared: Api) -> None:
    answer = await shared.get(f"{CHANGES}?from=2024-06-30@99999")
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (404, "beyond-head")


async def test_pinned_changes_are_kept_for_ever_at_the_address_they_name(shared: Api) -> None:
    now = await shared.get(f"{CHANGES}?from=2021-06-01&limit=7&lang=tr&standing=reported")
    assert now.headers["cache-control"] == "public, max-age=5, stale-while-revalidate=30"
    half = await shared.get(f"{CHANGES}?from=2021-06-01@14&to=2025-12-31@51")
    assert half.headers["cache-control"] == "public, max-age=3600"
    pinned = half.headers["content-location"]
    assert "&v=1." in pinned
    again = await shared.get(pinned)
    assert again.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert again.content == half.content
    assert again.headers["etag"] == half.headers["etag"]
    known = await shared.get(pinned, headers={"If-None-Match": half.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert "limit=7" in now.headers["content-location"]
    repeated = await shared.get(now.headers["content-location"])
    assert repeated.json()["claims"]["totals"] == now.json()["claims"]["totals"]
    assert [repeated.json()[side]["valid_at"] for side in ("from", "to")] == [
        now.json()[side]["valid_at"] for side in ("from", "to")
    ]
    other = await shared.get(f"{CHANGES}?from=2021-06-01@14&v=0.00000000")
    assert other.status_code == 404


async def test_lists_are_bounded_and_say_how_many_there_are(shared: Api) -> None:
    whole = await changes(shared, "from=2010-01-01&to=2025-12-31")
    some = await changes(shared, "from=2010-01-01&to=2025-12-31&limit=2")
    assert some["claims"]["totals"] == whole["claims"]["totals"]
    assert some["claims"]["added"] == whole["claims"]["added"][:2]
    assert some["claims"]["totals"]["added"] == len(whole["claims"]["added"]) > 2


async def test_filters_and_the_language_go_for_both_points(shared: Api) -> None:
    certain = await changes(shared, "from=2021-06-01&to=2022-06-30&certainty=certain")
    assert {"tb2"} <= {line["key"].get("platform") for line in certain["state"]["added"]}
    turkish = await changes(shared, "from=2021-06-01&to=2022-06-30&lang=tr")
    assert "members" not in {line["part"] for line in turkish["state"]["changed"]}
    english = await changes(shared, "from=2021-06-01&to=2022-06-30")
    assert "members" in {line["part"] for line in english["state"]["changed"]}


async def test_members_out_of_order_and_merged_ones_are_led_to_the_address(api: Api) -> None:
    moved = await api.get(f"{SAMPLE}/relationships/tur--pak/changes?from=2021-06-01")
    assert moved.status_code == 308
    assert moved.headers["location"].endswith("/relationships/pak--tur/changes?from=2021-06-01")
    parties = [{"actor": "trk", "role": "side_a"}, {"actor": "pak", "role": "side_b"}]
    await api.append(note("of-trk", parties=parties))
    before = await api.head()
    merge = [{"actor": "trk", "role": "merged"}, {"actor": "tur", "role": "survivor"}]
    answer = await api.append(
        {"action": "assert", "id": "merge", "type": "actor-merge", "occurred": "2020", "parties": merge}
    )
    assert answer.status_code == 201
    moved = await api.get(f"{SAMPLE}/relationships/pak--trk/changes?from=2024-12-31@{before}")
    assert (moved.status_code, "pak--tur" in moved.headers["location"]) == (308, True)
    found = await changes(api, f"from=2024-12-31@{before}&to=2024-12-31")
    added = of(found, "claims", "added", "of-trk")
    assert added["absent"] == "elsewhere"
    assert [cause["id"] for cause in added["causes"]] == ["merge"]
    back = await changes(api, f"from=2024-12-31&to=2024-12-31@{before}")
    assert back["claims"]["removed"] == found["claims"]["added"]
    early = await changes(api, f"from=2024-12-31@2&to=2024-12-31@{before}", "pak--trk")
    assert of(early, "claims", "added", "of-trk")["absent"] == "unknown"


async def test_of_a_relationship_nobody_spoke_of_nothing_differs(shared: Api) -> None:
    found = await changes(shared, "from=2021-06-01@14", "nobody--noone")
    assert found["claims"]["totals"] == {"added": 0, "changed": 0, "removed": 0}
    assert found["from"]["revision"] == 0


async def test_both_points_stand_in_one_snapshot_while_others_record(api: Api) -> None:
    recording = asyncio.gather(*(api.append(note(f"meanwhile-{n}", occurred="2021-03")) for n in range(40)))
    positions = set()
    while not recording.done():
        found = await changes(api, "from=2021-12-31&to=2025-12-31")
        assert found["from"]["position"] == found["to"]["position"]
        assert found["from"]["known_at"] == found["to"]["known_at"]
        positions.add(found["to"]["position"])
    await recording
    assert positions
