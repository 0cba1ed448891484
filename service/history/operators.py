"""To ask who holds a platform: who they are by an index first, and then the claims on those of one page."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from service.domain.claims import Claim
from service.domain.edtf import certainty
from service.domain.names import Actors
from service.domain.reading import data_of
from service.domain.types import TYPES, Platform
from service.history.across import (
    MOST_READ,
    InForce,
    Page,
    Paged,
    TooBroad,
    any_in_force,
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
from service.projections.across import whole_of
from service.projections.operators import OPERATING, Operators, holders_of, operators
from service.store import across
from service.store.across import Holding
from service.store.log import Log
from service.store.pool import Connection
from service.store.readers import Reader


async def operators_of(log: Log, ledger: str, platform: str, asked: Asked, page: Page) -> Paged[Operators]:
    """Raises as ``stand`` does, and TooBroad."""
    need = needed_for(asked, page)
    return await log.ask(ledger, need, lambda reader: _operators_of(reader, ledger, platform, asked, page))


async def _operators_of(log: Reader, ledger: str, platform: str, asked: Asked, page: Page) -> Paged[Operators]:
    await log.types(ledger)
    async with log.connection() as connection:
        at = await stand_for(connection, ledger, asked, page)
        held, folded = await _held(connection, ledger, at, platform)
        wholes = await _wholes(connection, ledger, at, held)
        shown = sorted(whole for whole in wholes if (whole,) > page.after)
        wanted = shown[: page.limit]
        contents = sorted({position for whole in wanted for position in wholes[whole]})
        if folded is None:
            found = await in_force(connection, ledger, at, contents)
        else:
            kept = set(contents)
            found = InForce([one for one in folded.claims if one.content.position in kept], folded.omitted)
        actors = await named_in(connection, ledger, at, found.claims)
        source = partial(across.contents_of_platform, connection, ledger, platform)
        known = bool(held) or await any_in_force(connection, ledger, at, source)
        types = await types_of(log, ledger, found.claims)
    question = question_of(at, found, actors, types, (asked.lang, asked.criteria), known=known)
    said = operators(question, platform, _label(platform, held), wanted)
    return Paged(said, at, (wanted[-1],) if len(shown) > len(wanted) else None)


async def _held(
    connection: Connection, ledger: str, at: Standpoint, platform: str
) -> tuple[Sequence[Holding], InForce | None]:
    """What tells of holders at that point; and, where a reported day is asked for, the claims themselves."""
    position, valid = at.as_of.position, at.as_of.valid
    narrower = "ask for a day on which fewer of them were so"
    if at.as_of.reported is None:
        held = await across.holdings(connection, ledger, at.head.generation, platform, position, valid, MOST_READ + 1)
        if len(held) > MOST_READ:
            raise TooBroad(narrower)
        return held, None
    contents = await across.contents_of_platform(connection, ledger, platform, position + 1, MOST_READ + 1)
    if len(contents) > MOST_READ:
        raise TooBroad("leave `reported_by` out")
    found = await in_force(connection, ledger, at, contents)
    claims = [claim for claim in found.claims if claim.statement.type in OPERATING and _so(claim, valid)]
    return [_holding(claim) for claim in claims], InForce(claims, found.omitted)


def _so(claim: Claim, valid: int) -> bool:
    return not claim.expectation and certainty(claim.bounds, valid) is not None


def _holding(claim: Claim) -> Holding:
    statement = claim.statement
    data = data_of(statement, TYPES)
    named = data.platform_name if isinstance(data, Platform) else None
    return Holding(claim.content.position, statement.type, statement.parties, named)


async def _wholes(
    connection: Connection, ledger: str, at: Standpoint, held: Iterable[Holding]
) -> Mapping[str, Sequence[int]]:
    """By actor that holds it, itself or by its units: where the contents stand that say so."""
    positions: dict[str, list[int]] = {}
    for one in held:
        for holder in holders_of(one.type, one.parties):
            positions.setdefault(holder, []).append(one.position)
    actors: Actors = await actors_named(connection, ledger, at, [positions])
    wholes: dict[str, list[int]] = {}
    for holder, theirs in positions.items():
        wholes.setdefault(whole_of(holder, actors, at.as_of.valid), []).extend(theirs)
    return wholes


def _label(platform: str, held: Iterable[Holding]) -> str:
    """As the latest of them that names it writes it."""
    named = {one.position: one.named for one in held if one.named is not None}
    return named[max(named)] if named else platform
