"""The feed of a ledger from a place on: a page, everything up to now, or live; in the form that the caller accepts."""

from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import HttpMethod, Response, route
from litestar.params import FromPath
from msgspec import UNSET, Meta, UnsetType

from service import history
from service.api import problems
from service.api.access import Pass
from service.api.answers import JSON, NOW, VARY, answer, has_already, kept
from service.api.envelopes import MEDIA_TYPE as CLOUD_EVENTS
from service.api.envelopes import envelope
from service.api.events import StoredEvent, stored_event
from service.api.live import Live
from service.api.media import preferred
from service.api.parameters import Parameters, parse_place
from service.api.refused import bad_header
from service.api.requests import base_of
from service.api.site import Request, site_of
from service.api.streams import CHUNK, EVENT_STREAM, Flowing
from service.api.validators import tag_of
from service.domain.actors import Slug
from service.domain.refusals import AnotherEpoch, Unavailable
from service.domain.types import TypeName
from service.history import Place
from service.projections.lines import Total
from service.store.feed import FeedEvent, Filters
from service.store.reads import Head

NDJSON = "application/x-ndjson"
FORMS = (JSON, NDJSON, EVENT_STREAM, CLOUD_EVENTS)
LIMIT, MOST = 100, 1000
"""Events of a page: where nothing is said, and at most."""
PARAMETERS = ("after", "limit", "type", "actor", "relationship")
BEGINNING = Place()


class Feed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Events after a place in a ledger, in order."""

    ledger: Slug
    epoch: str
    """Another one after the ledger was restored from a backup."""
    head: Total
    """The ledger's last position."""
    resume: Annotated[str, Meta(pattern=r"^[0-9a-f]{8}-(0|[1-9][0-9]*)$")]
    """Where to go on from, now or once there is more: the `after` of the next question, or a `Last-Event-ID`."""
    events: tuple[StoredEvent, ...]
    next: str | UnsetType = UNSET
    """The address of the next page, where there is more already."""


class Question(msgspec.Struct, frozen=True):
    """What was asked of one ledger's feed."""

    ledger: str
    address: str
    """Of the ledger."""
    after: Place
    limit: int | None
    filters: Filters

    def here(self, after: str | None = None) -> str:
        """The address of this question; from another place on, if one is given."""
        asked = {"after": after, "limit": self.limit, **msgspec.structs.asdict(self.filters)}
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        return f"{self.address}/events{'?' if query else ''}{query}"


@route("/v1/ledgers/{ledger:str}/events", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200)
async def read_feed(request: Request, ledger: FromPath[str]) -> Response[Any]:
    site = site_of(request)
    passed = await site.gate.reader(request.given("authorization"), ledger)
    form = preferred(request, FORMS)
    parameters = Parameters(request, PARAMETERS)
    after = parameters.place("after")
    last = last_event_id(request)
    if form == EVENT_STREAM:
        parameters.unusable("limit", "a stream has no end: `limit` goes with the other forms")
        after = last or after
    question = Question(
        ledger=ledger,
        address=f"{base_of(request)}/v1/ledgers/{ledger}",
        after=after or BEGINNING,
        limit=parameters.number("limit", MOST),
        filters=Filters(
            type=parameters.named("type", TypeName, "a type's name, such as acquisition"),
            actor=parameters.named("actor", Slug, "an actor's slug, such as tur"),
            relationship=parameters.relationship("relationship"),
        ),
    )
    parameters.check()
    if question.filters.relationship != parameters.text("relationship"):
        location = question.here(parameters.text("after"))
        return Response(b"", status_code=308, headers={"location": location, "cache-control": "no-store"})
    if form == EVENT_STREAM:
        return await _stream(request, question, passed)
    if form == NDJSON and question.limit is None:
        return await _export(request, question, passed)
    return await _page(request, question, passed, form)


def last_event_id(request: Request) -> Place | None:
    """Raises BadRequest."""
    given = request.given("last-event-id")
    if len(given) > 1:
        raise bad_header("last-event-id", "repeated", "send `Last-Event-ID` once")
    try:
        return parse_place(given[0].strip()) if given and given[0].strip() else None
    except ValueError as error:
        raise bad_header("last-event-id", "unreadable", f"`Last-Event-ID` must be {error}") from None


def _headers(head: Head, through: int) -> dict[str, str]:
    return {"tarih-epoch": str(head.epoch), "tarih-position": str(through)}


