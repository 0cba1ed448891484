"""Rows of both dialects of the register, each column read strictly; a column that is new in an export is read here."""

from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec

from service.domain.types import Condition
from service.importers.items import LONGEST_ROW, Refused
from service.importers.names import Found, Names
from service.importers.reading import Line
from service.importers.sipri.deals import DEAL, Deal, Year

BY_DEAL = (
    "Recipient", "Supplier", "Year of order", "", "Number ordered", "", "Weapon designation", "Weapon description",
    "Number delivered", "", "Year(s) of delivery", "status", "Comments", "SIPRI TIV per unit",
    "SIPRI TIV for total order", "SIPRI TIV of delivered weapons",
)  # fmt: skip
COMMENTS = BY_DEAL.index("Comments")
BY_YEAR = (
    "SIPRI AT Database ID", "Supplier", "Recipient", "Designation", "Description", "Armament category", "Order date",
    "Order date is estimate", "Numbers delivered", "Numbers delivered is estimate", "Delivery year",
    "Delivery year is estimate", "Status", "SIPRI estimate", "TIV deal unit", "TIV delivery values", "Local production",
)  # fmt: skip
CONDITIONS: dict[str, Condition] = {
    "New": "new",
    "Second hand": "second-hand",
    "Second hand but modernized": "modernised",
}
MOST_BROKEN = 5
"""Lines over which one comment may be broken."""
LARGEST_NUMBER = 1_000_000_000


class Row(msgspec.Struct, frozen=True, gc=False):
    """The cells of one row; ``key``: whom it is about, so that rows that belong together are known."""

    line: int
    text: str
    cells: list[str]
    key: str


class Gathering(Protocol):
    """Rows that share a key, until all of them are there."""

    lines: list[Row]

    def take(self, row: Row, names: Names) -> Refused | None: ...

    def deals(self) -> Iterator[Deal | Refused]: ...


class Dialect(msgspec.Struct, frozen=True):
    """One way to write the register."""

    by_year: bool
    rows: Callable[[Iterator[Line]], Iterator[Row | Refused]]
    gathering: Callable[[], Gathering]


class _Unfit(Exception):
    """What a column holds is not what can stand there."""


def dialect_of(text: str) -> Dialect | None:
    """By the header line; None where it is none."""
    cells = tuple(cell.strip() for cell in text.split(","))
    return {BY_DEAL: _by_deal, BY_YEAR: _by_year}.get(cells)


def refused(line: int, text: str, code: str, reason: str) -> Refused:
    return Refused(line, code, reason, text[:LONGEST_ROW])


# ---- one row a deal


def _rows_by_deal(lines: Iterator[Line]) -> Iterator[Row | Refused]:
    """A comment that was broken into lines is made whole; where that does not give a row, its first line is refused."""
    waiting: list[Line] = []
    width = len(BY_DEAL)
    while (line := waiting.pop(0) if waiting else next(lines, None)) is not None:
        if line.wrong is not None:
            yield refused(line.number, line.text, "unreadable", line.wrong)
            continue
        text, count, used = line.text, line.text.count(","), 0
        if not text:
            continue
        while count < width - 1 and count >= COMMENTS and used < MOST_BROKEN:
            if used == len(waiting):
                more = next(lines, None)
                if more is None:
                    break
                waiting.append(more)
            more = waiting[used]
            if more.wrong is not None or more.text.count(",") >= COMMENTS:
                break
            text, count, used = f"{text.rstrip()} {more.text.lstrip()}", count + more.text.count(","), used + 1
        if count == width - 1:
            del waiting[:used]
            cells = [cell.strip() for cell in text.split(",")]
            yield Row(line.number, text, cells, cells[0])
        else:
            found = f"{line.text.count(',') + 1:,} columns, where there are {width}"
            yield refused(line.number, line.text, "columns", f"the row has {found}")


