"""To ask of one relationship: everything a projection needs of it, at one point."""

from collections import OrderedDict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping

import msgspec

from service.domain.claims import Claim, Omitted, fold, taken_back
from service.domain.edtf import BEGINNING, FOREVER
from service.domain.names import Actors, actors_of
from service.domain.reading import data_of
from service.domain.types import TYPES, Actor
from service.history.contents import Contents
from service.history.histories import Histories
from service.history.points import Standpoint, When, stand
from service.projections import Question
from service.projections.criteria import Criteria
from service.store import reads
from service.store.log import Log
from service.store.pool import Connection

HOSTED = {type_.name for type_ in TYPES.values() if "host" in getattr(type_.data, "__struct_fields__", ())}
"""Types whose data may name an actor that is no party."""
MOST_PART_OF = 8
"""How many steps up from a unit to its state are followed."""
MOST_REMEMBERED = 500
"""Groups of actors."""


class Remembered:
    """What one process knows from questions before: contents of events, and by all that it hangs on who is who."""

    def __init__(self) -> None:
        self.contents = Contents()
        self._actors: OrderedDict[Hashable, Actors] = OrderedDict()

    async def who_is(self, connection: Connection, ledger: str, at: Standpoint, named: Collection[str]) -> Actors:
        """As ``actors_named`` tells; what was said of them holds until something is said of any actor."""
        key = ledger, at.head.epoch, at.described, frozenset(named)
        actors = self._actors.get(key)
        if actors is None:
            actors = self._actors[key] = await actors_named(connection, ledger, at, [named])
            if len(self._actors) > MOST_REMEMBERED:
                self._actors.popitem(last=False)
        else:
            self._actors.move_to_end(key)
        return actors


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
    log: Log,
    connection: Connection,
    ledger: str,
    relationship: str,
    at: Standpoint,
    lang: str,
    criteria: Criteria,
    remembered: Remembered | None = None,
) -> Question:
    """The same, from a point that is resolved for that very relationship."""
    remembered = remembered or Remembered()
    types = await log.types(ledger)
    if at.as_of.reported is None:
        seen = await _seen(connection, ledger, at, relationship, remembered.contents)
    else:
        seen = await _reported(connection, ledger, at, relationship, remembered.contents.histories)
    if any(claim.statement.type not in types for claim in seen.claims.values()):
        types = await log.types(ledger, afresh=True)
    fulfilments, last = await _fulfilments(connection, ledger, at, seen.claims)
    named = {*relationship.split("--"), *(actor for claim in seen.claims.values() for actor in named_in(claim))}
    return Question(
        relationship=relationship,
        as_of=at.as_of,
        claims=list(seen.claims.values()),
        edges=seen.edges,
        retracted=seen.retracted,
        actors=await remembered.who_is(connection, ledger, at, named),
        fulfilments=fulfilments,
        omitted=seen.omitted,
        known=seen.known,
        revision=at.revision,
        since=await _since(connection, ledger, at, max(seen.last, last)),
        lang=lang,
        criteria=criteria,
        types=types,
    )


async def _seen(connection: Connection, ledger: str, at: Standpoint, relationship: str, contents: Contents) -> _Seen:
    """By the versions kept ready: nothing is asked of the reported axis."""
    timelines, position, generation = at.aliases.timelines(relationship), at.as_of.position, at.head.generation
    here, around = await reads.claims_at(connection, ledger, generation, timelines, position, at.as_of.valid)
    found = await contents.at(connection, ledger, at.head.epoch, [placed.position for placed in here])
    claims = {placed.claim: placed.claimed(content.recorded) for placed, content in zip(here, found, strict=True)}
    return _Seen(
        claims=claims,
        retracted=around.retracted,
        edges=(around.ceased, around.begins),
        known=bool(claims) or around.others > 0,
    )


async def _reported(
    connection: Connection, ledger: str, at: Standpoint, relationship: str, histories: Histories
) -> _Seen:
    """By the events themselves, cut at the reported day."""
    reported = at.as_of.reported
    assert reported is not None  # noqa: S101 - it was asked for
    timelines = sorted(at.aliases.timelines(relationship))
    history = await histories.of(connection, ledger, at.head.epoch, timelines, at.as_of.position)
    folded = history.folded(reported)
    claims = {id_: claim for id_, claim in folded.claims.items() if history.is_here(claim.statement)}
    taken = taken_back(history.events, folded, reported).values()
    return _Seen(
        claims=claims,
        retracted=sum(history.is_here(claim.statement) for claim in taken),
        known=bool(claims),
        omitted=folded.omitted,
        last=history.last,
    )


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
    return at.since if last <= max(at.touched, at.described) else await reads.batch_with(connection, ledger, last)


def named_in(claim: Claim) -> Iterator[str]:
    """Everyone whom a line may name for it: its parties, and who hosts it without being one."""
    yield from (party.actor for party in claim.statement.parties)
    if claim.statement.type in HOSTED:
        host = getattr(data_of(claim.statement, TYPES), "host", None)
        yield from () if host is None else (host,)


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
