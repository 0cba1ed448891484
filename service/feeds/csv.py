"""CSV (RFC 4180): one claim a row, for spreadsheets and for programs."""

import csv
import io
import re
from collections.abc import Iterable

from msgspec import UNSET

from service.feeds.format import Format
from service.feeds.markup import address, fit
from service.feeds.page import Addresses, Body, Entry, Frame, Page, nothing_more
from service.projections.lines import ShownSource

COLUMNS = (
    *("claim", "event", "position", "recorded_at", "updated", "type", "kind", "title", "lang", "display_date"),
    *("edtf", "earliest", "latest", "until", "until_earliest", "until_latest", "ends", "certainty", "expected"),
    *("standing", "official_status", "parties", "platforms", "quantity_low", "quantity_best", "quantity_high"),
    *("tags", "relationships", "groups", "sources"),
)
"""Of which new ones stand last."""
# What a spreadsheet would take for a formula, or might where it reads wide letters or passes over ends of lines.
_FORMULA = re.compile("^[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def cell(value: object) -> str:
    """A text that no spreadsheet computes: an apostrophe goes before what would begin a formula."""
    if value is UNSET or value is None:
        return ""
    text = fit(str(value))
    return f"'{text}" if _FORMULA.match(text) else text


def body(page: Page) -> Body:
    return Body(page.pieces(_line, page.told, nothing_more))


def _line(entry: Entry, _addresses: Addresses, _lang: str, _: None) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow([cell(value) for value in _row(entry)])
    return out.getvalue().encode()


def _row(entry: Entry) -> Iterable[object]:
    item = entry.item
    until, quantity = item.until or None, item.quantity or None
    return (
        *(item.claim, item.event, item.position, item.recorded_at, item.updated, item.type, item.kind),
        *(item.title, item.lang, item.display_date, item.occurred.edtf, item.occurred.earliest, item.occurred.latest),
        *((until.edtf, until.earliest, until.latest) if until else ("", "", "")),
        *(item.ends, item.certainty, item.expected.status if item.expected else ""),
        *(item.standing, item.official_status),
        "; ".join(f"{party.label} ({party.actor}, {party.role})" for party in item.parties),
        "; ".join(f"{one.label} ({one.platform})" for one in item.platforms),
        *((quantity.low, quantity.best, quantity.high) if quantity else ("", "", "")),
        *("; ".join(some) for some in (item.tags, item.relationships, item.groups)),
        "; ".join(_source(one) for one in item.sources),
    )


def _source(source: ShownSource) -> str:
    said = (source.publisher, source.title or "", source.published or "", address(source.url or None) or "")
    return ", ".join(one for one in said if one)


def whole(frame: Frame, body: bytes) -> bytes:
    return ",".join(COLUMNS).encode() + b"\r\n" + body


CSV = Format(
    name="csv",
    extension="csv",
    media_type="text/csv",
    version=1,
    title="as a table",
    description="One claim a row, in UTF-8, with a header. A cell that a spreadsheet would take for a formula has an "
    "apostrophe before it.",
    body=body,
    whole=whole,
)
