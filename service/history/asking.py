"""To ask of one relationship: everything a projection needs of it, at one point."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from service.domain.actors import members_of
from service.domain.claims import Claim, Omitted, fold, taken_back
from service.domain.edtf import BEGINNING, FOREVER
from service.domain.names import Actors
from service.domain.reading import named_in
from service.domain.types import EventType
from service.history.contents import Contents
from service.history.histories import Histories
from service.history.points import Standpoint, When, stand
from service.history.remembering import Remembered
from service.projections import Question
from service.projections.criteria import Criteria
from service.projections.facts import ACTORS, Facts
from service.projections.stretches import Stretches
from service.store import reads
from service.store.lives import Lives
from service.store.log import Log
from service.store.pool import Connection
from service.store.readers import Reader
from service.store.reads import Around, Placed


class _Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The claims of a relationship that an answer may show, and what it must know of the others."""

    claims: Mapping[str, Claim]
    so: tuple[Facts, int] | None = None
    """As a Question has it."""
    named: frozenset[str]
    """Whom lines may name for them."""
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
    log: Reader,
    connection: Connection,
    ledger: str,
    relationship: str,
    at: Standpoint,
    lang: str,
    criteria: Criteria,
    remembered: Remembered | None = None,
) -> Question:
    """The same, from a point that is resolved for that very relationship; nothing is asked that is ``remembered``."""
    types = await log.types(ledger)
    lives: Lives | None = None
    if at.as_of.reported is not None:
        histories = Histories() if remembered is None else remembered.contents.histories
        seen = await _reported(connection, ledger, at, relationship, histories)
    elif remembered is None or (lives := await remembered.lives(connection, ledger, at, relationship)) is None:
        seen = await _seen(connection, ledger, at, relationship, remembered)
    used = {claim.statement.type for claim in seen.claims.values()} if lives is None else lives.types
    if not used <= types.keys():
        types = await log.types(ledger, afresh=True)
    if lives is not None and remembered is not None:
        seen = await _from_lives(connection, ledger, at, lives, types, remembered)
    fulfilments, last = await _fulfilments(connection, ledger, at, seen)
    named = seen.named.union(members_of(relationship))
    actors = await (remembered or Remembered()).who_is(connection, ledger, at, relationship, named)
    since = await _since(connection, ledger, at, max(seen.last, last))
    return _question(seen, relationship, at, lang, criteria, types, actors, since, fulfilments)


def recalled(
    types: Mapping[str, EventType],
    ledger: str,
    relationship: str,
    at: Standpoint,
    lang: str,
    criteria: Criteria,
    remembered: Remembered,
) -> Question | None:
    """The same of a point that was recalled, where nothing has to be asked for it at all; else None."""
    lives = remembered.lives_at_hand(ledger, at, relationship)
    if lives is None or not lives.types <= types.keys() or lives.expected(at.as_of.position):
        return None
    stretches = remembered.stretches_at_hand(ledger, at, lives, types)
    if stretches is None:
        return None
    named = stretches.facts.once(_named_of, relationship)
    actors = remembered.who_is_at_hand(ledger, at, relationship, named)
    if actors is None:
        return None
    return _question(_by_stretches(stretches, lives, at, {}, named), relationship, at, lang, criteria, types, actors)


def _named_of(facts: Facts, relationship: str) -> frozenset[str]:
    """By all facts, and the members."""
    return frozenset(facts.by(ACTORS)).union(members_of(relationship))


def _question(
    seen: _Seen,
    relationship: str,
    at: Standpoint,
    lang: str,
    criteria: Criteria,
    types: Mapping[str, EventType],
    actors: Actors,
    since: int | None = None,
    fulfilments: Mapping[str, Claim] = MappingProxyType({}),
) -> Question:
    return Question(
        relationship=relationship,
        as_of=at.as_of,
        claims=list(seen.claims.values()),
        so=seen.so,
        edges=seen.edges,
        retracted=seen.retracted,
        actors=actors,
        fulfilments=fulfilments,
        omitted=seen.omitted,
        known=seen.known,
        revision=at.revision,
        since=at.since if since is None else since,
        lang=lang,
        criteria=criteria,
        types=types,
    )


async def _seen(
    connection: Connection, ledger: str, at: Standpoint, relationship: str, remembered: Remembered | None
) -> _Seen:
    """By the versions kept ready: nothing is asked of the reported axis."""
    timelines, generation = at.aliases.timelines(relationship), at.head.generation
    here, around = await reads.claims_at(connection, ledger, generation, timelines, at.as_of.position, at.as_of.valid)
    return await _those(connection, ledger, at, here, around, remembered)


