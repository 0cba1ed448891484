"""EDTF text and what it says: the reader of dates as sources give them; new notation goes in here first.

ISO 8601-2 level 1, and of level 2 what docs/dates.md lists. Nothing here knows of time zones: days and wall times only.
"""

import calendar
import datetime as dt
import functools
import itertools
import math
import re
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import msgspec

from service.domain.spans import DAY, EPOCH_ORDINAL, SECOND
from service.domain.unreadable import Place, UnreadableDate, no_month, stopped

LONGEST_TEXT: Final = 500
LONGEST_SET: Final = 1_000
FIRST_YEAR: Final = 2
LAST_YEAR: Final = 9998

_DATE = re.compile(r"[?~%]?([0-9X]{4})[?~%]?(?:-[?~%]?([0-9X]{2})[?~%]?(?:-[?~%]?([0-9X]{2})[?~%]?)?)?")
_DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:Z|([+-])([0-9]{2})(?::([0-9]{2}))?)?"
)

_DAYS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

# Code of a season, quarter, third or half of a year: the month it begins with (0 is January), and how many it has.
_GROUPINGS = (
    {21 + number: (2 + 3 * number, 3) for number in range(4)}
    | {33 + number: (3 * number, 3) for number in range(4)}
    | {37 + number: (4 * number, 4) for number in range(3)}
    | {40 + number: (6 * number, 6) for number in range(2)}
)


class Period(msgspec.Struct, frozen=True):
    """A stretch of whole days, counted from 1970-01-01, both ends inclusive; None where a set or interval is open."""

    first: int | None
    last: int | None


class Moment(msgspec.Struct, frozen=True):
    """A wall time, in microseconds since 1970-01-01T00:00, and how far it is ahead of UTC: None if it names no zone."""

    wall: int
    ahead: int | None


class Edtf(msgspec.Struct, frozen=True):
    """A date as it was understood, beside the text it came from.

    ``periods``: one for a date; start and end of an interval; the members of a set in order, where it is an all-members
    set one by one. ``moment``: of an instant only, which has no periods. ``unknown_end``: an interval like "2018/".
    """

    text: str
    kind: Literal["date", "instant", "interval", "one_of", "all_of"]
    approximate: bool
    uncertain: bool
    periods: tuple[Period, ...] = ()
    moment: Moment | None = None
    unknown_end: bool = False


class _Reading(NamedTuple):
    """A date that was read, as day numbers; and where it stands in the row of its like, to count from it to another.

    ``step``: the months between neighbours of the row, 0 for days, None where an X leaves the date open. ``month``: the
    number of the first month, counted from year 0.
    """

    first: int
    last: int
    step: int | None = None
    month: int = 0


FEW = 80
"""Characters."""


def parse(text: str) -> Edtf:
    """What ``text`` says. Raises UnreadableDate, and nothing else, for what docs/dates.md does not list."""
    # A set may have a thousand members: thousands of them kept would fill the memory.
    return _parse(text) if text.startswith("{") and not lists_few(text) else _parse_once(text)


def lists_few(text: str) -> bool:
    """Whether a date has so few parts, all of them written out, that it may be kept."""
    return len(text) <= FEW and ".." not in text


@functools.lru_cache(maxsize=8192)
def _parse_once(text: str) -> Edtf:
    return _parse(text)


def _parse(text: str) -> Edtf:
    if len(text) > LONGEST_TEXT:
        raise UnreadableDate(text, LONGEST_TEXT, f"A date has at most {LONGEST_TEXT} characters.")
    if not text:
        raise UnreadableDate(text, 0, "A date is missing: write YYYY, YYYY-MM or YYYY-MM-DD.")
    approximate = "~" in text or "%" in text
    uncertain = "?" in text or "%" in text
    if text == "..":
        raise UnreadableDate(text, 0, "An open end stands in `until`, or in an interval such as 2018/.. or ../2018.")
    if text[0] in "[{":
        one = text[0] == "["
        periods = _read_set(text, "]" if one else "}")
        return Edtf(text, "one_of" if one else "all_of", approximate, uncertain, periods)
    if "/" in text:
        return Edtf(text, "interval", approximate, uncertain, _read_interval(text), unknown_end=text.endswith("/"))
    if "T" in text and (match := _DATE_TIME.fullmatch(text)):
        return Edtf(text, "instant", approximate, uncertain, moment=_read_date_time(text, match))
    reading = _read_date(text, 0, text, "alone")
    return Edtf(text, "date", approximate, uncertain, (Period(reading.first, reading.last),))


