"""The types of a ledger: the built-in ones with the schema of their ``data``, and its own; adding one."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Literal

import msgspec
from litestar import HttpMethod, Response, put, route
from litestar.params import FromPath
from msgspec import Meta

from service.api.answers import NOW, answer, done, kept
from service.api.bodies import body_of, read
from service.api.parameters import Parameters
from service.api.refused import BadRequest, TypeDiffers, bad_parameter
from service.api.requests import base_of
from service.api.site import Request, site_of
from service.domain.refusals import Fault, Invalid, NotFound
from service.domain.shape import canonical_json, schema_validator
from service.domain.types import TYPES, EventType, Label, TypeName
from service.store import ledgers

DIALECT = "https://json-schema.org/draft/2020-12/schema"
LARGEST_SCHEMA = 100_000
"""Bytes of a type's schema."""
Kind = Annotated[
    Literal["occurrence", "state"],
    Meta(description="An occurrence holds from its date on; a state from `occurred` until `until`."),
]


class Type(msgspec.Struct, frozen=True, kw_only=True):
    """What a claim can be about."""

    type: TypeName
    kind: Kind
    title: Label
    own: bool
    """The ledger's own, not one that every ledger has."""
    schema: Annotated[msgspec.Raw, Meta(description="JSON Schema 2020-12 of a claim's `data`.")]


class Types(msgspec.Struct, frozen=True, kw_only=True):
    """The vocabulary of a ledger, by name."""

    types: tuple[Type, ...]


class NewType(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A type to add."""

    kind: Kind
    title: Label
    schema: Annotated[
        msgspec.Raw, Meta(description="JSON Schema 2020-12 of a claim's `data`: an object, of at most 100,000 bytes.")
    ]


@cache
def schema_of(type_: EventType) -> bytes:
    if type_.data is None:
        return (type_.schema or "{}").encode()
    return msgspec.json.encode({"$schema": DIALECT, **msgspec.json.schema(type_.data)})


def shown(type_: EventType) -> Type:
    return Type(
        type=type_.name,
        kind=type_.kind,
        title=type_.title,
        own=type_.name not in TYPES,
        schema=msgspec.Raw(schema_of(type_)),
    )


@route("/v1/ledgers/{ledger:str}/types", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def list_types(request: Request, ledger: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    passed = await site.gate.reader(request.headers.getall("authorization", []), ledger)
    Parameters(request).check()
    known = await site.log.types(ledger, afresh=True)
    return answer(request, Types(types=tuple(shown(known[name]) for name in sorted(known))), kept(passed, NOW))


@route("/v1/ledgers/{ledger:str}/types/{type_name:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def describe_type(request: Request, ledger: FromPath[str], type_name: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    passed = await site.gate.reader(request.headers.getall("authorization", []), ledger)
    Parameters(request).check()
    known = await site.log.types(ledger, afresh=type_name not in TYPES)
    if type_name not in known:
        raise NotFound("type", f"this ledger has no type `{type_name[:64]}`; it has {', '.join(sorted(known))}")
    return answer(request, shown(known[type_name]), kept(passed, NOW))


@put("/v1/ledgers/{ledger:str}/types/{type_name:str}", status_code=200)
async def put_type(request: Request, ledger: FromPath[str], type_name: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    await site.gate.writer(request.headers.getall("authorization", []), ledger, "admin")
    Parameters(request).check()
    wanted = _wanted(type_name, read(await body_of(request), NewType))
    if type_name in TYPES:
        raise TypeDiffers(f"`{type_name}` is one of the types that every ledger has")
    async with site.log.connection() as connection:
        new = await ledgers.create_type(connection, ledger, wanted)
    known = await site.log.types(ledger, afresh=True)
    if known[type_name] != wanted:
        raise TypeDiffers(f"this ledger has a type `{type_name}` already, with another kind, title or schema")
    headers = {"location": f"{base_of(request)}/v1/ledgers/{ledger}/types/{type_name}"} if new else {}
    return done(shown(wanted), 201 if new else 200, headers)


def _wanted(name: str, said: NewType) -> EventType:
    try:
        msgspec.convert(name, TypeName)
    except msgspec.ValidationError:
        detail = "a type's name begins with a letter: lower-case letters, digits and single hyphens, at most 64"
        raise BadRequest([bad_parameter("type", "unreadable", detail)]) from None
    try:
        if len(bytes(said.schema)) > LARGEST_SCHEMA:
            raise ValueError(f"a schema has at most {LARGEST_SCHEMA:,} bytes")
        if not isinstance(msgspec.json.decode(said.schema), Mapping):
            raise ValueError("a schema is a JSON object")
        schema = canonical_json(bytes(said.schema)).decode()
        schema_validator(schema)
    except (ValueError, RecursionError) as error:
        raise Invalid([Fault("/schema", "schema", str(error)[:1000])]) from None
    return EventType(name, said.kind, said.title, schema=schema)
