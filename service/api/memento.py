"""Versions of a relationship by Memento (RFC 7089): the TimeGate, the versions themselves, and the list of them."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated

import msgspec
from litestar import HttpMethod, Response, route
from litestar.params import FromPath
from msgspec import UNSET, Meta, UnsetType

from service import history
from service.api import links, problems
from service.api.access import Pass
from service.api.answers import JSON, NOW, PINNED, answer, kept
from service.api.canonical import canonical, moved
from service.api.links import LINK_FORMAT, Addresses, link
from service.api.media import preferred
from service.api.parameters import CRITERIA, Parameters
from service.api.refused import BadRequest, bad_header
from service.api.relationships import PATH, projected
from service.api.requests import base_of
from service.api.site import Request, site_of
from service.domain.refusals import NotFound
from service.domain.versions import UnreadableSecond, Version, imf_fixdate, iso_second, read_imf_fixdate
from service.history import Asked, Merged, VersionsPage, When
from service.projections import PROJECTIONS

_RANGE = re.compile(r"([1-9][0-9]{0,29})-([1-9][0-9]{0,29})", re.ASCII)
_POSITION = re.compile(r"0|[1-9][0-9]{0,29}", re.ASCII)
FORMATS = {"link": LINK_FORMAT, "json": JSON}
Instant = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
OF_A_VERSION = ("valid_at", "reported_by", *CRITERIA, "lang")
VARY = "accept-datetime"
READING = [HttpMethod.GET, HttpMethod.HEAD]


class MementoAt(msgspec.Struct, frozen=True, kw_only=True):
    """A version and when it was recorded, cut to the second."""

    datetime: Instant
    uri: str


class Mementos(msgspec.Struct, frozen=True, kw_only=True):
    """Versions of a relationship, the earliest one first."""

    first: MementoAt
    """The first of all."""
    last: MementoAt
    """The last of all."""
    list: Annotated[tuple[MementoAt, ...], Meta(min_length=1, max_length=history.VERSIONS_A_PAGE)]
    """Those of this page."""


class TimeMapUris(msgspec.Struct, frozen=True, kw_only=True):
    """The list from its beginning, by the form it is in."""

    link_format: str
    json_format: str


class TimeMapPage(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A page of the list, and which time it spans, both ends included."""

    uri: str
    from_: Instant
    until: Instant


class TimeMap(msgspec.Struct, frozen=True, kw_only=True, rename={"self_": "self"}):
    """The versions of a relationship, or a page of them."""

    original_uri: str
    timegate_uri: str
    timemap_uri: TimeMapUris
    self_: TimeMapPage
    """This page."""
    next: TimeMapPage | UnsetType = UNSET
    """The page after it, where there is one."""
    mementos: Mementos


@route("/v1/ledgers/{ledger:str}/timegate/relationships/{relationship:str}", http_method=READING, status_code=302)
async def pass_timegate(request: Request, ledger: FromPath[str], relationship: FromPath[str]) -> Response[bytes]:
    async def pass_(passed: Pass, to: Addresses) -> Response[bytes]:
        Parameters(request).check()
        asked, refusal = _asked(request)
        gated = await history.version_at(site_of(request).log, ledger, relationship, asked)
        if refusal is not None:
            response = problems.respond(request, refusal)
            ends = links.mementos(to, [("first", gated.first), ("last", gated.last)])
            response.headers.update({"link": links.of_timegate(to, ends), "vary": VARY})
            return response
        roles = [("first", gated.first), ("prev", gated.previous), ("", gated.chosen), ("next", gated.following)]
        headers = {
            "location": to.version(gated.chosen.position),
            "link": links.of_timegate(to, links.mementos(to, [*roles, ("last", gated.last)])),
            "vary": VARY,
            "cache-control": kept(passed, NOW),
            "tarih-epoch": str(gated.epoch),
        }
        return Response(b"", status_code=302, headers=headers)

    return await _told(request, ledger, relationship, lambda to: to.timegate, pass_)


@route(PATH + "/versions/{position:str}", http_method=READING, status_code=200)
async def read_version(
    request: Request, ledger: FromPath[str], relationship: FromPath[str], position: FromPath[str]
) -> Response[bytes]:
    number = int(position) if _POSITION.fullmatch(position) else None

    async def read(passed: Pass, to: Addresses) -> Response[bytes]:
        if number is None:
            raise NotFound("version", "a version is named by the position at which it was recorded")
        parameters = Parameters(request, OF_A_VERSION)
        asked = Asked(
            when=When(valid=parameters.point("valid_at"), position=number, reported=parameters.day("reported_by")),
            lang=parameters.language("lang"),
            criteria=parameters.criteria(),
        )
        parameters.check()
        version = await history.version_by(site_of(request).log, ledger, relationship, number)
        if version.position != number:
            query = request.scope["query_string"].decode("latin-1")
            location = f"{to.version(version.position)}{'?' if query else ''}{query}"
            headers = {"location": location, "cache-control": kept(passed, PINNED)}
            return Response(b"", status_code=301, headers=headers)
        headers = {"memento-datetime": imf_fixdate(version.recorded_at), "link": links.of_memento(to)}
        return await projected(request, passed, PROJECTIONS["state"], ledger, relationship, asked, headers=headers)

    return await _told(request, ledger, relationship, lambda to: to.version(number or 0), read)


@route(PATH + "/timemap", http_method=READING, status_code=200)
async def read_timemap(request: Request, ledger: FromPath[str], relationship: FromPath[str]) -> Response[bytes]:
    async def read(passed: Pass, to: Addresses) -> Response[bytes]:
        form = _form(request)
        page = await history.versions_from(site_of(request).log, ledger, relationship)
        return _timemap(request, passed, to, page, to.timemap, form)

    return await _told(request, ledger, relationship, lambda to: to.timemap, read)


