"""Atom (RFC 4287), what was recorded last first; what was withdrawn as RFC 6721 has it; paged as RFC 5005 has it."""

from collections.abc import Iterator

from msgspec import UNSET

from service.domain.events import Retract
from service.feeds.format import Format
from service.feeds.markup import address, escaped, headline, html, why_retracted
from service.feeds.page import Addresses, Body, Entry, Frame, Page, nothing_more
from service.feeds.phrases import Phrases, phrases_in
from service.projections.lines import ShownSource
from service.projections.told import Item

NAMESPACE = "urn:tarih:timeline"
"""Of what is our own; docs/feeds.md says what stands in it."""
NEVER = "1970-01-01T00:00:00Z"
"""When a feed was updated of which nothing is recorded."""


def element(name: str, text: str, **attributes: str | None) -> str:
    """With what is None left out; two underscores in a name are a colon."""
    said = name
    for key, value in attributes.items():
        if value:
            said += f' {key.replace("__", ":")}="{escaped(value)}"'
    return f"<{said}>{escaped(text)}</{name}>" if text else f"<{said}/>"


def body(page: Page) -> Body:
    return Body(page.pieces(_entry, page.told, nothing_more))


def _entry(entry: Entry, addresses: Addresses, lang: str, _: None) -> bytes:
    return "".join(_told(entry, addresses, phrases_in(lang), lang)).encode()


def _told(entry: Entry, addresses: Addresses, phrases: Phrases, lang: str) -> Iterator[str]:
    item = entry.item
    if entry.retraction is not None:
        # For those who know tombstones; and for the readers that people have, an entry that says so.
        yield f'<at:deleted-entry ref="{escaped(addresses.claim(item.claim))}" when="{item.updated}">'
        yield element("at:comment", why_retracted(entry, phrases), xml__lang=phrases.lang)
        yield "</at:deleted-entry>"
        about = addresses.event(entry.retraction.id)
    else:
        about = addresses.claim(item.claim)
    yield "<entry>"
    yield element("id", about)
    yield element("title", headline(entry, phrases), xml__lang=None if entry.retraction else item.lang or None)
    yield element("updated", item.updated)
    yield element("published", item.updated if entry.retraction else item.recorded_at)
    yield element("link", "", rel="alternate", type="application/json", href=about)
    for source in item.sources:
        if (url := address(source.url or None)) is not None:
            yield element("link", "", rel="via", href=url, title=source.publisher)
    for term in (item.type, *item.tags):
        yield element("category", "", term=term)
    yield element("content", html(entry, phrases, lang), type="html", xml__lang=phrases.lang)
    if entry.retraction is not None:
        assert isinstance(entry.retraction.event, Retract)  # noqa: S101 - nothing else withdraws
        yield element("t:retracts", "", claim=item.claim, event=entry.retraction.id, by=entry.retraction.event.by)
    else:
        yield from _our_own(item)
    yield "</entry>"


def _our_own(item: Item) -> Iterator[str]:
    occurred = item.occurred
    yield element("t:claim", "", id=item.claim, event=item.event, type=item.type)
    yield element("t:occurred", occurred.edtf, earliest=occurred.earliest or None, latest=occurred.latest or None)
    if item.until is not UNSET:
        until = item.until
        yield element("t:until", until.edtf, earliest=until.earliest or None, latest=until.latest or None)
    elif item.ends is not UNSET:
        yield element("t:until", "", ends=item.ends)
    yield element("t:displayDate", item.display_date)
    if item.certainty is not UNSET:
        yield element("t:certainty", item.certainty)
    if item.expected is not UNSET:
        yield element("t:expected", item.expected.status, fulfilledBy=item.expected.fulfilled_by or None)
    yield element("t:standing", item.standing)
    if item.official_status is not UNSET:
        yield element("t:officialStatus", item.official_status)
    for source in item.sources:
        yield _source(source)


def _source(source: ShownSource) -> str:
    return element(
        "t:source",
        source.title or "",
        publisher=source.publisher,
        published=source.published or None,
        url=address(source.url or None),
        via=source.via or None,
        reliability=source.reliability or None,
        credibility=str(source.credibility) if source.credibility is not UNSET else None,
    )


def whole(frame: Frame, body: bytes) -> bytes:
    phrases, addresses = phrases_in(frame.lang), frame.addresses
    head = [
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        f'xmlns:at="http://purl.org/atompub/tombstones/1.0" xmlns:t="{NAMESPACE}" xml:lang="{phrases.lang}">',
        element("id", frame.series),
        element("title", phrases.timeline_of.format(frame.title)),
        element("updated", frame.updated or NEVER),
        element("link", "", rel="self", type=ATOM.media_type, href=frame.itself),
        element("link", "", rel="alternate", type="application/json", href=frame.timeline),
        _author(addresses),
        "<generator>Tarih</generator>",
    ]
    if frame.point is not None:
        head.append(element("subtitle", frame.point))
    if frame.next is not None:
        head.append(element("link", "", rel="next", type=ATOM.media_type, href=frame.next))
    return b"".join(("".join(head).encode(), body, b"</feed>\n"))


def _author(addresses: Addresses) -> str:
    return f"<author>{element('name', addresses.ledger)}{element('uri', addresses.of_ledger)}</author>"


ATOM = Format(
    name="atom",
    extension="atom",
    media_type="application/atom+xml",
    version=1,
    title="as an Atom feed",
    description="For feed readers: what was recorded last first, `updated` being when it was recorded. A claim that "
    "was withdrawn has an `at:deleted-entry` (RFC 6721), and an entry of its own that says so.",
    body=body,
    whole=whole,
    limit=100,
    newest_first=True,
    pages=True,
)
