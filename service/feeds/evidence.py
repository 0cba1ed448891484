"""What every item of a feed in JSON carries of our own: its ids, its date as data, how it stands, its sources."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from service.domain.claims import Standing
from service.domain.events import OfficialStatus
from service.feeds.markup import may_be_linked
from service.feeds.page import Entry
from service.projections.lines import Answer, DayOrInstant, Ending, Instant, ShownSource
from service.projections.told import Expected, InTime


class Evidence(Answer, frozen=True, kw_only=True):
    """As the timeline itself says it; the bounds are never for a reader to work out."""

    claim: str
    event: str
    """The event whose content it shows."""
    updated: Instant
    """When the last event on the claim was recorded."""
    type: str
    display_date: str
    edtf: str
    earliest: DayOrInstant | UnsetType = UNSET
    """Absent where nothing bounds it."""
    latest: DayOrInstant | UnsetType = UNSET
    """Of the start of a state."""
    until: Ending | UnsetType = UNSET
    ends: Literal["open", "unknown"] | UnsetType = UNSET
    certainty: InTime | UnsetType = UNSET
    expected: Expected | UnsetType = UNSET
    standing: Standing
    official_status: OfficialStatus | UnsetType = UNSET
    sources: tuple[ShownSource, ...]


def evidence(entry: Entry) -> Evidence:
    item = entry.item
    return Evidence(
        claim=item.claim,
        event=item.event,
        updated=item.updated,
        type=item.type,
        display_date=item.display_date,
        edtf=item.occurred.edtf,
        earliest=item.occurred.earliest,
        latest=item.occurred.latest,
        until=item.until,
        ends=item.ends,
        certainty=item.certainty,
        expected=item.expected,
        standing=item.standing,
        official_status=item.official_status,
        sources=tuple(map(_linked_safely, item.sources)),
    )


def _linked_safely(source: ShownSource) -> ShownSource:
    """Without an address that is no web page's: a reader may put it into a link as it is."""
    if source.url is UNSET or may_be_linked(source.url):
        return source
    return msgspec.structs.replace(source, url=UNSET)
