"""Where a claim is drawn on a line of days: its first and its last day there, and what that leaves unsaid."""

import datetime as dt
from functools import lru_cache

import msgspec

from service.domain.edtf import BEGINNING, FOREVER
from service.domain.spans import day_in, zone_named
from service.feeds.page import Entry
from service.projections.told import Told, before

DAY_AFTER = dt.timedelta(days=1)


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """Days of the zone that the claim's dates were given in."""

    first: dt.date
    last: dt.date
    """Inclusive. Of what has no known end, the day that is asked about, or its start where that is later."""
    lasts: bool = False
    """From the one to the other, and not at some time between them."""
    instant: dt.datetime | None = None
    """UTC, of what is known to the very second."""
    open_start: bool = False
    """Nothing says when it began, or may have happened first: it is drawn from where something is known."""
    open_end: bool = False
    """As far as was heard it goes on; or it may have happened at any later time."""
    unknown_end: bool = False
    imprecise: bool = False
    """It is not known to the day when it began or ended."""


def cut_at(told: Told, at: int) -> int | None:
    """``at``, the valid time in µs, if what has no known end is cut there; else None, as for any other valid time."""
    earliest, latest = told.reach
    return at if latest == FOREVER and earliest <= at and _known(told) < at else None


def _known(told: Told) -> int:
    """How far that goes by itself which has no known end."""
    latest = told.claim.bounds.starts_latest
    return told.reach[0] if latest == FOREVER else latest


def drawn(entry: Entry, cut: int | None) -> Drawn:
    """``cut``: as ``cut_at`` says."""
    told, claim, item = entry.told, entry.told.claim, entry.item
    bounds, lasts, (earliest, latest) = claim.bounds, told.lasts, told.reach
    open_start, endless = earliest == BEGINNING, latest == FOREVER
    if endless:
        latest = _known(told) if cut is None else cut
    if open_start:  # where it had begun by then, or may have ended already
        earliest = min(bounds.starts_latest, latest)
        if lasts and BEGINNING < bounds.ends_earliest < earliest:
            earliest = bounds.ends_earliest
    first, last = _days(earliest, latest, claim.statement.tz)
    at_once = bounds.starts_earliest == bounds.starts_latest and not lasts
    return Drawn(
        first=first,
        last=last,
        lasts=lasts,
        instant=dt.datetime.fromtimestamp(earliest // 1_000_000, dt.UTC) if at_once else None,
        open_start=open_start,
        open_end=endless and item.ends != "unknown",
        unknown_end=endless and item.ends == "unknown",
        imprecise=open_start
        or not _in_a_day(bounds.starts_earliest, bounds.starts_latest, claim.statement.tz)
        or (
            lasts
            and not endless
            and not _in_a_day(bounds.ends_earliest, before(bounds.ends_latest), claim.statement.tz)
        ),
    )


def _in_a_day(earliest: int, latest: int, tz: str | None) -> bool:
    if BEGINNING in (earliest, latest) or FOREVER in (earliest, latest):
        return False
    first, last = _days(earliest, max(earliest, latest), tz)
    return first == last


@lru_cache(maxsize=16_384)
def _days(earliest: int, latest: int, tz: str | None) -> tuple[dt.date, dt.date]:
    zone = zone_named(tz or "UTC")
    return day_in(earliest, zone), day_in(latest, zone)
