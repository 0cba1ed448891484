"""What is looked up across relationships, answered as values of the domain; each is a statement in ``sql/``."""

from collections.abc import Iterable, Sequence

import msgspec

from service.domain.claims import Claim
from service.domain.events import Party
from service.domain.types import TypeName
from service.store.pool import Connection
from service.store.reads import standing
from service.store.statements import statement

_HOLDINGS, _DELIVERIES = statement("holdings_of_platform"), statement("deliveries_to")
_CONTENTS, _OF_PLATFORM = statement("contents"), statement("contents_of_platform")
_OF_ACTORS, _OF_RELATIONSHIPS = statement("contents_of_actors"), statement("contents_of_relationships")
_ABOUT_WHOLE = statement("contents_about_whole")
_BY_CONTENT, _CLAIMS_OF_EVENTS = statement("claims_by_content"), statement("claims_of_events")
_ACTORS_AFTER, _ACTORS_SEEN = statement("actors_after"), statement("actors_seen")
_ACTORS_KNOWN = statement("actors_known")
_RELATIONSHIPS_AFTER, _RELATIONSHIPS_OF = statement("relationships_after"), statement("relationships_of_actors")
_TOUCHED, _COUNTED = statement("relationships_touched"), statement("claims_counted")
_parties = msgspec.json.Decoder(tuple[Party, ...])


class Holding(msgspec.Struct, frozen=True):
    """A content that tells who came to hold a platform."""

    position: int
    type: TypeName
    parties: tuple[Party, ...]
    named: str | None
    """What its source calls the platform."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The first and the last position of events, and when they were recorded, in µs."""

    first: int
    first_us: int
    last: int
    last_us: int
    revision: int = 0
    """How many there were; of relationships only."""


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """Claims of one type on one group of timelines."""

    number: int
    """Of the group."""
    type: TypeName
    claims: int
    retracted: int
    expected: int
    present: int
    """So, certainly or possibly."""
    certain: int


async def holdings(
    connection: Connection, ledger: str, generation: int, platform: str, position: int, valid: int, most: int
) -> list[Holding]:
    """Those in force at ``position`` and so at ``valid``, certainly or possibly; in no order to rely on where cut."""
    rows = await connection.fetch(_HOLDINGS, ledger, generation, platform, position, valid, most)
    return [Holding(row["position"], row["type"], _parties.decode(row["parties"]), row["named"]) for row in rows]


async def deliveries(
    connection: Connection,
    ledger: str,
    actors: Sequence[str],
    roles: Iterable[str],
    position: int,
    span: tuple[int, int],
    most: int,
) -> list[int] | None:
    """Positions of contents that tell of deliveries to ``actors``, and may lie in ``span``, both ends included.

    None where more than ``most`` contents name them as those who receive.
    """
    rows = await connection.fetch(_DELIVERIES, ledger, actors, list(roles), position, *span, most)
    found = [row["position"] for row in rows]
    return None if None in found else found


async def contents(connection: Connection, ledger: str, before: int, look: int) -> tuple[list[int], int | None]:
    """Positions of contents among ``look`` events, latest first; and before which to go on, None where no more are."""
    rows = await connection.fetch(_CONTENTS, ledger, before, look)
    found = [row["position"] for row in rows if row["content"]]
    return found, rows[-1]["position"] if len(rows) == look else None


async def contents_of_platform(connection: Connection, ledger: str, platform: str, before: int, most: int) -> list[int]:
    rows = await connection.fetch(_OF_PLATFORM, ledger, platform, before, most)
    return [row["position"] for row in rows]


async def contents_of_actors(
    connection: Connection, ledger: str, actors: Sequence[str], before: int, most: int
) -> list[int]:
    rows = await connection.fetch(_OF_ACTORS, ledger, actors, before, most)
    return [row["position"] for row in rows]


async def events_of_relationships(
    connection: Connection, ledger: str, relationships: Sequence[str], before: int, most: int
) -> list[int]:
    """Positions of events that touch one of them, with or without content, latest first."""
    rows = await connection.fetch(_OF_RELATIONSHIPS, ledger, relationships, before, most)
    return [row["position"] for row in rows]


async def contents_about_whole(
    connection: Connection, ledger: str, actors: Sequence[str], position: int, most: int
) -> list[int]:
    """Positions of contents that say of some actor that it is part of one of ``actors``."""
    rows = await connection.fetch(_ABOUT_WHOLE, ledger, actors, position, most)
    return [row["position"] for row in rows]


async def claims_by_content(
    connection: Connection, ledger: str, generation: int, position: int, contents: Sequence[int]
) -> list[Claim]:
    """Those whose content in force at ``position`` stands at one of ``contents``; none that is retracted."""
    rows = await connection.fetch(_BY_CONTENT, ledger, generation, position, contents)
    return [standing(row) for row in rows]


async def claims_of_events(connection: Connection, ledger: str, positions: Sequence[int]) -> list[str]:
    rows = await connection.fetch(_CLAIMS_OF_EVENTS, ledger, positions)
    return [row["claim"] for row in rows]


async def actors_after(connection: Connection, ledger: str, after: str, position: int, most: int) -> list[str]:
    """Actors that any claim had named by ``position``, by slug."""
    rows = await connection.fetch(_ACTORS_AFTER, ledger, after, position, most)
    return [row["actor"] for row in rows]


async def actors_seen(connection: Connection, ledger: str, actors: Sequence[str], position: int) -> dict[str, Seen]:
    """Where contents named each of them by ``position``; those not named yet are absent."""
    rows = await connection.fetch(_ACTORS_SEEN, ledger, actors, position)
    return {
        row["actor"]: Seen(first=row["first"], first_us=row["first_us"], last=row["last"], last_us=row["last_us"])
        for row in rows
    }


async def actors_known(
    connection: Connection, ledger: str, generation: int, position: int, actors: Sequence[str]
) -> set[str]:
    """Those that a claim names that is visible at ``position``, by what is kept ready."""
    rows = await connection.fetch(_ACTORS_KNOWN, ledger, generation, position, actors)
    return {row["actor"] for row in rows}


async def relationships_after(
    connection: Connection, ledger: str, actors: Sequence[str] | None, after: str, position: int, most: int
) -> list[str]:
    """Those that any event had touched by ``position``, by id; with ``actors``, that have one of them for a member."""
    if actors is None:
        rows = await connection.fetch(_RELATIONSHIPS_AFTER, ledger, after, position, most)
    else:
        rows = await connection.fetch(_RELATIONSHIPS_OF, ledger, actors, after, position, most)
    return [row["relationship"] for row in rows]


async def relationships_touched(
    connection: Connection, ledger: str, relationships: Sequence[str], position: int
) -> dict[str, Seen]:
    """How far each had come by ``position``; those not touched by then are absent."""
    rows = await connection.fetch(_TOUCHED, ledger, relationships, position)
    return {
        row["relationship"]: Seen(
            first=row["first"],
            first_us=row["first_us"],
            last=row["last"],
            last_us=row["last_us"],
            revision=row["revision"],
        )
        for row in rows
    }


async def claims_counted(
    connection: Connection, ledger: str, generation: int, position: int, valid: int, groups: Sequence[Sequence[str]]
) -> list[Counted]:
    """Of each of ``groups`` of timelines, by type."""
    pairs = [(number, timeline) for number, group in enumerate(groups) for timeline in group]
    numbers, timelines = [number for number, _ in pairs], [timeline for _, timeline in pairs]
    rows = await connection.fetch(_COUNTED, ledger, generation, position, valid, numbers, timelines)
    return [Counted(**dict(row)) for row in rows]
