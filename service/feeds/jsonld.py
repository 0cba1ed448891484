"""JSON-LD 1.1: the page as a schema.org Dataset and list of Events, each with its date as EDTF and its bounds.

The context stands in the document, so that nothing has to be fetched to read it.
"""

import re
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from service.domain.as_of import rfc3339
from service.domain.edtf import BEGINNING, FOREVER
from service.feeds.format import Format
from service.feeds.markup import address, fit, title_of
from service.feeds.page import Addresses, Body, Entry, Frame, Page, nothing_more
from service.feeds.phrases import phrases_in
from service.projections.lines import Answer, ShownSource
from service.projections.told import Told

EDTF = "http://id.loc.gov/datatypes/edtf/EDTF"
TERMS = "urn:tarih:timeline:"
"""Of what is our own; docs/feeds.md says what stands in it."""
_CIDOC = "http://www.cidoc-crm.org/cidoc-crm/"
_LEVEL_0 = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-[0-9]{2})?)?|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(Z|[+-][0-9:]+)")
UNBOUNDED = "../.."
CONTEXT: dict[str, Any] = {
    "@version": 1.1,
    "@vocab": "https://schema.org/",
    "id": "@id",
    "type": "@type",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "about": {"@type": "@id"},
    "url": {"@type": "@id"},
    "startDate": {"@type": "https://schema.org/Date"},
    "endDate": {"@type": "https://schema.org/Date"},
    "datePublished": {"@type": "https://schema.org/Date"},
    "dateModified": {"@type": "https://schema.org/DateTime"},
    "itemListElement": {"@container": "@list"},
    "edtf": {"@id": "http://purl.org/dc/terms/date", "@type": EDTF},
    "edtfUntil": {"@id": f"{TERMS}until", "@type": EDTF},
    "published": {"@id": "http://purl.org/dc/terms/issued", "@type": EDTF},
    "startsEarliest": {"@id": f"{_CIDOC}P82a_begin_of_the_begin", "@type": "xsd:dateTime"},
    "startsLatest": {"@id": f"{_CIDOC}P81a_end_of_the_begin", "@type": "xsd:dateTime"},
    "endsEarliest": {"@id": f"{_CIDOC}P81b_begin_of_the_end", "@type": "xsd:dateTime"},
    "endsLatest": {"@id": f"{_CIDOC}P82b_end_of_the_end", "@type": "xsd:dateTime"},
    **{
        name: f"{TERMS}{name}"
        for name in (
            *(
                "displayDate",
                "ends",
                "certainty",
                "expected",
                "standing",
                "officialStatus",
                "claimType",
                "party",
                "role",
            ),
            *("via", "reliability", "credibility"),
        )
    },
}
"""Terms of schema.org where it has them; the four bounds are those of CIDOC CRM, dates those of Dublin Core."""


class LdOrganization(Answer, frozen=True, kw_only=True, rename="camel"):
    """Who publishes a source."""

    type: str
    name: str


class LdSource(Answer, frozen=True, kw_only=True, rename="camel"):
    """Who says so."""

    type: str
    publisher: LdOrganization
    name: str | UnsetType = UNSET
    url: str | UnsetType = UNSET
    date_published: str | UnsetType = UNSET
    """There if the date is one of ISO 8601."""
    published: str | UnsetType = UNSET
    via: str | UnsetType = UNSET
    reliability: str | UnsetType = UNSET
    credibility: int | UnsetType = UNSET


class LdParty(Answer, frozen=True, kw_only=True, rename="camel"):
    """An actor in a claim."""

    id: str
    name: str
    role: str


class LdText(Answer, frozen=True, kw_only=True):
    """A text in a language."""

    value: str = msgspec.field(name="@value")
    language: str | UnsetType = msgspec.field(name="@language", default=UNSET)


class LdEvent(Answer, frozen=True, kw_only=True, rename="camel"):
    """A claim."""

    id: str
    type: str
    name: LdText
    claim_type: str
    date_modified: str
    start_date: str | UnsetType = UNSET
    """There if the date is one of ISO 8601: a day, a month, a year, an instant."""
    end_date: str | UnsetType = UNSET
    edtf: str
    edtf_until: str | UnsetType = UNSET
    ends: str | UnsetType = UNSET
    starts_earliest: str | UnsetType = UNSET
    starts_latest: str | UnsetType = UNSET
    ends_earliest: str | UnsetType = UNSET
    ends_latest: str | UnsetType = UNSET
    display_date: LdText
    certainty: str | UnsetType = UNSET
    expected: str | UnsetType = UNSET
    standing: str
    official_status: str | UnsetType = UNSET
    party: tuple[LdParty, ...]
    keywords: tuple[str, ...] = ()
    subject_of: tuple[LdSource, ...] = ()


