"""Our structs as JSON Schema components: what msgspec derives, made as strict as the decoder; a fix-up belongs here."""

import ast
import inspect
import sys
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect as shapes

from service import feeds
from service.api import (
    bulk,
    cloudevents,
    envelopes,
    events,
    feed,
    health,
    keys,
    ledgers,
    live_answers,
    memento,
    oembed,
    problems,
    receipts,
    vocabulary,
)
from service.domain.cloudevents import IncomingCloudEvent
from service.domain.events import Event
from service.domain.types import OF_ACTORS, TYPES
from service.history.bulk import Line
from service.importing import ImportReport
from service.projections import CATALOGUE, actors, operators, outline, relationships, searching, suppliers, timeline
from service.projections.changed import LISTS
from service.projections.changes import Changes
from service.projections.claim import ClaimHistory, ClaimState

REF = "#/components/schemas/"
BODIES = (
    *(events.Append, receipts.Recorded, receipts.WouldBeRecorded, events.StoredEvent, ClaimState, ClaimHistory),
    *(feed.Feed, envelopes.CloudEvent, Line, bulk.BulkEnd, bulk.BulkCut, IncomingCloudEvent),
    *(ledgers.Ledgers, ledgers.DescribedLedger, ledgers.NewLedger),
    *(keys.Keys, keys.ListedKey, keys.NewKey, keys.MadeKey),
    ImportReport,
    *(vocabulary.Types, vocabulary.Type, vocabulary.NewType),
    *(problems.Problem, problems.ProblemKinds, health.Health, memento.TimeMap),
    *(projection.answer for projection in CATALOGUE),
    oembed.Embedding,
    *(Changes, live_answers.CausesOfChange),
    *(operators.Operators, actors.ActorFound, actors.FoundActors, suppliers.Suppliers),
    *(searching.ClaimsFound, relationships.Relationships, timeline.Timeline, outline.Outline),
    *(format_.answer for format_ in feeds.CATALOGUE if format_.answer is not None),
)
DATA = {name: type_.data for name, type_ in TYPES.items() if type_.data is not None}
ANY_SCHEMA = {"type": "object", "description": "JSON Schema 2020-12 of a claim's `data`.", "additionalProperties": True}


def schemas() -> dict[str, Any]:
    """By name of component."""
    everything = (*BODIES, *DATA.values(), Event)
    [*_, event], found = msgspec.json.schema_components(everything, ref_template=REF + "{name}")
    components: dict[str, Any] = {name: _tidy(schema) for name, schema in found.items()}
    _describe(components)
    for name in ("Assert", "Expect", "Correct"):
        components[name] |= _typed_data(refused=OF_ACTORS if name == "Expect" else frozenset())
    components["Event"] = {
        "title": "Event",
        "description": "One action on a claim.",
        "oneOf": event["anyOf"],
        "discriminator": event["discriminator"],
    }
    components["RecordedContent"] = {
        "title": "RecordedContent",
        "description": "An event as it was recorded: without its id, with its claim, its text in Unicode's form C.",
        "allOf": [_ref("Event"), {"required": ["claim"], "properties": {"claim": True, "id": False}}],
    }
    components["RecordedOrAcceptable"] = {
        "title": "RecordedOrAcceptable",
        "description": "Of a repeated request its receipt; of a dry run that it would be recorded.",
        "oneOf": [_ref("Recorded"), _ref("WouldBeRecorded")],
    }
    components["CloudEvents"] = {
        "title": "CloudEvents",
        "description": "Events as CloudEvents 1.0, in batched mode.",
        "type": "array",
        "maxItems": feed.MOST,
        "items": _ref("CloudEvent"),
    }
    components["Lines"] = {
        "title": "Lines",
        "description": "One StoredEvent a line, as JSON. A last line that is a Problem, and so has no `position`, "
        "says that the rest is missing: go on from the last event.",
        "type": "string",
    }
    components["EventStream"] = {
        "title": "EventStream",
        "description": "Server-sent events. Of `event` the data is a StoredEvent; `caught-up` comes once, after what "
        "was there already, with the position. A comment comes when nothing else does.",
        "type": "string",
    }
    components["StateStream"] = {
        "title": "StateStream",
        "description": "Server-sent events. Of `state` the data is a State, of `causes` a CausesOfChange about the "
        "state after it; `final` says that nothing comes after. A comment comes when nothing else does.",
        "type": "string",
        "contentSchema": {"anyOf": [_ref("State"), _ref("CausesOfChange")]},
    }
    components["Metrics"] = {
        "title": "Metrics",
        "description": "One figure a line, after lines that begin with # and say what it is.",
        "type": "string",
    }
    components["EventLines"] = {
        "title": "EventLines",
        "description": "One Event a line, as JSON, or one StoredEvent as the feed gives it. Blank lines are left out.",
        "type": "string",
        "contentMediaType": bulk.NDJSON,
        "contentSchema": {"anyOf": [_ref("Event"), _ref("StoredEvent")]},
    }
    components["BulkLines"] = {
        "title": "BulkLines",
        "description": "One Line a line, as JSON, for each that was refused, or for every one, in no certain order; "
        "the last is a BulkEnd, or a BulkCut where recording was cut short when part of this was sent already.",
        "type": "string",
        "contentMediaType": bulk.NDJSON,
        "contentSchema": {"anyOf": [_ref("Line"), _ref("BulkEnd"), _ref("BulkCut")]},
    }
    components["IncomingCloudEvent"]["properties"]["data"] = {
        "description": "An Event without `id`, or a StoredEvent as the feed's CloudEvents hold it.",
        "oneOf": [
            {"allOf": [_ref("Event"), {"properties": {"id": False, "cloudevent": False}}]},
            _ref("StoredEvent"),
        ],
    }
    del components["IncomingCloudEvent"]["properties"]["data_base64"]
    components["IncomingCloudEvent"]["not"] = {"required": ["data_base64"]}
    components["IncomingCloudEvent"]["additionalProperties"] = True  # what its carriers add
    components["IncomingCloudEvents"] = {
        "title": "IncomingCloudEvents",
        "description": "CloudEvents whose events are recorded together, or not at all.",
        "type": "array",
        "minItems": 1,
        "maxItems": cloudevents.MOST_EVENTS,
        "items": _ref("IncomingCloudEvent"),
    }
    components["TimeMapLinks"] = {
        "title": "TimeMapLinks",
        "description": "Links (RFC 6690), one a line: the original, this page with the time it spans, the TimeGate, "
        "the page after it where there is one, and the versions, the earliest one first.",
        "type": "string",
    }
    for name, words in (
        ("EmbeddingXml", "The same as an Embedding, as XML."),
        ("Script", "An ES module."),
        ("Style", "A style sheet."),
    ):
        components[name] = {"title": name, "description": words, "type": "string"}
    components["OpenApi"] = {"title": "OpenApi", "description": "An OpenAPI document.", "type": "object"}
    components["Append"]["properties"]["events"]["items"] = _ref("Event")
    lines = [components["State"]["properties"][part]["items"] for part in LISTS]
    components["LineThere"]["properties"]["line"] |= {"anyOf": lines}
    components["ShownClaim"]["properties"]["content"] |= {"type": "object"}
    for name in ("StoredEvent", "ClaimState", "ClaimVersion"):
        components[name]["properties"]["event"] = _ref("RecordedContent")
    for name in ("Type", "NewType"):
        components[name]["properties"]["schema"] = dict(ANY_SCHEMA)
    components["Quantity"]["anyOf"] = [
        {"required": [name], "properties": {name: {"type": "integer"}}} for name in ("best", "low", "high")
    ]
    return dict(sorted(components.items()))


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": REF + name}


