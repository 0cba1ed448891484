"""Why an answer that is followed became another one; of what was recorded in between, only that is looked at."""

from service.domain import edtf
from service.domain.reading import relationships_of
from service.history.answering import Answered, Asked
from service.history.changes import Because, Differing, causes_between
from service.history.histories import by_claim
from service.history.points import When
from service.projections.causes import At, EventCause, TimeCause, causes_of
from service.projections.changes import MOST, MOST_CAUSES
from service.store import feed, reads
from service.store.feed import Filters
from service.store.log import Log
from service.store.readers import Need, Reader

MOST_LOOKED_AT = 200
"""Of the events that touched a relationship between two answers, the last."""


async def causes_of_change(
    log: Log, ledger: str, relationship: str, asked: Asked, seen: Answered, newer: Answered
) -> Because:
    """Why ``newer`` is not what was ``seen`` before. Raises Unavailable."""
    if not _by_its_events_alone(relationship, asked, seen, newer):
        differing = Differing(from_=When(), to=When(), lang=asked.lang, criteria=asked.criteria, most=MOST)
        return await causes_between(log, ledger, relationship, (seen.at, newer.at), differing)
    need = Need(position=newer.at.as_of.position)
    return await log.ask(ledger, need, lambda reader: _by_events(reader, ledger, relationship, seen, newer))


def _by_its_events_alone(relationship: str, asked: Asked, seen: Answered, newer: Answered) -> bool:
    """Whether only events that touched this very relationship can have done it; else whole answers are compared."""
    before, after = seen.at, newer.at
    return (
        before.touched < after.touched
        and before.described == after.described
        and after.aliases.timelines(relationship) == [relationship]
        and not (before.as_of.projected or after.as_of.projected)
        and (asked.when.valid is not None or after.as_of.valid < seen.later)
        and not (seen.elsewhere or newer.elsewhere)
    )


async def _by_events(reader: Reader, ledger: str, relationship: str, seen: Answered, newer: Answered) -> Because:
    before, after = seen.at, newer.at
    since = max(before.as_of.position, after.touched - MOST_LOOKED_AT)
    async with reader.connection() as connection:
        page = await feed.page(connection, ledger, since, MOST_LOOKED_AT, Filters(relationship=relationship))
        touching = {one.position: one.stored for one in page.events if one.position <= after.as_of.position}
        acted_on = {one.recorded.claim for one in touching.values()}
        stored = await reads.events_of_claims(connection, ledger, sorted(acted_on), after.as_of.position)
    causes = [
        cause
        for history in by_claim(one.recorded for one in stored).values()
        if _shows(relationship, At(history, before.as_of), At(history, after.as_of))
        for cause in causes_of(history, before.as_of, after.as_of)
    ]
    did = {cause.position for cause in causes if isinstance(cause, EventCause)}
    events = [one for position, one in touching.items() if position in did]
    if not events:  # a count alone is another
        events = list(touching.values())
    times = sorted((cause for cause in causes if isinstance(cause, TimeCause)), key=lambda one: (one.at, one.claim))
    return Because(
        events=tuple(events[-MOST_CAUSES:]),
        times=tuple(times[:MOST_CAUSES]),
        more=max(len(events), len(times)) > MOST_CAUSES or after.revision - before.revision > len(touching),
    )


def _shows(relationship: str, *points: At) -> bool:
    """Whether an answer has the claim in a line or a count, at one of the points."""
    if len({at.retraction is None for at in points}) > 1:
        return True
    return any(
        at.claim is not None
        and relationship in relationships_of(at.claim.statement)
        and (at.claim.expectation or edtf.certainty(at.claim.bounds, at.as_of.valid) is not None)
        for at in points
    )
