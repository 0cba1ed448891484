"""To ask of one actor across its relationships, and to look for actors."""

from collections.abc import Sequence
from functools import partial

from service.domain.as_of import rfc3339
from service.domain.names import Actors
from service.history.across import Page, Paged, any_in_force, needed_for, stand_for
from service.history.answering import Asked, Merged
from service.history.describing import actors_named
from service.history.points import Standpoint, When, needed, stand
from service.history.relating import MOST_FOLDED, numbers_at, numbers_folded, touches_of
from service.projections.across import across_as_of
from service.projections.actors import (
    MOST_RELATIONSHIPS,
    ActorFilters,
    ActorFound,
    Described,
    FoundActors,
    actor_found,
    described,
)
from service.projections.criteria import Criteria
from service.projections.relationships import Place, RelationshipFound, told_in_short
from service.store import across
from service.store.across import Seen
from service.store.log import Log
from service.store.pool import Connection
from service.store.readers import Reader

MOST_UNITS = 1_000
"""Contents that may say of some actor that it is part of another: more are not looked at."""
LOOKED_AT, LOOKED_AT_IN_EVENTS = 5_000, 500
"""Actors that are looked at for one page; and where a reported day is asked for, and events have to be read."""
AT_ONCE = 250


async def actor_at(log: Log, ledger: str, actor: str, when: When, lang: str) -> tuple[ActorFound, Standpoint]:
    """Raises as ``stand`` does, and Merged."""
    return await log.ask(ledger, needed(when), lambda reader: _actor_at(reader, ledger, actor, when, lang))


async def _actor_at(reader: Reader, ledger: str, actor: str, when: When, lang: str) -> tuple[ActorFound, Standpoint]:
    async with reader.connection() as connection:
        at = await stand(connection, ledger, when)
        if (survivor := at.aliases.survivor(actor)) != actor:
            raise Merged(survivor)
        slugs = at.aliases.merged_into(actor)
        known = bool(await known_of(connection, ledger, at, [actor]))
        parts = await parts_ever(connection, ledger, at, slugs)
        tied = await first_tied(connection, ledger, at, slugs)
        names = [one.split("--") for one in tied]
        actors = await actors_named(connection, ledger, at, [[actor, *parts], *names])
        told = await _in_short(connection, ledger, at, tied, (actors, lang, at.as_of.valid))
        seen = (await _seen(connection, ledger, at, [actor])).get(actor)
    said = actor_found(
        actor,
        at.as_of,
        actors,
        lang=lang,
        known=known,
        seen=seen,
        parts=parts,
        relationships=told,
    )
    return said, at


async def parts_ever(connection: Connection, ledger: str, at: Standpoint, wholes: Sequence[str]) -> list[str]:
    """Who was ever said to be part of one of them, whatever the valid time."""
    position = at.as_of.position
    contents = await across.contents_about_whole(connection, ledger, wholes, position, MOST_UNITS)
    if not contents:
        return []
    claims = await across.claims_by_content(connection, ledger, at.head.generation, position, contents)
    return sorted({party.actor for claim in claims for party in claim.statement.parties})


async def first_tied(connection: Connection, ledger: str, at: Standpoint, slugs: Sequence[str]) -> list[str]:
    """The first relationships, by id, of which one of these is a member; merged members by their survivors."""
    # One that merges make of several takes several places here; they are few.
    most = MOST_RELATIONSHIPS * 2 + len(at.aliases.survivors)
    found = await across.relationships_after(connection, ledger, slugs, "", at.as_of.position, most)
    return sorted({at.aliases.relationship(one) for one in found})[:MOST_RELATIONSHIPS]


async def _in_short(
    connection: Connection, ledger: str, at: Standpoint, relationships: Sequence[str], named: tuple[Actors, str, int]
) -> list[RelationshipFound]:
    touches = await touches_of(connection, ledger, at, relationships)
    if at.as_of.reported is None:
        numbers = await numbers_at(connection, ledger, at, relationships)
    else:
        numbers, cost = [], 0
        for one in relationships:
            if (cost := cost + touches[one].events) > MOST_FOLDED:
                break
            numbers.append((await numbers_folded(connection, ledger, at, one, Criteria()))[0])
    return [
        told_in_short(one, touches[one], theirs, named)
        for one, theirs in zip(relationships, numbers, strict=False)
        if theirs
    ]


