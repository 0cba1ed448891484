"""Items gathered into clusters of calendar periods, none finer than what is known of each; and into groups."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Literal, get_args

import msgspec
from msgspec import UNSET, UnsetType

from service.domain.edtf import BEGINNING, FOREVER, Bounds
from service.domain.spans import day_in, zone_named
from service.domain.types import EventType
from service.projections.lines import Answer, Total
from service.projections.told import Told, in_time
from service.projections.view import View

Bucket = Literal["day", "month", "year", "decade", "century"]
Precision = Literal["day", "month", "year", "decade", "century", "any"]
GroupBy = Literal["type", "actor", "platform", "relationship", "tag", "month", "year", "decade", "century"]
BUCKETS: tuple[Bucket, ...] = get_args(Bucket)
LADDER: tuple[Precision, ...] = (*BUCKETS, "any")


class Period(msgspec.Struct, frozen=True):
    """A day, month, year, decade or century of the calendar; or all of time."""

    precision: Precision
    edtf: str | None = None
    first: str | None = None
    last: str | None = None
    """Its first and its last day."""


ANY = Period("any")


class Cluster(Answer, frozen=True, kw_only=True):
    """Items whose dates lie in one period, and are not known to lie in one that is shorter but for the bucket."""

    precision: Precision
    """`any` where no century holds what is known of the date."""
    edtf: str | UnsetType = UNSET
    """The period; it may be given as `from` and `to`."""
    earliest: str | UnsetType = UNSET
    """Its first day; of `any`, where that is bounded, the first day on which one of the items may have begun."""
    latest: str | UnsetType = UNSET
    """Its last day; of `any`, where that is bounded, the last day on which one may have begun."""
    count: Total
    certainties: Mapping[str, int]
    """How many are so with which certainty; `expected` counts the expectations."""
    types: Mapping[str, int]
    """How many are of which type."""


class Group(Answer, frozen=True, kw_only=True):
    """A group, and how many of the items told of in this answer are in it."""

    id: str
    label: str
    count: Total


def period_of(bounds: Bounds, tz: str | None, finest: Bucket) -> Period:
    """The shortest period, but none shorter than a ``finest`` one, that holds all instants at which it may have begun.

    The days are those of the zone that the date was given in.
    """
    return _period(bounds.starts_earliest, bounds.starts_latest, tz or "UTC", finest)


@lru_cache(maxsize=8192)
def _period(earliest: int, latest: int, tz: str, finest: Bucket) -> Period:
    if earliest == BEGINNING or latest == FOREVER:
        return ANY
    first, last = _day(earliest, tz), _day(latest, tz)
    for precision in BUCKETS[BUCKETS.index(finest) :]:
        begins, ends, text = _calendar(first, precision)
        if begins <= last <= ends:
            return Period(precision, text, begins.isoformat(), ends.isoformat())
    return ANY


def _day(at: int, tz: str) -> dt.date:
    return day_in(at, zone_named(tz))


def _calendar(day: dt.date, precision: Bucket) -> tuple[dt.date, dt.date, str]:
    """The period around a day: its first and its last day, and its EDTF."""
    if precision == "day":
        return day, day, day.isoformat()
    if precision == "month":
        begins = day.replace(day=1)
        ends = (begins + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
        return begins, ends, day.isoformat()[:7]
    years = {"year": 1, "decade": 10, "century": 100}[precision]
    first = day.year // years * years
    digits = {"year": 4, "decade": 3, "century": 2}[precision]
    text = f"{day.year:04}"[:digits].ljust(4, "X")
    # The calendar has no year 0.
    return dt.date(max(first, 1), 1, 1), dt.date(first + years - 1, 12, 31), text


class Gathered(msgspec.Struct, frozen=True):
    """The claims of a stretch by period, each period with its claims in order."""

    by_period: Mapping[Period, Sequence[Told]]

    def clusters(self, at: int, *, alone: bool) -> tuple[Cluster, ...]:
        """In the order of their first and then their last days; those of one claim only if ``alone``."""
        found = [_cluster(period, some, at) for period, some in self.by_period.items() if len(some) > 1 or alone]
        return tuple(sorted(found, key=lambda one: (one.earliest or "", one.latest or "9999", one.precision)))

    def single(self) -> list[Told]:
        """Those that are alone in their period."""
        return sorted((some[0] for some in self.by_period.values() if len(some) == 1), key=lambda one: one.order)


def gather(told: Iterable[Told], finest: Bucket) -> Gathered:
    found: dict[Period, list[Told]] = {}
    for one in told:
        found.setdefault(period_of(one.claim.bounds, one.claim.statement.tz, finest), []).append(one)
    return Gathered(found)


def gather_to(told: Sequence[Told], finest: Bucket, most: int) -> Gathered:
    """By the shortest periods, from ``finest`` on, that give at most ``most`` of them; at last, all together."""
    for bucket in BUCKETS[BUCKETS.index(finest) :]:
        gathered = gather(told, bucket)
        if len(gathered.by_period) <= most:
            return gathered
    return Gathered({ANY: told})


def _cluster(period: Period, told: Sequence[Told], at: int) -> Cluster:
    certainties = Counter("expected" if o.claim.expectation else in_time(o.claim.bounds, at) for o in told)
    first, last = period.first, period.last
    if period is ANY or period == ANY:
        earliest = min(one.claim.bounds.starts_earliest for one in told)
        latest = max(one.claim.bounds.starts_latest for one in told)
        first = None if earliest == BEGINNING else _day(earliest, "UTC").isoformat()
        last = None if latest == FOREVER else _day(latest, "UTC").isoformat()
    return Cluster(
        precision=period.precision,
        edtf=period.edtf or UNSET,
        earliest=first or UNSET,
        latest=last or UNSET,
        count=len(told),
        certainties=dict(sorted(certainties.items())),
        types=dict(sorted(Counter(one.claim.statement.type for one in told).items())),
    )


class Grouping:
    """Puts claims into groups, and counts what is in each."""

    def __init__(self, by: GroupBy | None, view: View, types: Mapping[str, EventType]) -> None:
        self._by, self._view, self._types = by, view, types
        self._counts: Counter[str] = Counter()
        self._labels: dict[str, str] = {}
        self._of_type: dict[str, tuple[str, ...]] = {}

    def add(self, told: Told) -> tuple[str, ...]:
        """The ids of its groups, each once."""
        if self._by is None:
            return ()
        if self._by == "type":  # what feeds are grouped by where nothing is said
            return self._add_to(told.plain.type)
        named = dict(self._named(told))
        self._counts.update(named.keys())
        self._labels = named | self._labels
        return tuple(named)

    def _add_to(self, type_: str) -> tuple[str, ...]:
        ids = self._of_type.get(type_)
        if ids is None:
            ids, known = (type_,), self._types.get(type_)
            self._of_type[type_], self._labels[type_] = ids, type_ if known is None else known.title
        self._counts[type_] += 1
        return ids

    def groups(self) -> tuple[Group, ...] | UnsetType:
        """By label."""
        if self._by is None:
            return UNSET
        found = [Group(id=id_, label=self._labels[id_], count=count) for id_, count in self._counts.items()]
        return tuple(sorted(found, key=lambda group: (group.label, group.id)))

    def _named(self, told: Told) -> Iterable[tuple[str, str]]:
        claim, view = told.claim, self._view
        match self._by:
            case "actor":
                yield from ((actor, view.label(actor)) for actor, _ in view.named(claim.statement))
            case "platform":
                yield from ((one.platform, one.label) for one in told.plain.platforms)
            case "relationship":
                own = view.question.actors.aliases.relationship
                yield from ((own(one), own(one)) for one in told.plain.relationships)
            case "tag":
                yield from ((tag, tag) for tag in claim.statement.tags)
            case "month" | "year" | "decade" | "century":
                text = period_of(claim.bounds, claim.statement.tz, self._by).edtf or "any"
                yield text, text
