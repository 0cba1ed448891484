"""What one process knows from questions before: where ledgers stand, all that was so in relationships, who was who."""

import time
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from service.domain.actors import Aliases
from service.domain.as_of import AsOf
from service.domain.names import Actors
from service.domain.types import EventType
from service.history.contents import Contents
from service.history.describing import actors_named
from service.history.points import Standpoint, When, stand
from service.history.rolls import Roll
from service.projections import made
from service.projections.made import Made, Shelf
from service.projections.stretches import Stretches
from service.store.courses import Course, Place
from service.store.lives import Lives, TooLarge, lives_of
from service.store.pool import Connection
from service.store.reads import Head

FRESH = 2.0
"""Seconds since a look at a ledger for which a final answer is given without another: it may have been restored."""
MOST_ALIASES, MOST_ACTORS, MOST_TOO_LARGE = 100, 500, 10_000
MOST_BYTES_OF_COURSES, MOST_BYTES_OF_LIVES, MOST_BYTES_IN_STRETCHES = 24 * 2**20, 16 * 2**20, 40 * 2**20
MOST_BYTES_OF_ROLLS = 16 * 2**20
BYTES_OF_A_LIFE, BYTES_OF_A_FACT, OVERHEAD = 450, 1_300, 2_000
OFTEN, VERY_OFTEN = 3, 100
"""How often a relationship is asked about before its facts are put into stretches; and a window of one of many facts,
which takes as long as some hundred looks at them one by one."""


class Past:
    """One past of a ledger, as far as it was looked at; after a restore or a rebuild there is another one."""

    def __init__(self, head: Head, shelf: Shelf[Any]) -> None:
        self.head, self._shelf = head, shelf
        self.looked = 0.0
        self.course: Course | None = Course()
        """None where it is too long."""
        self.aliases: dict[int, Aliases] = {0: Aliases()}
        """By where merges last changed."""
        self._made: dict[int, Made] = {}

    def is_of(self, head: Head) -> bool:
        own = self.head
        return own is head or (own.epoch, own.generation) == (head.epoch, head.generation)

    @property
    def weight(self) -> int:
        return OVERHEAD + (0 if self.course is None else self.course.weight)

    def made(self, types: Collection[str]) -> Made:
        """What was made of it. Types are never changed, so their number says which were known."""
        made = self._made.get(len(types))
        if made is None:
            made = self._made[len(types)] = Made(self._shelf)
        return made