def _read_interval(text: str) -> tuple[Period, Period]:
    left, _, right = text.partition("/")
    offset = len(left) + 1
    start = end = Period(None, None)
    if left not in ("", ".."):
        reading = _read_date(text, 0, left, "in an interval")
        start = Period(reading.first, reading.last)
    if right not in ("", ".."):
        reading = _read_date(text, offset, right, "in an interval")
        end = Period(reading.first, reading.last)
    if start.first is None and end.last is None:
        raise UnreadableDate(text, offset, "An interval needs a date at one end at least, as in 2018/.. or ../2018.")
    if start.first is not None and end.last is not None and end.last < start.first:
        raise UnreadableDate(text, offset, "The interval ends before it starts: write the earlier date first.")
    return start, end


def _read_set(text: str, bracket: str) -> tuple[Period, ...]:
    close = text.find(bracket)
    items = text[1 : close if close != -1 else None].split(",")
    periods: list[Period] = []
    offset = 1
    for number, item in enumerate(items):
        left, dots, right = item.partition("..")
        after_dots = offset + len(left) + 2
        if dots and not (left and right):
            outermost = number == (len(items) - 1 if left else 0)
            periods.append(_read_open_range(text, offset, left, right, outermost=outermost))
        elif dots:
            start = _read_date(text, offset, left, "in a set")
            end = _read_date(text, after_dots, right, "in a set")
            if end.last < start.first:
                raise UnreadableDate(text, after_dots, "The range ends before it starts: write the earlier date first.")
            if bracket == "}":
                periods += _listed(text, after_dots, start, end, LONGEST_SET - len(periods))
            else:
                periods.append(Period(start.first, end.last))
        else:
            reading = _read_date(text, offset, item, "in a set")
            periods.append(Period(reading.first, reading.last))
        offset += len(item) + 1
    if close == -1:
        raise UnreadableDate(text, len(text), f"The set is not closed: end it with {bracket}.")
    if close != len(text) - 1:
        raise UnreadableDate(text, close + 1, f"Nothing may follow the {bracket} of a set.")
    return tuple(sorted(set(periods), key=_in_time))


def _in_time(period: Period) -> tuple[float, float]:
    first, last = period.first, period.last
    return (-math.inf if first is None else first, math.inf if last is None else last)


def _read_open_range(text: str, offset: int, left: str, right: str, *, outermost: bool) -> Period:
    """``..b`` or ``a..`` in a set."""
    after_dots = offset + len(left) + 2
    if left:
        reading = _read_date(text, offset, left, "in a set")
        if not outermost:
            raise UnreadableDate(text, after_dots, "An open range a.. must be the last of its set: write a..b.")
        return Period(reading.first, None)
    if not right:
        raise UnreadableDate(text, after_dots, "An open range needs a date at one end, as in [..2018] or [2018..].")
    if not outermost:
        raise UnreadableDate(text, offset, "An open range ..b must be the first of its set: write a..b.")
    return Period(None, _read_date(text, after_dots, right, "in a set").last)


def _listed(text: str, offset: int, start: _Reading, end: _Reading, room: int) -> list[Period]:
    """Every member of a range in an all-members set."""
    step = start.step
    if step is None or end.step is None:
        raise UnreadableDate(text, offset, "A range in {...} is a list, and X leaves it open: write digits.")
    if step != end.step or (step and (end.month - start.month) % step):
        raise UnreadableDate(text, offset, "A range in {...} needs both ends alike: two years, two months or two days.")
    count = (end.month - start.month) // step + 1 if step else end.first - start.first + 1
    if count > room:
        raise UnreadableDate(text, offset, f"A set has at most {LONGEST_SET} members: use an interval, a/b.")
    if step == 0:
        return [Period(number, number) for number in range(start.first, end.first + 1)]
    months = range(start.month, end.month + 1, step)
    return [Period(_month_begins(month), _month_begins(month + step) - 1) for month in months]


