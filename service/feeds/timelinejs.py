"""For TimelineJS3, as its documentation has it: https://timeline.knightlab.com/docs/json-format.html.

Found by running it: one event with a bad or null date, or no event at all, replaces the whole timeline by an error; it
reads `group` and `display_date` as HTML twice over; it drops an end whose keys all equal the start's.
"""

import datetime as dt

import msgspec
from msgspec import UNSET, UnsetType

from service.domain.spans import day_in
from service.feeds.drawing import Drawn, cut_at, drawn
from service.feeds.evidence import Evidence, evidence
from service.feeds.format import Format
from service.feeds.markup import escaped, headline, html
from service.feeds.page import Addresses, Body, Entry, Frame, Page
from service.feeds.phrases import phrases_in
from service.projections.lines import Answer
from service.projections.told import Groups, Told
from service.projections.wording import display_date

TITLE, NOTHING = ":title", ":nothing"
"""Ids that no claim can have."""


class SlideDate(Answer, frozen=True, kw_only=True):
    """As precise as what is known; of what lasts, to the day at both ends."""

    year: int
    month: int | UnsetType = UNSET
    day: int | UnsetType = UNSET
    hour: int | UnsetType = UNSET
    minute: int | UnsetType = UNSET
    second: int | UnsetType = UNSET


class SlideText(Answer, frozen=True, kw_only=True):
    """HTML."""

    headline: str
    text: str | UnsetType = UNSET


class TitleSlide(Answer, frozen=True, kw_only=True):
    """What the timeline is of."""

    unique_id: str
    text: SlideText


class SlideEvent(Answer, frozen=True, kw_only=True):
    """A claim."""

    unique_id: str
    """Its id."""
    start_date: SlideDate
    end_date: SlideDate | UnsetType = UNSET
    """Of what lasted to another day; what goes on is cut at the day asked about."""
    display_date: str
    text: SlideText
    group: str | UnsetType = UNSET
    """The label of the first of its groups."""
    autolink: bool
    """False: what looks like an address in a title is none of ours."""
    tarih: Evidence | UnsetType = UNSET


class TimelineJs(Answer, frozen=True, kw_only=True):
    """What TimelineJS3 is given."""

    scale: str
    title: TitleSlide
    events: tuple[SlideEvent, ...]
    """Never empty: where there is nothing to tell, one event says so."""


def body(page: Page) -> Body:
    labels = {group.id: _twice_escaped(group.label) for group in page.groups}

    def more(told: Told, groups: Groups) -> tuple[int | None, str | None]:
        return cut_at(told, page.at), labels[groups[0]] if groups else None

    events = page.pieces(_json, page.told, more)
    return Body(events, b"[" if events else b"[" + msgspec.json.encode(_nothing(page)), b",", b"]")


def _json(entry: Entry, _: Addresses, lang: str, more: tuple[int | None, str | None]) -> bytes:
    cut, label = more
    start, end = _dates(entry, cut)
    return msgspec.json.encode(
        SlideEvent(
            unique_id=entry.item.claim,
            start_date=start,
            end_date=end,
            display_date=_twice_escaped(entry.item.display_date),
            text=SlideText(
                headline=escaped(headline(entry, phrases_in(lang))), text=html(entry, phrases_in(lang), lang)
            ),
            group=UNSET if label is None else label,
            autolink=False,
            tarih=evidence(entry),
        )
    )


def _dates(entry: Entry, cut: int | None) -> tuple[SlideDate, SlideDate | UnsetType]:
    line = drawn(entry, cut)
    if line.instant is not None:
        time = line.instant.time()
        return _to_the_day(line.instant.date(), hour=time.hour, minute=time.minute, second=time.second), UNSET
    if not line.lasts:
        return _as_precise(line), UNSET
    ends = line.last > line.first and not line.unknown_end
    return _to_the_day(line.first), _to_the_day(line.last) if ends else UNSET


def _to_the_day(day: dt.date, **time: int) -> SlideDate:
    return SlideDate(year=day.year, month=day.month, day=day.day, **time)


def _as_precise(line: Drawn) -> SlideDate:
    """The year alone where at least a whole one is meant, from its first day on; so for a month."""
    first, last = line.first, line.last
    if (first.month, first.day) == (1, 1) and last >= first.replace(month=12, day=31):
        return SlideDate(year=first.year)
    if first.day == 1 and last >= (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1):
        return SlideDate(year=first.year, month=first.month)
    return _to_the_day(first)


def _nothing(page: Page) -> SlideEvent:
    phrases, day = phrases_in(page.lang), day_in(page.at, None)
    return SlideEvent(
        unique_id=NOTHING,
        start_date=_to_the_day(day),
        display_date=display_date(day.isoformat(), lang=page.lang),
        text=SlideText(headline=escaped(phrases.nothing_here if page.known else phrases.nothing_known)),
        autolink=False,
    )


def _twice_escaped(text: str) -> str:
    return escaped(escaped(text))


def whole(frame: Frame, body: bytes) -> bytes:
    text = escaped(frame.point) if frame.point is not None else UNSET
    title = TitleSlide(unique_id=TITLE, text=SlideText(headline=escaped(frame.title), text=text))
    return msgspec.json.encode({"scale": "human", "title": title, "events": msgspec.Raw(body)})


TIMELINEJS = Format(
    name="timelinejs",
    extension="timelinejs.json",
    media_type="application/vnd.tarih.timelinejs+json",
    version=1,
    title="for TimelineJS3",
    description="What TimelineJS3 takes as it is: `new TL.Timeline(element, address)`.",
    body=body,
    whole=whole,
    answer=TimelineJs,
    cuts=True,
)