def _tidy(schema: Any) -> Any:
    """Objects refuse what they do not know; one value is a constant; a default of null goes without saying."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    tidy = {name: _tidy(value) for name, value in schema.items() if not (name == "default" and value is None)}
    if "properties" in tidy and tidy.get("type") == "object":
        tidy["additionalProperties"] = False
    if isinstance(tidy.get("enum"), list):
        values = tidy.pop("enum")
        kind = "boolean" if isinstance(values[0], bool) else "string"
        tidy |= {"type": kind} | ({"const": values[0]} if len(values) == 1 else {"enum": values})
    return tidy


def _typed_data(refused: frozenset[str]) -> dict[str, Any]:
    """What ``data`` holds follows from ``type``; of a ledger's own types its own schema says it."""
    branches = []
    for name, struct in DATA.items():
        if name not in refused:
            needed = any(field.required for field in msgspec.structs.fields(struct))
            branches.append(
                {
                    "title": name,
                    "properties": {"type": {"const": name}, "data": _ref(struct.__name__)},
                    "required": ["type", "data"] if needed else ["type"],
                }
            )
    own = {"title": "a type of the ledger's own", "properties": {"type": {"not": {"enum": list(DATA)}}}}
    return {"oneOf": [*branches, own]}


def _describe(components: dict[str, Any]) -> None:
    """The words below a field in its struct, as its description."""
    for struct in _structs():
        schema = components.get(struct.__name__)
        if schema is None:
            continue
        schema["description"] = _plain(inspect.getdoc(struct) or "")
        for field in msgspec.structs.fields(struct):
            words = _words(struct).get(field.name)
            if words is not None:
                schema["properties"][field.encode_name]["description"] = words


def _structs() -> set[type[msgspec.Struct]]:
    """Those that the components were made of."""
    found: set[type[msgspec.Struct]] = set()

    def walk(shape: Any) -> None:
        if isinstance(shape, shapes.StructType):
            if shape.cls in found:
                return
            found.add(shape.cls)
            for field in shape.fields:
                walk(field.type)
        elif isinstance(shape, shapes.Type):
            for name in shape.__struct_fields__:
                inner = getattr(shape, name)
                for part in inner if isinstance(inner, tuple) else (inner,):
                    walk(part)

    for shape in shapes.multi_type_info([*BODIES, *DATA.values(), Event]):
        walk(shape)
    return found


@cache
def _words(struct: type) -> dict[str, str]:
    words: dict[str, str] = {}
    for base in reversed(struct.__mro__):
        if not base.__module__.startswith("service."):
            continue
        definition = _classes(base.__module__)[base.__name__]
        for said, after in zip(definition.body, definition.body[1:], strict=False):
            match said, after:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    words[name] = _plain(text)
    return words


@cache
def _classes(module: str) -> dict[str, ast.ClassDef]:
    source = inspect.getsource(sys.modules[module])
    return {part.name: part for part in ast.parse(source).body if isinstance(part, ast.ClassDef)}


def _plain(docstring: str) -> str:
    """Markdown has one backtick where our docstrings have two."""
    return " ".join(inspect.cleandoc(docstring).replace("``", "`").split())