def _feed_id(head: Head, position: int) -> str:
    return f"{head.epoch.hex[:8]}-{position}"


async def _page(request: Request, question: Question, passed: Pass, form: str) -> Response[bytes]:
    limit = question.limit or LIMIT
    found = await history.feed_page(site_of(request).log, question.ledger, question.after, limit, question.filters)
    events = [stored_event(question.ledger, event.stored) for event in found.events]
    resume = _feed_id(found.head, found.through)
    headers = _headers(found.head, found.through)
    if found.more:
        headers["link"] = f'<{question.here(resume)}>; rel="next"'
    body: msgspec.Struct | bytes
    if form == CLOUD_EVENTS:
        body = msgspec.json.encode([envelope(question.address, event) for event in events])
    elif form == NDJSON:
        body = b"".join(msgspec.json.encode(event) + b"\n" for event in events)
    else:
        body = Feed(
            ledger=question.ledger,
            epoch=str(found.head.epoch),
            head=max(found.head.position, found.through),
            resume=resume,
            events=tuple(events),
            next=question.here(resume) if found.more else UNSET,
        )
    epoch = found.head.epoch.bytes
    return answer(request, body, kept(passed, NOW), epoch=epoch, headers=headers, media_type=form)


async def _export(request: Request, question: Question, passed: Pass) -> Response[Any]:
    """Everything up to the head: recorded events never change, so that the question tells the bytes."""
    head = await history.feed_from(site_of(request).log, question.ledger, question.after)
    facts = (NDJSON, str(head.epoch), str(question.after.position), str(head.position), repr(question.filters))
    tag = tag_of("\n".join(facts).encode())
    headers = _headers(head, head.position)
    headers |= {"etag": tag, "cache-control": kept(passed, NOW), "vary": VARY}
    if has_already(request, tag):
        return Response(b"", status_code=304, headers=headers, media_type=NDJSON)
    return Flowing(_lines(request, question, head), headers=headers, media_type=NDJSON)


async def _lines(request: Request, question: Question, head: Head) -> AsyncGenerator[bytes, None]:
    if request.method == "HEAD":
        return
    pages = history.feed_export(
        site_of(request).log, question.ledger, question.after.position, head.position, question.filters
    )
    catching_up = site_of(request).streams.catching_up
    try:
        while True:
            async with catching_up:
                chunks = _chunks(question.ledger, await anext(pages))
            for chunk in chunks:
                yield chunk
    except StopAsyncIteration:
        return
    except Unavailable as error:
        # It is too late for another status, and the server would end the body as if it were whole.
        yield problems.respond(request, error).content + b"\n"


def _chunks(ledger: str, events: Sequence[FeedEvent]) -> list[bytes]:
    chunks, held = [], bytearray()
    for event in events:
        held += msgspec.json.encode(stored_event(ledger, event.stored)) + b"\n"
        if len(held) >= CHUNK:
            chunks.append(bytes(held))
            held.clear()
    return [*chunks, bytes(held)] if held else chunks


async def _stream(request: Request, question: Question, passed: Pass) -> Response[Any]:
    site = site_of(request)
    caller = site.caller(request, passed)
    site.streams.admit(caller)
    head = await history.feed_from(site.log, question.ledger, question.after)
    headers = {
        **_headers(head, head.position),
        "cache-control": "no-store",
        "vary": VARY,
        "x-accel-buffering": "no",  # for proxies that would gather it first
    }
    if request.method == "HEAD":
        return Flowing(nothing(), headers=headers, media_type=EVENT_STREAM)
    authorization = request.given("authorization")

    async def check() -> Pass:
        """Raises what would be answered to the same question now."""
        passes = await site.gate.reader(authorization, question.ledger)
        now = await history.feed_from(site.log, question.ledger, BEGINNING)
        if now.epoch != head.epoch:
            raise AnotherEpoch(head.epoch.hex[:8], now.position)
        return passes

    live = Live(site.log, site.streams, caller, question.ledger, question.after.position, head, question.filters)
    return Flowing(live.blocks(passed, check), headers=headers, media_type=EVENT_STREAM)


async def nothing() -> AsyncGenerator[bytes, None]:
    """The body of an answer to HEAD."""
    none: tuple[bytes, ...] = ()
    for chunk in none:
        yield chunk
