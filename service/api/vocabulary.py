"""The types of a ledger: the built-in ones with the schema of their ``data``, and its own; adding one."""

import asyncio
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Literal
from urllib.parse import urlencode

import msgspec
from litestar import HttpMethod, Response, put, route
from litestar.params import FromPath
from msgspec import UNSET, Meta, UnsetType

from service.api.answers import NOW, answer, done, kept
from service.api.bodies import body_of, read
from service.api.parameters import Parameters
from service.api.refused import BadRequest, TypeDiffers, bad_parameter
from service.api.requests import base_of
from service.api.site import Request, site_of
from service.domain.refusals import Conflict, Fault, Invalid, NotFound
from service.domain.shape import canonical_json
from service.domain.types import DEEPEST, MOST_OBJECTS, TYPES, EventType, Label, TypeName
from service.store import ledgers

DIALECT = "https://json-schema.org/draft/2020-12/schema"
LARGEST_SCHEMA = 100_000
"""Bytes of a type's schema."""
MOST_TYPES, LARGEST_TYPES = 500, 2_000_000
"""Types of a ledger's own, and bytes of all their schemas."""
LIMIT = 100
"""Types of a page."""
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


class Types(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The vocabulary of a ledger, by name."""

    types: tuple[Type, ...]
    next: str | UnsetType = UNSET
    """The address of the next page, where there is more."""


class NewType(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A type to add."""

    kind: Kind
    title: Label
    schema: Annotated[
        msgspec.Raw,
        Meta(
            description=f"JSON Schema 2020-12 of a claim's `data`: an object of at most {LARGEST_SCHEMA:,} bytes and "
            f"{MOST_OBJECTS} objects within it, {DEEPEST} deep. Patterns are those of RE2: without references back, "
            "and without assertions about what stands before or after. References stay inside."
        ),
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
    passed = await site.gate.reader(request.given("authorization"), ledger)
    parameters = Parameters(request, ["after", "limit"])
    after = parameters.named("after", TypeName, "a type's name, such as acquisition") or ""
    given = parameters.number("limit", LIMIT)
    parameters.check()
    known = await site.log.consult(lambda reader: reader.types(ledger, afresh=True))
    names, limit = sorted(name for name in known if name > after), given or LIMIT
    page = Types(types=tuple(shown(known[name]) for name in names[:limit]))
    headers = {}
    if len(names) > limit:
        asked = {"after": names[limit - 1]} | ({} if given is None else {"limit": str(given)})
        page = msgspec.structs.replace(page, next=f"{base_of(request)}/v1/ledgers/{ledger}/types?{urlencode(asked)}")
        headers["link"] = f'<{page.next}>; rel="next"'
    return answer(request, page, kept(passed, NOW), headers=headers)


@route("/v1/ledgers/{ledger:str}/types/{type_name:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def describe_type(request: Request, ledger: FromPath[str], type_name: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    passed = await site.gate.reader(request.given("authorization"), ledger)
    Parameters(request).check()
    known = await site.log.consult(lambda reader: reader.types(ledger, afresh=type_name not in TYPES))
    if type_name not in known:
        some = ", ".join(sorted(known)[:LIMIT])
        raise NotFound("type", f"this ledger has no type `{type_name[:64]}`; it has {some}")
    return answer(request, shown(known[type_name]), kept(passed, NOW))


@put("/v1/ledgers/{ledger:str}/types/{type_name:str}", status_code=200)
async def put_type(request: Request, ledger: FromPath[str], type_name: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    await site.gate.writer(request.given("authorization"), ledger, "admin")
    Parameters(request).check()
    # It takes a while to look a schema through.
    wanted = await asyncio.to_thread(_wanted, type_name, read(await body_of(request), NewType))
    if type_name in TYPES:
        raise TypeDiffers(f"`{type_name}` is one of the types that every ledger has")
    _check_room(await site.log.types(ledger, afresh=True), wanted)
    async with site.log.connection() as connection:
        new = await ledgers.create_type(connection, ledger, wanted)
    known = await site.log.types(ledger, afresh=True)
    if known[type_name] != wanted:
        raise TypeDiffers(f"this ledger has a type `{type_name}` already, with another kind, title or schema")
    headers = {"location": f"{base_of(request)}/v1/ledgers/{ledger}/types/{type_name}"} if new else {}
    return done(shown(wanted), 201 if new else 200, headers)


def _check_room(known: Mapping[str, EventType], wanted: EventType) -> None:
    """Every process keeps all of them. Raises Conflict."""
    own = {name: type_ for name, type_ in known.items() if name not in TYPES and name != wanted.name}
    size = sum(len(type_.schema or "") for type_ in (*own.values(), wanted))
    if len(own) >= MOST_TYPES or size > LARGEST_TYPES:
        detail = f"a ledger has at most {MOST_TYPES} types of its own, with schemas of {LARGEST_TYPES:,} bytes in all"
        raise Conflict([Fault("", "too-many-types", detail)])


def _wanted(name: str, said: NewType) -> EventType:
    from service.domain.own_schemas import checker  # only here: it takes 5 MB, and few ledgers have types of their own

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
        checker(schema)
    except (ValueError, RecursionError) as error:
        raise Invalid([Fault("/schema", "schema", str(error)[:1000])]) from None
    return EventType(name, said.kind, said.title, schema=schema)
