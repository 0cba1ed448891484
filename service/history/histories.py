"""Whole histories of relationships that one process has read already, and what they say by reported days."""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from uuid import UUID

from service.domain.claims import Claim, Folded, Omitted, Recorded, fold
from service.domain.events import Event, Statement
from service.domain.reading import relationships_of
from service.projections.present import order
from service.projections.told import Order
from service.store import reads
from service.store.pool import Connection
from service.store.reads import Stored

MOST_EVENTS = 10_000
"""Of all histories that are kept; each takes some kilobytes."""
MOST_DAYS = 8
"""By which one history is kept folded, those asked for last."""


class History:
    """The events of some relationships by a position, on the claims that ever belonged to them."""

    def __init__(self, stored: Sequence[Stored], timelines: Collection[str]) -> None:
        self._timelines = frozenset(timelines)
        told = [one.recorded for one in stored]
        # What fulfils an expectation elsewhere touches this relationship too, and that claim never belonged to it.
        ever = {one.claim for one in told if self.is_here(one.event)}
        self.events = [one for one in told if one.claim in ever]
        self.last = told[-1].position if told else 0
        self._folded: OrderedDict[int, tuple[Folded, Sequence[Claim]]] = OrderedDict()
        self._places: dict[int, Order | None] = {}
        """By the position of a content: where its claim stands in the order of dates; None if it is not here."""

    def is_here(self, event: Event | Statement) -> bool:
        """Whether it says something that belongs to them."""
        return isinstance(event, Statement) and not self._timelines.isdisjoint(relationships_of(event))

    @cached_property
    def by_claim(self) -> Mapping[str, Sequence[Recorded]]:
        return by_claim(self.events)

    def folded(self, reported_by: int) -> Folded:
        """What they said by the end of a reported day."""
        return self._by(reported_by)[0]

    def told(self, reported_by: int) -> Sequence[Claim]:
        """The claims of ``folded`` that are here, in the order of their dates."""
        return self._by(reported_by)[1]

    def _by(self, reported_by: int) -> tuple[Folded, Sequence[Claim]]:
        found = self._folded.get(reported_by)
        if found is None:
            folded = self._fold(reported_by)
            found = self._folded[reported_by] = folded, self._in_order(folded.claims.values())
            if len(self._folded) > MOST_DAYS:
                self._folded.popitem(last=False)
        else:
            self._folded.move_to_end(reported_by)
        return found

    def _in_order(self, claims: Iterable[Claim]) -> list[Claim]:
        found = []
        for claim in claims:
            position = claim.content.position
            if position not in self._places:
                self._places[position] = order(claim) if self.is_here(claim.statement) else None
            if (place := self._places[position]) is not None:
                found.append((place, claim))
        return [claim for _, claim in sorted(found, key=itemgetter(0))]

    @cached_property
    def _courses(self) -> list["_Course"]:
        return [_Course(events) for events in self.by_claim.values()]

    def _fold(self, reported_by: int) -> Folded:
        """As ``fold`` of all events: no claim hangs on the events of another."""
        claims, retracted, undated, possible = {}, {}, 0, 0
        for course in self._courses:
            claim, retraction, of_no_day, maybe = course.at(reported_by)
            if claim is not None:
                claims[claim.id] = claim
            elif retraction is not None:
                retracted[retraction.claim] = retraction
            undated += of_no_day
            possible += maybe
        return Folded(claims, retracted, Omitted(undated, possible))


_Said = tuple[Claim | None, Recorded | None, int, int]
"""What a claim's events say by a day: itself, or its retraction; and how many of them are left out and why."""


class _Course:
    """The events of one claim, and what they say between the days at which that may change, once it was asked for."""

    __slots__ = ("_days", "_events", "_said")

    def __init__(self, events: Sequence[Recorded]) -> None:
        self._events = events
        spans = [one.reported for one in events if one.reported is not None]
        self._days = sorted({day for span in spans for day in (span.earliest, span.latest)})
        self._said: list[_Said | None] = [None] * (len(self._days) + 1)

    def at(self, reported_by: int) -> _Said:
        which = bisect_right(self._days, reported_by)
        said = self._said[which]
        if said is None:
            folded = fold(self._events, reported_by)
            claim, retraction = next(iter(folded.claims.values()), None), next(iter(folded.retracted.values()), None)
            omitted = folded.omitted
            said = self._said[which] = (claim, retraction, omitted.undated, omitted.reported_possible)
        return said


def by_claim(events: Iterable[Recorded]) -> dict[str, list[Recorded]]:
    """In order."""
    found: dict[str, list[Recorded]] = {}
    for one in events:
        found.setdefault(one.claim, []).append(one)
    return found


class Histories:
    """Bounded by their events; which was not asked for longest goes first. Events never change, so nothing is stale."""

    def __init__(self, most_events: int = MOST_EVENTS) -> None:
        self._most, self._events = most_events, 0
        self._kept: OrderedDict[tuple[str, UUID, tuple[str, ...], int], History] = OrderedDict()

    async def of(
        self, connection: Connection, ledger: str, epoch: UUID, timelines: Sequence[str], position: int
    ) -> History:
        key = ledger, epoch, tuple(timelines), position
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept
        stored = await reads.events_of_relationships(connection, ledger, timelines, position)
        history = History(stored, timelines)
        if len(history.events) <= self._most and key not in self._kept:
            self._kept[key] = history
            self._events += len(history.events)
            while self._events > self._most:
                _, gone = self._kept.popitem(last=False)
                self._events -= len(gone.events)
        return history