@route(PATH + "/timemap/{positions:str}", http_method=READING, status_code=200)
async def read_timemap_page(
    request: Request, ledger: FromPath[str], relationship: FromPath[str], positions: FromPath[str]
) -> Response[bytes]:
    found = _RANGE.fullmatch(positions)
    begins, until = (int(found[1]), int(found[2])) if found else (1, 0)

    async def read(passed: Pass, to: Addresses) -> Response[bytes]:
        form = _form(request)
        if begins > until:
            raise NotFound("version", "a page is named by its first and its last position, such as 1-1000")
        page = await history.versions_from(site_of(request).log, ledger, relationship, begins, until)
        return _timemap(request, passed, to, page, to.page(begins, until), form)

    return await _told(request, ledger, relationship, lambda to: to.page(begins, until), read)


async def _told(
    request: Request,
    ledger: str,
    relationship: str,
    where: Callable[[Addresses], str],
    tell: Callable[[Pass, Addresses], Awaitable[Response[bytes]]],
) -> Response[bytes]:
    """What ``tell`` answers to those who may read; or the way to ``where`` of the relationship that is meant."""
    passed = await site_of(request).gate.reader(request.given("authorization"), ledger)
    right = canonical(relationship)
    if right == relationship:
        try:
            return await tell(passed, Addresses(base_of(request), ledger, relationship))
        except Merged as merged:
            right = merged.relationship
    return moved(request, where(Addresses("", ledger, right)))


def _asked(request: Request) -> tuple[int | None, BadRequest | None]:
    """The time that `Accept-Datetime` names, in µs; None without one. Or why it cannot be read."""
    name, given = "accept-datetime", request.given("accept-datetime")
    if len(given) > 1:
        return None, bad_header(name, "repeated", "`Accept-Datetime` is given more than once")
    try:
        return (read_imf_fixdate(given[0]) if given else None), None
    except UnreadableSecond as error:
        return None, bad_header(name, "unreadable", f"`Accept-Datetime`: {error}")


def _form(request: Request) -> tuple[str, str]:
    """The media type, and the part of the address that asks for it."""
    parameters = Parameters(request, ("format",))
    asked = parameters.choice("format", *FORMATS)
    parameters.check()
    return (preferred(request, list(FORMATS.values())), "") if asked is None else (FORMATS[asked], f"?format={asked}")


def _timemap(
    request: Request, passed: Pass, to: Addresses, page: VersionsPage, address: str, form: tuple[str, str]
) -> Response[bytes]:
    media_type, query = form
    body, following = timemap(media_type, to, page, address, query)
    named = [link(to.original, "original"), link(to.timegate, "timegate")]
    headers = {
        "link": ", ".join([*named, *([link(following, "next")] if following else [])]),
        "tarih-epoch": str(page.epoch),
    }
    # As JSON it names the last version of all, too.
    cache = kept(passed, PINNED if page.closed and media_type == LINK_FORMAT else NOW)
    return answer(request, body, cache, epoch=page.epoch.bytes, headers=headers, media_type=media_type)


def timemap(
    media_type: str, to: Addresses, page: VersionsPage, address: str, query: str = ""
) -> tuple[bytes, str | None]:
    """A page, and the address of the one after it."""
    last = page.versions[-1]
    here = _Span(address + query, page.versions[0], last)
    following = None
    if page.following:
        first_there, last_there = page.following
        following = _Span(to.page(last.position + 1, last_there.position) + query, first_there, last_there)
    body = (_links if media_type == LINK_FORMAT else _json)(to, page, here, following)
    return body, following.address if following else None


class _Span(msgspec.Struct, frozen=True):
    """A page: where it is, and its first and last version."""

    address: str
    first: Version
    last: Version

    def link(self, rel: str) -> str:
        from_, until = imf_fixdate(self.first.recorded_at), imf_fixdate(self.last.recorded_at)
        return link(self.address, rel, type=LINK_FORMAT, **{"from": from_, "until": until})

    def told(self) -> TimeMapPage:
        from_, until = iso_second(self.first.recorded_at), iso_second(self.last.recorded_at)
        return TimeMapPage(uri=self.address, from_=from_, until=until)


def _links(to: Addresses, page: VersionsPage, here: _Span, following: _Span | None) -> bytes:
    ends = [("first", page.first)] if here.first == page.first else []
    ends += [("last", page.last)] if here.last == page.last else []
    every = [
        link(to.original, "original"),
        here.link("self"),
        link(to.timegate, "timegate"),
        *([following.link("timemap")] if following else []),
        *links.mementos(to, [*ends, *(("", version) for version in page.versions)]),
    ]
    return ",\n".join(every).encode() + b"\n"


def _json(to: Addresses, page: VersionsPage, here: _Span, following: _Span | None) -> bytes:
    def told(version: Version) -> MementoAt:
        return MementoAt(datetime=iso_second(version.recorded_at), uri=to.version(version.position))

    return msgspec.json.encode(
        TimeMap(
            original_uri=to.original,
            timegate_uri=to.timegate,
            timemap_uri=TimeMapUris(link_format=f"{to.timemap}?format=link", json_format=f"{to.timemap}?format=json"),
            self_=here.told(),
            next=following.told() if following else UNSET,
            mementos=Mementos(first=told(page.first), last=told(page.last), list=tuple(map(told, page.versions))),
        )
    )
