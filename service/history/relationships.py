"""To search the relationships of a ledger: by the claims on a platform, or by id, counting as far as a page may."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from service.domain.actors import members_of
from service.domain.claims import Omitted
from service.history.across import (
    MOST_READ,
    Page,
    Paged,
    TooBroad,
    in_force,
    named_in,
    needed_for,
    question_of,
    stand_for,
    types_of,
)
from service.history.answering import Asked
from service.history.describing import actors_named
from service.history.points import Standpoint
from service.history.relating import MOST_COUNTED, MOST_FOLDED, numbers_at, numbers_folded, touches_of
from service.projections.across import across_as_of, left_out
from service.projections.criteria import Criteria, Sifted
from service.projections.relationships import (
    Numbers,
    Relationships,
    Touches,
    Wanted,
    told_in_short,
    with_platform,
)
from service.store import across
from service.store.log import Log
from service.store.pool import Connection
from service.store.readers import Reader

AT_ONCE = 100
LOOKED_AT = 2_000
"""Relationships that are looked at for one page, at most."""
Candidates = Callable[[str], Awaitable[tuple[list[tuple[str, str]], bool]]]
"""After a place: places with the relationships that stand there, and whether there may be more of them."""


async def relationships_found(log: Log, ledger: str, wanted: Wanted, asked: Asked, page: Page) -> Paged[Relationships]:
    """Raises as ``stand`` does, and TooBroad. A page may hold fewer than it could: only so much is counted for it."""
    need = needed_for(asked, page)
    return await log.ask(ledger, need, lambda reader: _relationships_found(reader, ledger, wanted, asked, page))


async def _relationships_found(
    log: Reader, ledger: str, wanted: Wanted, asked: Asked, page: Page
) -> Paged[Relationships]:
    async with log.connection() as connection:
        at = await stand_for(connection, ledger, asked, page)
        wanted = _by_survivors(wanted, at)
        about = None
        if wanted.platform is not None or wanted.holds is not None:
            about = await _about(log, connection, ledger, at, wanted, asked)
        look = _Look(connection, ledger, at, wanted, asked.criteria)
        after = await look.until(page.limit, str(page.after[0]) if page.after else "", about)
        members = [members_of(one) for one, _, _ in look.found]
        actors = await actors_named(connection, ledger, at, members)
    named = (actors, asked.lang, at.as_of.valid)
    counted = look.left_out
    omitted = Omitted(counted["undated"], counted["reported_possible"])
    said = Relationships(
        as_of=across_as_of(at.as_of),
        relationships=tuple(told_in_short(*one, named) for one in look.found),
        omitted=left_out(0, Sifted((), counted["ungraded"], counted["filtered"]), omitted),
    )
    return Paged(said, at, None if after is None else (after,))


def _by_survivors(wanted: Wanted, at: Standpoint) -> Wanted:
    actor = None if wanted.actor is None else at.aliases.survivor(wanted.actor)
    return msgspec.structs.replace(wanted, actor=actor)


async def _about(
    log: Reader, connection: Connection, ledger: str, at: Standpoint, wanted: Wanted, asked: Asked
) -> list[str]:
    """All relationships that have to do with the platforms that are asked for, by id."""
    found: set[str] | None = None
    for platform in sorted({wanted.platform, wanted.holds} - {None}, key=str):
        assert platform is not None  # noqa: S101 - taken out
        contents = await across.contents_of_platform(connection, ledger, platform, at.as_of.position + 1, MOST_READ + 1)
        if len(contents) > MOST_READ:
            raise TooBroad("search for an actor's relationships instead")
        part = await in_force(connection, ledger, at, sorted(contents))
        actors = await named_in(connection, ledger, at, part.claims)
        types = await types_of(log, ledger, part.claims)
        question = question_of(at, part, actors, types, (asked.lang, asked.criteria), known=True)
        theirs = with_platform(question, platform, wanted)
        found = theirs if found is None else found & theirs
    return sorted(one for one in found or () if wanted.actor is None or wanted.actor in members_of(one))


class _Look:
    """Goes through candidates until a page is full, or has cost enough."""

    def __init__(self, connection: Connection, ledger: str, at: Standpoint, wanted: Wanted, criteria: Criteria) -> None:
        self._connection, self._ledger, self._at = connection, ledger, at
        self._wanted, self._criteria = wanted, criteria
        self._folds = at.as_of.reported is not None or criteria != Criteria()
        self.found: list[tuple[str, Touches, dict[str, Numbers]]] = []
        self.left_out = Counter[str]()

    async def until(self, limit: int, after: str, about: Sequence[str] | None) -> str | None:
        """Fills ``found``; the place after which the next page begins, None at the end."""
        most, cost, looked_at, more = MOST_FOLDED if self._folds else MOST_COUNTED, 0, 0, True
        while more:
            places, more = await self._candidates(after, about)
            touches = await touches_of(self._connection, self._ledger, self._at, [one for _, one in places])
            batch = []
            for place, one in places:
                if looked_at and cost + touches[one].events > most:
                    more = False
                    break
                cost, looked_at = cost + touches[one].events, looked_at + 1
                batch.append((place, one))
            cut = len(batch) < len(places) or looked_at >= LOOKED_AT
            for (place, one), numbers in zip(batch, await self._numbers([one for _, one in batch]), strict=True):
                if self._wanted.meets(numbers, self._criteria):
                    self.found.append((one, touches[one], numbers))
                after = place
                if len(self.found) == limit:
                    return place
            if cut:
                return after
            after = self._through
        return None

    async def _candidates(self, after: str, about: Sequence[str] | None) -> tuple[list[tuple[str, str]], bool]:
        if about is not None:
            rest = [one for one in about if one > after]
            self._through = rest[:AT_ONCE][-1] if rest else after
            return [(one, one) for one in rest[:AT_ONCE]], len(rest) > AT_ONCE
        aliases, actor = self._at.aliases, self._wanted.actor
        slugs = None if actor is None else aliases.merged_into(actor)
        position = self._at.as_of.position
        found = await across.relationships_after(self._connection, self._ledger, slugs, after, position, AT_ONCE)
        self._through = found[-1] if found else after
        first = await self._first_of_theirs(found)
        return [(one, aliases.relationship(one)) for one in first], len(found) == AT_ONCE

    async def _first_of_theirs(self, found: Sequence[str]) -> list[str]:
        """Those that stand where the relationship is told which they read as: at the first of its ids."""
        aliases = self._at.aliases
        groups = {one: aliases.timelines(aliases.relationship(one)) for one in found}
        several = {timeline for group in groups.values() if len(group) > 1 for timeline in group}
        position = self._at.as_of.position
        there = await across.relationships_touched(self._connection, self._ledger, sorted(several), position)
        return [one for one, group in groups.items() if len(group) == 1 or one == min(set(group) & there.keys())]

    async def _numbers(self, relationships: Sequence[str]) -> list[dict[str, Numbers]]:
        if not self._folds:
            return await numbers_at(self._connection, self._ledger, self._at, relationships)
        found = []
        for one in relationships:
            numbers, omitted, ungraded, filtered = await numbers_folded(
                self._connection, self._ledger, self._at, one, self._criteria
            )
            found.append(numbers)
            self.left_out += Counter(
                undated=omitted.undated,
                reported_possible=omitted.reported_possible,
                ungraded=ungraded,
                filtered=filtered,
            )
        return found
