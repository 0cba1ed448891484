"""The vocabulary over HTTP: what every ledger has, and what a ledger adds."""

import asyncio
from typing import Any

import asyncpg
import jsonschema
import pytest

from service.api import vocabulary
from service.domain.types import TYPES
from tests.api.conftest import SAMPLE, Api, faults, note
from tests.conftest import Database

pytestmark = pytest.mark.anyio
VISIT: dict[str, Any] = {
    "kind": "occurrence",
    "title": "Visit",
    "schema": {
        "type": "object",
        "properties": {"place": {"type": "string"}, "day": {"$ref": "#/$defs/day"}},
        "required": ["place"],
        "additionalProperties": False,
        "$defs": {"day": {"type": "integer", "minimum": 1}},
    },
}


async def test_every_ledger_has_the_built_in_types_with_the_schema_of_their_data(shared: Api) -> None:
    said = (await shared.get(f"{SAMPLE}/types")).json()["types"]
    assert [one["type"] for one in said] == sorted(TYPES)
    for one in said:
        jsonschema.Draft202012Validator.check_schema(one["schema"])
        assert (await shared.get(f"{SAMPLE}/types/{one['type']}")).json() == one
    assert (await shared.get(f"{SAMPLE}/types/aquisition")).status_code == 404
    assert (await shared.get(f"{SAMPLE}/types/%00")).status_code == 404


async def test_a_type_of_the_ledgers_own_is_made_once_and_never_changes(api: Api) -> None:
    path = f"{SAMPLE}/types/visit"
    made = await api.put(path, VISIT)
    assert (made.status_code, made.headers["location"]) == (201, f"http://tarih.test{path}")
    again = await api.put(path, {**VISIT, "schema": dict(reversed(VISIT["schema"].items()))})
    assert (again.status_code, again.json()) == (200, made.json())
    changes: list[dict[str, Any]] = [{"title": "Trip"}, {"kind": "state"}, {"schema": {}}]
    for change in changes:
        assert (await api.put(path, {**VISIT, **change})).status_code == 409
    assert (await api.get(path)).json() == made.json()
    assert made.json()["own"] is True
    assert "visit" in [one["type"] for one in (await api.get(f"{SAMPLE}/types")).json()["types"]]


async def test_events_of_an_own_type_are_held_against_its_schema(api: Api) -> None:
    visit = note("v", type="visit", data={"place": "Ankara", "day": 3})
    unknown = await api.append(visit)
    assert (unknown.status_code, faults(unknown)) == (422, [("/events/0/type", "unknown-type")])
    await api.put(f"{SAMPLE}/types/visit", VISIT)
    assert (await api.append(visit)).status_code == 201
    wrong = await api.append(note("w", type="visit", data={"day": 0}))
    assert (wrong.status_code, {pointer for pointer, _ in faults(wrong)}) == (
        422,
        {"/events/0/data", "/events/0/data/day"},
    )
    state = await api.state("?valid_at=2025-01-01")
    assert "visit" in [line["type"] for line in state["other"]]


async def test_a_built_in_type_is_taken(shared: Api) -> None:
    assert (await shared.put(f"{SAMPLE}/types/note", VISIT)).status_code == 409


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "wish"},
        {"minimum": "one"},
        {"properties": []},
        [],
        None,
        "string",
        {"const": 2**70},
        {"pattern": "("},
        {"pattern": "(?=a)"},
        {"not": {"patternProperties": {r"(a)\1": True}}},
        {"anyOf": [{}] * 600},
        {"$ref": "http://127.0.0.1:1/elsewhere.json"},
        {"$ref": "#/$defs/nothing"},
        {"properties": {"a": {"items": {"$ref": "#/$defs/nothing"}}}},
        {"$ref": 7},
        {"description": "x" * 100_001},
    ],
)
async def test_a_schema_that_is_none_is_422(shared: Api, schema: Any) -> None:
    answer = await shared.put(f"{SAMPLE}/types/visit", {**VISIT, "schema": schema})
    assert (answer.status_code, faults(answer)[0][0]) == (422, "/schema"), answer.text


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"title": "x", "schema": {}}, "/kind"),
        ({**VISIT, "kind": "moment"}, "/kind"),
        ({**VISIT, "title": ""}, "/title"),
        ({**VISIT, "colour": "red"}, "/colour"),
    ],
)
async def test_a_type_that_says_too_little_or_too_much_is_422(shared: Api, body: Any, pointer: str) -> None:
    answer = await shared.put(f"{SAMPLE}/types/visit", body)
    assert (answer.status_code, faults(answer)[0][0]) == (422, pointer)


