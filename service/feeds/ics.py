"""iCalendar (RFC 5545, RFC 7986): what is known to the month or better, as all-day events that take nobody's time."""

from collections.abc import Iterator

from msgspec import UNSET

from service.domain import edtf
from service.domain.edtf import UnreadableDate
from service.feeds.drawing import DAY_AFTER, Drawn, cut_at, drawn
from service.feeds.format import Format
from service.feeds.markup import address, cited, fit, headline, isolated, summary, why_retracted
from service.feeds.page import Addresses, Body, Entry, Frame, Page
from service.feeds.phrases import Phrases, phrases_in

OCTETS = 75
"""Of a line, its end not counted."""
LARGEST = 2**31 - 1
"""What a number may be."""


def line(name: str, value: str) -> bytes:
    """A content line, folded at octets and never within a character. ``value`` is written as its type has it."""
    whole = f"{name}:{value}".encode()
    if len(whole) <= OCTETS:
        return whole + b"\r\n"
    parts, start, room = [], 0, OCTETS
    while start < len(whole):
        end = min(start + room, len(whole))
        while end < len(whole) and whole[end] & 0xC0 == 0x80:
            end -= 1
        parts.append(whole[start:end])
        start, room = end, OCTETS - 1  # a space goes before it
    return b"\r\n ".join(parts) + b"\r\n"


def text(name: str, value: str) -> bytes:
    """A content line whose value is TEXT."""
    return line(name, escaped(value))


def escaped(value: str) -> str:
    """As TEXT is written."""
    return fit(value).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _moment(instant: str) -> str:
    """DATE-TIME in UTC of an instant in RFC 3339."""
    return f"{instant[:19].replace('-', '').replace(':', '')}Z"


def body(page: Page) -> Body:
    told = (*page.told, *page.retracted)
    return Body(page.pieces(_event, told, lambda one, _: cut_at(one, page.at)))


def _event(entry: Entry, addresses: Addresses, lang: str, cut: int | None) -> bytes:
    return b"".join(_lines(entry, addresses, lang, drawn(entry, cut)))


def _lines(entry: Entry, addresses: Addresses, lang: str, drawing: Drawn) -> Iterator[bytes]:
    item, phrases = entry.item, phrases_in(lang)
    yield b"BEGIN:VEVENT\r\n"
    yield line("UID", addresses.claim(item.claim))
    yield line("DTSTAMP", _moment(item.updated))
    yield line("LAST-MODIFIED", _moment(item.updated))
    # It grows with each event on the claim, as positions do.
    yield line("SEQUENCE", str(min(entry.told.touched, LARGEST)))
    yield from _dates(drawing)
    when = "" if entry.retraction is not None else f" ({item.display_date})"
    yield text("SUMMARY", f"{isolated(headline(entry, phrases))}{when}")
    yield text("DESCRIPTION", "\n".join(_description(entry, addresses, lang, phrases)))
    if entry.retraction is not None:
        yield text("COMMENT", why_retracted(entry, phrases))
    if (url := next(filter(None, (address(one.url or None) for one in item.sources)), None)) is not None:
        yield line("URL", url)
    yield b"STATUS:%b\r\n" % _status(entry, drawing)
    yield b"TRANSP:TRANSPARENT\r\n"
    yield line("CATEGORIES", ",".join(escaped(one) for one in (item.type, *item.tags)))
    yield from _our_own(entry)
    yield b"END:VEVENT\r\n"


def _dates(drawing: Drawn) -> Iterator[bytes]:
    """The day it began alone, where nothing says when it ended."""
    if drawing.instant is not None:
        yield line("DTSTART", f"{drawing.instant.replace(tzinfo=None).isoformat().replace('-', '').replace(':', '')}Z")
        return
    yield line("DTSTART;VALUE=DATE", drawing.first.isoformat().replace("-", ""))
    if not (drawing.open_end or drawing.unknown_end):
        yield line("DTEND;VALUE=DATE", (drawing.last + DAY_AFTER).isoformat().replace("-", ""))


def _description(entry: Entry, addresses: Addresses, lang: str, phrases: Phrases) -> Iterator[str]:
    yield from summary(entry, phrases)
    for source in entry.item.sources:
        yield cited(source, lang)
        if (url := address(source.url or None)) is not None:
            yield url
    yield addresses.claim(entry.item.claim)


def _status(entry: Entry, drawing: Drawn) -> bytes:
    item = entry.item
    if entry.retraction is not None:
        return b"CANCELLED"
    doubted = item.expected is not UNSET or item.standing in ("denied", "disputed") or drawing.imprecise
    return b"TENTATIVE" if doubted or _is_qualified(item.occurred.edtf) else b"CONFIRMED"


def _is_qualified(date: str) -> bool:
    try:
        read = edtf.parse(date)
    except UnreadableDate:  # recorded by a version that could read it
        return True
    return read.approximate or read.uncertain


def _our_own(entry: Entry) -> Iterator[bytes]:
    item, stands = entry.item, entry.retraction is None
    yield text("X-EDTF", item.occurred.edtf)
    if item.until is not UNSET:
        yield text("X-EDTF-UNTIL", item.until.edtf)
    elif item.ends == "open":
        yield text("X-EDTF-UNTIL", "..")
    for name, value in (
        ("EARLIEST", item.occurred.earliest),
        ("LATEST", item.occurred.latest),
        ("CERTAINTY", item.certainty),
        ("EXPECTED", item.expected.status if item.expected is not UNSET else UNSET),
        ("STANDING", item.standing if stands else UNSET),
        ("OFFICIAL-STATUS", item.official_status),
        ("CLAIM", item.claim),
        ("EVENT", item.event),
    ):
        if value is not UNSET:
            yield text(f"X-TARIH-{name}", value)


def whole(frame: Frame, body: bytes) -> bytes:
    phrases = phrases_in(frame.lang)
    name, description = phrases.timeline_of.format(frame.title), frame.point or phrases.timeline_of.format(frame.title)
    head = [
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Tarih//Timelines//EN\r\nCALSCALE:GREGORIAN\r\n",
        text("NAME", name),
        text("X-WR-CALNAME", name),
        text("DESCRIPTION", description),
        text("X-WR-CALDESC", description),
        line("SOURCE;VALUE=URI", frame.itself),
        b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n",
    ]
    if frame.updated is not None:
        head.append(line("LAST-MODIFIED", _moment(frame.updated)))
    return b"".join((*head, body, b"END:VCALENDAR\r\n"))


ICS = Format(
    name="ics",
    extension="ics",
    media_type="text/calendar",
    version=1,
    title="as a calendar",
    description="iCalendar, for a calendar to subscribe to. What is known only to the year, or less, is left out "
    "unless `min_precision` says otherwise. Claims that were withdrawn last are there as cancelled.",
    body=body,
    whole=whole,
    retracted=100,
    min_precision="month",
    cuts=True,
)
