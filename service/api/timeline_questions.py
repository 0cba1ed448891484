"""What is asked of a timeline, read from an address: points, window, filters, layout, and where a page begins."""

from collections.abc import Callable, Sequence
from typing import Any, cast, get_args
from urllib.parse import urlencode

import msgspec

from service.api.answers import IMMUTABLE, PINNED
from service.api.cursors import Cursor, Cursors, question
from service.api.parameters import AS_OF, CRITERIA, Parameters
from service.api.relationships import filtered, how_long, pinned
from service.api.requests import base_of
from service.api.site import Request
from service.domain.actors import Slug
from service.domain.edtf import BEGINNING, FOREVER, UnreadableDate
from service.domain.refusals import NotFound
from service.domain.types import Label, TypeName
from service.domain.windows import Match, Window, begins, ends
from service.history import Pinned, Standpoint, TimelineAsked, When
from service.projections.clusters import Bucket, GroupBy
from service.projections.picking import Filters
from service.projections.timeline import Layout, Subject
from service.projections.told import Order

LIMIT, MOST = 100, 1_000
"""Items of a page: where nothing is said, and at most; and how many `max_items` may be."""
MOST_TYPES = 50
OF_CONTENT = ("from", "to", "match", "type", "actor", "platform", "tag", "min_precision")
ANY = "any"
"""However little is known of a date."""
LAID_OUT = ("group_by", "bucket", "max_items")
ABOUT_PAGES = ("lang", "limit", "cursor", "v")
OF_A_TIMELINE = (*AS_OF, *CRITERIA, *OF_CONTENT, *LAID_OUT, *ABOUT_PAGES)
OF_A_FEED = (*AS_OF, *CRITERIA, *OF_CONTENT, "group_by", *ABOUT_PAGES)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Whose timeline, and in which form."""

    ledger: str
    subject: Subject
    suffix: str = ""
    """Of its address: a dot and an extension, or nothing for our own form."""

    @property
    def path(self) -> str:
        return self.path_of(self.subject.slug)

    def path_of(self, slug: str) -> str:
        """The same of another actor or relationship."""
        kind = "actors" if self.subject.is_actor else "relationships"
        return f"/v1/ledgers/{self.ledger}/{kind}/{slug}/timeline{self.suffix}"


class Question:
    """One request for a page of a timeline, in whichever form, read whole; raises BadRequest."""

    def __init__(
        self, request: Request, place: Place, cursors: Cursors, names: Sequence[str], form: str = "", **otherwise: Any
    ) -> None:
        """``form`` is any but our own; ``otherwise`` is what ``asked_of`` takes where nothing is said."""
        self.place, self._cursors = place, cursors
        self.here = f"{base_of(request)}{place.path}"
        self.parameters = parameters = Parameters(request, names)
        asked = asked_of(parameters, **otherwise)
        self._of = question_of(place.ledger, place.subject, asked, form)
        self.cursor = parameters.read("cursor", lambda text: cursors.read(text, self._of))
        self._version = parameters.text("v")
        parameters.check()
        self.asked = going_on(asked, self.cursor)

    def next(self, at: Standpoint, after: Order | None) -> str | None:
        """The address of the next page, where there is one."""
        if after is None:
            return None
        cursor = self._cursors.write(self._of, at.head.epoch, at.as_of, after)
        return f"{self.here}?cursor={cursor}{repeated(self.parameters, self.asked)}"

    def check_version(self, current: str) -> None:
        """Raises NotFound where another one is asked for."""
        if self._version is not None and self._version != current:
            raise NotFound("version", f"answers here are of version `{current}` now: leave `v` out, or give that")

    def headers(self, at: Standpoint, current: str, next_: str | None, timing: tuple[float, float]) -> dict[str, str]:
        point = pinned(at) if self.cursor is None else f"cursor={self.parameters.text('cursor')}"
        asking, folding = timing
        headers = {
            "tarih-epoch": str(at.head.epoch),
            "content-location": f"{self.here}?{point}{repeated(self.parameters, self.asked)}&v={current}",
            "server-timing": f"db;dur={asking * 1000:.2f}, fold;dur={folding * 1000:.2f}",
        }
        if not self.place.subject.is_actor:
            headers["tarih-revision"] = str(at.revision)
        if next_ is not None:
            headers["link"] = f'<{next_}>; rel="next"'
        return headers

    def how_long(self, at: Standpoint) -> str:
        """It may be kept."""
        if self._version is not None and (self.cursor is not None or at.as_of.final):
            return IMMUTABLE
        return PINNED if self.cursor is not None else how_long(at)


def asked_of(
    parameters: Parameters,
    *,
    limit: int = LIMIT,
    most: int = MOST,
    group_by: GroupBy | None = None,
    min_precision: Bucket | None = None,
) -> TimelineAsked:
    """All but where a page begins; ``limit`` and what follows where nothing is said."""
    if parameters.text("cursor") is not None:
        for name in AS_OF:
            parameters.unusable(name, f"the cursor says it already: leave `{name}` out")
    layout = Layout(
        group_by=cast(GroupBy | None, parameters.choice("group_by", *get_args(GroupBy))) or group_by,
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
            min_precision=_precision(parameters, min_precision),
        ),
        layout=layout,
        limit=parameters.number("limit", most) or limit,
    )


def question_of(ledger: str, subject: Subject, asked: TimelineAsked, form: str = "") -> bytes:
    """What must stay the same from page to page; how many items they hold may change. ``form``: any but our own."""
    kind = "actor" if subject.is_actor else "relationship"
    window = (asked.filters.window.begins, asked.filters.window.ends)
    return question(
        *("timeline", *filter(None, [form]), ledger, kind, subject.slug, asked.lang, asked.criteria, asked.layout),
        *(msgspec.structs.replace(asked.filters, window=Window()), window),
    )


def going_on(asked: TimelineAsked, cursor: Cursor | None) -> TimelineAsked:
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


def _precision(parameters: Parameters, otherwise: Bucket | None) -> Bucket | None:
    given = parameters.choice("min_precision", *get_args(Bucket), ANY)
    return otherwise if given is None else None if given == ANY else cast(Bucket, given)


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


def repeated(parameters: Parameters, asked: TimelineAsked) -> str:
    """What else was asked, as parameters that follow others."""
    return asked_besides(parameters, asked, (*OF_CONTENT, *LAID_OUT, "limit"))


def asked_besides(parameters: Parameters, asked: TimelineAsked, names: Sequence[str]) -> str:
    """Filters, language, and those of the other parameters that have these names."""
    given = {name: parameters.text(name) for name in names}
    query = urlencode({name: text for name, text in given.items() if text is not None})
    return f"{filtered(asked.criteria, asked.lang)}{'&' if query else ''}{query}"