async def test_names_that_no_type_and_no_ledger_can_have_are_400(shared: Api) -> None:
    assert (await shared.put(f"{SAMPLE}/types/Visit", VISIT)).status_code == 400
    assert (await shared.put("/v1/ledgers/Drones", {"title": "x", "public_read": True})).status_code == 400
    answer = await shared.put("/v1/ledgers/new", {"title": "", "public": True})
    assert {pointer for pointer, _ in faults(answer)} == {"/title", "/public", "/public_read"}


async def test_a_schema_that_leads_to_itself_takes_nothing_and_brings_nothing_down(api: Api) -> None:
    circle = {"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}
    assert (await api.put(f"{SAMPLE}/types/visit", {**VISIT, "schema": circle})).status_code == 201
    answer = await api.append(note("v", type="visit", data={}))
    assert (answer.status_code, faults(answer)) == (422, [("/events/0/data", "schema")])


async def test_types_come_in_pages(api: Api) -> None:
    await api.put(f"{SAMPLE}/types/visit", VISIT)
    whole = (await api.get(f"{SAMPLE}/types")).json()["types"]
    found, address = list[Any](), f"{SAMPLE}/types?limit=7"
    while address:
        page = (await api.get(address)).json()
        assert len(page["types"]) <= 7
        found += page["types"]
        address = page.get("next", "").removeprefix("http://tarih.test")
    assert found == whole
    assert len(found) == len(TYPES) + 1
    for bad in ("after=%00", "after=A", "limit=0", "limit=101", "cursor=x"):
        assert (await api.get(f"{SAMPLE}/types?{bad}")).status_code == 400


async def test_ledgers_come_in_pages(api: Api) -> None:
    for n in range(5):
        await api.put(f"/v1/ledgers/l{n}", {"title": "T", "public_read": n % 2 == 0})
    for key, names in ((api.admin, ["drones", "l0", "l1", "l2", "l3", "l4"]), (None, ["drones", "l0", "l2", "l4"])):
        found, address = list[str](), "/v1/ledgers?limit=2"
        while address:
            page = (await api.get(address, key)).json()
            found += [one["ledger"] for one in page["ledgers"]]
            address = page.get("next", "").removeprefix("http://tarih.test")
        assert found == names
    for bad in ("after=%00", "after=A", "limit=0", "limit=1001", "cursor=x"):
        assert (await api.get(f"/v1/ledgers?{bad}")).status_code == 400


async def test_a_ledger_has_so_many_types_of_its_own_and_no_more(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "MOST_TYPES", 2)
    monkeypatch.setattr(vocabulary, "LARGEST_TYPES", 1000)
    large = {**VISIT, "schema": {"description": "x" * 900}}
    assert (await api.put(f"{SAMPLE}/types/a", large)).status_code == 201
    too_large = await api.put(f"{SAMPLE}/types/b", VISIT)
    assert (too_large.status_code, faults(too_large)) == (409, [("", "too-many-types")])
    assert (await api.put(f"{SAMPLE}/types/a", large)).status_code == 200
    small = {**VISIT, "schema": {}}
    assert (await api.put(f"{SAMPLE}/types/b", small)).status_code == 201
    assert (await api.put(f"{SAMPLE}/types/c", small)).status_code == 409
    assert (await api.get(f"{SAMPLE}/types/c")).status_code == 404


async def test_an_unsound_schema_of_before_refuses_events_and_brings_nothing_down(
    api: Api, own_database: Database
) -> None:
    """It was taken by a version of the service that took more."""
    connection = await asyncpg.connect(own_database.superuser_url)
    await connection.execute(
        "INSERT INTO tarih.types VALUES ('drones', 'old', 'occurrence', 'Old', $1, now())", '{"pattern":"(?=a)"}'
    )
    await connection.close()
    answer = await api.append(note("v", type="old", data={"a": 1}))
    assert (answer.status_code, faults(answer)) == (422, [("/events/0/data", "schema")])


async def test_a_hostile_pattern_holds_nobody_up(api: Api) -> None:
    schema = {"properties": {"a": {"pattern": "^(a+)+$"}}}
    assert (await api.put(f"{SAMPLE}/types/visit", {**VISIT, "schema": schema})).status_code == 201
    async with asyncio.timeout(20):
        answer = await api.append(note("v", type="visit", data={"a": "a" * 100_000 + "!"}))
    assert (answer.status_code, faults(answer)) == (422, [("/events/0/data/a", "schema")])
