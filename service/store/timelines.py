"""Claims of a timeline in the order of their dates, some at a time, and what their contents are."""

from collections.abc import Sequence
from typing import Any

import msgspec

from service.domain.claims import Recorded
from service.domain.windows import Window
from service.store.pool import Connection
from service.store.reads import Placed, Stored, recorded, stored, words_of
from service.store.statements import statement

_OF_TIMELINES, _OF_ACTORS = statement("timeline_of_timelines"), statement("timeline_of_actors")
_CONTENTS, _PARTS, _EVENTS = statement("contents_at"), statement("parts"), statement("events_of_actors")


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """Which claims are read: of relationships and actors' own timelines, or all that some actors are parties to."""

    timelines: Sequence[str] = ()
    actors: Sequence[str] = ()
    window: Window = Window()
    """What their dates must touch, as far as the database can tell: a few more are read than lie in it."""
    types: Sequence[str] = ()
    """One of these; any where there are none."""
    lasting: Sequence[str] = ()
    """The types of what lasts."""


async def placed(
    connection: Connection,
    ledger: str,
    generation: int,
    reach: Reach,
    position: int,
    after: tuple[int, int, int],
    limit: int,
) -> list[Placed]:
    """At most ``limit`` of those that come after (earliest, latest, position), in order; none that is retracted."""
    asked: tuple[Any, ...] = (
        *(position, *after, reach.window.begins, reach.window.ends),
        *(list(reach.types) or None, list(reach.lasting), limit),
    )
    if reach.actors:
        rows = await connection.fetch(_OF_ACTORS, ledger, generation, list(reach.actors), *asked)
    else:
        rows = await connection.fetch(_OF_TIMELINES, ledger, generation, list(reach.timelines), *asked)
    return [
        Placed(claim, content, expectation, by, words_of(words), updated)
        for claim, content, expectation, by, words, updated in rows
    ]


async def contents(connection: Connection, ledger: str, positions: Sequence[int]) -> list[tuple[Recorded, int]]:
    """The events at these positions, in no certain order, each with its length in characters."""
    rows = await connection.fetch(_CONTENTS, ledger, positions)
    return [(recorded(row, row["claim"]), len(row["content"])) for row in rows]


async def parts(connection: Connection, ledger: str, generation: int, position: int) -> list[tuple[str, str]]:
    """Every actor that was ever said to be part of another, and that other."""
    rows = await connection.fetch(_PARTS, ledger, generation, position)
    return [(row["part"], row["part_of"]) for row in rows]


async def events_of_actors(connection: Connection, ledger: str, actors: Sequence[str], position: int) -> list[Stored]:
    """Every event by then on a claim that ever had one of them as a party, in order."""
    rows = await connection.fetch(_EVENTS, ledger, actors, position)
    return [stored(row) for row in rows]
