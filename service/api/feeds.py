"""Timelines in the formats of the catalogue: each at an address of its own, and by ``Accept`` at the timeline's."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from litestar import HttpMethod, Response, route
from litestar.params import FromPath

from service import history
from service.api.access import Pass
from service.api.answers import answer, kept
from service.api.canonical import canonical, moved
from service.api.requests import base_of
from service.api.site import Request, site_of
from service.api.straight import Straight
from service.api.timeline_questions import OF_A_FEED, OF_CONTENT, Place, Question, asked_besides
from service.domain.actors import Slug
from service.domain.refusals import NotFound
from service.feeds import CATALOGUE, Addresses, Format, Frame
from service.feeds.phrases import point_of
from service.history import Merged
from service.projections.timeline import VERSION, Subject

MOST = 5_000
"""Claims of a page, at most."""
METHODS = [HttpMethod.GET, HttpMethod.HEAD]
Telling = Callable[[Request, Pass, Place], Awaitable[Response[bytes]]]
"""Answers of a place for a caller who may read there."""


def handlers(suffix: str, name: str, told: Telling) -> tuple[Any, Any]:
    """Of one form: the timeline of a relationship, and that of an actor."""

    async def of_relationship(request: Request, ledger: FromPath[str], relationship: FromPath[str]) -> Response[bytes]:
        passed = await site_of(request).gate.reader(request.given("authorization"), ledger)
        right = canonical(relationship)
        place = Place(ledger=ledger, subject=Subject(slug=right), suffix=suffix)
        return moved(request, place.path) if right != relationship else await told(request, passed, place)

    async def of_actor(request: Request, ledger: FromPath[str], actor_slug: FromPath[str]) -> Response[bytes]:
        passed = await site_of(request).gate.reader(request.given("authorization"), ledger)
        try:
            slug = msgspec.convert(actor_slug, Slug)
        except msgspec.ValidationError:
            raise NotFound("actor", "this is no actor's address: a slug is lower case, digits and hyphens") from None
        return await told(
            request, passed, Place(ledger=ledger, subject=Subject(slug=slug, is_actor=True), suffix=suffix)
        )

    of_relationship.__name__, of_actor.__name__ = f"read_timeline{name}", f"read_actor_timeline{name}"
    return (
        route(
            "/v1/ledgers/{ledger:str}/relationships/{relationship:str}/timeline" + suffix,
            http_method=METHODS,
            status_code=200,
            middleware=[Straight],
        )(of_relationship),
        route(
            "/v1/ledgers/{ledger:str}/actors/{actor_slug:str}/timeline" + suffix,
            http_method=METHODS,
            status_code=200,
            middleware=[Straight],
        )(of_actor),
    )


async def told_as(request: Request, passed: Pass, place: Place, format_: Format) -> Response[bytes]:
    """A page in that format, whatever form the address that was asked is of."""
    site = site_of(request)
    place = msgspec.structs.replace(place, suffix=f".{format_.extension}")
    question = Question(
        request, place, await site.cursors(), OF_A_FEED, format_.name,
        limit=format_.limit, most=MOST, group_by=format_.group_by, min_precision=format_.min_precision,
    )  # fmt: skip
    addresses = Addresses(base=base_of(request), ledger=place.ledger, subject=place.subject)
    try:
        page = await history.timeline_feed(site.log, site.cores, format_, addresses, question.asked)
    except Merged as merged:
        return moved(request, place.path_of(merged.relationship))
    at = page.at
    current = f"{VERSION}.{format_.version}.{at.head.epoch.hex[:8]}"
    question.check_version(current)
    next_ = question.next(at, page.next)
    frame = _frame(question, addresses, page, next_)
    # A cursor is another one each time, and leads to the same page all the same.
    told_apart = (page.digest, frame.itself.encode(), (frame.point or "").encode(), b"more" if next_ else b"")
    return answer(
        request,
        format_.whole(frame, page.body),
        kept(passed, question.how_long(at)),
        epoch=at.head.epoch.bytes,
        digest=hashlib.sha256(b"\0".join(told_apart)).digest(),
        headers=question.headers(at, current, next_, (page.asking, page.folding)),
        media_type=format_.media_type,
    )


def _frame(question: Question, addresses: Addresses, page: history.FeedPage, next_: str | None) -> Frame:
    parameters, asked = question.parameters, question.asked
    besides = asked_besides(parameters, asked, (*OF_CONTENT, "group_by")).removeprefix("&")
    query, series = parameters.query(), f"?{besides}" if besides else ""
    given = {name: parameters.text(name) is not None for name in ("valid_at", "known_at", "known_position")}
    return Frame(
        addresses=addresses,
        lang=asked.lang,
        title=page.title,
        updated=page.updated,
        itself=f"{question.here}?{query}" if query else question.here,
        series=f"{question.here}{series}",
        timeline=f"{addresses.of_subject}/timeline{series}",
        next=next_,
        point=point_of(
            page.at.as_of,
            asked.lang,
            valid=given["valid_at"],
            known=given["known_at"] or given["known_position"],
        ),
    )


def _telling(format_: Format) -> Telling:
    async def told(request: Request, passed: Pass, place: Place) -> Response[bytes]:
        return await told_as(request, passed, place, format_)

    return told


HANDLERS: Mapping[str, tuple[Any, Any]] = {
    format_.name: handlers(f".{format_.extension}", f"_as_{format_.name}", _telling(format_)) for format_ in CATALOGUE
}
"""By name of the format."""
