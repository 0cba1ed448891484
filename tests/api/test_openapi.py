"""The OpenAPI document: exact, whole, and the one that is committed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from service.api.described.catalogue import HANDLERS
from service.app import build, openapi_document
from service.domain.events import ACTIONS
from service.domain.types import TYPES
from service.sample import drones
from tests.api.conftest import STATE, Api, note
from tests.api.documented import DOCUMENT, resolved, validator

COMMITTED = Path(__file__).parents[2] / "openapi" / "openapi.json"
OPERATIONS = [
    (method, path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method in ("get", "put", "post", "delete", "patch", "head")
]


def test_the_committed_document_is_what_the_service_describes() -> None:
    assert COMMITTED.read_bytes() == openapi_document(), "run `make snapshots`"


def test_it_is_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


@pytest.mark.anyio
async def test_it_is_served(shared: Api) -> None:
    answer = await shared.get("/openapi.json")
    assert answer.content == openapi_document()


def test_every_route_is_in_the_document_and_the_reverse() -> None:
    app = build(lambda: pytest.fail("nothing is opened"))
    served = {(method.lower(), route.path_format) for route in app.routes for method in route.methods}
    reading = {path for method, path in served if method == "get"}
    assert {path for method, path in served if method == "head"} == reading
    documented = {(method, path) for method, path, _ in OPERATIONS}
    assert {one for one in served if one[0] not in ("head", "options")} == documented
    assert len(HANDLERS) == len(OPERATIONS)


@pytest.mark.parametrize(
    ("method", "path", "operation"), OPERATIONS, ids=lambda one: one if isinstance(one, str) else ""
)
def test_an_operation_says_all_that_is_needed(method: str, path: str, operation: dict[str, Any]) -> None:
    assert operation["operationId"]
    assert operation["summary"]
    assert operation["tags"][0] in [tag["name"] for tag in DOCUMENT["tags"]]
    statuses = set(operation["responses"])
    assert {"400", "500"} <= statuses
    if path.startswith("/v1"):
        assert {"401", "503"} <= statuses
    if "{ledger}" in path:
        assert "404" in statuses
    if "requestBody" in operation:
        assert {"413", "415", "422"} <= statuses
    if method != "get":
        assert all("key" in alternative for alternative in operation["security"])
    for status, response in operation["responses"].items():
        if status >= "400":
            assert list(resolved(response)["content"]) == ["application/problem+json"]


def test_operation_ids_are_told_apart() -> None:
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(ids)) == len(ids)


def _objects(part: Any, pointer: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(part, dict):
        if part.get("type") == "object" and "properties" in part:
            yield pointer, part
        for name, inner in part.items():
            yield from _objects(inner, f"{pointer}/{name}")
    elif isinstance(part, list):
        for index, inner in enumerate(part):
            yield from _objects(inner, f"{pointer}/{index}")


def test_every_object_refuses_what_it_does_not_know() -> None:
    loose = [
        where
        for where, part in _objects(DOCUMENT["components"]["schemas"], "")
        if part.get("additionalProperties") is not False
    ]
    assert loose == ["/IncomingCloudEvent"], "only a CloudEvent may have attributes of anybody's"


def test_every_component_is_used_and_described() -> None:
    text = msgspec.json.encode(DOCUMENT).decode()
    for kind, components in DOCUMENT["components"].items():
        for name, component in components.items():
            assert component.get("description"), f"{kind}/{name} has no description"
            assert kind == "securitySchemes" or f'"#/components/{kind}/{name}"' in text, f"{kind}/{name} is not used"


def _patterns(part: Any, where: str, seen: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema with a pattern, references followed."""
    if isinstance(part, list):
        for inner in part:
            yield from _patterns(inner, where, seen)
    elif isinstance(part, dict) and "$ref" in part:
        if part["$ref"] not in seen:
            seen.add(part["$ref"])
            yield from _patterns(resolved(part), part["$ref"], seen)
    elif isinstance(part, dict):
        if isinstance(part.get("pattern"), str):
            yield where, part
        for name, inner in part.items():
            if name not in ("example", "examples"):
                yield from _patterns(inner, f"{where}/{name}", seen)


