"""Two names of one actor, made one by a merge: from its position on, and never before."""

from typing import Any

from tests.api.conftest import SAMPLE, Api, note

FIRST, BOTH = "acme-works--pak", "acme--pak"


def delivered(id_: str, supplier: str, **fields: Any) -> dict[str, Any]:
    parties = [{"actor": supplier, "role": "supplier"}, {"actor": "pak", "role": "recipient"}]
    data = {"platform": "kite", "quantity": {"best": 3}}
    said = {"action": "assert", "id": id_, "claim": id_, "type": "delivery", "occurred": "2020", "data": data}
    return said | {"parties": parties} | fields


def merge(**fields: Any) -> dict[str, Any]:
    parties = [{"actor": "acme-works", "role": "merged"}, {"actor": "acme", "role": "survivor"}]
    said = {"action": "assert", "id": "merge", "claim": "merge", "type": "actor-merge", "occurred": "2024-01-01"}
    return said | {"parties": parties} | fields


async def told(api: Api, *events: dict[str, Any]) -> int:
    answer = await api.append(*events)
    assert answer.status_code == 201, answer.text
    position: int = answer.json()["position"]
    return position


async def claims(api: Api, relationship: str, query: str = "") -> list[tuple[str, list[str]]]:
    """Of the inventory: suppliers and claims of each line."""
    state = await api.state(query, relationship)
    return [
        (" ".join(supplier["actor"] for supplier in line["suppliers"]), line["claims"]) for line in state["inventory"]
    ]


async def test_from_the_merge_on_the_survivor_has_the_claims_of_both(api: Api) -> None:
    before = await told(api, delivered("one", "acme-works"), delivered("two", "acme"))
    after = await told(api, merge())
    assert await claims(api, BOTH) == [("acme", ["one", "two"])]
    assert await claims(api, BOTH, f"?known_position={before}") == [("acme", ["two"])]
    assert await claims(api, FIRST, f"?known_position={before}") == [("acme-works", ["one"])]
    assert (
        await claims(api, BOTH, f"?known_position={after}&reported_by=2024-01-01") == []
    )  # neither has a dated source


async def test_the_merged_address_leads_to_the_survivors_where_the_merge_was_known(api: Api) -> None:
    before = await told(api, delivered("one", "acme-works"), delivered("two", "acme"))
    pinned = f"{SAMPLE}/relationships/{FIRST}?known_position={before}"
    first = await api.get(pinned)
    await told(api, merge())
    moved = await api.get(f"{SAMPLE}/relationships/{FIRST}?valid_at=2024-06-30&lang=tr")
    assert moved.status_code == 308
    assert moved.headers["location"].endswith(f"/relationships/{BOTH}?valid_at=2024-06-30&lang=tr")
    again = await api.get(pinned)
    assert (again.status_code, again.content, again.headers["etag"]) == (200, first.content, first.headers["etag"])


async def test_a_merge_that_is_withdrawn_parts_them_again_and_one_that_is_reinstated_joins_them(api: Api) -> None:
    await told(api, delivered("one", "acme-works"), delivered("two", "acme"))
    joined = await told(api, merge())
    wrong = {"action": "retract", "id": "wrong", "claim": "merge", "by": "curator", "reason": "two firms after all"}
    parted = await told(api, wrong)
    assert await claims(api, BOTH) == [("acme", ["two"])]
    assert await claims(api, FIRST) == [("acme-works", ["one"])]
    assert await claims(api, BOTH, f"?known_position={joined}") == [("acme", ["one", "two"])]
    back = {"action": "reinstate", "id": "back", "claim": "merge", "reason": "one firm for all that"}
    await told(api, back)
    assert await claims(api, BOTH) == [("acme", ["one", "two"])]
    assert await claims(api, BOTH, f"?known_position={parted}") == [("acme", ["two"])]


async def test_merges_of_merges_lead_to_the_last_survivor(api: Api) -> None:
    await told(api, delivered("one", "acme-works"), delivered("two", "acme"), delivered("three", "apex"))
    await told(api, merge())
    parties = [{"actor": "acme", "role": "merged"}, {"actor": "apex", "role": "survivor"}]
    await told(api, merge(id="again", claim="again", parties=parties))
    assert await claims(api, "apex--pak") == [("apex", ["one", "two", "three"])]
    for relationship in (FIRST, BOTH):
        moved = await api.get(f"{SAMPLE}/relationships/{relationship}")
        assert moved.headers["location"].endswith("/relationships/apex--pak")


async def test_what_is_recorded_of_the_merged_side_changes_the_survivors_answer_at_once(api: Api) -> None:
    await told(api, delivered("one", "acme-works"), delivered("two", "acme"), merge())
    assert await claims(api, BOTH) == [("acme", ["one", "two"])]  # and is kept
    wrong = {"action": "retract", "id": "wrong", "claim": "one", "by": "curator", "reason": "a mistake"}
    await told(api, wrong)
    state = await api.state("", BOTH)
    assert ([line["claims"] for line in state["inventory"]], state["retracted"]) == ([["two"]], 1)


async def test_nothing_new_is_recorded_under_the_merged_name(api: Api) -> None:
    await told(api, delivered("one", "acme-works"), merge())
    refused = await api.append(delivered("four", "acme-works"))
    assert refused.status_code == 409
    assert "`acme-works` was merged into `acme`" in refused.text


async def test_members_of_one_relationship_are_never_one_actor(api: Api) -> None:
    parties = [{"actor": "pak", "role": "merged"}, {"actor": "tur", "role": "survivor"}]
    await told(api, note("n"))
    refused = await api.append(merge(parties=parties))
    assert refused.status_code == 409
    assert "they are both members of pak--tur" in refused.text
