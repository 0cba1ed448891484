"""The vocabulary over HTTP: what every ledger has, and what a ledger adds."""

from typing import Any

import jsonschema
import pytest

from service.domain.types import TYPES
from tests.api.conftest import SAMPLE, Api, faults, note

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
