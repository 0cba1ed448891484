"""The JSON Schemas of a ledger's own types: which are taken, and what in an event's ``data`` does not fit one.

Both are bounded, whoever wrote the schema and the data: patterns match in linear time (RE2), and a check has so many
steps. The engine underneath would otherwise backtrack, compare each with each, or follow references in powers of two.
"""

import re
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import lru_cache
from itertools import islice
from typing import Any, Final, NamedTuple

import jsonschema
import msgspec
import re2
import rfc8785
from jsonschema import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY

from service.domain.refusals import Fault
from service.domain.shape import MOST_FAULTS, escaped
from service.domain.types import DEEPEST, MOST_OBJECTS

STEPS: Final = 1000
"""Keywords that may be held against one event's data, and as many more as it has bytes."""
_UNICODE: Final = re.compile(r"((?:^|[^\\])(?:\\\\)*)\\u([0-9a-fA-F]{4})")
_OPTIONS: Final = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 1 << 19
Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]


class TooMuchWork(Exception):
    """The schema asks for more than one check may take."""


class _Budget:
    left = 0


_budget: ContextVar[_Budget] = ContextVar("budget")


class Checker(NamedTuple):
    """A schema made ready."""

    validator: Validator


def checker(schema: str) -> Checker:
    """A JSON Schema 2020-12 made ready; ValueError, with the reason, where it is none or asks too much."""
    document = msgspec.json.decode(schema)
    _check_size(document)
    _check_form(document)
    patterned = unevaluated = False
    for subschema in _subschemas(document):
        patterned |= _PATTERNED in subschema
        unevaluated |= "unevaluatedProperties" in subschema
        for pattern in [*([subschema["pattern"]] if "pattern" in subschema else ()), *subschema.get(_PATTERNED, ())]:
            _compiled(pattern)
    if patterned and unevaluated:
        raise ValueError("`unevaluatedProperties` is not taken with `patternProperties`: use `additionalProperties`")
    # Of its own accord jsonschema would fetch what a reference names elsewhere.
    return Checker(_Bounded(document, registry=EMPTY_REGISTRY))


def faults_of(check: Checker, raw: bytes, pointer: str) -> list[Fault]:
    """What does not fit, up to ``MOST_FAULTS``; ``raw`` is well-formed JSON."""
    data = msgspec.json.decode(raw)
    if depth_exceeds(data, DEEPEST):
        return [Fault(pointer, "too-deep", f"arrays and objects stand within one another {DEEPEST} deep at most")]
    budget = _Budget()
    budget.left = STEPS + len(raw)
    token = _budget.set(budget)
    try:
        errors = list(islice(check.validator.iter_errors(data), MOST_FAULTS))
    except TooMuchWork:
        return [Fault(pointer, "schema", "the type's schema asks for more work than may be done for data of this size")]
    except RecursionError:
        return [Fault(pointer, "schema", "the type's schema leads from itself to itself, and says nothing of this")]
    finally:
        _budget.reset(token)
    return [
        Fault(
            pointer + "".join(f"/{escaped(str(step))}" for step in error.absolute_path), "schema", error.message[:500]
        )
        for error in sorted(errors, key=lambda error: list(map(str, error.path)))
    ]


def depth_exceeds(value: Any, most: int) -> bool:
    """Whether arrays and objects stand within one another deeper than ``most``."""
    level = [value]
    for _ in range(most):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _check_size(document: Any) -> None:
    if depth_exceeds(document, DEEPEST):
        raise ValueError(f"a schema is {DEEPEST} deep at most")
    objects, waiting = 0, [document]
    while waiting:
        value = waiting.pop()
        objects += isinstance(value, dict)
        waiting += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if objects > MOST_OBJECTS:
        raise ValueError(f"a schema has {MOST_OBJECTS} objects at most, its subschemas among them; this one, {objects}")


def _check_form(document: Any) -> None:
    try:
        jsonschema.Draft202012Validator.check_schema(document)
    except jsonschema.SchemaError as error:
        raise ValueError(error.message[:1000]) from None


