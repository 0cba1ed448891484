"""Keys over HTTP: those that a caller administers, and its own; making them and taking them back."""

from typing import Annotated, Literal
from urllib.parse import urlencode

import msgspec
from litestar import HttpMethod, Response, delete, post, route
from litestar.params import FromPath
from msgspec import UNSET, Meta, UnsetType

from service.api.answers import answer, done
from service.api.bodies import body_of, read
from service.api.parameters import Parameters
from service.api.refused import Forbidden
from service.api.requests import base_of
from service.api.site import Request, site_of
from service.domain.as_of import UnreadablePoint, parse_point, rfc3339
from service.domain.refusals import Fault, Invalid, NotFound
from service.domain.types import Label
from service.projections.lines import Instant
from service.store import keys as stored
from service.store.keys import Key, KnownKey, Right

LIMIT, MOST = 100, 1000
"""Keys of a page: where nothing is said, and at most."""
MOST_LEDGERS = 100
"""Of one key."""
PATH = "/v1/keys"
NOT_KEPT = "private, no-store"
_UNKNOWN = "there is no such key among those that this one administers"
KeyId = Annotated[str, Meta(pattern=r"^[a-z]+-[0-9a-f]{12}$(?!\n)", max_length=64)]
Scopes = Annotated[
    dict[
        Annotated[
            str,
            Meta(
                pattern=r"^(\*|[a-z0-9]+(-[a-z0-9]+)*)$(?!\n)",
                max_length=64,
                description="A ledger's name, or `*` for all.",
            ),
        ],
        Annotated[tuple[Right, ...], Meta(min_length=1, max_length=3)],
    ],
    Meta(
        min_length=1,
        max_length=MOST_LEDGERS,
        description="By ledger, what the key may do there; `*` is every ledger, and with `admin` the service itself. "
        "Whoever may `append` may `read`; `admin` may both, and add types and keys.",
    ),
]


class NewKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key to be made."""

    label: Label
    """Whose it is, and what for; for people."""
    scopes: Scopes
    expires_at: Annotated[str, Meta(max_length=40)] | None = None
    """A full date, whose end it is, or an instant with its zone; without it, the key is good until it is revoked."""


class ListedKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a key; the key itself is kept nowhere."""

    key: str
    """Its id, which stands in `recorded_by` of the events that it writes."""
    label: str
    scopes: Scopes
    status: Literal["active", "expired", "revoked"]
    created_at: Instant
    created_by: str | UnsetType = UNSET
    """The id of the key that made it; absent where it was made on the service's own machine."""
    expires_at: Instant | UnsetType = UNSET
    revoked_at: Instant | UnsetType = UNSET
    revoked_by: str | UnsetType = UNSET
    last_used_at: Instant | UnsetType = UNSET
    """To a minute or so; absent where it never was."""


class MadeKey(ListedKey, frozen=True, kw_only=True, omit_defaults=True):
    """A key that was made just now."""

    secret: Annotated[str, Meta(pattern="^tarih_[A-Za-z0-9_-]{43}$")]
    """What to send as `Authorization: Bearer`. It is shown here, and never again."""