class _ByDeal:
    def __init__(self) -> None:
        self.lines: list[Row] = []
        self._deals: list[Deal] = []

    def take(self, row: Row, names: Names) -> Refused | None:
        self.lines.append(row)
        try:
            self._deals.append(_deal_of(row, names))
        except _Unfit as error:
            return refused(row.line, row.text, "unfit", str(error))
        return None

    def deals(self) -> Iterator[Deal | Refused]:
        return iter(self._deals)


def _deal_of(row: Row, names: Names) -> Deal:
    """Raises _Unfit."""
    cell = row.cells.__getitem__
    number, delivered = _count(cell(4), "Number ordered"), _count(cell(8), "Number delivered")
    years = tuple(Year(_year(year.strip(), "Year(s) of delivery")) for year in cell(10).split(";") if year.strip())
    if [year.year for year in years] != sorted({year.year for year in years}):
        raise _Unfit(f"`Year(s) of delivery` is {cell(10)!r}: years in their order, each once")
    if (delivered or 0) > 0 and not years:
        raise _Unfit(f"{delivered} are delivered, and no year is given")
    if years and not delivered:
        raise _Unfit(f"years of delivery are given, and nothing is delivered: `Number delivered` is {cell(8)!r}")
    return Deal(
        line=row.line,
        row=row.text,
        recipient=_actor(names, cell(0), "Recipient"),
        supplier=_actor(names, cell(1), "Supplier"),
        designation=_named(cell(6), "Weapon designation"),
        ordered=Year(_year(cell(2), "Year of order"), _flag(cell(3))),
        years=years,
        delivered=delivered or 0,
        delivered_uncertain=_flag(cell(9)),
        condition=_condition(cell(11)),
        tiv_unit=_value(cell(13), "SIPRI TIV per unit") or None,
        # Where none are ordered in numbers, 0 is no value; and where some came, 0 is one below a half.
        tiv_ordered=_value(cell(14), "SIPRI TIV for total order") or None if number is not None else None,
        tiv_delivered=_value(cell(15), "SIPRI TIV of delivered weapons") or None,
        description=cell(7),
        number=number,
        number_uncertain=_flag(cell(5)),
        remarks=cell(12),
    )


# ---- one row a deal and year


def _rows_by_year(lines: Iterator[Line]) -> Iterator[Row | Refused]:
    for line in lines:
        if line.wrong is not None:
            yield refused(line.number, line.text, "unreadable", line.wrong)
        elif line.text:
            count = line.text.count(",") + 1
            if count != len(BY_YEAR):
                why = f"the row has {count:,} columns, where there are {len(BY_YEAR)}"
                yield refused(line.number, line.text, "columns", why)
            else:
                cells = [cell.strip() for cell in line.text.split(",")]
                yield Row(line.number, line.text, cells, f"{cells[1]} to {cells[2]}")


class _ByYear:
    def __init__(self) -> None:
        self.lines: list[Row] = []
        self._rows: dict[str, list[tuple[Row, Deal]]] = {}

    def take(self, row: Row, names: Names) -> Refused | None:
        """A row of a deal must tell of the same deal as those before it, and of another year."""
        self.lines.append(row)
        try:
            deal = _delivered_in(row, names)
        except _Unfit as error:
            return refused(row.line, row.text, "unfit", str(error))
        before = self._rows.setdefault(row.cells[0], [])
        if before:
            first = before[0][1]
            if _apart(first) != _apart(deal):
                why = f"the deal {row.cells[0]} is another one at line {first.line}"
                return refused(row.line, row.text, "differs", why)
            if any(one.years[0].year == deal.years[0].year for _, one in before):
                why = f"the deal {row.cells[0]} has {deal.years[0].year} twice"
                return refused(row.line, row.text, "repeated", why)
        before.append((row, deal))
        return None

    def deals(self) -> Iterator[Deal | Refused]:
        """What came in each year together: a count for the whole of the years, as the other dialect gives it."""
        for told in self._rows.values():
            parts = sorted((deal for _, deal in told), key=lambda deal: deal.years[0].year)
            values = [part.tiv_delivered or 0.0 for part in parts]
            yield msgspec.structs.replace(
                told[0][1],
                row="\n".join(row.text for row, _ in told),
                years=tuple(part.years[0] for part in parts),
                delivered=sum(part.delivered for part in parts),
                delivered_uncertain=any(part.delivered_uncertain for part in parts),
                tiv_delivered=round(sum(values), 2) or None,
            )


