"""To ask who supplied an actor: the deliveries that name it, or a unit of it, as those who receive."""

from collections.abc import Sequence

from service.domain.windows import Window
from service.history.across import (
    MOST_READ,
    Page,
    Paged,
    TooBroad,
    in_force,
    needed_for,
    question_of,
    stand_for,
    types_of,
)
from service.history.actors import known_of, parts_ever
from service.history.answering import Asked, Merged
from service.history.describing import MOST_PART_OF, actors_named
from service.history.points import Standpoint
from service.projections.present import HOLDING
from service.projections.suppliers import Measure, Suppliers, span_of, suppliers
from service.store import across
from service.store.log import Log
from service.store.pool import Connection
from service.store.readers import Reader


async def suppliers_of(
    log: Log, ledger: str, actor: str, window: Window, ranked_by: Measure, asked: Asked, page: Page
) -> Paged[Suppliers]:
    """Raises as ``stand`` does, Merged, and TooBroad."""

    async def question(reader: Reader) -> Paged[Suppliers]:
        return await _suppliers_of(reader, ledger, actor, window, ranked_by, asked, page)

    return await log.ask(ledger, needed_for(asked, page), question)


async def _suppliers_of(
    log: Reader, ledger: str, actor: str, window: Window, ranked_by: Measure, asked: Asked, page: Page
) -> Paged[Suppliers]:
    await log.types(ledger)
    begin = int(page.after[0]) if page.after else 0
    async with log.connection() as connection:
        at = await stand_for(connection, ledger, asked, page)
        if (survivor := at.aliases.survivor(actor)) != actor:
            raise Merged(survivor)
        units = await _units_ever(connection, ledger, at, actor)
        first, last = span_of(window, at.as_of.valid)
        contents: list[int] | None = []
        if first <= last:
            contents = await across.deliveries(
                connection, ledger, units, sorted(HOLDING), at.as_of.position, (first, last), MOST_READ
            )
        if contents is None:
            raise TooBroad("ask for one of the units that are part of this actor")
        found = await in_force(connection, ledger, at, sorted(contents))
        named = [[party.actor for party in claim.statement.parties] for claim in found.claims]
        actors = await actors_named(connection, ledger, at, [[actor, *units], *named])
        known = bool(await known_of(connection, ledger, at, [actor]))
        types = await types_of(log, ledger, found.claims)
    question = question_of(at, found, actors, types, (asked.lang, asked.criteria), known=known)
    said = suppliers(question, actor, window, ranked_by, (begin, page.limit))
    through = begin + len(said.suppliers)
    return Paged(said, at, (through,) if through < said.suppliers_total else None)


async def _units_ever(connection: Connection, ledger: str, at: Standpoint, actor: str) -> list[str]:
    """The actor, and whoever was ever said to be part of it, or part of its parts; under all slugs that they had."""
    found: set[str] = set()
    wanted: Sequence[str] = at.aliases.merged_into(actor)
    for _ in range(MOST_PART_OF):
        found.update(wanted)
        parts = await parts_ever(connection, ledger, at, wanted)
        slugs = {slug for part in parts for slug in at.aliases.merged_into(at.aliases.survivor(part))}
        wanted = sorted(slugs - found)
        if not wanted:
            break
    return sorted(found)
