"""To tell of relationships in short: how far each had come, and how many of its claims are so, all at one point."""

from collections.abc import Sequence

from service.domain.claims import Claim, Omitted, fold
from service.domain.reading import relationships_of
from service.history.points import Standpoint
from service.projections.criteria import Criteria, sift
from service.projections.relationships import Numbers, Touches, numbers_of
from service.store import across, reads
from service.store.pool import Connection

MOST_COUNTED = 30_000
"""Events of the relationships on one page: what counting their claims may cost."""
MOST_FOLDED = 10_000
"""The same where the events themselves are read: for a reported day, and for filters of claims."""


async def touches_of(
    connection: Connection, ledger: str, at: Standpoint, relationships: Sequence[str]
) -> dict[str, Touches]:
    """By relationship, each under its survivors' id; those that nothing had touched by then are absent."""
    groups = {one: at.aliases.timelines(one) for one in relationships}
    every = list({timeline for group in groups.values() for timeline in group})
    seen = await across.relationships_touched(connection, ledger, every, at.as_of.position)
    found = {}
    for one, group in groups.items():
        theirs = [seen[timeline] for timeline in group if timeline in seen]
        if theirs:
            first = min(theirs, key=lambda part: part.first)
            last = max(theirs, key=lambda part: part.last)
            revision = seen[one].revision if one in seen else 0
            events = sum(part.revision for part in theirs)
            found[one] = Touches(revision, (first.first, first.first_us), (last.last, last.last_us), events)
    return found


async def numbers_at(
    connection: Connection, ledger: str, at: Standpoint, relationships: Sequence[str]
) -> list[dict[str, Numbers]]:
    """Of each, by type, by what is kept ready: nothing is asked of the reported axis, and no filter."""
    groups = [at.aliases.timelines(one) for one in relationships]
    counted = await across.claims_counted(
        connection, ledger, at.head.generation, at.as_of.position, at.as_of.valid, groups
    )
    found: list[dict[str, Numbers]] = [{} for _ in relationships]
    for one in counted:
        if one.claims > one.retracted:
            found[one.number][one.type] = Numbers(one.claims - one.retracted, one.present, one.certain, one.expected)
    return found


async def numbers_folded(
    connection: Connection, ledger: str, at: Standpoint, relationship: str, criteria: Criteria
) -> tuple[dict[str, Numbers], Omitted, int, int]:
    """Of one, by the events; and what a reported day leaves out, and how many claims a filter does: two kinds."""
    timelines = at.aliases.timelines(relationship)
    stored = await reads.events_of_relationships(connection, ledger, timelines, at.as_of.position)
    folded = fold((one.recorded for one in stored), at.as_of.reported)
    claims: list[Claim] = [
        claim for claim in folded.claims.values() if not set(timelines).isdisjoint(relationships_of(claim.statement))
    ]
    sifted = sift(claims, criteria, at.as_of.reported)
    return numbers_of(sifted.claims, at.as_of.valid), folded.omitted, sifted.ungraded, sifted.filtered
