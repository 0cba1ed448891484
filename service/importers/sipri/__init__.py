"""SIPRI's Arms Transfers Database, as its trade register is exported: one row a deal, or one a deal and year.

What the two dialects have in common is a deal (``deals.py``), how each writes one stands in ``rows.py``, which deals of
two exports are the same in ``same.py``. Here a file is read: its preamble, its header, and its rows, gathered until all
of those that may be equals are there.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from service.domain.claims import Recorded
from service.importers.items import LONGEST_ROW, Export, Group, Importer, Item, Missing, Options, Refused
from service.importers.reading import Line, Unreadable, inflated, lines_of
from service.importers.sipri import rows
from service.importers.sipri.deals import PREFIX, Deal, Telling, groups_of, years_of
from service.importers.sipri.same import matched, merge, standing_of

MOST_PREAMBLE = 40
"""Lines before the header."""
MOST_GATHERED = 50_000
"""Deals that are held at once: those of one recipient, or of one recipient and supplier."""
BEGINNING = 1950
"""The year from which on the register tells of deliveries."""
_GENERATED = re.compile(r"Data generated: *(\d{1,2}) ([A-Z][a-z]{2}) (\d{4})\b")
_RANGE = re.compile(
    r"arms from (?P<suppliers>.+?) to (?P<recipients>.+?) ?\. Deals with (?P<what>.+?) made for (?:the )?year range "
    r"'(?P<first>[^']*)' to '(?P<last>[^']*)'"
)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
ALL = "All countries"


class _Preamble(msgspec.Struct):
    """What stands before the header, as far as it says anything."""

    reported: str | None = None
    suppliers: str = ""
    recipients: str = ""
    what: str = ""
    first: int | None = None
    last: int | None = None

    def read(self, text: str) -> None:
        if (found := _GENERATED.search(text)) is not None and found[2] in _MONTHS:
            self.reported = f"{found[3]}-{_MONTHS.index(found[2]) + 1:02}-{int(found[1]):02}"
        if (found := _RANGE.search(text)) is not None:
            self.suppliers, self.recipients = found["suppliers"].strip(), found["recipients"].strip()
            self.what = found["what"]
            self.first = int(found["first"]) if found["first"].isdecimal() else None
            self.last = int(found["last"]) if found["last"].isdecimal() else None

    @property
    def scope(self) -> str:
        if not self.what:
            return ""
        years = f"{self.first or ''}..{self.last or ''}" if self.first or self.last else "all years"
        return f"from {self.suppliers} to {self.recipients}; deals with {self.what}; {years}"


def read(chunks: Iterable[bytes], options: Options) -> Iterator[Item]:
    """Raises Unreadable where no header is found, or the day of the export is nowhere said."""
    lines = lines_of(inflated(chunks))
    preamble, dialect, number = _Preamble(), None, 0
    for line in lines:
        number = line.number
        dialect = rows.dialect_of(line.text)
        if dialect is not None or number > MOST_PREAMBLE:
            break
        preamble.read(line.text)
    if dialect is None:
        raise Unreadable(
            f"no line among the first {min(number, MOST_PREAMBLE)} is a header of SIPRI's trade register; it begins "
            "`Recipient,Supplier,Year of order` or `SIPRI AT Database ID,Supplier,Recipient`"
        )
    day = options.reported or preamble.reported
    if day is None:
        raise Unreadable("the file does not say on which day it was exported: say it, as `reported`")
    telling = Telling(day, dialect.by_year, *_cut(preamble, day))
    yield Export(prefix=PREFIX, reported=day, scope=preamble.scope, notes=tuple(_notes(preamble, telling, options)))
    yield from _gathered(dialect, lines, options, telling)


def _cut(preamble: _Preamble, day: str) -> tuple[int | None, int | None]:
    """The first and the last year of deliveries that the export tells of, where it does not tell of all."""
    first = preamble.first if preamble.first is not None and preamble.first > BEGINNING else None
    last = preamble.last if preamble.last is not None and preamble.last < int(day[:4]) - 1 else None
    return first, last


def _notes(preamble: _Preamble, telling: Telling, options: Options) -> Iterator[str]:
    if options.reported and preamble.reported and options.reported != preamble.reported:
        yield f"the file says that it was exported on {preamble.reported}; {options.reported} was given, and counts"
    if not preamble.what:
        yield "the file does not say of which years and countries it tells: it is taken to tell of all"
    if telling.first is not None or telling.last is not None:
        years = f"{telling.first or ''}..{telling.last or ''}"
        yield f"the export tells only of deliveries {years}: those of other years are missing from its counts"


def _gathered(
    dialect: rows.Dialect, lines: Iterator[Line], options: Options, telling: Telling
) -> Iterator[Group | Refused]:
    """Group by group; what belongs together stands together in every export, and is refused where it does not."""
    key: str | None = None
    told: set[str] = set()
    gathering = dialect.gathering()
    for row in dialect.rows(lines):
        if isinstance(row, Refused):
            yield row
            continue
        if row.key != key:
            yield from _told(gathering, options, telling)
            told.add(key or "")
            key, gathering = row.key, dialect.gathering()
        if row.key in told:
            why = f"rows of {row.key} ended before this line: sort the file by the columns that name the countries"
            yield Refused(row.line, "unsorted", why, row.text[:LONGEST_ROW])
        elif (refused := gathering.take(row, options.names)) is not None:
            yield refused
        if len(gathering.lines) > MOST_GATHERED:
            raise Unreadable(f"there are more than {MOST_GATHERED:,} rows of {row.key} by line {row.line}")
    yield from _told(gathering, options, telling)


def _told(gathering: rows.Gathering, options: Options, telling: Telling) -> Iterator[Group | Refused]:
    deals: list[Deal] = []
    for made in gathering.deals():
        if isinstance(made, Refused):
            yield made
        else:
            deals.append(made)
    yield from groups_of(deals, telling, options.names)


def missing(export: Export, day: str) -> Missing | str:
    """Of which deals this export would tell; or why that cannot be said."""
    found = re.fullmatch(r"from (.+) to (.+); deals with (.+); (all years|(\d*)\.\.(\d*))", export.scope)
    if found is None:
        return "the file does not say of which years and countries it tells"
    if (found[1], found[2]) != (ALL, ALL):
        return f"the export tells of arms from {found[1]} to {found[2]}, not of all countries"
    orders, first, last = "orders" in found[3], int(found[5] or 0), int(found[6] or 9999)

    def covers(contents: Sequence[Recorded]) -> bool:
        delivered = [years for content in contents if (years := years_of(content)) is not None]
        if not delivered:
            return orders and first <= BEGINNING
        return all(first <= years[0] and years[1] <= last for years in delivered)

    return Missing(source=Telling(day, by_year=False).source, covers=covers)


IMPORTER = Importer(
    name="sipri",
    title="SIPRI trade register",
    description="Exports of the SIPRI Arms Transfers Database, both dialects: an order and a delivery for each deal.",
    read=read,
    merge=merge,
    match=matched,
    standing=standing_of,
    missing=missing,
)
