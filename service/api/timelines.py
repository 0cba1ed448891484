"""The timeline of a relationship or an actor as of a point: claims in the order of their dates, or clusters."""

from collections.abc import Callable
from typing import cast, get_args
from urllib.parse import urlencode

import msgspec
from litestar import HttpMethod, Response, route
from litestar.params import FromPath

from service import history
from service.api.access import Pass
from service.api.answers import IMMUTABLE, PINNED, answer, kept
from service.api.canonical import address_of, canonical, moved
from service.api.cursors import Cursor, question
from service.api.parameters import AS_OF, CRITERIA, Parameters
from service.api.relationships import filtered, how_long, pinned
from service.api.requests import base_of
from service.api.site import Request, site_of
from service.domain.actors import Slug
from service.domain.edtf import BEGINNING, FOREVER, UnreadableDate
from service.domain.refusals import NotFound
from service.domain.types import Label, TypeName
from service.domain.windows import Match, Window, begins, ends
from service.history import Merged, Pinned, TimelineAsked, When
from service.projections.clusters import Bucket, GroupBy
from service.projections.picking import Filters
from service.projections.timeline import VERSION, Layout, Subject
from service.projections.told import Order

LIMIT, MOST = 100, 1_000
"""Items of a page: where nothing is said, and at most; and how many `max_items` may be."""
MOST_TYPES = 50
OF_CONTENT = ("from", "to", "match", "type", "actor", "platform", "tag")
LAID_OUT = ("group_by", "bucket", "max_items")
OF_A_TIMELINE = (*AS_OF, *CRITERIA, *OF_CONTENT, *LAID_OUT, "lang", "limit", "cursor", "v")
METHODS = [HttpMethod.GET, HttpMethod.HEAD]


@route("/v1/ledgers/{ledger:str}/relationships/{relationship:str}/timeline", http_method=METHODS, status_code=200)
async def read_timeline(request: Request, ledger: FromPath[str], relationship: FromPath[str]) -> Response[bytes]:
    passed = await site_of(request).gate.reader(request.headers.getall("authorization", []), ledger)
    right = canonical(relationship)
    if right != relationship:
        return moved(request, of_relationship(ledger, right))
    return await _told(request, passed, ledger, Subject(slug=right), of_relationship)


@route("/v1/ledgers/{ledger:str}/actors/{actor_slug:str}/timeline", http_method=METHODS, status_code=200)
async def read_actor_timeline(request: Request, ledger: FromPath[str], actor_slug: FromPath[str]) -> Response[bytes]:
    passed = await site_of(request).gate.reader(request.headers.getall("authorization", []), ledger)
    try:
        slug = msgspec.convert(actor_slug, Slug)
    except msgspec.ValidationError:
        raise NotFound("actor", "this is no actor's address: a slug is lower case, digits and hyphens") from None
    return await _told(request, passed, ledger, Subject(slug=slug, is_actor=True), of_actor)


def of_relationship(ledger: str, relationship: str) -> str:
    return f"{address_of(ledger, relationship)}/timeline"


def of_actor(ledger: str, actor: str) -> str:
    return f"/v1/ledgers/{ledger}/actors/{actor}/timeline"


async def _told(
    request: Request, passed: Pass, ledger: str, subject: Subject, address: Callable[[str, str], str]
) -> Response[bytes]:
    site = site_of(request)
    parameters = Parameters(request, OF_A_TIMELINE)
    cursors = await site.cursors()
    asked = asked_of(parameters)
    of = question_of(ledger, subject, asked)
    cursor = parameters.read("cursor", lambda text: cursors.read(text, of))
    version = parameters.text("v")
    parameters.check()
    asked = _from(asked, cursor)
    try:
        page = await history.timeline_page(site.log, site.cores, ledger, subject, asked)
    except Merged as merged:
        return moved(request, address(ledger, merged.relationship))
    at = page.at
    current = f"{VERSION}.{at.head.epoch.hex[:8]}"
    if version is not None and version != current:
        raise NotFound("version", f"answers here are of version `{current}` now: leave `v` out, or give that")
    here = f"{base_of(request)}{address(ledger, subject.slug)}"
    filters = _repeated(parameters, asked)
    point = pinned(at) if cursor is None else f"cursor={parameters.text('cursor')}"
    headers = {
        "tarih-epoch": str(at.head.epoch),
        "content-location": f"{here}?{point}{filters}&v={current}",
        "server-timing": f"db;dur={page.asking * 1000:.2f}, fold;dur={page.folding * 1000:.2f}",
    }
    if not subject.is_actor:
        headers["tarih-revision"] = str(at.revision)
    way_on = b""
    if page.next is not None:
        next_ = f"{here}?cursor={cursors.write(of, at.head.epoch, at.as_of, page.next)}{filters}"
        headers["link"] = f'<{next_}>; rel="next"'
        way_on = b',"next":' + msgspec.json.encode(next_)
    fixed = cursor is not None or at.as_of.final
    lasting = IMMUTABLE if version is not None and fixed else PINNED if cursor is not None else how_long(at)
    body = b"".join((page.before, page.stands_on, way_on, page.after))
    epoch, digest = at.head.epoch.bytes, page.digest + way_on
    return answer(request, body, kept(passed, lasting), epoch=epoch, digest=digest, headers=headers)


