"""Points in time that a question stands on: how they are written, what they resolve to; instants are µs since 1970."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

import msgspec

from service.domain.edtf import BEGINNING, FOREVER

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - for writing only: its `Z` is put there by hand
_MICROSECOND: Final = timedelta(microseconds=1)
_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_INSTANT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:([Zz])|([+-])(\d\d):(\d\d))", re.ASCII
)
FORMS: Final = "a full date, such as 2024-06-30, or an instant with its zone, such as 2024-06-30T12:00:00Z"


class UnreadablePoint(ValueError):
    """The text names no point in time; its words say which form to use."""


class Point(msgspec.Struct, frozen=True):
    """A day or an instant as a parameter."""

    at: int
    """The instant it stands for: of a day, its last microsecond (UTC)."""
    whole_day: bool

    def no_later_than(self, now: int) -> "Point | None":
        """Itself; cut at ``now`` where it is the day that ``now`` lies in; None where it lies wholly after ``now``."""
        if self.at <= now:
            return self
        begins = self.at - 86_400_000_000 + 1
        return Point(now, whole_day=True) if self.whole_day and begins <= now else None


@lru_cache(maxsize=8_192)
def parse_point(text: str) -> Point:
    """Raises UnreadablePoint for anything but a full date or an RFC 3339 instant of the years 0002 to 9998."""
    try:
        if date := _DATE.fullmatch(text):
            day = datetime(int(date[1]), int(date[2]), int(date[3]), tzinfo=UTC)
            point = Point(microseconds(day) + 86_400_000_000 - 1, whole_day=True)
        elif instant := _INSTANT.fullmatch(text):
            point = Point(_instant(instant), whole_day=False)
        else:
            raise UnreadablePoint(_advice(text))
    except ValueError as error:
        if isinstance(error, UnreadablePoint):
            raise
        raise UnreadablePoint(f"{text!r} is not in the calendar ({error}); give {FORMS}") from None
    if not _FIRST <= point.at <= _LAST:
        raise UnreadablePoint(f"{text!r} is outside the years 0002 to 9998")
    return point


def _instant(match: re.Match[str]) -> int:
    local = datetime.fromisoformat(f"{match[1]}T{match[2]}.{(match[3] or '').ljust(6, '0')}+00:00")
    if match[4]:
        return microseconds(local)
    hours, minutes = int(match[6]), int(match[7])
    if hours > 23 or minutes > 59:
        raise UnreadablePoint(f"{match[0]!r} has an impossible offset; give {FORMS}")
    offset = (hours * 60 + minutes) * 60_000_000
    return microseconds(local) - (offset if match[5] == "+" else -offset)


def _advice(text: str) -> str:
    if re.fullmatch(r"\S+ \d\d:?\d\d", text) and "T" in text:
        return f"{text!r} has a space where `+` was meant: write it as %2B in an address, or use Z"
    if re.fullmatch(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?", text):
        return f"{text!r} has no zone; give {FORMS}"
    return f"{text!r} is not a point in time; give {FORMS}"


def microseconds(at: datetime) -> int:
    """Exact, unlike anything that passes through a float."""
    return (at - _EPOCH) // _MICROSECOND


@lru_cache(maxsize=16_384)  # an answer names few instants, and each of them often
def rfc3339(us: int) -> str:
    """UTC, with microseconds: ``2024-06-30T23:59:59.999999Z``."""
    return (_NAIVE_EPOCH + timedelta(microseconds=us)).isoformat(timespec="microseconds") + "Z"


def boundary(us: int, *, last: bool = False) -> str | None:
    """A bound in words a client can use: a date where it lies on a day's edge, else an instant; None where unbounded.

    ``last`` says that the bound is a period's last microsecond, and so stands for that day.
    """
    if us in (BEGINNING, FOREVER):
        return None
    edge = us + 1 if last else us
    return rfc3339(us)[:10] if edge % 86_400_000_000 == 0 else rfc3339(us)


_FIRST: Final = microseconds(datetime(2, 1, 1, tzinfo=UTC))
_LAST: Final = microseconds(datetime(9999, 1, 1, tzinfo=UTC)) - 1


class AsOf(msgspec.Struct, frozen=True, kw_only=True):
    """The point that one answer stands on, resolved; everything in the answer stands at it."""

    valid: int
    known: int | None
    """None before the ledger knew anything: position 0."""
    position: int
    """The end of a batch; 0 before the first."""
    reported: int | None = None
    final: bool
    """True where nothing recorded later can change the answer at this address."""
    pinned: bool = False
    """True where the address itself says what was known."""

    @property
    def projected(self) -> bool:
        """The valid day lies after the known one."""
        return self.known is not None and self.valid > self.known
