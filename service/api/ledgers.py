"""Ledgers: those there are, what one holds and how far it has come; making one."""

from typing import Annotated
from urllib.parse import urlencode

import msgspec
from litestar import HttpMethod, Response, put, route
from litestar.params import FromPath
from msgspec import UNSET, Meta, UnsetType

from service.api.access import LONGEST_NAME
from service.api.answers import NOW, answer, done, kept
from service.api.bodies import body_of, read
from service.api.parameters import Parameters
from service.api.refused import BadRequest, bad_parameter
from service.api.requests import base_of
from service.api.site import Request, site_of
from service.domain.actors import Slug
from service.domain.as_of import rfc3339
from service.domain.refusals import NotFound
from service.projections.lines import Instant, Total
from service.store import keys
from service.store import ledgers as stored
from service.store.pool import Connection
from service.store.readers import Reader

Digest = Annotated[
    str,
    Meta(
        pattern="^sha256:[0-9a-f]{64}$", description="Of the whole log up to that position: SHA-256, chained by batch."
    ),
]
LIMIT, MOST = 100, 1000
"""Ledgers of a page: where nothing is said, and at most."""
Title = Annotated[str, Meta(min_length=1, max_length=200)]


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A position, and the digest that every honest copy of the ledger has there."""

    position: Total
    digest: Digest


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How much a ledger holds."""

    events: Total
    claims: Total
    relationships: Total


class NamedLedger(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A ledger in a list."""

    ledger: Slug
    title: Title
    public_read: bool
    """Anyone may read it, without a key."""
    position: Total
    recorded_at: Instant | UnsetType = UNSET
    """Of the last event; absent where there is none."""


class Ledgers(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The ledgers that the caller may read, by name."""

    ledgers: tuple[NamedLedger, ...]
    next: str | UnsetType = UNSET
    """The address of the next page, where there is more."""


class DescribedLedger(NamedLedger, frozen=True, kw_only=True):
    """A ledger, and where it stands."""

    created_at: Instant
    epoch: Annotated[str, Meta(description="Another one after the ledger was restored from a backup.")]
    counts: Counts
    checkpoint: Checkpoint
    restored_from: str | UnsetType = UNSET
    """Of a ledger that was made from an export: its name there, its epoch, its position and its digest."""


class NewLedger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a ledger is called, and who may read it."""

    title: Title
    public_read: bool


def checkpoint(position: int, digest: bytes) -> Checkpoint:
    return Checkpoint(position=position, digest=f"sha256:{digest.hex()}")


@route("/v1/ledgers", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def list_ledgers(request: Request) -> Response[bytes]:
    site = site_of(request)
    key = await site.gate.caller(request.given("authorization"))
    parameters = Parameters(request, ["after", "limit"])
    after = parameters.named("after", Slug, "a ledger's name, such as drones") or ""
    given = parameters.number("limit", MOST)
    parameters.check()
    limit = given or LIMIT
    readable = [] if key is None else key.reads

    async def question(reader: Reader) -> list[stored.Ledger]:
        async with reader.connection() as connection:
            return await stored.readable_ledgers(connection, readable, after=after, limit=limit + 1)

    found = await site.log.consult(question)
    page = Ledgers(ledgers=tuple(_named(one) for one in found[:limit]))
    headers = {}
    if len(found) > limit:
        asked = {"after": found[limit - 1].name} | ({} if given is None else {"limit": str(given)})
        page = msgspec.structs.replace(page, next=f"{base_of(request)}/v1/ledgers?{urlencode(asked)}")
        headers["link"] = f'<{page.next}>; rel="next"'
    return answer(request, page, f"{'public' if key is None else 'private'}, {NOW}", headers=headers)


def _named(one: stored.Ledger) -> NamedLedger:
    return NamedLedger(
        ledger=one.name,
        title=one.title,
        public_read=one.public_read,
        position=one.position,
        recorded_at=UNSET if one.recorded_at is None else rfc3339(one.recorded_at),
    )


@route("/v1/ledgers/{ledger:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def describe_ledger(request: Request, ledger: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    passed = await site.gate.reader(request.given("authorization"), ledger)
    Parameters(request).check()

    async def question(reader: Reader) -> DescribedLedger:
        async with reader.connection() as connection:
            return await _described(connection, ledger)

    described = await site.log.consult(question)
    return answer(request, described, kept(passed, NOW), headers={"tarih-epoch": described.epoch})


@put("/v1/ledgers/{ledger:str}", status_code=200)
async def put_ledger(request: Request, ledger: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    key = await site.gate.caller(request.given("authorization"))
    if key is None or not key.is_admin:
        raise NotFound("ledger", f"there is no ledger `{ledger[:LONGEST_NAME]}`")
    Parameters(request).check()
    try:
        msgspec.convert(ledger, Slug)
    except msgspec.ValidationError:
        detail = "a ledger's name is lower-case letters, digits and single hyphens between them, at most 64"
        raise BadRequest([bad_parameter("ledger", "unreadable", detail)]) from None
    wanted = read(await body_of(request), NewLedger)
    async with site.log.connection() as connection:
        new = await stored.create_ledger(connection, ledger, wanted.title, public_read=wanted.public_read)
        if not new:
            await keys.tell_all(connection)
        site.access_changed()
        described = await _described(connection, ledger)
    headers = {"location": f"{base_of(request)}/v1/ledgers/{ledger}"} if new else {}
    return done(described, 201 if new else 200, headers)


async def _described(connection: Connection, ledger: str) -> DescribedLedger:
    named = await stored.ledgers(connection, ledger)
    if not named:  # of a replica that has not come so far
        raise NotFound("ledger", f"there is no ledger `{ledger}`")
    [found] = named
    relationships, claims = await stored.counts(connection, ledger)
    return DescribedLedger(
        ledger=found.name,
        title=found.title,
        public_read=found.public_read,
        position=found.position,
        recorded_at=UNSET if found.recorded_at is None else rfc3339(found.recorded_at),
        created_at=rfc3339(found.created_at),
        epoch=str(found.epoch),
        counts=Counts(events=found.position, claims=claims, relationships=relationships),
        checkpoint=checkpoint(found.position, found.digest),
        restored_from=UNSET if found.restored_from is None else found.restored_from,
    )