async def find_actors(log: Log, ledger: str, asked: Asked, filters: ActorFilters, page: Page) -> Paged[FoundActors]:
    """Raises as ``stand`` does. So many are looked at for a page, so that it may hold fewer than it could."""
    need = needed_for(asked, page)
    return await log.ask(ledger, need, lambda reader: _find_actors(reader, ledger, asked, filters, page))


async def _find_actors(
    reader: Reader, ledger: str, asked: Asked, filters: ActorFilters, page: Page
) -> Paged[FoundActors]:
    async with reader.connection() as connection:
        at = await stand_for(connection, ledger, asked, page)
        if filters.part_of is not None:
            return await _parts(connection, ledger, at, asked, filters, page)
        most = LOOKED_AT if at.as_of.reported is None else LOOKED_AT_IN_EVENTS
        found: list[Described] = []
        after, looked_at, more = str(page.after[0]) if page.after else "", 0, True
        while more and looked_at < most and len(found) < page.limit:
            slugs = await across.actors_after(connection, ledger, after, at.as_of.position, AT_ONCE)
            more = len(slugs) == AT_ONCE
            looked_at += len(slugs)
            for one in await _described(connection, ledger, at, slugs, asked.lang):
                if filters.meets(one) and len(found) < page.limit:
                    found.append(one)
            after = found[-1].actor if len(found) == page.limit else slugs[-1] if slugs else after
            more = more or bool(slugs and after < slugs[-1])
    said = FoundActors(as_of=across_as_of(at.as_of), actors=tuple(found))
    return Paged(said, at, (after,) if more else None)


async def _parts(
    connection: Connection, ledger: str, at: Standpoint, asked: Asked, filters: ActorFilters, page: Page
) -> Paged[FoundActors]:
    """Those that are part of another are found by it."""
    assert filters.part_of is not None  # noqa: S101 - asked by the caller
    slugs = await parts_ever(connection, ledger, at, at.aliases.merged_into(filters.part_of))
    every = await _described(connection, ledger, at, slugs, asked.lang)
    found = [one for one in every if filters.meets(one) and (one.actor,) > page.after]
    said = FoundActors(as_of=across_as_of(at.as_of), actors=tuple(found[: page.limit]))
    return Paged(said, at, (said.actors[-1].actor,) if len(found) > page.limit else None)


async def _described(
    connection: Connection, ledger: str, at: Standpoint, slugs: Sequence[str], lang: str
) -> list[Described]:
    """Of those that a claim visible then names, by slug; whom a merge gave up is described as its survivor."""
    named = [slug for slug in slugs if at.aliases.survivor(slug) == slug]
    seen = await _seen(connection, ledger, at, named)
    known = await known_of(connection, ledger, at, list(seen))
    actors = await actors_named(connection, ledger, at, [known])
    return [described(slug, actors, seen[slug], lang, at.as_of.valid) for slug in known]


async def known_of(connection: Connection, ledger: str, at: Standpoint, slugs: Sequence[str]) -> list[str]:
    """Those of ``slugs`` that a visible claim names, under whatever slug it knew them by."""
    groups = {slug: at.aliases.merged_into(slug) for slug in slugs}
    if at.as_of.reported is None:
        every = [slug for group in groups.values() for slug in group]
        found = await across.actors_known(connection, ledger, at.head.generation, at.as_of.position, every)
        return [slug for slug, group in groups.items() if not found.isdisjoint(group)]
    known = []
    for slug, group in groups.items():
        if await any_in_force(connection, ledger, at, partial(across.contents_of_actors, connection, ledger, group)):
            known.append(slug)
    return known


async def _seen(
    connection: Connection, ledger: str, at: Standpoint, slugs: Sequence[str]
) -> dict[str, tuple[Place, Place]]:
    """Where contents first and last named each, under whatever slug; those that none had by then are absent."""
    groups = {slug: at.aliases.merged_into(slug) for slug in slugs}
    every = list({slug for group in groups.values() for slug in group})
    rows = await across.actors_seen(connection, ledger, every, at.as_of.position)
    found = {}
    for slug, group in groups.items():
        theirs: list[Seen] = [rows[one] for one in group if one in rows]
        if theirs:
            first = min(theirs, key=lambda one: one.first)
            last = max(theirs, key=lambda one: one.last)
            found[slug] = (
                Place(position=first.first, recorded_at=rfc3339(first.first_us)),
                Place(position=last.last, recorded_at=rfc3339(last.last_us)),
            )
    return found