def _read_date(text: str, offset: int, part: str, place: Place) -> _Reading:
    """The date that is ``part``, which begins at ``offset`` of ``text``."""
    match = _DATE.fullmatch(part)
    if match is None:
        raise stopped(text, offset, part, place)
    year, month, day = match.groups()

    def refused(group: int, reason: str) -> UnreadableDate:
        return UnreadableDate(text, offset + match.start(group), reason)

    years = _matching(year, FIRST_YEAR, LAST_YEAR)
    if not years:
        raise refused(1, f"The year {year} is not held: years run from 0002 to 9998.")
    exact = "X" not in part
    if month is None:
        return _months(years[0] * 12, years[-1] * 12, 12, exact=exact)
    if "X" not in month and int(month) > 12:
        grouping = _GROUPINGS.get(int(month))
        if grouping is None:
            raise refused(2, no_month(int(month)))
        if day is not None:
            raise UnreadableDate(
                text, offset + part.index("-", match.end(2)), "A season, quarter or half-year has no days."
            )
        first, step = grouping
        return _months(years[0] * 12 + first, years[-1] * 12 + first, step, exact=exact)
    months = _matching(month, 1, 12)
    if not months:
        raise refused(2, f"There is no month {month}: months run from 01 to 12.")
    if day is None:
        return _months(years[0] * 12 + months[0] - 1, years[-1] * 12 + months[-1] - 1, 1, exact=exact)
    days = _days_matching(years, months, _matching(day, 1, 31))
    if days is None:
        raise refused(3, f"There is no day {day} in {year}-{month}.")
    return _Reading(*days, 0) if exact else _Reading(*days)


def _months(first: int, last: int, length: int, *, exact: bool) -> _Reading:
    """From the period of ``length`` months at month ``first`` through the one at ``last``; months count from year 0."""
    days = _month_begins(first), _month_begins(last + length) - 1
    return _Reading(*days, length, first) if exact else _Reading(*days)


def _month_begins(month: int) -> int:
    return dt.date(month // 12, month % 12 + 1, 1).toordinal() - EPOCH_ORDINAL


@functools.lru_cache(maxsize=1024)
def _matching(pattern: str, low: int, high: int) -> tuple[int, ...]:
    """The numbers from ``low`` to ``high`` whose digits match, in order."""
    if "X" not in pattern:
        number = int(pattern)
        return (number,) if low <= number <= high else ()
    digits = itertools.product(*("0123456789" if digit == "X" else digit for digit in pattern))
    return tuple(number for number in map(int, map("".join, digits)) if low <= number <= high)


def _days_matching(years: Sequence[int], months: Sequence[int], days: Sequence[int]) -> tuple[int, int] | None:
    """The first and the last real day among these years, months and days of the month; None where there is none."""
    in_common_years = [(month, day) for month in months for day in days if day <= _DAYS[month]]
    leap_day = 2 in months and 29 in days
    if not in_common_years:
        years = tuple(filter(calendar.isleap, years)) if leap_day else ()
    if not years:
        return None
    pairs = sorted([*in_common_years, (2, 29)]) if leap_day else in_common_years
    first = next(pair for pair in pairs if pair != (2, 29) or calendar.isleap(years[0]))
    last = next(pair for pair in reversed(pairs) if pair != (2, 29) or calendar.isleap(years[-1]))
    return _day(years[0], *first), _day(years[-1], *last)


def _day(year: int, month: int, day: int) -> int:
    return dt.date(year, month, day).toordinal() - EPOCH_ORDINAL


def _read_date_time(text: str, match: re.Match[str]) -> Moment:
    date = _read_date(text, 0, text[:10], "alone")
    hour, minute, second, ahead_hour, ahead_minute = (int(match[group] or 0) for group in (4, 5, 6, 8, 9))
    if hour > 23:
        reason = "Hours run from 00 to 23: midnight is 00:00:00 of the next day."
        raise UnreadableDate(text, match.start(4), reason)
    if minute > 59:
        raise UnreadableDate(text, match.start(5), "Minutes run from 00 to 59.")
    if second > 59:
        raise UnreadableDate(text, match.start(6), "Seconds run from 00 to 59: leap seconds are not held.")
    if ahead_hour > 23 or ahead_minute > 59:
        group = 8 if ahead_hour > 23 else 9
        raise UnreadableDate(text, match.start(group), "A time zone is Z or a difference from -23:59 to +23:59.")
    wall = date.first * DAY + ((hour * 60 + minute) * 60 + second) * SECOND
    if match[7] is None:
        return Moment(wall, 0 if text.endswith("Z") else None)
    ahead = (ahead_hour * 60 + ahead_minute) * 60 * SECOND
    return Moment(wall, -ahead if match[7] == "-" else ahead)
