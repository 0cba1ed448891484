"""How many, as far as dates and sources tell: a count given for a span of time stays with the whole span."""

from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from service.domain.claims import Recorded
from service.domain.edtf import BEGINNING, Span
from service.domain.types import Quantity
from service.projections.lines import Answer

Number = Annotated[int, Meta(ge=0)]


class Amount(Answer, frozen=True, kw_only=True):
    """At least ``low``, at most ``high`` where anything bounds it; ``best`` only where every count in it is whole."""

    low: Number
    best: Number | UnsetType = UNSET
    high: Number | UnsetType = UNSET
    uncertain: bool = False
    """Some source marks its count as uncertain."""
    unit: str | UnsetType = UNSET


class Count(msgspec.Struct, frozen=True, cache_hash=True):
    """What one claim adds to an amount; None where nothing says."""

    low: int
    best: int | None
    high: int | None
    uncertain: bool
    unit: str | None


def nothing(quantity: Quantity | None) -> bool:
    """A count of none: "not delivered yet"."""
    return quantity is not None and (quantity.best if quantity.high is None else quantity.high) == 0


def so_far(quantity: Quantity, content: Recorded, at: int) -> Count:
    """How many of ``quantity`` at ``at``."""
    return within(quantity, content, BEGINNING, at)


def within(quantity: Quantity, content: Recorded, first: int, last: int) -> Count:
    """How many of ``quantity`` from ``first`` through ``last``; in each member of an all-members set at least one."""
    low = (quantity.best or 0) if quantity.low is None else quantity.low
    high = quantity.best if quantity.high is None else quantity.high
    uncertain, unit, members = quantity.uncertain, quantity.unit, content.members
    if wholly(content, first, last):
        return Count(low, quantity.best, high, uncertain, unit)
    # Fewer than the set has members, and the source contradicts itself: then nothing is known of any one of them.
    if not members or (high is not None and high < _apart(members)):
        return Count(0, None, high, uncertain, unit)
    outside = _apart([member for member in members if member.earliest > last or member.latest < first])
    inside = members_within(content, first, last)
    return Count(min(inside, low), None, None if high is None else high - outside, uncertain, unit)


def wholly(content: Recorded, first: int, last: int) -> bool:
    """Whether all of it lies from ``first`` through ``last``."""
    bounds = content.bounds
    return bounds is not None and first <= bounds.starts_earliest and bounds.starts_latest <= last


def members_within(content: Recorded, first: int, last: int) -> int:
    """How many members of an all-members set lie wholly from ``first`` through ``last``, and apart from each other."""
    return _apart([member for member in content.members if first <= member.earliest and member.latest <= last])


def shared(count: Count) -> Count:
    """The part of one among several who hold it together, and nobody says how."""
    return Count(0, None, count.high, count.uncertain, count.unit)


def total(counts: Sequence[Count]) -> Amount | UnsetType:
    """The sum; none where there is nothing to add, or the units differ."""
    if len({count.unit for count in counts}) != 1:
        return UNSET
    return Amount(
        low=sum(count.low for count in counts),
        best=_sum(count.best for count in counts),
        high=_sum(count.high for count in counts),
        uncertain=any(count.uncertain for count in counts),
        unit=counts[0].unit or UNSET,
    )


def _sum(numbers: Iterable[int | None]) -> int | UnsetType:
    known = list(numbers)
    return UNSET if None in known else sum(number for number in known if number is not None)


def _apart(spans: Iterable[Span]) -> int:
    """The most of ``spans`` that lie wholly apart: {2022, 2022-05} may tell of one and the same."""
    count, end = 0, BEGINNING
    for span in sorted(spans, key=lambda one: one.latest):
        if not count or span.earliest > end:
            count, end = count + 1, span.latest
    return count
