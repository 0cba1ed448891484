"""The OpenAPI document: operations, components and examples put together; the same bytes every time."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from service.api import examples
from service.api.described import JSON, Operation, Said
from service.api.operations import OPERATIONS, TAGS
from service.api.parameters import MOST_PARAMETERS
from service.api.problems import (
    BAD_REQUEST,
    INTERNAL,
    LARGEST_BODY,
    MEDIA_TYPE,
    RETRY_AFTER,
    UNAUTHORIZED,
    UNAVAILABLE,
    ProblemKind,
)
from service.api.schemas import REF, schemas
from service.domain.actors import LanguageTag, RelationshipId, Slug
from service.domain.events import Id
from service.domain.types import TypeName

DESCRIPTION = f"""\
Dated, sourced events about relationships, answered as of any day, and as they were known on any day.

* A **date** as a parameter is a full date, which means the end of that UTC day, or an instant of RFC 3339 with its \
zone. Dates inside events are EDTF (ISO 8601-2).
* **HEAD** works wherever GET does: the same headers, no body. A method that is not offered is 405 with `Allow`.
* What is wrong is told as **problem details** (RFC 9457), with every fault at once; each `type` is an address that \
explains it.
* **Unknown** fields and parameters are refused. A body is UTF-8 JSON of at most {LARGEST_BODY:,} bytes; an address \
has at most {MOST_PARAMETERS} parameters.
* Reading a public ledger needs no key. A ledger that may not be read looks like one that does not exist.
* `X-Request-Id` and `traceparent` are taken over and sent back.
"""
PATH_PARAMETERS = {
    "ledger": (Slug, "The ledger's name.", "drones"),
    "relationship": (
        RelationshipId,
        "The slugs of two or more actors, joined by `--`. Out of order, they are answered 308.",
        "pak--tur",
    ),
    "event_id": (Id, "The event's id.", "tb2-acquired"),
    "claim_id": (Id, "The claim's id.", "tb2-acquired"),
    "type_name": (TypeName, "The type's name.", "acquisition"),
    "slug": (Slug, "The last part of a problem's `type`.", "stale-revision"),
}
POINT = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}-\d{2}([Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2}))?$",
}
POSITION = {"type": "integer", "minimum": 0}
ORDINARY = {"type": "string"}


@cache
def rendered() -> bytes:
    return msgspec.json.format(msgspec.json.encode(document()), indent=2) + b"\n"


def document() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    for path, item in paths.items():
        if names := [part[1:-1] for part in path.split("/") if part.startswith("{")]:
            item["parameters"] = [{"$ref": f"#/components/parameters/{name}"} for name in names]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tarih",
            "version": _version(),
            "summary": "Who dealt with whom, when, and who says so.",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "Where this document is served."}],
        "security": [{}, {"key": []}],
        "tags": [{"name": name, "description": words} for name, words in TAGS.items()],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": schemas(),
            "parameters": _parameters(),
            "headers": _headers(),
            "responses": _problem_responses(),
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "A key: `tarih_` and 43 characters."}
            },
        },
    }


def _version() -> str:
    try:
        return version("tarih")
    except PackageNotFoundError:  # run from a checkout
        return "0.1.0"


def _operation(operation: Operation) -> dict[str, Any]:
    said: dict[str, Any] = {"operationId": operation.id, "summary": operation.summary, "tags": [operation.tag]}
    if operation.description is not None:
        said["description"] = operation.description
    if operation.parameters:
        said["parameters"] = [{"$ref": f"#/components/parameters/{name}"} for name in operation.parameters]
    if operation.body is not None:
        said["requestBody"] = {"required": True, "content": {JSON: _body(operation.body, operation.requests)}}
    if operation.writes:
        said["security"] = [{"key": []}]
    elif not operation.path.startswith("/v1"):
        said["security"] = []
    responses: dict[str, Any] = {str(one.status): _said(one) for one in operation.answers}
    kinds = _kinds(operation)
    for status in sorted({kind.status for kind in kinds}):
        slugs = sorted({kind.slug for kind in kinds if kind.status == status})
        responses[str(status)] = {"$ref": f"#/components/responses/{_camel('-or-'.join(slugs))}"}
    said["responses"] = dict(sorted(responses.items()))
    return said


def _kinds(operation: Operation) -> tuple[ProblemKind, ...]:
    """What may befall any operation stands with none of them."""
    unavailable = (UNAVAILABLE,) if operation.path.startswith("/v1") else ()
    return (*operation.problems, BAD_REQUEST, INTERNAL, *unavailable)


def _body(schema: str, names: tuple[str, ...]) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"$ref": REF + schema}}
    if names:
        found = examples.requests()
        content["examples"] = {name: {"summary": found[name][0], "value": found[name][1]} for name in names}
    return content


def _said(one: Said) -> dict[str, Any]:
    said: dict[str, Any] = {"description": one.description}
    names = (*one.headers, "X-Request-Id")
    said["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    if one.schema is not None:
        content: dict[str, Any] = {"schema": {"$ref": REF + one.schema}}
        if one.example is not None:
            content["examples"] = {one.example: {"value": examples.answers()[one.example]}}
        said["content"] = {one.media_type: content}
    elif one.media_type != JSON:
        said["content"] = {one.media_type: {"schema": {"type": "string"}}}
    return said


def _problem_responses() -> dict[str, Any]:
    groups: dict[str, list[ProblemKind]] = {}
    for operation in OPERATIONS:
        kinds = _kinds(operation)
        for status in {kind.status for kind in kinds}:
            group = sorted({k.slug: k for k in kinds if k.status == status}.values(), key=lambda kind: kind.slug)
            groups[_camel("-or-".join(kind.slug for kind in group))] = group
    return {name: _problem(group) for name, group in sorted(groups.items())}


def _problem(kinds: list[ProblemKind]) -> dict[str, Any]:
    names = ["Cache-Control", "X-Request-Id"]
    names += {UNAUTHORIZED.status: ["WWW-Authenticate"], UNAVAILABLE.status: ["Retry-After"]}.get(kinds[0].status, [])
    return {
        "description": " ".join(f"{kind.title}." for kind in kinds),
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": REF + "Problem"},
                "examples": {kind.slug: {"summary": kind.title, "value": examples.problem(kind)} for kind in kinds},
            }
        },
    }


def _camel(slug: str) -> str:
    return "".join(part.capitalize() for part in slug.split("-"))


def _schema(type_: Any) -> dict[str, Any]:
    return dict(msgspec.json.schema(type_))


def _parameters() -> dict[str, Any]:
    def query(name: str, words: str, schema: dict[str, Any], example: Any) -> dict[str, Any]:
        return {"name": name, "in": "query", "description": words, "schema": schema, "example": example}

    def header(name: str, words: str, schema: dict[str, Any], example: str) -> dict[str, Any]:
        return {"name": name, "in": "header", "description": words, "schema": schema, "example": example}

    found = {
        name: {
            "name": name,
            "in": "path",
            "required": True,
            "description": words,
            "schema": _schema(type_),
            "example": one,
        }
        for name, (type_, words, one) in PATH_PARAMETERS.items()
    }
    day = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    queries = [
        query(
            "valid_at",
            "When it was so in the world. Left out: what is known then; that is now, unless a known time is given.",
            POINT,
            "2024-06-30",
        ),
        query(
            "known_at",
            "What this ledger had recorded by then. Later than now is refused; today's date means now.",
            POINT,
            "2026-11-22T16:00:00Z",
        ),
        query("known_position", "What this ledger had recorded with that position. Not with `known_at`.", POSITION, 51),
        query("reported_by", "What had been published by the end of that day.", day, "2025-11-30"),
        query(
            "certainty",
            "Only what is certain; what is left out is counted.",
            {"type": "string", "enum": ["certain"]},
            "certain",
        ),
        query("lang", "The language of names and titles; English where left out.", _schema(LanguageTag), "tr"),
        query(
            "dry_run",
            "`true`: check everything and record nothing; what would be refused is refused.",
            {"type": "string", "enum": ["true", "false"], "default": "false"},
            "true",
        ),
    ]
    found |= {one["name"]: one for one in queries}
    found["If-None-Match"] = header("If-None-Match", "The `ETag` of an answer that the caller has.", ORDINARY, 'W/"5f"')
    found["If-Match"] = header(
        "If-Match",
        "The revision that the relationship must have, in quotes after `r`; `*`: it must exist.",
        {"type": "string", "pattern": r'^(\*|"r(0|[1-9][0-9]{0,14})")$'},
        '"r7"',
    )
    found["If-None-Match-Any"] = header(
        "If-None-Match", "`*`: the relationship must not exist.", {"type": "string", "const": "*"}, "*"
    )
    return found


def _headers() -> dict[str, Any]:
    words = {
        "ETag": ("Of a read: of these bytes. Of an append: the relationship's revision.", 'W/"5f0c"'),
        "Cache-Control": ("How long the answer may be kept, and by whom.", "public, max-age=3600"),
        "Vary": ("What else an answer hangs on.", "Accept, Accept-Encoding, Authorization"),
        "Content-Location": (
            "The address that pins this answer's points.",
            "/v1/ledgers/drones/relationships/pak--tur?valid_at=2024-06-30T23:59:59.999999Z&known_position=51",
        ),
        "Location": ("Where it is now.", "/v1/ledgers/drones/events/tb2-acquired"),
        "Tarih-Epoch": (
            "Another one after the ledger was restored from a backup.",
            "6fd9d5b3-8cb1-4c10-bc80-689c61b52735",
        ),
        "Server-Timing": ("Milliseconds in the database, and folding.", "db;dur=4.10, fold;dur=2.20"),
        "X-Request-Id": ("The request's own, or a new one.", "18cea55a-19ad-4208-805d-071014cf1497"),
        "WWW-Authenticate": ("How to send a key.", 'Bearer realm="tarih"'),
    }
    found: dict[str, Any] = {
        name: {"description": said, "schema": ORDINARY, "example": one} for name, (said, one) in words.items()
    }
    revision = {"type": "integer", "minimum": 0}
    found["Tarih-Revision"] = {"description": "How many events have touched it.", "schema": revision, "example": 28}
    found["Retry-After"] = {"description": "Seconds.", "schema": {"type": "integer"}, "example": int(RETRY_AFTER)}
    return found