class Keys(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The keys that the caller administers, and its own, by id."""

    keys: tuple[ListedKey, ...]
    next: str | UnsetType = UNSET
    """The address of the next page, where there is more."""


@route(PATH, http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def list_keys(request: Request) -> Response[bytes]:
    site = site_of(request)
    caller = await site.gate.known(request.given("authorization"))
    parameters = Parameters(request, ["after", "limit"])
    after = parameters.named("after", KeyId, "a key's id, such as key-0123456789ab") or ""
    given = parameters.number("limit", MOST)
    parameters.check()
    limit = given or LIMIT
    async with site.log.connection() as connection:
        found = await stored.known_keys(
            connection, administers=caller.administers, own=caller.key_id, after=after, limit=limit + 1
        )
    page = Keys(keys=tuple(_listed(key) for key in found[:limit]))
    headers = {}
    if len(found) > limit:
        asked = {"after": found[limit - 1].key_id} | ({} if given is None else {"limit": str(given)})
        page = msgspec.structs.replace(page, next=f"{base_of(request)}{PATH}?{urlencode(asked)}")
        headers["link"] = f'<{page.next}>; rel="next"'
    return answer(request, page, NOT_KEPT, headers=headers)


@route(PATH + "/{key_id:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def describe_key(request: Request, key_id: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    caller = await site.gate.known(request.given("authorization"))
    Parameters(request).check()
    return answer(request, _listed(await _known(request, caller, key_id)), NOT_KEPT)


@post(PATH, status_code=201)
async def make_key(request: Request) -> Response[bytes]:
    site = site_of(request)
    caller = await site.gate.known(request.given("authorization"))
    administers = caller.administers
    if administers == []:
        raise Forbidden("this key administers no ledger, and so cannot make keys")
    Parameters(request).check()
    wanted = read(await body_of(request), NewKey)
    expires_at, faults = _expiry(wanted.expires_at)
    async with site.log.connection() as connection:
        if administers is None:
            missing = await stored.missing_ledgers(connection, wanted.scopes)
        else:
            missing = [ledger for ledger in wanted.scopes if ledger not in administers]
        words = "there is no such ledger" if administers is None else "this key does not administer it"
        faults += [Fault(f"/scopes/{ledger}", "not-administered", f"`{ledger}`: {words}") for ledger in missing]
        if faults:
            raise Invalid(faults)
        async with connection.transaction():
            secret, made = await stored.make_key(
                connection, wanted.label, wanted.scopes, by=caller.key_id, expires_at=expires_at
            )
            if made.expired:
                raise Invalid([Fault("/expires_at", "past", "a key that has expired already opens nothing")])
    said = MadeKey(secret=secret, **msgspec.structs.asdict(_listed(made)))
    return done(said, 201, {"location": f"{base_of(request)}{PATH}/{made.key_id}"})


@delete(PATH + "/{key_id:str}", status_code=200)
async def revoke_key(request: Request, key_id: FromPath[str]) -> Response[bytes]:
    site = site_of(request)
    caller = await site.gate.known(request.given("authorization"))
    Parameters(request).check()
    await _known(request, caller, key_id)
    async with site.log.connection() as connection:
        await stored.revoke_key(connection, key_id, caller.key_id)
    site.access_changed()
    return done(_listed(await _known(request, caller, key_id)), 200)


async def _known(request: Request, caller: Key, key_id: str) -> KnownKey:
    """Raises NotFound, for keys that the caller does not administer too."""
    try:
        msgspec.convert(key_id, KeyId)
    except msgspec.ValidationError:
        raise NotFound("key", _UNKNOWN) from None
    async with site_of(request).log.connection() as connection:
        found = await stored.known_key(connection, key_id, administers=caller.administers, own=caller.key_id)
    if found is None:
        raise NotFound("key", _UNKNOWN)
    return found


def _expiry(given: str | None) -> tuple[int | None, list[Fault]]:
    try:
        return (None if given is None else parse_point(given).at), []
    except UnreadablePoint as error:
        return None, [Fault("/expires_at", "unreadable", str(error))]


def _listed(key: KnownKey) -> ListedKey:
    def instant(at: int | None) -> str | UnsetType:
        return UNSET if at is None else rfc3339(at)

    return ListedKey(
        key=key.key_id,
        label=key.label,
        scopes={ledger: tuple(held) for ledger, held in key.scopes.items()},  # type: ignore[arg-type]  # so they were made
        status=key.status,
        created_at=rfc3339(key.created_at),
        created_by=key.created_by or UNSET,
        expires_at=instant(key.expires_at),
        revoked_at=instant(key.revoked_at),
        revoked_by=key.revoked_by or UNSET,
        last_used_at=instant(key.last_used_at),
    )
