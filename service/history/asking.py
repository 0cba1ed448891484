"""To ask of one relationship: everything a projection needs of it, at one point."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from service.domain.claims import Claim, Omitted, fold
from service.domain.edtf import BEGINNING, FOREVER
from service.domain.names import Actors, actors_of
from service.domain.reading import relationships_of
from service.domain.types import Actor
from service.history.points import Standpoint, When, stand
from service.projections import Question
from service.projections.criteria import Criteria
from service.store import reads
from service.store.log import Log
from service.store.pool import Connection

MOST_PART_OF = 8
"""How many steps up from a unit to its state are followed."""


class _Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The claims of a relationship that an answer may show, and what it must know of the others."""

    claims: Mapping[str, Claim]
    retracted: int
    edges: tuple[int, int] = (BEGINNING, FOREVER)
    known: bool
    omitted: Omitted = Omitted()
    last: int = 0
    """The last position that any event bears on them from, where that may be none that touched the relationship."""


async def ask(
    log: Log, ledger: str, relationship: str, when: When, *, lang: str = "en", criteria: Criteria | None = None
) -> tuple[Question, Standpoint]:
    """All that a projection of one relationship needs, at one position. Raises as ``stand`` does."""
    await log.types(ledger)  # not while a connection is held, as far as that can be had
    async with log.connection() as connection:
        at = await stand(connection, ledger, when, relationship)
        return await ask_at(log, connection, ledger, relationship, at, lang, criteria or Criteria()), at


async def ask_at(
    log: Log, connection: Connection, ledger: str, relationship: str, at: Standpoint, lang: str, criteria: Criteria
) -> Question:
    """The same, from a point that is resolved for that very relationship."""
    types = await log.types(ledger)
    seen = await (_seen if at.as_of.reported is None else _reported)(connection, ledger, at, relationship)
    if any(claim.statement.type not in types for claim in seen.claims.values()):
        types = await log.types(ledger, afresh=True)
    fulfilments, last = await _fulfilments(connection, ledger, at, seen.claims)
    return Question(
        relationship=relationship,
        as_of=at.as_of,
        claims=list(seen.claims.values()),
        edges=seen.edges,
        retracted=seen.retracted,
        actors=await actors_named(connection, ledger, at, [relationship.split("--"), *_named(seen.claims.values())]),
        fulfilments=fulfilments,
        omitted=seen.omitted,
        known=seen.known,
        revision=at.revision,
        since=await _since(connection, ledger, at, max(seen.last, last)),
        lang=lang,
        criteria=criteria,
        types=types,
    )


async def _seen(connection: Connection, ledger: str, at: Standpoint, relationship: str) -> _Seen:
    """By the versions kept ready: nothing is asked of the reported axis."""
    timelines, position, generation = at.aliases.timelines(relationship), at.as_of.position, at.head.generation
    found = await reads.claims_at(connection, ledger, generation, timelines, position, at.as_of.valid)
    around = await reads.claims_around(connection, ledger, generation, timelines, position, at.as_of.valid)
    claims = {one.id: one for one in found}
    return _Seen(
        claims=claims,
        retracted=around.retracted,
        edges=(around.ceased, around.begins),
        known=bool(claims) or around.others > 0,
    )


async def _reported(connection: Connection, ledger: str, at: Standpoint, relationship: str) -> _Seen:
    """By the events themselves, cut at the reported day."""
    timelines = at.aliases.timelines(relationship)
    stored = await reads.events_of_relationships(connection, ledger, timelines, at.as_of.position)
    folded = fold((one.recorded for one in stored), at.as_of.reported)
    here = {
        id_: claim
        for id_, claim in folded.claims.items()
        if not set(timelines).isdisjoint(relationships_of(claim.statement))
    }
    last = stored[-1].recorded.position if stored else 0
    return _Seen(claims=here, retracted=len(folded.retracted), known=bool(here), omitted=folded.omitted, last=last)


async def _fulfilments(
    connection: Connection, ledger: str, at: Standpoint, claims: Mapping[str, Claim]
) -> tuple[dict[str, Claim], int]:
    """Of the expectations among them, by id; and the last position of an event on those that stand elsewhere."""
    named = {claim.fulfilled_by for claim in claims.values() if claim.fulfilled_by is not None}
    elsewhere = sorted(named - claims.keys())
    if not elsewhere:
        return {id_: claims[id_] for id_ in named}, 0
    stored = await reads.events_of_claims(connection, ledger, elsewhere, at.as_of.position)
    found = fold((one.recorded for one in stored), at.as_of.reported).claims
    return {id_: claim for id_, claim in {**claims, **found}.items() if id_ in named}, stored[-1].recorded.position


async def _since(connection: Connection, ledger: str, at: Standpoint, last: int) -> int:
    """The end of the last batch that bears on the answer."""
    position = max(at.touched, at.described, last)
    return position and await reads.batch_with(connection, ledger, position)


def _named(claims: Iterable[Claim]) -> Iterable[Sequence[str]]:
    for claim in claims:
        yield [party.actor for party in claim.statement.parties]


async def actors_named(connection: Connection, ledger: str, at: Standpoint, named: Iterable[Iterable[str]]) -> Actors:
    """What the ledger says of these actors, of whom they were merged into, and of those they are part of."""
    survivor = at.aliases.survivor
    wanted = {survivor(actor) for actors in named for actor in actors}
    asked: set[str] = set()
    found: dict[str, Claim] = {}
    for _ in range(MOST_PART_OF):
        if not wanted - asked:
            break
        ask_now, asked = sorted(wanted - asked), asked | wanted
        rows = await reads.claims_on_timelines(
            connection, ledger, at.head.generation, ask_now, at.as_of.position, "actor"
        )
        for one in rows:
            if isinstance(one, Claim):
                found[one.id] = one
                data = msgspec.json.decode(one.statement.data or b"{}", type=Actor)
                wanted |= {survivor(data.part_of)} if data.part_of is not None else set()
    return actors_of(found.values(), at.aliases)
