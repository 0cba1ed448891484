"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/): what was recorded last first, for those who follow."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from service.domain.events import Retract
from service.feeds.evidence import Evidence, evidence
from service.feeds.format import Format
from service.feeds.markup import address, fit, headline, html, summary, why_retracted
from service.feeds.page import Addresses, Body, Entry, Frame, Page, nothing_more
from service.feeds.phrases import Phrases, phrases_in
from service.projections.lines import Answer, Instant

VERSION = "https://jsonfeed.org/version/1.1"


class Withdrawal(Answer, frozen=True, kw_only=True):
    """That a claim does not stand any more, for any day."""

    item: str
    """The id of the item that it was."""
    claim: str
    event: str
    by: Literal["source", "curator"]
    reason: str


class JsonFeedItem(Answer, frozen=True, kw_only=True):
    """A claim, or that one was withdrawn: an item of its own, as readers go on showing what they were given once."""

    id: str
    """The address of the claim; or of the event that withdrew it."""
    url: str
    external_url: str | UnsetType = UNSET
    """The first of its sources that has an address."""
    title: str
    content_html: str
    summary: str
    date_published: Instant
    """When its content was recorded."""
    date_modified: Instant
    """When the last event on it was."""
    tags: tuple[str, ...] = ()
    language: str | UnsetType = UNSET
    """Of its title."""
    tarih: Evidence | UnsetType = msgspec.field(name="_tarih", default=UNSET)
    """Of a claim."""
    retracts: Withdrawal | UnsetType = msgspec.field(name="_tarih_retracts", default=UNSET)
    """Of a withdrawal."""


class JsonFeedAuthor(Answer, frozen=True, kw_only=True):
    """The ledger."""

    name: str
    url: str


class JsonFeed(Answer, frozen=True, kw_only=True):
    """A feed of claims, those first that were last acted on."""

    version: str
    title: str
    home_page_url: str
    feed_url: str
    next_url: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    language: str
    authors: tuple[JsonFeedAuthor, ...]
    items: tuple[JsonFeedItem, ...]


def body(page: Page) -> Body:
    return Body(page.pieces(_json, page.told, nothing_more), b"[", b",", b"]")


def _json(entry: Entry, addresses: Addresses, lang: str, _: None) -> bytes:
    return msgspec.json.encode(_item(entry, addresses, phrases_in(lang), lang))


def _item(entry: Entry, addresses: Addresses, phrases: Phrases, lang: str) -> JsonFeedItem:
    item, retraction = entry.item, entry.retraction
    content = html(entry, phrases, lang)
    if retraction is not None and isinstance(retraction.event, Retract):
        id_ = addresses.event(retraction.id)
        return JsonFeedItem(
            id=id_,
            url=id_,
            title=headline(entry, phrases),
            content_html=content,
            summary=why_retracted(entry, phrases),
            date_published=item.updated,
            date_modified=item.updated,
            retracts=Withdrawal(
                item=addresses.claim(item.claim),
                claim=item.claim,
                event=retraction.id,
                by=retraction.event.by,
                reason=retraction.event.reason,
            ),
        )
    id_ = addresses.claim(item.claim)
    return JsonFeedItem(
        id=id_,
        url=id_,
        external_url=next((url for one in item.sources if (url := address(one.url or None))), UNSET),
        title=headline(entry, phrases),
        content_html=content,
        summary=summary(entry, phrases)[0],
        date_published=item.recorded_at,
        date_modified=item.updated,
        tags=(item.type, *item.tags),
        language=item.lang,
        tarih=evidence(entry),
    )


def whole(frame: Frame, body: bytes) -> bytes:
    addresses = frame.addresses
    return msgspec.json.encode(
        JsonFeed(
            version=VERSION,
            title=phrases_in(frame.lang).timeline_of.format(fit(frame.title)),
            home_page_url=frame.timeline,
            feed_url=frame.itself,
            next_url=frame.next or UNSET,
            description=frame.point or UNSET,
            language=phrases_in(frame.lang).lang,
            authors=(JsonFeedAuthor(name=addresses.ledger, url=addresses.of_ledger),),
            items=msgspec.Raw(body),  # type: ignore[arg-type]  # the same in JSON, made already
        )
    )


JSONFEED = Format(
    name="jsonfeed",
    extension="jsonfeed",
    media_type="application/feed+json",
    version=1,
    title="as a JSON Feed",
    description="JSON Feed 1.1 for feed readers: what was recorded last first. A claim that was withdrawn has an item "
    "of its own that says so.",
    body=body,
    whole=whole,
    answer=JsonFeed,
    limit=100,
    newest_first=True,
    pages=True,
)