async def _from_lives(
    connection: Connection,
    ledger: str,
    at: Standpoint,
    lives: Lives,
    types: Mapping[str, EventType],
    remembered: Remembered,
) -> _Seen:
    """The same by all versions, which are in memory."""
    position, valid = at.as_of.position, at.as_of.valid
    stretches = await remembered.stretches(connection, ledger, at, lives, types)
    if stretches is None:
        here, around = lives.at(position, valid)
        return await _those(connection, ledger, at, here, around, remembered)
    claims, named = await _claims(connection, ledger, at, lives.expected(position), remembered.contents)
    return _by_stretches(stretches, lives, at, claims, named.union(stretches.facts.by(ACTORS)))


def _by_stretches(
    stretches: Stretches, lives: Lives, at: Standpoint, expected: Mapping[str, Claim], named: frozenset[str]
) -> _Seen:
    position, valid = at.as_of.position, at.as_of.valid
    bits, near = stretches.at(position, valid)
    edges = lives.edges_around(position, valid, near)
    return _Seen(
        claims=expected,
        so=(stretches.facts, bits),
        named=named,
        retracted=lives.retracted(position),
        edges=edges,
        known=bool(expected) or bits != 0 or edges != (BEGINNING, FOREVER),
    )


async def _those(
    connection: Connection,
    ledger: str,
    at: Standpoint,
    here: Sequence[Placed],
    around: Around,
    remembered: Remembered | None,
) -> _Seen:
    contents = Contents() if remembered is None else remembered.contents
    claims, named = await _claims(connection, ledger, at, here, contents)
    return _Seen(
        claims=claims,
        named=named,
        retracted=around.retracted,
        edges=(around.ceased, around.begins),
        known=bool(here) or around.others,
    )


async def _claims(
    connection: Connection, ledger: str, at: Standpoint, here: Sequence[Placed], contents: Contents
) -> tuple[dict[str, Claim], frozenset[str]]:
    """With the content that each stands on; and whom they name."""
    if not here:
        return {}, frozenset()
    found = await contents.at(connection, ledger, at.head.epoch, [placed.position for placed in here])
    claims = {placed.claim: content.claimed(placed) for placed, content in zip(here, found, strict=True)}
    return claims, frozenset().union(*[content.named for content in found])


async def _reported(
    connection: Connection, ledger: str, at: Standpoint, relationship: str, histories: Histories
) -> _Seen:
    """By the events themselves, cut at the reported day."""
    reported = at.as_of.reported
    assert reported is not None  # noqa: S101 - it was asked for
    timelines = sorted(at.aliases.timelines(relationship))
    history = await histories.of(connection, ledger, at.head.epoch, timelines, at.as_of.position)
    folded = history.folded(reported)
    claims = {claim.id: claim for claim in history.told(reported)}
    taken = taken_back(history.events, folded, reported).values()
    return _Seen(
        claims=claims,
        named=frozenset().union(*[named_in(claim.statement) for claim in claims.values()]),
        retracted=sum(history.is_here(claim.statement) for claim in taken),
        known=bool(claims),
        omitted=folded.omitted,
        last=history.last,
    )


async def _fulfilments(
    connection: Connection, ledger: str, at: Standpoint, seen: _Seen
) -> tuple[dict[str, Claim], int]:
    """Of the expectations among them, by id; and the last position of an event on those that stand elsewhere."""
    named = {claim.fulfilled_by for claim in seen.claims.values() if claim.fulfilled_by is not None}
    if not named:
        return {}, 0
    so = () if seen.so is None else seen.so[0].among(seen.so[1])
    claims = {**seen.claims, **{present.id: present.claim for present in so}}
    elsewhere = sorted(named - claims.keys())
    if not elsewhere:
        return {id_: claims[id_] for id_ in named}, 0
    stored = await reads.events_of_claims(connection, ledger, elsewhere, at.as_of.position)
    found = fold((one.recorded for one in stored), at.as_of.reported).claims
    return {id_: claim for id_, claim in {**claims, **found}.items() if id_ in named}, stored[-1].recorded.position


async def _since(connection: Connection, ledger: str, at: Standpoint, last: int) -> int:
    """The end of the last batch that bears on the answer."""
    return at.since if last <= max(at.touched, at.described) else await reads.batch_with(connection, ledger, last)
