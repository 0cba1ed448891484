"""Who the actors of an answer are: what a ledger says of them, and of whom they were merged into or are part of."""

from collections.abc import Iterable

import msgspec

from service.domain.claims import Claim
from service.domain.names import Actors, actors_of
from service.domain.types import Actor
from service.history.points import Standpoint
from service.store import reads
from service.store.pool import Connection

MOST_PART_OF = 8
"""How many steps up from a unit to its state are followed."""


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
