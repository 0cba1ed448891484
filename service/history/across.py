"""What questions across relationships stand on: claims found by where their contents stand, cut to one point."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Generic, TypeVar

import msgspec

from service.domain.claims import Claim, Folded, Omitted, fold
from service.domain.names import Actors
from service.domain.refusals import Refusal
from service.domain.types import EventType
from service.history.answering import Asked
from service.history.describing import actors_named
from service.history.points import Standpoint, needed, stand
from service.history.timelines import needed_again, stand_again
from service.history.walks import Pinned
from service.projections import Question
from service.projections.criteria import Criteria
from service.store import across, reads
from service.store.pool import Connection
from service.store.readers import Need, Reader

MOST_READ = 50_000
"""Claims that are looked up for one answer, however few of them it shows."""

Source = Callable[[int, int], Awaitable[list[int]]]
"""Of positions of contents: those before one position, the latest first, and so many at most."""


class TooBroad(Refusal):
    """To answer it would take more claims than are read for one question."""

    def __init__(self, narrower: str) -> None:
        super().__init__(f"this takes more than {MOST_READ:,} claims: {narrower}")


class Page(msgspec.Struct, frozen=True):
    """A part of a list: how many entries, and after which one."""

    limit: int
    after: tuple[int | str, ...] = ()
    """The place of that, in the list's own order; none at the beginning."""
    pinned: Pinned | None = None
    """Where the pages before stood."""


Said = TypeVar("Said", bound=msgspec.Struct)


class Paged(msgspec.Struct, Generic[Said], frozen=True):
    """A page, where it stands, and the place of its last entry if there is more."""

    said: Said
    at: Standpoint
    after: tuple[int | str, ...] | None = None


class InForce(msgspec.Struct, frozen=True):
    """Claims at one point, in the order of their contents; and what a reported day leaves out of them."""

    claims: Sequence[Claim] = ()
    omitted: Omitted = Omitted()


async def stand_for(connection: Connection, ledger: str, asked: Asked, page: Page) -> Standpoint:
    """Raises as ``stand`` does; for a further page AnotherEpoch, and Unavailable where that is to come."""
    if page.pinned is None:
        return await stand(connection, ledger, asked.when)
    return await stand_again(connection, ledger, page.pinned, None)


def needed_for(asked: Asked, page: Page) -> Need:
    """How far a database must have come for ``stand_for``."""
    return needed(asked.when) if page.pinned is None else needed_again(page.pinned)


async def in_force(connection: Connection, ledger: str, at: Standpoint, contents: Sequence[int]) -> InForce:
    """The visible claims whose content at that point stands at one of these positions."""
    if not contents:
        return InForce()
    if at.as_of.reported is None:
        position, generation = at.as_of.position, at.head.generation
        return InForce(await across.claims_by_content(connection, ledger, generation, position, contents))
    folded = await _folded(connection, ledger, at, contents)
    wanted = set(contents)
    claims = [claim for claim in folded.claims.values() if claim.content.position in wanted]
    return InForce(sorted(claims, key=lambda claim: claim.content.position), folded.omitted)


async def _folded(connection: Connection, ledger: str, at: Standpoint, contents: Sequence[int]) -> Folded:
    """What the events on the claims of these contents come to at the reported day."""
    ids = await across.claims_of_events(connection, ledger, contents)
    stored = await reads.events_of_claims(connection, ledger, ids, at.as_of.position)
    return fold((one.recorded for one in stored), at.as_of.reported)


async def any_in_force(connection: Connection, ledger: str, at: Standpoint, source: Source) -> bool:
    """Whether any claim is visible whose content ``source`` gives; the latest are looked at first."""
    before, most = at.as_of.position + 1, 10
    while contents := await source(before, most):
        if (await in_force(connection, ledger, at, contents)).claims:
            return True
        if len(contents) < most:
            return False
        before, most = contents[-1], min(4 * most, 2_000)
    return False


async def types_of(log: Reader, ledger: str, claims: Iterable[Claim]) -> dict[str, EventType]:
    """The vocabulary, with the types of ``claims`` among it though another process may have added them just now."""
    types = await log.types(ledger)
    if any(claim.statement.type not in types for claim in claims):
        types = await log.types(ledger, afresh=True)
    return dict(types)


async def named_in(connection: Connection, ledger: str, at: Standpoint, claims: Iterable[Claim]) -> Actors:
    """What is said of the actors that ``claims`` name."""
    return await actors_named(
        connection, ledger, at, [[party.actor for party in claim.statement.parties] for claim in claims]
    )


def question_of(
    at: Standpoint,
    found: InForce,
    actors: Actors,
    types: dict[str, EventType],
    asked: tuple[str, Criteria],
    *,
    known: bool,
) -> Question:
    """Of no one relationship; ``asked``: the language, and the filters."""
    lang, criteria = asked
    return Question(
        relationship="",
        as_of=at.as_of,
        claims=found.claims,
        actors=actors,
        omitted=found.omitted,
        known=known,
        revision=0,
        lang=lang,
        criteria=criteria,
        types=types,
    )