def _subschemas(document: Any) -> Iterator[dict[str, Any]]:
    """All of them, and whatever else a reference names; raises ValueError where one leads out, or nowhere."""
    root = DRAFT202012.create_resource(document)
    waiting, seen = [(root, EMPTY_REGISTRY.resolver_with_root(root))], set[int]()
    while waiting:
        resource, resolver = waiting.pop()
        if not isinstance(resource.contents, dict) or id(resource.contents) in seen:
            continue
        seen.add(id(resource.contents))
        yield resource.contents
        waiting += [(inner, resolver.in_subresource(inner)) for inner in resource.subresources()]
        for keyword in ("$ref", "$dynamicRef"):
            if (reference := resource.contents.get(keyword)) is not None:
                try:
                    found = resolver.lookup(reference)
                except Unresolvable:
                    shown = repr(reference)[:200]
                    raise ValueError(f"{shown} is nowhere in this schema; references stay inside it") from None
                if id(found.contents) not in seen:
                    _check_form(found.contents)  # it may lie where the dialect sees no schema
                    waiting.append((DRAFT202012.create_resource(found.contents), found.resolver))


_PATTERNED: Final = "patternProperties"


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    """ECMA 262's notation as far as it can be matched in linear time."""
    try:
        return re2.compile(_UNICODE.sub(r"\1\\x{\2}", pattern), _OPTIONS)
    except re2.error as error:
        [why] = error.args
        words = why.decode(errors="replace") if isinstance(why, bytes) else str(why)
        raise ValueError(
            f"the pattern {pattern[:200]!r} cannot be matched in linear time, or is none ({words[:200]}); neither "
            "references back nor assertions about what stands before or after are taken"
        ) from None


def _matches(pattern: str, text: str) -> bool:
    return _compiled(pattern).search(text) is not None


def _pattern(validator: Any, pattern: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(instance, "string") and not _matches(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if validator.is_type(instance, "object"):
        for pattern, subschema in patterns.items():
            for name, value in instance.items():
                _spend(1)
                if _matches(pattern, name):
                    yield from validator.descend(value, subschema, path=name, schema_path=pattern)


def _additional_properties(validator: Any, additional: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not validator.is_type(instance, "object"):
        return
    known, patterns = schema.get("properties", {}), schema.get(_PATTERNED, {})
    _spend(len(instance) * len(patterns))
    for name, value in instance.items():
        if name in known or any(_matches(pattern, name) for pattern in patterns):
            continue
        if validator.is_type(additional, "object"):
            yield from validator.descend(value, additional, path=name)
        elif not additional:
            yield ValidationError(f"{name!r} is not among the properties that there may be")


def _unique_items(validator: Any, unique: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if unique and validator.is_type(instance, "array"):
        seen: set[bytes] = set()
        for item in instance:
            canonical = rfc8785.dumps(item)
            _spend(1 + len(canonical) // 16)
            if canonical in seen:
                yield ValidationError("the items are not all different")
                return
            seen.add(canonical)


def _spend(steps: int) -> None:
    budget = _budget.get()
    budget.left -= steps
    if budget.left < 0:
        raise TooMuchWork


def _counted(keyword: Keyword) -> Keyword:
    """The keyword, at the price of one step and of what it looks through."""

    def count(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError] | None:
        # Most keywords say what one value must be; long lists of names and values are looked through.
        _spend(1 + (len(value) // 8 if isinstance(value, dict | list | str) else 0))
        return keyword(validator, value, instance, schema)

    return count


_OWN: Final[dict[str, Keyword]] = {
    "pattern": _pattern,
    _PATTERNED: _pattern_properties,
    "additionalProperties": _additional_properties,
    "uniqueItems": _unique_items,
}
_Bounded: Final = extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft202012Validator,
    validators={
        name: _counted(keyword) for name, keyword in {**jsonschema.Draft202012Validator.VALIDATORS, **_OWN}.items()
    },
)
