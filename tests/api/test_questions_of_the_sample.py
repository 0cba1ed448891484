"""What a reader asks of the sample ledger, each with its whole answer: what was held, told and expected, day by day."""

from typing import Any

import pytest

from tests.api.conftest import STATE, Api

pytestmark = pytest.mark.anyio
TALKS = {"plant-talks", "smart-weapons-talks"}
UNDATED = {"milgem-programme", "submarine-modernisation", "joint-training", "local-content-interest", *TALKS}
"""What the article of 2025-12-05 gives no date: possible on every earlier day, certain from that day on."""
LISTS = (
    "inventory",
    "orders",
    "agreements",
    "facilities",
    "negotiations",
    "programmes",
    "training",
    "other",
)


def held(state: dict[str, Any]) -> dict[tuple[str, str], str]:
    """Certainty, by member and platform."""
    return {(line["actor"], line["platform"]): line["certainty"] for line in state["inventory"]}


def delivered(state: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """At least and at most, by platform that Pakistan holds."""
    lines = [line for line in state["inventory"] if line["actor"] == "pak" and "quantity" in line]
    return {line["platform"]: (line["quantity"]["low"], line["quantity"]["high"]) for line in lines}


def claims(state: dict[str, Any], certainty: str) -> set[str]:
    """Those of all lines of that certainty, but for expectations."""
    return {
        claim for name in LISTS for line in state[name] if line["certainty"] == certainty for claim in line["claims"]
    }


def about_the_plant(state: dict[str, Any]) -> set[str]:
    return {claim for name in LISTS for line in state[name] for claim in line["claims"] if claim.startswith("plant-")}


async def test_as_of_2021_06_01_the_tb2_is_possible_and_there_is_neither_akinci_nor_plant(shared: Api) -> None:
    """2021 may mean December."""
    state = await shared.state("?valid_at=2021-06-01")
    assert held(state) == {("pak", "moawin"): "certain", ("pak", "tb2"): "possible"}
    tb2 = state["inventory"][1]
    assert tb2["since"] == {"edtf": "2021", "earliest": "2021-01-01", "latest": "2021-12-31"}
    assert (tb2["claims"], "quantity" in tb2) == (["tb2-acquired", "tb2-in-paf-inventory"], False)
    assert [(line["platform"], line["certainty"]) for line in state["orders"]] == [
        ("moawin", "certain"),
        ("mfi-17", "certain"),
        ("milgem", "certain"),
        ("tb2", "possible"),
    ]
    assert state["facilities"] == []
    assert claims(state, "possible") == UNDATED | {"tb2-acquired", "tb2-in-paf-inventory", "sipri-tb2-ordered"}
    assert [line["status"] for line in state["expectations"]] == ["upcoming"]
    assert [member["label"] for member in state["members"]] == ["Pakistan", "Turkey"]


async def test_the_tb2_is_possible_through_2021_and_certain_as_of_its_last_day(shared: Api) -> None:
    for day, certainty in (("2021-01-01", "possible"), ("2021-12-30", "possible"), ("2021-12-31", "certain")):
        assert held(await shared.state(f"?valid_at={day}"))["pak", "tb2"] == certainty
    assert held(await shared.state("?valid_at=2021-12-31T23:59:59Z"))["pak", "tb2"] == "possible"
    assert ("pak", "tb2") not in held(await shared.state("?valid_at=2020-12-31"))


async def test_as_of_2022_06_30_the_tb2_is_certain(shared: Api) -> None:
    state = await shared.state("?valid_at=2022-06-30")
    assert held(state) == {("pak", "moawin"): "certain", ("pak", "tb2"): "certain", ("tur", "mfi-17"): "possible"}
    assert delivered(state) == {"moawin": (1, 1), "tb2": (0, 7)}  # of nine in three years, one at least in each
    assert (state["facilities"], about_the_plant(state)) == ([], {"plant-talks"})
    assert [member["label"] for member in state["members"]] == ["Pakistan", "Türkiye"]


async def test_as_of_2024_06_30_both_are_certain_and_of_the_plant_nothing_says_that_it_operates(shared: Api) -> None:
    state = await shared.state("?valid_at=2024-06-30")
    assert held(state) == {
        ("pak", "moawin"): "certain",
        ("pak", "tb2"): "certain",
        ("tur", "mfi-17"): "certain",
        ("pak", "milgem"): "certain",
        ("pak", "akinci"): "certain",
        ("pak", "aselpod"): "possible",
    }
    assert delivered(state) == {"moawin": (1, 1), "tb2": (2, 9), "milgem": (1, 1), "akinci": (1, 3), "aselpod": (0, 5)}
    assert state["facilities"] == []
    assert "plant-talks" in claims(state, "possible")
    assert state["phase"]["name"] == "partner"
    assert not {"prospective", "possible"} & state["phase"].keys()


async def test_as_of_2025_12_31_the_plant_is_reported_and_not_confirmed(shared: Api) -> None:
    state = await shared.state("?valid_at=2025-12-31")
    [plant] = state["facilities"]
    assert (plant["facility"], plant["stage"]) == ("drone-assembly-plant-pakistan", "reported")
    assert (plant["standing"], plant["official_status"], plant["certainty"]) == ("reported", "not_confirmed", "certain")
    assert [(one["publisher"], one["via"]) for one in plant["sources"]] == [("Bloomberg", "Army Recognition")]
    assert [(one["platform"], one["likelihood"]) for one in plant["platforms"]] == [
        ("tb2", "most-likely"),
        ("akinci", "potential"),
    ]
    assert (plant["since"]["edtf"], plant["ends"], plant["host"]["actor"]) == ("2025-12-05", "open", "pak")
    assert "place" not in plant
    assert claims(state, "possible") == set()
    assert UNDATED | {"plant-reported", "second-largest-supplier"} <= claims(state, "certain")
    assert delivered(state) == {"moawin": (1, 1), "tb2": (9, 9), "milgem": (1, 1), "akinci": (3, 3), "aselpod": (5, 5)}
    prospective = state["phase"]["prospective"]
    assert (state["phase"]["name"], prospective["name"], prospective["stage"]) == ("partner", "co-producer", "reported")
    assert [line["status"] for line in state["expectations"]] == ["upcoming"]


async def test_the_plant_is_there_from_the_day_of_the_report_on_and_not_before(shared: Api) -> None:
    for day, there in (("2025-12-04", 0), ("2025-12-05", 1), ("2025-12-06", 1)):
        assert len((await shared.state(f"?valid_at={day}"))["facilities"]) == there


async def test_as_of_2026_06_30_the_expectation_of_early_2026_has_lapsed(shared: Api) -> None:
    days = {"2025-12-31": "upcoming", "2026-01-01": "due", "2026-03-31": "due", "2026-04-01": "lapsed"}
    for day, status in {**days, "2026-06-30": "lapsed"}.items():
        [line] = (await shared.state(f"?valid_at={day}"))["expectations"]
        assert (line["status"], line["claims"], "fulfilled_by" in line) == (status, ["more-announcements"], False)
        assert line["window"] == {"edtf": "2026-33", "earliest": "2026-01-01", "latest": "2026-03-31"}
    before, after = [await shared.state(f"?valid_at={day}") for day in ("2025-12-31", "2026-06-30")]
    assert [after[name] for name in LISTS] == [before[name] for name in LISTS]


async def test_unless_something_fulfils_it(api: Api) -> None:
    announced = {
        "action": "assert",
        "id": "announced",
        "type": "statement",
        "occurred": "2026-03-20",
        "parties": [{"actor": "tur", "role": "speaker"}, {"actor": "pak", "role": "speaker"}],
    }
    fulfilment = {"action": "fulfil", "claim": "more-announcements", "fulfilled_by": "announced"}
    known = await api.head()
    assert (await api.append(announced, fulfilment)).status_code == 201
    for day, status in (("2026-03-19", "due"), ("2026-03-20", "fulfilled"), ("2026-06-30", "fulfilled")):
        [line] = (await api.state(f"?valid_at={day}"))["expectations"]
        assert line["status"] == status
    [line] = (await api.state(f"?valid_at=2026-06-30&known_position={known}"))["expectations"]
    assert (line["status"], "fulfilled_by" in line) == ("lapsed", False)


@pytest.mark.parametrize(
    ("reported_by", "tb2", "akinci", "aselpod"),
    [
        ("2024-03-17", None, None, None),
        ("2024-03-18", (6, 6), (2, 2), None),
        ("2024-06-30", (6, 6), (2, 2), None),
        ("2025-10-22", (6, 6), (2, 2), None),
        ("2025-10-23", (9, 9), (3, 3), (5, 5)),
        ("2025-11-30", (9, 9), (3, 3), (5, 5)),
        ("2025-12-05", (9, 9), (3, 3), (5, 5)),
    ],
)
async def test_as_of_2025_12_31_reported_by_each_day_the_register_says_what_it_had_published(
    shared: Api,
    reported_by: str,
    tb2: tuple[int, int] | None,
    akinci: tuple[int, int] | None,
    aselpod: tuple[int, int] | None,
) -> None:
    """Six and two by the first export, nine and three by the second."""
    state = await shared.state(f"?valid_at=2025-12-31&reported_by={reported_by}")
    amounts = delivered(state)
    assert [amounts.get(platform) for platform in ("tb2", "akinci", "aselpod")] == [tb2, akinci, aselpod]
    assert state["known"] is (reported_by >= "2024-03-18")
    assert state["as_of"]["reported_by"] == f"{reported_by}T23:59:59.999999Z"


@pytest.mark.parametrize(
    ("reported_by", "told"),
    [
        ("2024-06-30", set()),
        ("2025-11-30", set()),
        ("2025-12-04", set()),
        ("2025-12-05", {"plant-reported", "plant-talks"}),
        ("2026-01-01", {"plant-reported", "plant-talks"}),
    ],
)
async def test_as_of_2025_12_31_the_plant_is_told_by_the_day_of_its_report_and_not_before(
    shared: Api, reported_by: str, told: set[str]
) -> None:
    state = await shared.state(f"?valid_at=2025-12-31&reported_by={reported_by}")
    assert about_the_plant(state) == told
    assert ("prospective" in state["phase"]) is bool(told)
    assert [line["claims"] for line in state["expectations"]] == ([["more-announcements"]] if told else [])
    if told:
        whole = await shared.state("?valid_at=2025-12-31")
        assert [state[name] for name in (*LISTS, "phase")] == [whole[name] for name in (*LISTS, "phase")]


async def test_by_the_first_export_the_state_is_what_that_export_alone_says(shared: Api) -> None:
    """Nothing of the article, nothing of the second export, and no source that came out later."""
    state = await shared.state("?valid_at=2025-12-31&reported_by=2024-06-30")
    assert held(state) == {
        ("pak", "moawin"): "certain",
        ("pak", "tb2"): "certain",
        ("tur", "mfi-17"): "certain",
        ("pak", "milgem"): "certain",
        ("pak", "akinci"): "certain",
    }
    sources = {
        (one["publisher"], one["published"]) for name in LISTS for line in state[name] for one in line["sources"]
    }
    assert sources == {("SIPRI", "2024-03-18")}
    assert all(claim.startswith("sipri-") for claim in claims(state, "certain"))
    assert claims(state, "possible") == set()


async def test_what_changed_between_the_first_and_the_last_of_these(shared: Api) -> None:
    """Nothing was recorded between: time alone did it. Nothing went away; five years made possible things certain."""
    path = f"{STATE}/changes?from=2021-06-01&to=2026-06-30"
    found = (await shared.get(path)).json()
    claims_, state = found["claims"], found["state"]
    assert {one["claim"] for one in claims_["added"]} == {
        *("sipri-tb2-delivered", "sipri-akinci-ordered", "sipri-akinci-delivered", "akinci-delivered"),
        *("sipri-milgem-delivered", "sipri-mfi-17-delivered", "sipri-aselpod-ordered", "sipri-aselpod-delivered"),
        *("second-largest-supplier", "plant-reported"),
    }
    to_certain = UNDATED | {"tb2-acquired", "tb2-in-paf-inventory", "sipri-tb2-ordered"}
    assert {one["claim"] for one in claims_["changed"]} == to_certain | {"more-announcements"}
    certainty = {"pointer": "/certainty", "before": "possible", "after": "certain"}
    for one in claims_["changed"]:
        assert one["claim"] == "more-announcements" or one["fields"] == [certainty]
    assert (claims_["removed"], state["removed"]) == ([], [])
    assert {(line["part"], *line["key"].values()) for line in state["added"]} == {
        ("inventory", "tur", "mfi-17"),
        *(("inventory", "pak", platform) for platform in ("milgem", "akinci", "aselpod")),
        *(("orders", "pak", platform) for platform in ("akinci", "aselpod")),
        ("facilities", "drone-assembly-plant-pakistan"),
        ("other", "second-largest-supplier"),
    }
    changed = {(line["part"], *line["key"].values()): line["fields"] for line in state["changed"]}
    assert certainty in changed["inventory", "pak", "tb2"]
    assert {"pointer": "/status", "before": "upcoming", "after": "lapsed"} in changed[
        "expectations", "more-announcements"
    ]
    assert changed["members", "tur"] == [{"pointer": "/label", "before": "Turkey", "after": "Türkiye"}]
    assert [field["pointer"] for field in changed["phase",]] == ["/prospective"]
    causes = [cause["cause"] for one in (*claims_["added"], *claims_["changed"]) for cause in one["causes"]]
    assert set(causes) == {"time"}
