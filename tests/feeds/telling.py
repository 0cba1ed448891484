"""Small ledgers told in a format: the page, its frame, and the bytes, without a database."""

from collections.abc import Sequence
from typing import Any

import msgspec

from service.domain.as_of import rfc3339
from service.domain.claims import Recorded, fold, seen, taken_back
from service.domain.names import Actors
from service.feeds import CATALOGUE, Addresses, Format, Frame, Page
from service.feeds.page import page_of
from service.projections import View
from service.projections.made import Made
from service.projections.picking import Filters
from service.projections.timeline import Layout, Subject, picked_of
from service.projections.told import Recent, told_of
from tests.projections.histories import DAY, FIRST, History

FORMATS: dict[str, Format] = {format_.name: format_ for format_ in CATALOGUE}
BASE = "https://tarih.example"
ADDRESSES = Addresses(base=BASE, ledger="drones", subject=Subject(slug="pak--tur"))
ITSELF = f"{ADDRESSES.of_subject}/timeline"
HOSTILE = """<img src=x onerror="alert(1)">\r\nX-EVIL:1\u2028]]>&lt;b&gt; "'`=1+1{{7*7}}\\n;,\x00\x07\ufffe\u202e"""
URDU = "پاکستان کو بیرکتار ٹی بی ٹو ملے"
TURKISH = "Iğdır'da ŞIRNAK ışığı: İğneada, ğüşöç"


def page_for(
    history: History,
    format_: Format,
    valid: str = "2024-06-30",
    lang: str = "en",
    *,
    position: int | None = None,
    reported_by: str | None = None,
    made: Made | None = None,
    actors: Actors | None = None,
    **more: Any,
) -> Page:
    """``made``: before, of the same history; ``actors``: as they were called before, if they still are."""
    events = history.events[:position]
    question = history.question(valid, position, reported_by, lang=lang, **more)
    question = msgspec.structs.replace(question, actors=actors or question.actors)
    reported = question.as_of.reported
    last = {claim.id: _last(events, claim.id, reported) for claim in question.claims}
    filters = Filters(min_precision=format_.min_precision)
    picked = picked_of(question, last, filters, 20_000)
    withdrawn = _withdrawn(history, events, lang, reported)
    if format_.newest_first:
        told = [Recent.of(one.claim, one.updated, one.plain, one.touched) for one in picked.told]
        both = sorted((*told, *withdrawn), key=lambda one: one.order)
        picked = msgspec.structs.replace(picked, told=both)
    view = View(msgspec.structs.replace(question, claims=[]), made)
    apart = withdrawn[: format_.retracted]
    return page_of(view, picked, ADDRESSES, Layout(group_by=format_.group_by), apart)


def _last(events: Sequence[Recorded], claim: str, reported: int | None) -> Recorded:
    return seen([one for one in events if one.claim == claim], reported)[-1]


def _withdrawn(history: History, events: Sequence[Recorded], lang: str, reported: int | None) -> list[Recent]:
    folded = fold(events, reported)
    found = []
    for claim in taken_back(events, folded, reported).values():
        told = told_of(claim, _last(events, claim.id, reported), history.types, lang, reported)
        found.append(
            Recent.of(told.claim, told.updated, told.plain, told.touched, retraction=folded.retracted[claim.id])
        )
    return sorted(found, key=lambda one: one.order)


def frame_of(page: Page, format_: Format, **more: Any) -> Frame:
    itself = f"{ITSELF}.{format_.extension}"
    given = {"itself": itself, "series": itself, "timeline": ITSELF, "next": None} | more
    return Frame(addresses=ADDRESSES, lang=page.lang, title=page.title, updated=page.updated, **given)


def told(history: History, name: str, valid: str = "2024-06-30", lang: str = "en", **more: Any) -> bytes:
    """All of it; ``more`` is what the frame says."""
    format_ = FORMATS[name]
    page = page_for(history, format_, valid, lang)
    return format_.whole(frame_of(page, format_, **more), bytes(format_.body(page)))


def told_as_json(history: History, name: str, valid: str = "2024-06-30", lang: str = "en", **more: Any) -> Any:
    return msgspec.json.decode(told(history, name, valid, lang, **more))


def at(position: int) -> str:
    """When a history recorded its event at a position."""
    return rfc3339(FIRST + position * DAY)


def saying(*dates: str, **fields: Any) -> History:
    """Agreements of these dates, `c0` and on."""
    history = History()
    history.name("tur", "Türkiye")
    history.name("pak", "Pakistan")
    for number, date in enumerate(dates):
        history.say(
            f"c{number}", "agreement", date, "tur party, pak party", title=f"Agreement {number}", lang="en", **fields
        )
    return history


def lasting(*periods: tuple[str, str | None]) -> History:
    """Negotiations from one date until another, `s0` and on."""
    history = History()
    for number, (occurred, until) in enumerate(periods):
        more = {} if until is None else {"until": until}
        history.say(f"s{number}", "negotiation", occurred, "tur party, pak party", data={"subject": "drones"}, **more)
    return history


def hostile() -> History:
    """With whatever may be meant to break out of its place."""
    history = History()
    history.name("tur", HOSTILE.replace("\x00", ""))
    history.name("pak", URDU)
    text = HOSTILE.replace("\x00", "")
    source = {
        "publisher": text,
        "title": text,
        "url": "https://example.org/?q='\"><script>alert(1)</script>&a=ü\x07\u202e",
        "published": "2024-01-02",
        "via": text,
    }
    data = {"platform": "tb2", "platform_name": text}
    for number, title in enumerate((text, URDU, TURKISH, "=1+1", "@SUM(A1)", "null", "]]>", "\\N")):
        history.say(
            f"h{number}", "acquisition", "2021-05-03", "tur supplier, pak recipient",
            title=title, lang="en", sources=[source], data=data, phrase=text, tags=[text[:60]],
        )  # fmt: skip
    history.record("retract", "h1", by="curator", reason=text)
    return history


def many(count: int) -> History:
    """So many agreements, a day each."""
    history = History()
    for number in range(count):
        month, day = divmod(number, 28)
        year, month = divmod(month, 12)
        date = f"{1000 + year:04}-{month + 1:02}-{day + 1:02}"
        history.say(f"m{number}", "agreement", date, "tur party, pak party", title=f"{TURKISH} {number}")
    return history
