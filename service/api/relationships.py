"""A relationship as of a point: each projection of the catalogue at its own address, with its validators."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import HttpMethod, Response, route
from litestar.params import FromPath

from service import history
from service.api import links, live_answers
from service.api.access import Pass
from service.api.answers import IMMUTABLE, NOW, PINNED, answer, kept
from service.api.canonical import address_of, canonical, moved
from service.api.feed import last_event_id
from service.api.links import Addresses
from service.api.parameters import AS_OF, CRITERIA, Parameters
from service.api.requests import base_of
from service.api.site import Request, site_of
from service.api.straight import Straight
from service.domain.as_of import rfc3339
from service.domain.refusals import NotFound
from service.history import Asked, Followed, Merged, Standpoint
from service.projections import PROJECTIONS, Projection
from service.projections.criteria import ANY, Criteria

OF_A_PROJECTION = (*AS_OF, *CRITERIA, "lang", "v")
PATH = "/v1/ledgers/{ledger:str}/relationships/{relationship:str}"


def reader_of(projection: Projection) -> Any:
    """The handler of its address."""

    async def read(request: Request, ledger: FromPath[str], relationship: FromPath[str]) -> Response[bytes]:
        passed = await site_of(request).gate.reader(request.given("authorization"), ledger)
        if (its_own := canonical(relationship)) != relationship:
            return moved(request, f"{address_of(ledger, its_own)}{projection.path}")
        parameters = Parameters(request, OF_A_PROJECTION)
        asked, version = asked_of(parameters), parameters.text("v")
        if projection is PROJECTIONS["state"]:
            last_event_id(request)  # what is malformed is refused in every form
        if projection is PROJECTIONS["state"] and live_answers.is_wanted(request):
            parameters.unusable("v", "a stream is not kept: `v` goes with an answer")
            parameters.check()
            followed = Followed(projection.name, ledger, relationship, asked)
            try:
                return await live_answers.follow(request, passed, projection, followed)
            except Merged as merged:
                return moved(request, f"{address_of(ledger, merged.relationship)}{projection.path}")
        parameters.check()
        return await projected(request, passed, projection, ledger, relationship, asked, version)

    read.__name__ = f"read_{projection.name}"
    methods = [HttpMethod.GET, HttpMethod.HEAD]
    return route(PATH + projection.path, http_method=methods, status_code=200, middleware=[Straight])(read)


READERS = {name: reader_of(projection) for name, projection in PROJECTIONS.items()}


def asked_of(parameters: Parameters) -> Asked:
    return Asked(when=parameters.when(), lang=parameters.language("lang"), criteria=parameters.criteria())


async def projected(
    request: Request,
    passed: Pass,
    projection: Projection,
    ledger: str,
    relationship: str,
    asked: Asked,
    version: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[bytes]:
    """The answer of a projection. Where a member was merged into another actor by then, the way to its address."""
    site = site_of(request)
    try:
        answered = await history.answer_as_of(site.log, site.cores, projection, ledger, relationship, asked)
    except Merged as merged:
        return moved(request, f"{address_of(ledger, merged.relationship)}{projection.path}")
    at = answered.at
    current = version_of(projection, at)
    if version is not None and version != current:
        raise NotFound("version", f"answers here are of version `{current}` now: leave `v` out, or give that")
    base = base_of(request)
    content_location = f"{base}{address_of(ledger, relationship)}{projection.path}?{pinned(at)}"
    all_headers = {
        "tarih-revision": str(at.revision),
        "tarih-epoch": _written(at.head.epoch),
        "content-location": f"{content_location}{filtered(asked.criteria, asked.lang)}&v={current}",
        "server-timing": f"db;dur={answered.asking * 1000:.2f}, fold;dur={answered.folding * 1000:.2f}",
        **(headers or {}),
    }
    if (
        projection is PROJECTIONS["state"]
        and headers is None
        and await _has_versions(request, ledger, relationship, at)
    ):
        all_headers["link"] = links.of_original(Addresses(base, ledger, relationship))
    how_long_ = IMMUTABLE if version is not None and at.as_of.final else how_long(at)
    cache, epoch = kept(passed, how_long_), at.head.epoch.bytes
    return answer(request, answered.body, cache, epoch=epoch, digest=answered.digest, headers=all_headers)


async def _has_versions(request: Request, ledger: str, relationship: str, at: Standpoint) -> bool:
    """Whether anything was recorded of it, be it after the point of the answer."""
    later = at.as_of.position < at.head.position
    return at.touched > 0 or (later and await history.has_versions(site_of(request).log, ledger, relationship))


def version_of(projection: Projection, at: Standpoint) -> str:
    """What makes a pinned address immutable: how it is answered, and which ledger it is."""
    return f"{projection.version}.{_written(at.head.epoch)[:8]}"


@lru_cache(maxsize=1024)
def _written(epoch: UUID) -> str:
    return str(epoch)


def pinned(at: Standpoint) -> str:
    """The points of an answer as parameters that give the same points whenever they are asked."""
    as_of = at.as_of
    reported = "" if as_of.reported is None else f"&reported_by={rfc3339(as_of.reported)[:10]}"
    return f"valid_at={rfc3339(as_of.valid)}&known_position={as_of.position}{reported}"


def filtered(criteria: Criteria, lang: str) -> str:
    """The filters of an answer, and its language, as parameters that follow others."""
    if criteria == ANY and lang == "en":
        return ""
    given = {
        "certainty": "certain" if criteria.certain_only else None,
        "standing": criteria.standing,
        "official_status": criteria.official_status,
        "min_reliability": criteria.min_reliability,
        "min_credibility": criteria.min_credibility,
        "lang": None if lang == "en" else lang,
    }
    return "".join(f"&{name}={quote(str(value))}" for name, value in given.items() if value is not None)


def how_long(at: Standpoint) -> str:
    return PINNED if at.as_of.pinned and at.as_of.final else NOW