def test_what_a_text_that_is_sent_must_be_is_said_in_words_which_refusals_use() -> None:
    seen: set[str] = set()
    bodies = [
        said["requestBody"] for item in DOCUMENT["paths"].values() for said in item.values() if "requestBody" in said
    ]
    found = list(_patterns(bodies, "", seen))
    assert len(found) > 10
    assert [where for where, schema in found if not schema.get("description")] == []


def _examples(part: Any, pointer: str) -> Iterator[tuple[str, str, Any]]:
    """(where, pointer of its schema, value) of every example beside a schema."""
    if isinstance(part, dict):
        if "schema" in part:
            for name, example in part.get("examples", {}).items():
                yield f"{pointer}/examples/{name}", f"{pointer}/schema", example["value"]
            if "example" in part:
                yield f"{pointer}/example", f"{pointer}/schema", part["example"]
        for name, inner in part.items():
            if name not in ("example", "examples", "properties"):
                yield from _examples(inner, f"{pointer}/{_escaped(name)}")
    elif isinstance(part, list):
        for index, inner in enumerate(part):
            yield from _examples(inner, f"{pointer}/{index}")


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


EXAMPLES = list(_examples(DOCUMENT, ""))


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 60


@pytest.mark.parametrize(("where", "schema", "value"), EXAMPLES, ids=[where for where, *_ in EXAMPLES])
def test_an_example_is_what_its_schema_says(where: str, schema: str, value: Any) -> None:
    assert [f"{where}: {error.message}" for error in validator(schema).iter_errors(value)] == []


EVENT = validator("/components/schemas/Event")


def test_every_event_of_the_sample_is_an_event() -> None:
    for batch in drones().batches:
        for event in batch:
            assert [error.message for error in EVENT.iter_errors(msgspec.json.decode(event))] == []


def test_events_are_told_apart_by_their_action() -> None:
    schema = DOCUMENT["components"]["schemas"]["Event"]
    assert schema["discriminator"]["propertyName"] == "action"
    assert set(schema["discriminator"]["mapping"]) == set(ACTIONS)
    assert {one["$ref"] for one in schema["oneOf"]} == set(schema["discriminator"]["mapping"].values())


@pytest.mark.parametrize(
    ("event", "sound"),
    [
        (note("a", type="visit", data={"anything": 1}), True),
        (note("a", type="visit", data=None), True),
        (note("a", type="note"), True),
        (note("a", type="note", data={"text": "x"}), True),
        (note("a", type="note", data={"words": "x"}), False),
        (note("a", type="acquisition"), False),
        (note("a", type="acquisition", data={"platform": "tb2"}), True),
        (note("a", type="acquisition", data={"platform": "tb2", "quantity": {}}), False),
        (note("a", type="acquisition", data={"platform": "tb2", "quantity": {"best": 3}}), True),
        (note("a", type="acquisition", data={"platform": "TB2"}), False),
        (note("a", action="correct"), False),
        (note("a", action="correct", claim="b"), True),
        (note("a", action="expect", type="actor-merge"), False),
        (note("a", colour="red"), False),
        (note("a", parties=[]), False),
        (note("a", reason=None), True),
        ({"action": "explode"}, False),
        ({"action": "retract", "claim": "a", "by": "curator"}, False),
    ],
)
def test_the_schema_takes_what_the_service_takes(event: dict[str, Any], *, sound: bool) -> None:
    assert EVENT.is_valid(event) is sound


def test_every_type_has_its_branch() -> None:
    branches = DOCUMENT["components"]["schemas"]["Assert"]["oneOf"]
    assert [branch["title"] for branch in branches[:-1]] == list(TYPES)


@pytest.mark.anyio
async def test_the_example_of_a_state_is_what_the_service_answers(shared: Api) -> None:
    content = DOCUMENT["paths"]["/v1/ledgers/{ledger}/relationships/{relationship}"]["get"]["responses"]["200"][
        "content"
    ]
    example = content["application/json"]["examples"]["State"]["value"]
    answer = (await shared.get(f"{STATE}?valid_at=2024-06-30&known_position=51")).json()
    assert {**answer, "as_of": None} == {**example, "as_of": None}
    for name in ("valid_at", "position", "revision", "final", "projected"):
        assert answer["as_of"][name] == example["as_of"][name]


def test_every_schema_is_a_schema() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema), name