def asked_of(parameters: Parameters) -> TimelineAsked:
    """All but where a page begins."""
    if parameters.text("cursor") is not None:
        for name in AS_OF:
            parameters.unusable(name, f"the cursor says it already: leave `{name}` out")
    layout = Layout(
        group_by=cast(GroupBy | None, parameters.choice("group_by", *get_args(GroupBy))),
        bucket=cast(Bucket | None, parameters.choice("bucket", *get_args(Bucket))),
        max_items=parameters.number("max_items", MOST),
    )
    if layout.gathers:
        parameters.unusable("limit", "`limit` is of items: leave it out with `bucket` and `max_items`")
    return TimelineAsked(
        when=parameters.when(),
        lang=parameters.language("lang"),
        criteria=parameters.criteria(),
        filters=Filters(
            window=window_of(parameters),
            match=cast(Match, parameters.choice("match", *get_args(Match)) or "possible"),
            types=parameters.read("type", _types) or (),
            actor=parameters.named("actor", Slug, "an actor's slug, such as tur"),
            platform=parameters.named("platform", Slug, "a platform's slug, such as tb2"),
            tag=parameters.named("tag", Label, "a tag: a text of 1 to 200 characters"),
        ),
        layout=layout,
        limit=parameters.number("limit", MOST) or LIMIT,
    )


def question_of(ledger: str, subject: Subject, asked: TimelineAsked) -> bytes:
    """What must stay the same from page to page; how many items they hold may change."""
    kind = "actor" if subject.is_actor else "relationship"
    window = (asked.filters.window.begins, asked.filters.window.ends)
    return question(
        *("timeline", ledger, kind, subject.slug, asked.lang, asked.criteria, asked.layout),
        *(msgspec.structs.replace(asked.filters, window=Window()), window),
    )


def _from(asked: TimelineAsked, cursor: Cursor | None) -> TimelineAsked:
    if cursor is None:
        return asked
    from_ = Pinned(as_of=cursor.point, epoch=cursor.epoch.hex(), after=cast(Order, cursor.after))
    return msgspec.structs.replace(asked, when=When(), pinned=from_)


def window_of(parameters: Parameters) -> Window:
    from_, to = parameters.read("from", _edge(begins)), parameters.read("to", _edge(ends))
    window = Window(BEGINNING if from_ is None else from_, FOREVER if to is None else to)
    if window.begins >= window.ends:
        parameters.unusable("to", "`to` ends before `from` begins")
        return Window()
    return window


def _edge(of: Callable[[str], int]) -> Callable[[str], int]:
    def read(text: str) -> int:
        try:
            return of(text)
        except UnreadableDate as error:
            where = f"reading stopped at character {error.offset}"
            raise ValueError(f"a date in EDTF, such as 2021 or 2021-05: {where}. {error.reason}") from None

    return read


def _types(text: str) -> tuple[str, ...]:
    """Each once, in the order of their names. Raises ValueError."""
    names = text.split(",")
    try:
        if len(names) > MOST_TYPES:
            raise ValueError
        return tuple(sorted({str(msgspec.convert(name, TypeName)) for name in names}))
    except ValueError:
        raise ValueError(f"names of types with commas between, such as delivery,order, at most {MOST_TYPES}") from None


def _repeated(parameters: Parameters, asked: TimelineAsked) -> str:
    """What else was asked, as parameters that follow others."""
    given = {name: parameters.text(name) for name in (*OF_CONTENT, *LAID_OUT, "limit")}
    query = urlencode({name: text for name, text in given.items() if text is not None})
    return f"{filtered(asked.criteria, asked.lang)}{'&' if query else ''}{query}"
