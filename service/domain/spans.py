"""The time axis: microseconds since 1970-01-01T00:00Z, spans of them, and where a day begins and ends in a time zone.

A *day number* counts days since 1970-01-01; a *wall time* is in microseconds too, as a clock on a local wall shows it.
"""

import datetime as dt
import functools
import re
import zoneinfo
from typing import Final

import msgspec

BEGINNING: Final = -(2**63)
"""No earlier bound: an open or unknown start."""
FOREVER: Final = 2**63 - 1
"""No later bound."""

DAY: Final = 86_400_000_000
SECOND: Final = 1_000_000
EPOCH_ORDINAL: Final = dt.date(1970, 1, 1).toordinal()

_MICROSECOND = dt.timedelta(microseconds=1)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# IANA names begin with a capital. Without this, `localtime`, `posixrules` and `right/…` would be read from the files of
# this machine, and mean something else on the next.
_ZONE_NAME = re.compile(r"[A-Z][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+)*")


class UnknownZone(ValueError):
    """``tz`` names no IANA time zone."""

    def __init__(self, tz: str) -> None:
        super().__init__(tz)
        self.tz = tz

    def __str__(self) -> str:
        return f"{self.tz!r} is no IANA time zone; write a name such as 'Europe/Istanbul' or 'UTC'."


class Span(msgspec.Struct, frozen=True, gc=False):
    """A stretch of time: its first and its last microsecond, both inclusive; BEGINNING or FOREVER where unbounded."""

    earliest: int
    latest: int


def day(us: int) -> str:
    """The UTC day of an instant in microseconds, as "YYYY-MM-DD". Raises ValueError outside the years 1 to 9999."""
    try:
        return dt.date.fromordinal(us // DAY + EPOCH_ORDINAL).isoformat()
    except (ValueError, OverflowError):
        raise ValueError(f"{us} µs lies in no day of the years 0001 to 9999.") from None


@functools.lru_cache(maxsize=1024)
def zone_named(tz: str) -> zoneinfo.ZoneInfo | None:
    """The rules of an IANA zone, or None for UTC itself, which needs none. Raises UnknownZone."""
    if tz == "UTC":
        return None
    if len(tz) > 64 or not _ZONE_NAME.fullmatch(tz):
        raise UnknownZone(tz)
    try:
        return zoneinfo.ZoneInfo(tz)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder, such as "America"
        raise UnknownZone(tz) from None


def day_in(us: int, zone: zoneinfo.ZoneInfo | None) -> dt.date:
    """The day that a clock on a wall in that zone shows at an instant."""
    if zone is None:
        return dt.date.fromordinal(us // DAY + EPOCH_ORDINAL)
    return (_EPOCH + us * _MICROSECOND).astimezone(zone).date()


def day_begins(number: int, zone: zoneinfo.ZoneInfo | None) -> int:
    """The first microsecond of a day; where its midnight was skipped, the first instant of it that exists."""
    if zone is None:
        return number * DAY
    first, second = _both_readings(number * DAY, zone)
    return first if first <= second else _end_of_gap(number * DAY, second, first, zone)


def day_ends(number: int, zone: zoneinfo.ZoneInfo | None) -> int:
    """The first microsecond after a day."""
    midnight = (number + 1) * DAY
    if zone is None:
        return midnight
    first, second = _both_readings(midnight, zone)
    if first > second:
        return _end_of_gap(midnight, second, first, zone)
    # A midnight that strikes twice: either the clock went back across it (to 23:01 in Newfoundland), and the old day
    # came again, or it went back to it (Havana), and the new day had begun already.
    return second if first < second and _wall(second - 1, zone) < midnight else first


def instant_of(wall: int, zone: zoneinfo.ZoneInfo | None) -> int:
    """The instant of a wall time: the earlier one where the clock shows it twice, past the gap where it never does."""
    return wall if zone is None else _both_readings(wall, zone)[0]


def _both_readings(wall: int, zone: zoneinfo.ZoneInfo) -> tuple[int, int]:
    """The instants of a wall time before and after a change of the clock: equal if none is near, reversed in a gap."""
    local = (_EPOCH + wall * _MICROSECOND).replace(tzinfo=zone)
    offsets = (zone.utcoffset(local.replace(fold=fold)) for fold in (0, 1))
    first, second = (wall - offset // _MICROSECOND for offset in offsets if offset is not None)
    return first, second


def _wall(instant: int, zone: zoneinfo.ZoneInfo) -> int:
    local = (_EPOCH + instant * _MICROSECOND).astimezone(zone)
    return (local.replace(tzinfo=dt.UTC) - _EPOCH) // _MICROSECOND


def _end_of_gap(midnight: int, before: int, after: int, zone: zoneinfo.ZoneInfo) -> int:
    """The instant at which the clock jumped over ``midnight``; it lies in (before, after], on a whole second."""
    while after - before > SECOND:
        middle = (before + after) // (2 * SECOND) * SECOND
        if _wall(middle, zone) < midnight:
            before = middle
        else:
            after = middle
    return after
