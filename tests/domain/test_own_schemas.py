"""A ledger's own schemas: they say what JSON Schema says, and neither a schema nor data makes the check long."""

import json
import time
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.own_schemas import checker, depth_exceeds, faults_of
from service.domain.shape import MOST_FAULTS
from service.domain.types import DEEPEST

PATIENCE = 2.0
"""Seconds, on a machine that does other things too; what is held up here would take hours, or for ever."""


def found(schema: Any, data: Any) -> list[tuple[str, str]]:
    faults = faults_of(checker(json.dumps(schema)), json.dumps(data).encode(), "/data")
    return [(fault.pointer, fault.code) for fault in faults]


def quickly(schema: Any, data: Any) -> list[tuple[str, str]]:
    made = checker(json.dumps(schema))
    begun = time.process_time()
    faults = faults_of(made, json.dumps(data).encode(), "/data")
    assert time.process_time() - begun < PATIENCE
    return [(fault.pointer, fault.code) for fault in faults]


scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, "", "a", "b", "ab", "é", "7"])
names = st.sampled_from(["a", "b", "ab", "c"])
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b", "ab", "c"]), inner, max_size=4)
    ),
    max_leaves=8,
)
patterns = st.sampled_from(["^a", "b$", "^a+b*$", "[ab]{1,2}", r"^\d+$", "", ".", r"\u00e9", "a|c", "(a)(b)?"])
schemas = st.recursive(
    st.booleans()
    | st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "array", "string", "integer", "number", "null", "boolean"]),
            "pattern": patterns,
            "minimum": st.integers(-2, 2),
            "maxLength": st.integers(0, 2),
            "uniqueItems": st.booleans(),
            "required": st.lists(st.sampled_from(["a", "b"]), unique=True, max_size=2),
            "enum": st.lists(scalars, min_size=1, max_size=3),
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
            "patternProperties": st.dictionaries(patterns, inner, max_size=2),
            "additionalProperties": inner,
            "items": inner,
            "contains": inner,
            "not": inner,
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "uniqueItems": st.booleans(),
        },
    ),
    max_leaves=6,
)


@given(schemas, values)
def test_it_finds_fault_where_json_schema_does(schema: Any, data: Any) -> None:
    expected = jsonschema.Draft202012Validator(schema).iter_errors(data)
    pointers = {"/data" + "".join(f"/{step}" for step in error.absolute_path) for error in expected}
    assert {pointer for pointer, _ in found(schema, data)} == pointers


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^(a+)+$", "a" * 100_000 + "!"),
        ("^(a|a)*$", "a" * 100_000 + "!"),
        ("(x+x+)+y", "x" * 100_000),
        ("a*a*a*a*a*b", "a" * 100_000),
        ("^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 100_000),
        ("(.*){1,50}=", "x" * 50_000),
    ],
)
def test_no_pattern_takes_longer_than_its_text_is_long(pattern: str, text: str) -> None:
    assert quickly({"pattern": pattern}, text) == [("/data", "schema")]
    assert quickly({"propertyNames": {"pattern": pattern}}, {text: 1}) == [("/data", "schema")]
    assert quickly({"patternProperties": {pattern: False}}, {text: 1}) == []
    assert quickly({"patternProperties": {pattern: {}}, "additionalProperties": False}, {text: 1}) == [
        ("/data", "schema")
    ]


@pytest.mark.parametrize(
    "schema",
    [
        {"pattern": r"(a)\1"},
        {"pattern": "(?=a)b"},
        {"pattern": "(?<!a)b"},
        {"pattern": "("},
        {"pattern": "((((a{100}){100}){100}){100})"},
        {"properties": {"a": {"items": {"pattern": "["}}}},
        {"patternProperties": {"(?=a)": {}}},
        {"$ref": "#/elsewhere", "elsewhere": {"pattern": "(?=a)"}},
        {"$ref": "#/elsewhere", "elsewhere": {"properties": 5}},
        {"$ref": "#/elsewhere", "elsewhere": 5},
        {"patternProperties": {"a": {}}, "unevaluatedProperties": False},
        {"anyOf": [{}] * 600},
    ],
)
def test_what_cannot_be_bounded_is_refused_when_the_schema_is(schema: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        checker(json.dumps(schema))


def test_a_schema_that_is_deep_is_refused() -> None:
    deep: Any = {}
    for _ in range(DEEPEST):
        deep = {"not": deep}
    with pytest.raises(ValueError, match="deep"):
        checker(json.dumps({"not": deep}))


def doubling(keyword: str) -> dict[str, Any]:
    """Each step refers twice to the next: 2 to the power of 40 in all."""
    steps = {f"s{n}": {keyword: [{"$ref": f"#/$defs/s{n + 1}"}] * 2} for n in range(40)}
    return {"$defs": {**steps, "s40": {"type": "integer"}}, "$ref": "#/$defs/s0"}


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_references_in_powers_of_two_end(keyword: str) -> None:
    assert quickly(doubling(keyword), "a") == [("/data", "schema")]
    # Of any, the first will do.
    assert quickly(doubling(keyword), 1) == ([] if keyword == "anyOf" else [("/data", "schema")])


def test_many_items_are_compared_in_linear_time() -> None:
    items: list[Any] = [{"n": n} for n in range(20_000)]
    assert quickly({"uniqueItems": True}, items) == []
    assert quickly({"uniqueItems": True}, [*items, {"n": 7}]) == [("/data", "schema")]
    assert found({"uniqueItems": True}, [1, 1.0]) == [("/data", "schema")]
    assert found({"uniqueItems": True}, [1, True, "1", None, [1], {"1": 1}]) == []


def test_long_lists_in_a_schema_cost_what_they_are_long() -> None:
    wide = {"items": {"enum": [f"v{n}" for n in range(10_000)]}}
    assert quickly(wide, ["none"] * 50_000) == [("/data", "schema")]


def test_faults_are_told_up_to_a_number() -> None:
    assert len(quickly({"items": {"type": "string"}}, list(range(20_000)))) == MOST_FAULTS


def test_data_is_so_deep_and_no_deeper() -> None:
    data: Any = 1
    for _ in range(DEEPEST):
        data = [data]
    assert found({}, data) == []
    assert found({}, [data]) == [("/data", "too-deep")]
    assert not depth_exceeds({"a": {"b": 1}}, 2)
    assert depth_exceeds({"a": {"b": {}}}, 2)


def test_honest_data_of_any_size_is_looked_through() -> None:
    item = {"name": "a name", "count": 7, "tags": ["x", "y"]}
    schema = {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[a-z ]+$"},
                "count": {"type": "integer", "minimum": 0, "maximum": 100},
                "tags": {"type": "array", "items": {"type": "string", "enum": ["x", "y"]}, "uniqueItems": True},
            },
            "required": ["name", "count"],
            "additionalProperties": False,
        },
    }
    for many in (1, 10, 1000):
        assert found(schema, [item] * many) == []