def _apart(deal: Deal) -> Deal:
    """A deal without what each year tells for itself."""
    return msgspec.structs.replace(
        deal, line=0, row="", years=(), delivered=0, delivered_uncertain=False, tiv_delivered=None
    )


def _delivered_in(row: Row, names: Names) -> Deal:
    """Raises _Unfit."""
    cell = row.cells.__getitem__
    delivered = _count(cell(8), "Numbers delivered")
    if not delivered:
        raise _Unfit(f"`Numbers delivered` is {cell(8)!r}")
    return Deal(
        line=row.line,
        row=row.text,
        recipient=_actor(names, cell(2), "Recipient"),
        supplier=_actor(names, cell(1), "Supplier"),
        designation=_named(cell(3), "Designation"),
        ordered=Year(_year(cell(6), "Order date"), _answer(cell(7), "Order date is estimate")),
        years=(Year(_year(cell(10), "Delivery year"), _answer(cell(11), "Delivery year is estimate")),),
        delivered=delivered,
        delivered_uncertain=_answer(cell(9), "Numbers delivered is estimate"),
        condition=_condition(cell(12)),
        tiv_unit=_value(cell(14), "TIV deal unit") or None,
        tiv_delivered=_value(cell(15), "TIV delivery values") or None,
        description=cell(4),
        local=_answer(cell(16), "Local production"),
        tags=tuple(tag for tag in (f"{DEAL}{_named(cell(0), 'SIPRI AT Database ID')}", cell(5)) if tag),
    )


# ---- cells


def _actor(names: Names, text: str, column: str) -> Found:
    """``*`` marks those that are no states, ``**`` organisations; who is not known is an actor of that name."""
    name = _named(text, column)
    if name.endswith("**"):
        return names.actor(name.rstrip("*").strip() or name, "organisation")
    if name.endswith("*"):
        return names.actor(name.rstrip("*").strip() or name, "other")
    if name.startswith("unknown "):
        return names.actor(name.replace("(s)", "s"), "other")
    return names.actor(name)


def _named(text: str, column: str) -> str:
    if not text:
        raise _Unfit(f"`{column}` is empty")
    if len(text) > 200:
        raise _Unfit(f"`{column}` has {len(text):,} characters")
    return text


def _year(text: str, column: str) -> str:
    if len(text) == 4 and text.isascii() and text.isdecimal() and "1900" <= text <= "2100":
        return text
    raise _Unfit(f"`{column}` is {text!r}, not a year")


def _flag(text: str) -> bool:
    if text not in ("", "?"):
        raise _Unfit(f"a column for `?` holds {text!r}")
    return text == "?"


def _answer(text: str, column: str) -> bool:
    if text not in ("Yes", "No"):
        raise _Unfit(f"`{column}` is {text!r}, neither Yes nor No")
    return text == "Yes"


def _condition(text: str) -> Condition:
    if text not in CONDITIONS:
        raise _Unfit(f"the status is {text!r}, none of {', '.join(CONDITIONS)}")
    return CONDITIONS[text]


def _count(text: str, column: str) -> int | None:
    """None for a blank: not known."""
    if not text:
        return None
    if text.isascii() and text.isdecimal() and len(text) < 11 and int(text) <= LARGEST_NUMBER:
        return int(text)
    raise _Unfit(f"`{column}` is {text[:40]!r}, not a number")


def _value(text: str, column: str) -> float | None:
    whole, _, rest = text.partition(".")
    if not text:
        return None
    if whole.isdecimal() and text.isascii() and len(text) < 12 and (not rest or rest.isdecimal()):
        return float(text)
    raise _Unfit(f"`{column}` is {text[:40]!r}, not a value")


_by_deal = Dialect(by_year=False, rows=_rows_by_deal, gathering=_ByDeal)
_by_year = Dialect(by_year=True, rows=_rows_by_year, gathering=_ByYear)
