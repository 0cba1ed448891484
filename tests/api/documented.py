"""Holds every answer of a test against the OpenAPI document: its status, its headers, its media type and its body."""

import re
from functools import cache
from typing import Any

import httpx
import jsonschema
import msgspec
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from service.app import openapi_document

NAME = "urn:tarih:openapi"
DOCUMENT: dict[str, Any] = msgspec.json.decode(openapi_document())
_REGISTRY = Registry().with_resource(NAME, DRAFT202012.create_resource(DOCUMENT))
ANYWHERE = (400, 404, 405, 429, 500)
"""What the router and the service say by themselves, wherever it is."""
SOMETIMES = {
    ("appendEvents", "Idempotency-Replayed"),
    ("appendRelationshipEvents", "Idempotency-Replayed"),
    ("appendRelationshipEvents", "ETag"),
    ("readFeed", "ETag"),
    ("readFeed", "Link"),
    *(
        (operation, name)
        for operation in ("readFeed", "getRelationshipState")
        for name in ("RateLimit", "RateLimit-Policy")
    ),
    ("getRelationshipState", "Link"),
    ("listKeys", "Link"),
    ("listLedgers", "Link"),
    ("listTypes", "Link"),
    ("listOperators", "Link"),
    ("listActors", "Link"),
    ("listSuppliers", "Link"),
    ("listRelationships", "Link"),
    ("listClaims", "Link"),
}
NOT_OF_STREAMS = ("ETag", "Content-Location", "Server-Timing")


@cache
def validator(pointer: str) -> jsonschema.Draft202012Validator:
    """For the schema at ``pointer`` of the document, such as ``/components/schemas/State``."""
    return jsonschema.Draft202012Validator({"$ref": NAME + "#" + pointer}, registry=_REGISTRY)


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    found: Any = DOCUMENT
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


@cache
def _templates() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + "$"), path) for path in sorted(DOCUMENT["paths"])]


def operation_of(method: str, path: str) -> tuple[str, dict[str, Any]] | None:
    """Its pointer and itself; None for what the document does not know."""
    name = "get" if method == "HEAD" else method.lower()
    for pattern, template in _templates():
        if pattern.match(path) and name in DOCUMENT["paths"][template]:
            return f"/paths/{_escaped(template)}/{name}", DOCUMENT["paths"][template][name]
    return None


async def check(response: httpx.Response) -> None:
    """For httpx to call with every answer."""
    await response.aread()
    request = response.request
    assert response.headers["x-request-id"]
    if request.method == "OPTIONS":
        return
    found = operation_of(request.method, request.url.path)
    if found is None or (response.status_code in ANYWHERE and str(response.status_code) not in found[1]["responses"]):
        assert response.status_code in ANYWHERE, f"{request.method} {request.url} is not documented"
        _check_body(response, "application/problem+json", "/components/schemas/Problem")
        return
    pointer, operation = found
    status = str(response.status_code)
    assert status in operation["responses"], (
        f"{status} of {operation['operationId']} is not documented: {response.text}"
    )
    said = operation["responses"][status]
    where = said["$ref"].removeprefix("#") if "$ref" in said else f"{pointer}/responses/{status}"
    said = resolved(said)
    for name in said.get("headers", {}):
        # A dry run is about no revision, and a repeat may be about another relationship; a stream never stays the same,
        # and a last page has no next one.
        streamed = response.headers.get("content-type", "").startswith("text/event-stream")
        of_a_page = name == "Link" and "Timeline" in operation["operationId"]
        if (
            (operation["operationId"], name) not in SOMETIMES
            and not of_a_page
            and not (streamed and name in NOT_OF_STREAMS)
        ):
            assert name in response.headers, (
                f"{name} of {operation['operationId']} {status} is documented, and not there"
            )
    if "content" in said:
        [media_type] = (
            said["content"] if len(said["content"]) == 1 else [response.headers["content-type"].split(";")[0]]
        )
        if media_type == "application/json" and response.headers["content-type"].startswith("text/html"):
            return
        _check_body(response, media_type, f"{where}/content/{_escaped(media_type)}/schema")
    else:
        assert response.content == b""


def _check_body(response: httpx.Response, media_type: str, pointer: str) -> None:
    assert response.headers["content-type"].split(";")[0] == media_type
    if response.request.method == "HEAD":
        assert response.content == b""
    elif media_type.endswith(("/json", "+json")):
        errors = [
            f"{error.json_path}: {error.message[:300]}" for error in validator(pointer).iter_errors(response.json())
        ]
        assert not errors, errors


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