class LdTimeline(Answer, frozen=True, kw_only=True, rename="camel"):
    """A page of a timeline."""

    context: dict[str, Any] = msgspec.field(name="@context")
    id: str
    type: tuple[str, ...]
    name: str
    description: str | UnsetType = UNSET
    in_language: str
    date_modified: str | UnsetType = UNSET
    temporal_coverage: str | UnsetType = UNSET
    """From the first to the last day that anything here may lie in; `..` where one of them is not known."""
    number_of_items: int
    item_list_element: tuple[LdEvent, ...]


def body(page: Page) -> Body:
    said: dict[str, Any] = {"numberOfItems": len(page.told)}
    if page.told and (coverage := _coverage(page)) != UNBOUNDED:
        said = {"temporalCoverage": coverage, **said}
    before = msgspec.json.encode(said)[:-1] + b',"itemListElement":['
    return Body(page.pieces(_json, page.told, nothing_more), before, b",", b"]}")


def _json(entry: Entry, addresses: Addresses, lang: str, _: None) -> bytes:
    return msgspec.json.encode(_event(entry, addresses, lang))


def _event(entry: Entry, addresses: Addresses, lang: str) -> LdEvent:
    item, bounds = entry.item, entry.told.claim.bounds
    until = item.until.edtf if item.until is not UNSET else UNSET
    lasts = item.kind == "state"
    start = item.occurred.edtf.partition("/")[0] if lasts else item.occurred.edtf
    return LdEvent(
        id=addresses.claim(item.claim),
        type="Event",
        name=LdText(value=title_of(item), language=item.lang if item.title is not UNSET else UNSET),
        claim_type=item.type,
        date_modified=item.updated,
        start_date=_iso(start),
        end_date=_iso(until) if until is not UNSET else UNSET,
        edtf=item.occurred.edtf,
        edtf_until=until,
        ends=item.ends,
        starts_earliest=_instant(bounds.starts_earliest),
        starts_latest=_instant(bounds.starts_latest),
        ends_earliest=_instant(bounds.ends_earliest) if lasts else UNSET,
        ends_latest=_instant(bounds.ends_latest) if lasts else UNSET,
        display_date=LdText(value=item.display_date, language=phrases_in(lang).lang),
        certainty=item.certainty,
        expected=item.expected.status if item.expected is not UNSET else UNSET,
        standing=item.standing,
        official_status=item.official_status,
        party=tuple(
            LdParty(id=f"{addresses.of_ledger}/actors/{one.actor}", name=one.label, role=one.role)
            for one in item.parties
        ),
        keywords=item.tags,
        subject_of=tuple(_source(one) for one in item.sources),
    )


def _source(source: ShownSource) -> LdSource:
    published = source.published
    return LdSource(
        type="CreativeWork",
        publisher=LdOrganization(type="Organization", name=source.publisher),
        name=source.title,
        url=address(source.url or None) or UNSET,
        date_published=_iso(published) if published is not UNSET else UNSET,
        published=published,
        via=source.via,
        reliability=source.reliability,
        credibility=source.credibility,
    )


def _iso(date: str) -> str | UnsetType:
    """The same date, if it is of level 0, which is ISO 8601 too."""
    return date if _LEVEL_0.fullmatch(date) else UNSET


def _instant(at: int) -> str | UnsetType:
    return UNSET if at in (BEGINNING, FOREVER) else rfc3339(at)


def _coverage(page: Page) -> str:
    earliest = min([told.claim.bounds.starts_earliest for told, _ in page.told])
    latest = max([_ends(told) for told, _ in page.told])
    first = ".." if earliest == BEGINNING else rfc3339(earliest)[:10]
    return f"{first}/{'..' if latest == FOREVER else rfc3339(latest)[:10]}"


def _ends(told: Told) -> int:
    """The last microsecond that it may lie in."""
    bounds = told.claim.bounds
    if told.plain.kind != "state":
        return bounds.starts_latest
    return bounds.ends_latest if bounds.ends_latest == FOREVER else bounds.ends_latest - 1


def whole(frame: Frame, body: bytes) -> bytes:
    head = {
        "@context": CONTEXT,
        "id": frame.itself,
        "type": ["Dataset", "ItemList"],
        "name": phrases_in(frame.lang).timeline_of.format(fit(frame.title)),
        "inLanguage": phrases_in(frame.lang).lang,
    }
    if frame.point is not None:
        head["description"] = frame.point
    if frame.updated is not None:
        head["dateModified"] = frame.updated
    return msgspec.json.encode(head)[:-1] + b"," + body[1:]


JSONLD = Format(
    name="jsonld",
    extension="jsonld",
    media_type="application/ld+json",
    version=1,
    title="as linked data",
    description="JSON-LD 1.1 in the terms of schema.org, with the context in the document. A `startDate` stands only "
    "where the date is one of ISO 8601; `edtf` and the four bounds always do.",
    body=body,
    whole=whole,
    answer=LdTimeline,
)
