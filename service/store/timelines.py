"""Claims of a timeline in the order of their dates, some at a time, and what their contents are."""

from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec

from service.domain.claims import Recorded
from service.domain.windows import Window
from service.store.pool import Connection
from service.store.reads import Placed, Stored, recorded, stored, words_of
from service.store.statements import statement

_OF_TIMELINES, _OF_ACTORS = statement("timeline_of_timelines"), statement("timeline_of_actors")
_RECENT, _RECENT_OF_ACTORS = statement("recent_of_timelines"), statement("recent_of_actors")
_RETRACTED = statement("retracted_of_timelines")
_EVERY, _RETRACTED_ONLY = False, True
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
        Placed(claim, content, expectation, by, words_of(words), updated, touched)
        for claim, content, expectation, by, words, updated, touched in rows
    ]


async def recent(
    connection: Connection, ledger: str, generation: int, reach: Reach, position: int, before: int, size: int
) -> tuple[list[Placed], int | None]:
    """Claims that were last touched before a position, the newest first, retracted ones too; and where to go on.

    Of timelines, so many touches are looked at, of which the last one on each claim counts. Dates and types do not.
    """
    if reach.actors:
        asked = (list(reach.actors), position, before, size, _EVERY)
        rows = await connection.fetch(_RECENT_OF_ACTORS, ledger, generation, *asked)
    else:
        rows = await connection.fetch(_RECENT, ledger, generation, list(reach.timelines), position, before, size)
    found = [_touched(row) for row in rows if row["claim"] is not None]
    return found, rows[-1]["from_position"] if len(rows) == size else None


async def retracted(
    connection: Connection, ledger: str, generation: int, reach: Reach, position: int, limit: int
) -> list[Placed]:
    """Retracted claims, those that were touched last."""
    if reach.actors:
        asked = (list(reach.actors), position, position + 1, limit, _RETRACTED_ONLY)
        rows = await connection.fetch(_RECENT_OF_ACTORS, ledger, generation, *asked)
    else:
        rows = await connection.fetch(_RETRACTED, ledger, generation, list(reach.timelines), position, limit)
    return [_touched(row) for row in rows]


def _touched(row: asyncpg.Record) -> Placed:
    return Placed(
        claim=row["claim"],
        position=row["content_position"],
        expectation=row["expectation"],
        fulfilled_by=row["fulfilled_by"],
        words=words_of(row["words"]),
        updated=row["recorded_us"],
        touched=row["from_position"],
        retraction=row["retraction"],
    )


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
