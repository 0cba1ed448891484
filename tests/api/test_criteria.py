"""Filters on the claims of a state: grades, standing, official status, and what they leave out."""

from typing import Any

import pytest

from tests.api.conftest import Api, note

GRADES = {"a1": ("A", 1), "b2": ("B", 2), "c4": ("C", 4), "f3": ("F", 3), "b6": ("B", 6), "none": (None, None)}


def graded(id_: str) -> dict[str, Any]:
    reliability, credibility = GRADES[id_]
    source = {"publisher": id_, "published": "2024-02-01", "reliability": reliability, "credibility": credibility}
    return note(id_, claim=id_, sources=[{name: value for name, value in source.items() if value is not None}])


async def shown(api: Api, query: str) -> tuple[set[str], dict[str, int]]:
    state = await api.state(f"?valid_at=2024-12-31&{query}", "pak--usa")
    return {id_ for line in state["other"] for id_ in line["claims"]}, state["omitted"]


@pytest.fixture
async def grades(api: Api) -> Api:
    parties = [{"actor": "pak", "role": "side_a"}, {"actor": "usa", "role": "side_b"}]
    assert (await api.append(*(graded(id_) | {"parties": parties} for id_ in GRADES))).status_code == 201
    return api


@pytest.mark.parametrize(
    ("query", "kept", "ungraded", "filtered"),
    [
        ("", {"a1", "b2", "c4", "f3", "b6", "none"}, 0, 0),
        ("min_reliability=B", {"a1", "b2", "b6"}, 2, 1),
        ("min_reliability=E", {"a1", "b2", "c4", "b6"}, 2, 0),
        ("min_credibility=2", {"a1", "b2"}, 2, 2),
        ("min_reliability=B&min_credibility=4", {"a1", "b2"}, 3, 1),
        ("standing=confirmed", set(), 0, 6),
        ("official_status=denied", set(), 0, 6),
    ],
)
async def test_a_minimum_leaves_out_what_cannot_be_judged_and_counts_it(
    grades: Api, query: str, kept: set[str], ungraded: int, filtered: int
) -> None:
    ids, omitted = await shown(grades, query)
    assert (ids, omitted["ungraded"], omitted["filtered"]) == (kept, ungraded, filtered)


async def test_one_source_must_meet_both_minima(grades: Api) -> None:
    sources = [
        {"publisher": "sure", "reliability": "A", "credibility": 5},
        {"publisher": "apt", "reliability": "D", "credibility": 1},
    ]
    parties = [{"actor": "pak", "role": "side_a"}, {"actor": "usa", "role": "side_b"}]
    await grades.append(note("two", claim="two", sources=sources, parties=parties))
    assert "two" in (await shown(grades, "min_reliability=B"))[0]
    assert "two" in (await shown(grades, "min_credibility=2"))[0]
    assert "two" not in (await shown(grades, "min_reliability=B&min_credibility=2"))[0]


async def test_a_source_that_was_not_out_by_the_reported_day_gives_no_grade(grades: Api) -> None:
    parties = [{"actor": "pak", "role": "side_a"}, {"actor": "usa", "role": "side_b"}]
    sources = [
        {"publisher": "early", "published": "2024-01-01", "reliability": "D"},
        {"publisher": "late", "published": "2024-06-01", "reliability": "A"},
    ]
    await grades.append(note("later", claim="later", sources=sources, parties=parties))
    assert "later" in (await shown(grades, "min_reliability=B&reported_by=2024-12-31"))[0]
    assert "later" not in (await shown(grades, "min_reliability=B&reported_by=2024-03-01"))[0]


async def test_a_standing_is_asked_for_as_the_sources_leave_it(grades: Api) -> None:
    word = {"action": "deny", "id": "no", "claim": "a1", "sources": [{"publisher": "someone"}]}
    assert (await grades.append(word)).status_code == 201
    assert (await shown(grades, "standing=denied"))[0] == {"a1"}
    assert "a1" not in (await shown(grades, "standing=reported"))[0]


async def test_filters_are_part_of_the_address_and_of_the_validator(grades: Api) -> None:
    path = "/v1/ledgers/drones/relationships/pak--usa?known_position={}&valid_at=2024-12-31"
    path = path.format(await grades.head())
    every, some = await grades.get(path), await grades.get(f"{path}&min_reliability=B&standing=reported")
    assert every.headers["etag"] != some.headers["etag"]
    again = await grades.get(some.headers["content-location"])
    assert again.content == some.content
    assert "min_reliability=B" in some.headers["content-location"]


@pytest.mark.parametrize("query", ["min_reliability=F", "min_credibility=6", "min_credibility=0", "standing=maybe"])
async def test_what_is_no_grade_and_no_standing_is_refused(shared: Api, query: str) -> None:
    refused = await shared.get(f"/v1/ledgers/drones/relationships/pak--tur?{query}")
    assert refused.status_code == 400
    assert [error["parameter"] for error in refused.json()["errors"]] == [query.partition("=")[0]]
