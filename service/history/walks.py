"""To walk through the claims of a timeline in their order: by what is kept ready, or by folding the events."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeVar, cast

import msgspec

from service.domain.as_of import AsOf
from service.domain.claims import Claim, Omitted, Recorded, fold, seen, taken_back
from service.domain.events import Event, Statement
from service.domain.reading import relationships_of
from service.domain.types import EventType
from service.domain.windows import EVERYTHING, Window
from service.history.contents import Content, Contents
from service.history.histories import by_claim
from service.history.points import Standpoint, When
from service.history.rolls import Roll, Whole
from service.projections.criteria import Criteria
from service.projections.picking import START, Filters
from service.projections.present import order
from service.projections.timeline import Layout, Subject
from service.projections.told import Order, Recent, Told, told_of
from service.store import timelines
from service.store.lives import Life, Lives
from service.store.pool import Connection
from service.store.reads import Placed
from service.store.timelines import Reach

AnyTold = TypeVar("AnyTold", bound=Told)
AT_ONCE = 1_001
"""How many claims are read at once, at most."""


class Pinned(msgspec.Struct, frozen=True):
    """Where a page goes on that was begun before."""

    as_of: AsOf
    epoch: str
    """How that of the ledger began."""
    after: Order


class TimelineAsked(msgspec.Struct, frozen=True, kw_only=True):
    """All that is asked of a timeline besides what it is of."""

    when: When
    """Nothing, where it is pinned."""
    pinned: Pinned | None = None
    lang: str = "en"
    criteria: Criteria = Criteria()
    filters: Filters = Filters()
    layout: Layout = Layout()
    limit: int = 100
    newest_first: bool = False
    """Not in the order of dates, but of when claims were last acted on; retracted claims have their place in it."""

    @property
    def after(self) -> Order:
        return START if self.pinned is None else self.pinned.after


class Walk:
    """Through the claims in order, some at a time, by the versions kept ready: no reported day is asked for."""

    by_lives = True
    """Whether all versions, where they are in memory, spare asking for claims."""
    lives: Lives | None = None
    roll: Roll | None = None
    """What was told of them before."""
    at_once: tuple[Whole, int] | None = None
    """Where all that is visible was told at once: which of all it is."""
    omitted, last = Omitted(), 0
    passed = 0
    """How many touches were looked at, where that is not bounded by how many claims there are."""

    def __init__(
        self,
        contents: Contents,
        connection: Connection,
        ledger: str,
        subject: Subject,
        at: Standpoint,
        asked: TimelineAsked,
        types: Mapping[str, EventType],
    ) -> None:
        self.contents, self.connection, self.ledger = contents, connection, ledger
        self.subject, self.at, self.asked, self.types = subject, at, asked, types
        self.slugs = slugs_of(subject, at)
        self.place: Order | None = asked.after
        """After which the next ones come; None where there are none."""
        self._size = 0

    async def some(self, limit: int) -> Iterable[Told] | None:
        """The next ones, more of them each time; None after the last."""
        if self.place is None:
            return None
        self._size = min(2 * self._size or limit + 1, AT_ONCE)
        filters, told = self.asked.filters, None
        if filters.window == EVERYTHING and not filters.types:
            told = await self._first()
        if told is None:
            told = await self._placed(self._reach(filters.window, filters.types), self.place, self._size)
        self.place = told[-1].order if len(told) == self._size else None
        return told

    async def anything(self) -> bool:
        """Whether any claim is visible, whatever is asked of it."""
        if self.lives is not None:
            return bool(self.lives.placed(self.at.as_of.position, self._reach(), START, 1))
        return bool(await self._placed(self._reach(), START, 1))

    def _reach(self, window: Window = EVERYTHING, types: Sequence[str] = ()) -> Reach:
        lasting = [type_.name for type_ in self.types.values() if type_.lasts]
        if self.subject.is_actor:
            return Reach(actors=self.slugs, window=window, types=types, lasting=lasting)
        return Reach(timelines=self.slugs, window=window, types=types, lasting=lasting)

    async def _placed(self, reach: Reach, after: Order, size: int) -> list[Told]:
        head, position = self.at.head, self.at.as_of.position
        if self.lives is None:
            placed = await timelines.placed(self.connection, self.ledger, head.generation, reach, position, after, size)
            return await self._told_so(placed)
        return await self._in_roll(self.lives.placed(position, reach, after, size), self._told_so)

    async def _first(self) -> Sequence[Told] | None:
        """The first of all there are, where all were told before, or are few enough for that."""
        roll = self.roll
        if roll is None or self.place != START:
            return None
        tell = self._recent if self.asked.newest_first else self._told_so
        whole = await roll.whole(lambda lives: self._in_roll(lives, tell))
        if whole is None:
            return None
        which = roll.which(self.at.as_of.position)
        if which.bit_count() <= self._size:
            self.at_once = whole, which
        return whole.first(which, self._size)

    async def _in_roll(
        self, lives: Sequence[Life], tell: Callable[[Sequence[Life]], Awaitable[Sequence[AnyTold]]]
    ) -> list[AnyTold]:
        """Told as they were before."""
        roll = cast("dict[int, AnyTold]", {} if self.roll is None else self.roll)
        if missing := [one for one in lives if id(one) not in roll]:
            roll.update(zip(map(id, missing), await tell(missing), strict=True))
        return [roll[id(one)] for one in lives]

    async def _told_so(self, placed: Sequence[Placed]) -> list[Told]:
        contents = await self._contents([one.position for one in placed])
        lang, types = self.asked.lang, self.types
        return [
            Told.of(
                content.claimed(one),
                content.recorded.recorded_at if one.updated is None else one.updated,
                content.told(lang, types),
                one.touched,
            )
            for one, content in zip(placed, contents, strict=True)
        ]

    async def _contents(self, positions: Sequence[int]) -> list[Content]:
        return await self.contents.at(self.connection, self.ledger, self.at.head.epoch, positions)

    async def retracted(self, most: int) -> Sequence[Recent]:
        """Claims that are retracted, those that were last acted on."""
        head, position = self.at.head, self.at.as_of.position
        if self.lives is not None:
            lives = self.lives.recent(position, position + 1, most, retracted=True)
            return await self._in_roll(lives, self._recent)
        placed = await timelines.retracted(self.connection, self.ledger, head.generation, self._reach(), position, most)
        return await self._recent(placed)

    async def _recent(self, placed: Sequence[Placed]) -> list[Recent]:
        contents = await self._contents([one.position for one in placed])
        by = [one.retraction for one in placed if one.retraction is not None]
        retractions = {one.recorded.position: one.recorded for one in await self._contents(by)}
        lang, types = self.asked.lang, self.types
        return [
            Recent.of(
                one.claimed(content.recorded),
                content.recorded.recorded_at if one.updated is None else one.updated,
                content.told(lang, types),
                one.touched,
                retraction=None if one.retraction is None else retractions[one.retraction],
            )
            for one, content in zip(placed, contents, strict=True)
        ]


class RecentWalk(Walk):
    """Through the claims as they were last acted on, the newest first, retracted ones too."""

    async def some(self, limit: int) -> Iterable[Told] | None:
        if self.place is None:
            return None
        self._size = min(2 * self._size or limit + 1, AT_ONCE)
        head, position = self.at.head, self.at.as_of.position
        before = position + 1 if self.place == START else -self.place[0]
        told = await self._first()
        if told is not None:
            self.place = told[-1].order if len(told) == self._size else None
            return told
        if self.lives is not None:
            lives = self.lives.recent(position, before, self._size)
            self.place = (-lives[-1].since, 0, 0) if len(lives) == self._size else None
            return await self._in_roll(lives, self._recent)
        self.passed += self._size
        reach = self._reach()
        placed, way_on = await timelines.recent(
            self.connection, self.ledger, head.generation, reach, position, before, self._size
        )
        self.place = None if way_on is None else (-way_on, 0, 0)
        return await self._recent(placed)


class FoldedWalk(Walk):
    """By the events themselves, cut at the reported day."""

    by_lives = False
    _claims: Sequence[Claim] | None = None

    async def some(self, limit: int) -> Iterable[Told] | None:
        if self._claims is not None:
            return None
        await self._fold()
        after = self.asked.after
        return (told for told in self._told() if told.order > after)

    async def anything(self) -> bool:
        return bool(self._claims)

    async def retracted(self, most: int) -> Sequence[Recent]:
        found = sorted(self._taken_back(), key=lambda recent: recent.order)
        return found[:most]

    async def _fold(self) -> None:
        position, reported_by = self.at.as_of.position, self.at.as_of.reported
        assert reported_by is not None  # noqa: S101 - else it is another walk
        if self.subject.is_actor:
            stored = await timelines.events_of_actors(self.connection, self.ledger, self.slugs, position)
            ever = {one.recorded.claim for one in stored if self._is_here(one.recorded.event)}
            events = [one.recorded for one in stored if one.recorded.claim in ever]
            self._events: Mapping[str, Sequence[Recorded]] = by_claim(events)
            self._folded = fold(events, reported_by)
            self.last = stored[-1].recorded.position if stored else 0
            here = (claim for claim in self._folded.claims.values() if self._is_here(claim.statement))
            self._claims = sorted(here, key=order)
        else:
            epoch, slugs = self.at.head.epoch, sorted(self.slugs)
            history = await self.contents.histories.of(self.connection, self.ledger, epoch, slugs, position)
            self._events, self.last = history.by_claim, history.last
            self._folded, self._claims = history.folded(reported_by), history.told(reported_by)
        self.omitted = self._folded.omitted

    def _is_here(self, statement: Event | Statement) -> bool:
        if not isinstance(statement, Statement):
            return False
        on = [party.actor for party in statement.parties] if self.subject.is_actor else relationships_of(statement)
        return not set(self.slugs).isdisjoint(on)

    def _told(self) -> Iterator[Told]:
        """Each only when it is wanted."""
        for claim in self._claims or ():
            yield self._told_of(claim)

    def _told_of(self, claim: Claim) -> Told:
        reported_by = self.at.as_of.reported
        last = seen(self._events[claim.id], reported_by)[-1]
        return told_of(claim, last, self.types, self.asked.lang, reported_by)

    def _taken_back(self) -> Iterator[Recent]:
        events = chain.from_iterable(self._events.values())
        for claim in taken_back(events, self._folded, self.at.as_of.reported).values():
            if self._is_here(claim.statement):
                yield _recent(self._told_of(claim), self._folded.retracted[claim.id])


class FoldedRecentWalk(FoldedWalk):
    """The newest first, cut at the reported day."""

    def _told(self) -> Iterator[Told]:
        told = [_recent(one) for one in super()._told()]
        yield from sorted((*told, *self._taken_back()), key=lambda recent: recent.order)


def _recent(told: Told, retraction: Recorded | None = None) -> Recent:
    return Recent.of(told.claim, told.updated, told.plain, told.touched, retraction=retraction)


def walk_of(asked: TimelineAsked, at: Standpoint) -> type[Walk]:
    """In which order, and by what."""
    if at.as_of.reported is None:
        return RecentWalk if asked.newest_first else Walk
    return FoldedRecentWalk if asked.newest_first else FoldedWalk


def slugs_of(subject: Subject, at: Standpoint) -> Sequence[str]:
    """Every timeline that reads as this one; or every actor whose claims it is of."""
    if not subject.is_actor:
        return at.aliases.timelines(subject.slug)
    return [slug for one in (subject.slug, *subject.units) for slug in at.aliases.merged_into(one)]
