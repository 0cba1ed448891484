"""Versions of a relationship, and the seconds that Memento knows them by; a rule about what is one belongs here."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

import msgspec

from service.domain.actors import Aliases
from service.domain.as_of import microseconds
from service.domain.edtf import FOREVER

_SECOND: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_IMF_FIXDATE: Final = re.compile(
    rf"(?:{'|'.join(_DAYS)}), (\d\d) ({'|'.join(_MONTHS)}) (\d{{4}}) (\d\d):(\d\d):(\d\d) GMT", re.ASCII
)


class UnreadableSecond(ValueError):
    """The text is no IMF-fixdate; its words say which form to use."""


class Version(msgspec.Struct, frozen=True):
    """The end of a batch that touched a relationship: how that was known from there until the next one."""

    position: int
    """The last of the batch's."""
    first: int
    """The first of the batch's."""
    recorded_at: int
    """In µs."""


class Stretch(msgspec.Struct, frozen=True):
    """From where to where a relationship's events count: those after ``after``, up to ``until``."""

    relationship: str
    after: int = 0
    until: int = FOREVER


class Reach(msgspec.Struct, frozen=True):
    """All that makes versions of one relationship."""

    stretches: tuple[Stretch, ...]
    changes: tuple[int, ...] = ()
    """Positions at which other relationships came to read as it, or ceased to."""


class Merge(msgspec.Struct, frozen=True):
    """One actor reads as another from a position up to the one before ``until``."""

    merged: str
    survivor: str
    position: int
    until: int


def second_of(us: int) -> int:
    """The instant cut to its second; never rounded up."""
    return us // _SECOND * _SECOND


def end_of_second(us: int) -> int:
    """The last microsecond of the second that ``us`` lies in: what was recorded by then, cut to the second, is no later
    than that second."""
    return second_of(us) + _SECOND - 1


def imf_fixdate(us: int) -> str:
    """As HTTP writes instants (RFC 9110, 5.6.7), cut to the second: ``Thu, 31 May 2007 20:35:00 GMT``."""
    at = _EPOCH + timedelta(seconds=us // _SECOND)
    return f"{_DAYS[at.weekday()]}, {at.day:02} {_MONTHS[at.month - 1]} {at.year:04} {at:%H:%M:%S} GMT"


def read_imf_fixdate(text: str) -> int:
    """In µs. The day of the week must be one, not the right one. Raises UnreadableSecond."""
    found = _IMF_FIXDATE.fullmatch(text)
    form = "the form is `Thu, 31 May 2007 20:35:00 GMT`"
    if found is None:
        raise UnreadableSecond(form)
    day, month, year, hour, minute, second = found.groups()
    # A leap second has no instant of its own on this axis; it lies in the last second that has.
    seconds = 59 if (hour, minute, second) == ("23", "59", "60") else int(second)
    try:
        at = datetime(int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), seconds, tzinfo=UTC)
    except ValueError as error:
        raise UnreadableSecond(f"there is no such time ({error}); {form}") from None
    return microseconds(at)


def iso_second(us: int) -> str:
    """ISO 8601, UTC, cut to the second: ``2007-05-31T20:35:00Z``."""
    return f"{(_EPOCH + timedelta(seconds=us // _SECOND)).replace(tzinfo=None).isoformat()}Z"


def chosen(versions: Sequence[Version], asked: int | None) -> Version:
    """Of all versions in their order: the last whose second is no later than the asked one; the first where all are;
    without an asked one the last."""
    if asked is None:
        return versions[-1]
    return next((one for one in reversed(versions) if one.recorded_at <= end_of_second(asked)), versions[0])


def stretches_of(relationship: str, merges: Iterable[Merge]) -> tuple[Stretch, ...]:
    """Its own events always count; those of a relationship that reads as it while it does so."""
    every = list(merges)
    edges = sorted({edge for one in every for edge in (one.position, one.until)} | {FOREVER})
    found: list[Stretch] = []
    for begins, ends in pairwise(edges):
        aliases = Aliases({one.merged: one.survivor for one in every if one.position <= begins < one.until})
        for other in aliases.timelines(relationship)[1:]:
            before = next((one for one in found if (one.relationship, one.until) == (other, begins - 1)), None)
            after = begins - 1
            if before is not None:
                found.remove(before)
                after = before.after
            found.append(Stretch(other, after, ends if ends == FOREVER else ends - 1))
    return (Stretch(relationship), *sorted(found, key=lambda one: (one.after, one.relationship)))
