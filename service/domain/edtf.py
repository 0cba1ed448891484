"""What a date says of time: its span, its members, and the four bounds of an occurrence or a state that has it.

Import dates from here: `notation` reads the text, `spans` knows days and zones. Instants and bounds are in microseconds
since 1970-01-01T00:00Z.
"""

from typing import Literal

import msgspec

from service.domain.notation import Edtf, Moment, Period, parse
from service.domain.spans import (
    BEGINNING,
    FOREVER,
    Span,
    UnknownZone,
    day,
    day_begins,
    day_ends,
    instant_of,
    zone_named,
)
from service.domain.unreadable import UnreadableDate

__all__ = [
    "BEGINNING",
    "FOREVER",
    "Bounds",
    "Edtf",
    "ImpossiblePeriod",
    "Moment",
    "Period",
    "Span",
    "UnknownZone",
    "UnreadableDate",
    "certainty",
    "day",
    "members",
    "occurrence_bounds",
    "parse",
    "span",
    "state_bounds",
]


class ImpossiblePeriod(ValueError):
    """A state cannot have lasted from ``occurred`` until ``until``; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Bounds(msgspec.Struct, frozen=True, gc=False):
    """When something may have begun and ended, in microseconds; BEGINNING and FOREVER where nothing bounds it.

    ``starts_latest`` is the last microsecond of the period in which it began. ``ends_earliest`` and ``ends_latest`` are
    the first microseconds at which it may and must have ended.
    """

    starts_earliest: int
    starts_latest: int
    ends_earliest: int
    ends_latest: int


def span(date: Edtf, tz: str = "UTC") -> Span:
    """All the time in which ``date`` may lie, its days being days of the IANA zone ``tz``. Raises UnknownZone."""
    zone = zone_named(tz)
    if date.moment is not None:
        wall, ahead = date.moment.wall, date.moment.ahead
        instant = instant_of(wall, zone) if ahead is None else wall - ahead
        return Span(instant, instant)
    if date.kind == "interval":
        return _span_of(Period(date.periods[0].first, date.periods[1].last), tz)
    spans = [_span_of(period, tz) for period in date.periods]
    return Span(min(part.earliest for part in spans), max(part.latest for part in spans))


def members(occurred: Edtf, tz: str = "UTC") -> tuple[Span, ...]:
    """Every member of an all-members set, in order of time; () for any other date. Raises UnknownZone.

    ``{..1984}`` has one member that begins at BEGINNING: an open range has no list.
    """
    if occurred.kind != "all_of":
        return ()
    return tuple(_span_of(period, tz) for period in occurred.periods)


def occurrence_bounds(occurred: Edtf, tz: str = "UTC") -> Bounds:
    """The bounds of what has happened, and so never ends. Raises UnknownZone.

    A set or an interval began at its earliest date at the earliest, and was complete by its last date's end.
    """
    whole = span(occurred, tz)
    return Bounds(whole.earliest, whole.latest, FOREVER, FOREVER)


def state_bounds(occurred: Edtf, until: Edtf | Literal["..", ""] | None, tz: str = "UTC") -> Bounds:
    """The bounds of what held from ``occurred`` until ``until``: a date, ".." (still so), "" or None (unknown).

    Raises UnknownZone; ImpossiblePeriod for two ends, an interval as the end, and an end that is not after the start.
    """
    if occurred.kind == "interval":
        if until is not None:
            raise ImpossiblePeriod(
                f"{occurred.text!r} has an end already: give a single date with `until`, or an interval without."
            )
        return _interval_bounds(occurred, tz)
    start = span(occurred, tz)
    if isinstance(until, Edtf):
        if until.kind == "interval":
            raise ImpossiblePeriod(
                f"`until` is the interval {until.text!r}: give the one date, or set of dates, at which it ended."
            )
        end = span(until, tz)
        ends_earliest, ends_latest = end.earliest, end.latest if until.kind == "instant" else _after(end.latest)
        if ends_latest <= start.earliest:
            raise ImpossiblePeriod(
                f"The end, {until.text!r}, is not after the start, {occurred.text!r}: a state must last."
            )
    elif until == "..":
        ends_earliest = ends_latest = FOREVER
    else:
        ends_earliest = start.earliest
        ends_latest = _after(start.latest) if occurred.kind == "all_of" and until is None else FOREVER
    if occurred.kind == "all_of":  # it was so in each member; nothing is said of the time between them
        ends_earliest = start.earliest
    return Bounds(start.earliest, start.latest, max(ends_earliest, start.earliest), ends_latest)


def certainty(bounds: Bounds, at: int) -> Literal["certain", "possible"] | None:
    """Whether what has these bounds was so at the instant ``at``; None where it was not."""
    if bounds.starts_latest <= at < bounds.ends_earliest:
        return "certain"
    return "possible" if bounds.starts_earliest <= at < bounds.ends_latest else None


def _interval_bounds(occurred: Edtf, tz: str) -> Bounds:
    start, end = (_span_of(period, tz) for period in occurred.periods)
    if start.earliest == BEGINNING:  # open or unknown: it had begun when it ended
        return Bounds(BEGINNING, end.latest, end.earliest, _after(end.latest))
    if occurred.unknown_end:
        return Bounds(start.earliest, start.latest, start.earliest, FOREVER)
    if end.latest == FOREVER:
        return Bounds(start.earliest, start.latest, FOREVER, FOREVER)
    return Bounds(start.earliest, start.latest, max(start.earliest, end.earliest), _after(end.latest))


def _span_of(period: Period, tz: str) -> Span:
    zone = zone_named(tz)
    earliest = BEGINNING if period.first is None else day_begins(period.first, zone)
    latest = FOREVER if period.last is None else day_ends(period.last, zone) - 1
    return Span(earliest, max(earliest, latest))  # Samoa had no 2011-12-30: it is the instant at which it was skipped


def _after(latest: int) -> int:
    return latest if latest == FOREVER else latest + 1
