"""To search the claims of a ledger: by the narrowest index there is for what is asked, and so many at a time."""

from collections import Counter

import msgspec

from service.domain.claims import Claim, Omitted
from service.domain.names import Actors
from service.history.across import (
    InForce,
    Page,
    Paged,
    in_force,
    named_in,
    needed_for,
    question_of,
    stand_for,
    types_of,
)
from service.history.answering import Asked
from service.history.points import Standpoint
from service.projections.criteria import Sifted
from service.projections.searching import ClaimsFound, Sought, found_claims, pick
from service.store import across
from service.store.log import Log
from service.store.pool import Connection
from service.store.readers import Reader

LOOKED_AT, LOOKED_AT_IN_EVENTS = 5_000, 1_000
"""Contents that are looked at for one page; and where a reported day is asked for, and all events have to be read."""
AT_ONCE = 500


async def claims_found(log: Log, ledger: str, sought: Sought, asked: Asked, page: Page) -> Paged[ClaimsFound]:
    """Raises as ``stand`` does. A page may hold fewer than it could: only so many contents are looked at for it."""
    need = needed_for(asked, page)
    return await log.ask(ledger, need, lambda reader: _claims_found(reader, ledger, sought, asked, page))


async def _claims_found(log: Reader, ledger: str, sought: Sought, asked: Asked, page: Page) -> Paged[ClaimsFound]:
    types = await log.types(ledger)
    found: list[Claim] = []
    left_out = Counter[str]()
    async with log.connection() as connection:
        at = await stand_for(connection, ledger, asked, page)
        sought = _by_survivors(sought, at)
        nobody = Actors(aliases=at.aliases)
        question = question_of(at, InForce(), nobody, dict(types), (asked.lang, asked.criteria), known=True)
        before: int | None = int(page.after[0]) if page.after else at.as_of.position + 1
        most, looked_at = LOOKED_AT if at.as_of.reported is None else LOOKED_AT_IN_EVENTS, 0
        while before is not None and len(found) < page.limit and looked_at < most:
            contents, before = await _contents(connection, ledger, at, sought, before)
            looked_at += AT_ONCE
            part = await in_force(connection, ledger, at, contents)
            left_out += Counter(undated=part.omitted.undated, reported_possible=part.omitted.reported_possible)
            for claim in reversed(part.claims):
                kept, possible, sifted = pick([claim], question, sought)
                left_out += Counter(possible=possible, ungraded=sifted.ungraded, filtered=sifted.filtered)
                found += kept
                if len(found) == page.limit:
                    before = claim.content.position
                    break
        actors = await named_in(connection, ledger, at, found)
        all_types = await types_of(log, ledger, found)
    omitted = Omitted(left_out["undated"], left_out["reported_possible"])
    question = question_of(at, InForce((), omitted), actors, all_types, (asked.lang, asked.criteria), known=True)
    sifted = Sifted((), left_out["ungraded"], left_out["filtered"])
    return Paged(found_claims(question, found, left_out["possible"], sifted), at, None if before is None else (before,))


def _by_survivors(sought: Sought, at: Standpoint) -> Sought:
    actor, relationship = sought.actor, sought.relationship
    return msgspec.structs.replace(
        sought,
        actor=None if actor is None else at.aliases.survivor(actor),
        relationship=None if relationship is None else at.aliases.relationship(relationship),
    )


async def _contents(
    connection: Connection, ledger: str, at: Standpoint, sought: Sought, before: int
) -> tuple[list[int], int | None]:
    """Positions of contents among which all are that are looked for; and before which to go on, if there are more."""
    if sought.relationship is not None:
        timelines = at.aliases.timelines(sought.relationship)
        found = await across.events_of_relationships(connection, ledger, timelines, before, AT_ONCE)
    elif sought.actor is not None:
        slugs = at.aliases.merged_into(sought.actor)
        found = await across.contents_of_actors(connection, ledger, slugs, before, AT_ONCE)
    elif sought.platform is not None:
        found = await across.contents_of_platform(connection, ledger, sought.platform, before, AT_ONCE)
    else:
        return await across.contents(connection, ledger, before, AT_ONCE)
    return found, found[-1] if len(found) == AT_ONCE else None
