"""The OpenAPI document: operations, components and examples put together; the same bytes every time."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from service.api.bodies import PATIENCE, SLOWEST_JSON, SLOWEST_LINES
from service.api.described import examples
from service.api.described.catalogue import OPERATIONS, TAGS
from service.api.described.operation import JSON, Operation, Right, Said
from service.api.described.parameters import headers, parameters
from service.api.described.schemas import REF, schemas
from service.api.limiting import EXEMPT
from service.api.parameters import MOST_PARAMETERS
from service.api.problems import (
    ANOTHER_EPOCH,
    BAD_REQUEST,
    BEYOND_HEAD,
    INTERNAL,
    LARGEST_BODY,
    MEDIA_TYPE,
    TOO_MANY,
    UNAUTHORIZED,
    UNAVAILABLE,
    ProblemKind,
)
from service.api.streams import MOST_OF_A_CALLER
from service.history.bulk import LONGEST_LINE

DESCRIPTION = f"""\
Dated, sourced events about relationships, answered as of any day, and as they were known on any day.

* A **date** as a parameter is a full date, which means the end of that UTC day, or an instant of RFC 3339 with its \
zone. Dates inside events are EDTF (ISO 8601-2).
* **HEAD** works wherever GET does: the same headers, no body. A method that is not offered is 405 with `Allow`.
* What is wrong is told as **problem details** (RFC 9457), with every fault at once; each `type` is an address that \
explains it.
* **Unknown** fields and parameters are refused. A body is UTF-8 JSON of at most {LARGEST_BODY:,} bytes, or lines of \
JSON, without a limit, of at most {LONGEST_LINE:,} bytes each; an address has at most {MOST_PARAMETERS} parameters.
* A body that pauses for {PATIENCE:.0f} s, or brings less than {SLOWEST_JSON:,} bytes a second ({SLOWEST_LINES} if it \
is lines), is given up: 408.
* Reading a public ledger needs no key. A ledger that may not be read looks like one that does not exist.
* Where the service limits how much is asked, every answer says so in `RateLimit-Policy` and `RateLimit`; what is too \
much is 429 with `Retry-After`. So is a live stream too many: a key, or an address without one, may have \
{MOST_OF_A_CALLER:,} at one time, if the service's operator sets nothing else.
* `X-Request-Id` and `traceparent` are taken over and sent back.
"""


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
            "parameters": parameters(),
            "headers": headers(),
            "responses": _problem_responses(),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key: `tarih_` and 43 characters. Where the service is set up for it, a token of "
                    "its OpenID provider. What an operation needs of it stands beside it: to `read` a ledger that is "
                    "not public, to `append` to it, to be its `admin`, or that of some ledger or of the service.",
                }
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
        content = {JSON: _body(operation.body, operation.requests)}
        content |= {form.media_type: _body(form.schema, (form.schema,)) for form in operation.forms if form.schema}
        said["requestBody"] = {"required": True, "content": content}
    if operation.uploads:
        said["requestBody"] = {"required": True, "content": operation.uploads}
    said["security"] = _security(operation.needs)
    responses: dict[str, Any] = {str(one.status): _said(one) for one in operation.answers}
    kinds = _kinds(operation)
    for status in sorted({kind.status for kind in kinds}):
        slugs = sorted({kind.slug for kind in kinds if kind.status == status})
        responses[str(status)] = {"$ref": f"#/components/responses/{_camel('-or-'.join(slugs))}"}
    said["responses"] = dict(sorted(responses.items()))
    return said


def _security(needs: Right | None) -> list[dict[str, list[str]]]:
    """The roles that a key must have, where one is needed; an empty alternative where none is."""
    match needs:
        case Right.NOTHING | None:
            return []
        case Right.NO_KEY:
            return [{}, {"key": []}]
        case Right.READ:
            return [{}, {"key": [Right.READ.value]}]
        case Right.ANY_KEY:
            return [{"key": []}]
    return [{"key": [needs.value]}]


def _kinds(operation: Operation) -> tuple[ProblemKind, ...]:
    """What may befall any operation stands with none of them."""
    unavailable = (UNAVAILABLE,) if operation.path.startswith("/v1") else ()
    limited = () if operation.path.startswith(EXEMPT) else (TOO_MANY,)
    of_a_place = (BEYOND_HEAD, ANOTHER_EPOCH) if "min_position" in operation.parameters else ()
    return (*operation.problems, *of_a_place, BAD_REQUEST, INTERNAL, *limited, *unavailable)


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
        said["content"] = {one.media_type: _content(one.schema, one.example)}
        said["content"] |= {
            form.media_type: _content(form.schema, form.schema if form.shown else None) for form in one.forms
        }
    elif one.media_type != JSON:
        said["content"] = {one.media_type: _content(None, one.example)}
    return said


def _content(schema: str | None, example: str | None) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"type": "string"} if schema is None else {"$ref": REF + schema}}
    if example is not None:
        content["examples"] = {example: {"value": examples.answers()[example]}}
    return content


def _problem_responses() -> dict[str, Any]:
    groups: dict[str, list[ProblemKind]] = {}
    for operation in OPERATIONS:
        kinds = _kinds(operation)
        for status in {kind.status for kind in kinds}:
            group = sorted({k.slug: k for k in kinds if k.status == status}.values(), key=lambda kind: kind.slug)
            groups[_camel("-or-".join(kind.slug for kind in group))] = group
    return {name: _problem(group) for name, group in sorted(groups.items())}


_HEADERS_OF = {
    UNAUTHORIZED.status: ["WWW-Authenticate"],
    TOO_MANY.status: ["Retry-After", "RateLimit", "RateLimit-Policy"],
    UNAVAILABLE.status: ["Retry-After"],
}


def _problem(kinds: list[ProblemKind]) -> dict[str, Any]:
    names = ["Cache-Control", "X-Request-Id"]
    names += _HEADERS_OF.get(kinds[0].status, [])
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