class Remembered:
    """Nothing in it grows stale: a key says all that a thing hangs on, or the thing says up to where it is complete."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.contents = Contents()
        self._shelf: Shelf[Any] = Shelf(made.MOST_BYTES)
        self._pasts: Shelf[Past] = Shelf(MOST_BYTES_OF_COURSES)
        self._actors: Shelf[tuple[frozenset[str], Actors]] = Shelf(MOST_ACTORS)
        self._lives: Shelf[Lives] = Shelf(MOST_BYTES_OF_LIVES)
        self._too_large: Shelf[bool] = Shelf(MOST_TOO_LARGE)
        self._stretches: Shelf[Stretches] = Shelf(MOST_BYTES_IN_STRETCHES)
        self._rolls: Shelf[Roll] = Shelf(MOST_BYTES_OF_ROLLS)

    def past(self, ledger: str, head: Head) -> Past:
        past = self._pasts.get(ledger)
        if past is None or not past.is_of(head):
            past = Past(head, self._shelf)
            self._pasts.put(ledger, past, past.weight)
        return past

    async def stand(self, connection: Connection, ledger: str, when: When, relationship: str) -> Standpoint:
        """As ``points.stand``; what is found out by that is remembered."""
        looked = self._clock()
        at = await stand(connection, ledger, when, relationship)
        past = self.past(ledger, at.head)
        if at.head.position >= past.head.position:
            past.head, past.looked = at.head, max(looked, past.looked)
        if len(past.aliases) > MOST_ALIASES:
            past.aliases = {0: Aliases()}
        past.aliases[at.merged] = at.aliases
        course, head = past.course, at.head
        if at.as_of.pinned and course is not None and course.through < at.as_of.position:
            if not await course.go_on(connection, ledger, head.generation, head.position):
                past.course = None
            self._pasts.put(ledger, past, past.weight)
        return at

    def epoch_at_hand(self, ledger: str) -> UUID | None:
        """Of a ledger that was looked at a moment ago."""
        past = self._pasts.get(ledger)
        return past.head.epoch if past is not None and self._clock() - past.looked <= FRESH else None

    def recall(self, ledger: str, when: When, relationship: str) -> Standpoint | None:
        """Where a final question about a relationship stands, if that is known without asking; else None."""
        past = self._pasts.get(ledger)
        if past is None or past.course is None or when.reported is not None:
            return None
        if self._clock() - past.looked > FRESH or (place := _place(past, past.course, when)) is None:
            return None
        aliases = past.aliases.get(place.merged)
        lives = None if aliases is None else self._lives.get((past, *aliases.timelines(relationship)))
        known = place.recorded_at if when.known is None else when.known.at
        valid = known if when.valid is None else when.valid.at
        if aliases is None or lives is None or place.position > lives.through or valid is None:
            return None
        touch = lives.touched(place.position)
        return Standpoint(
            as_of=AsOf(valid=valid, known=known, position=place.position, final=True, pinned=True),
            head=past.head,
            aliases=aliases,
            revision=touch.revision,
            touched=touch.position,
            described=place.described,
            since=max(touch.end, place.described_until),
            merged=place.merged,
            recalled=True,
        )

    def lives_at_hand(self, ledger: str, at: Standpoint, relationship: str) -> Lives | None:
        """The same, as far as it is known already."""
        known = self._lives.get((self.past(ledger, at.head), *at.aliases.timelines(relationship)))
        if known is None or at.as_of.position <= known.through:
            return known
        if known.touched(known.through).position != at.touched:
            return None
        known.through = at.as_of.position  # nothing has touched it since
        return known

    async def lives(self, connection: Connection, ledger: str, at: Standpoint, relationship: str) -> Lives | None:
        """All that was so of a relationship up to the point; None where there is too much of it to be held."""
        at_hand = self.lives_at_hand(ledger, at, relationship)
        if at_hand is not None:
            return at_hand
        timelines = at.aliases.timelines(relationship)
        key = (self.past(ledger, at.head), *timelines)
        if self._too_large.get(key):
            return None
        known = self._lives.get(key)
        through = at.as_of.position if at.recalled else at.head.position
        try:
            found = await lives_of(connection, ledger, at.head.generation, timelines, through, known)
        except TooLarge:
            self._too_large.put(key, thing=True)
            return None
        self._lives.put(key, found, OVERHEAD + BYTES_OF_A_LIFE * len(found))
        return found

    async def stretches(
        self, connection: Connection, ledger: str, at: Standpoint, lives: Lives, types: Mapping[str, EventType]
    ) -> Stretches | None:
        """Of those around the point, where they are looked at often and not too many to be held by stretches."""
        window = lives.window(at.as_of.valid)
        if window is None:
            return None
        made = self.past(ledger, at.head).made(types)
        found = self._stretches.get((lives, made, window))
        if found is None:
            lives.asked[window] += 1
            if lives.asked[window] < (VERY_OFTEN if lives.has_windows else OFTEN):
                return None
            facts = lives.within(window)
            contents = await self.contents.at(connection, ledger, at.head.epoch, [one.position for one in facts])
            claims = [
                (one.since, one.until, content.claimed(one)) for one, content in zip(facts, contents, strict=True)
            ]
            # Its facts are let go with it, and need no place among what is found again by its parts.
            found = Stretches(claims, partial(Made().present, types=types))
            weight = OVERHEAD + BYTES_OF_A_FACT * len(found.facts.presents) + found.weight
            self._stretches.put((lives, made, window), found, weight)
            lives.asked[window] = 0  # where it has to go, it comes back when it was asked for as often again
        return found if found.whole else None

    def roll(
        self,
        ledger: str,
        at: Standpoint,
        relationship: str,
        lives: Lives,
        types: Mapping[str, EventType],
        lang: str,
        *,
        newest_first: bool,
    ) -> Roll:
        """Of a relationship, told in one way; whoever asks adds what is not there."""
        key = (self.past(ledger, at.head).made(types), lang, newest_first, *at.aliases.timelines(relationship))
        found = self._rolls.get(key)
        if found is None or found.lives is not lives:
            found = Roll(lives, newest_first=newest_first, before=found)
            self._rolls.put(key, found, OVERHEAD + BYTES_OF_A_FACT * len(lives))
        return found

    def stretches_at_hand(
        self, ledger: str, at: Standpoint, lives: Lives, types: Mapping[str, EventType]
    ) -> Stretches | None:
        """Those that there are already."""
        window = lives.window(at.as_of.valid)
        found = self._stretches.get((lives, self.past(ledger, at.head).made(types), window))
        return found if found is not None and found.whole else None

    def who_is_at_hand(self, ledger: str, at: Standpoint, subject: str, named: Collection[str]) -> Actors | None:
        """As ``who_is``, as far as it is known already."""
        known = self._actors.get((self.past(ledger, at.head), at.described, subject))
        return known[1] if known is not None and known[0].issuperset(named) else None

    async def who_is(
        self, connection: Connection, ledger: str, at: Standpoint, subject: str, named: Collection[str]
    ) -> Actors:
        """As ``actors_named`` tells of at least these, whom answers about ``subject`` name.

        What was said of them holds until something is said of any actor.
        """
        at_hand = self.who_is_at_hand(ledger, at, subject, named)
        if at_hand is not None:
            return at_hand
        key = (self.past(ledger, at.head), at.described, subject)
        known = self._actors.get(key)
        every = frozenset(named) if known is None else known[0].union(named)
        actors = await actors_named(connection, ledger, at, [every])
        self._actors.put(key, (every, actors))
        return actors


def _place(past: Past, course: Course, when: When) -> Place | None:
    """None where it is not known, or may not be final."""
    if when.position is not None and when.known is None and when.position <= course.through:
        return course.at_position(when.position)
    if when.known is not None and when.position is None and when.known.at <= course.latest:
        return course.at_time(when.known.at)
    return None
