"""Derived rows made again from the events, while others read and append: a new generation of versions, then a flip."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg
import msgspec

from service.store.pool import Connection
from service.store.reads import head_of
from service.store.standings import Standing, Versions, row_of
from service.store.statements import statement

_SQL = {
    name: statement(f"rebuild_{name}")
    for name in (
        "events", "events_of_claims", "claims_since", "claims_without_events", "correct_claims", "remove_claims",
        "relationships_that_differ", "correct_relationships", "remove_relationships", "lock_ledger", "lock_head",
        "flip", "remove_versions", "remove_some", "retired",
    )
}  # fmt: skip
_VERSION = (
    "ledger", "generation", "timeline", "claim", "from_position", "to_position", "content_position", "type",
    "starts_earliest", "starts_latest", "ends_earliest", "ends_latest", "expectation", "retraction", "fulfilled_by",
    "words",
)  # fmt: skip
GRACE = 60.0
"""Seconds for which a retired generation stays: longer than a request that began to read it may take."""
SHORT = 256
"""Events that may be left to catch up with under the lock."""
MOST_ROUNDS = 20
_SLICE = 5_000
LARGEST_GENERATION = 32_767
Report = Callable[[str, int, int], Awaitable[None]]
"""Awaited with what is being done, how far it is and of how many events; never while the ledger is locked."""


class AlreadyRebuilding(Exception):
    """Another process rebuilds this ledger."""


class Rebuilt(msgspec.Struct, frozen=True):
    """What a rebuild did."""

    position: int
    """Where the ledger stood at the flip."""
    generation: int
    versions: int
    """Made in the first round."""
    claims_corrected: int
    relationships_corrected: int
    versions_removed: int
    """Of generations that earlier rebuilds retired."""


async def _nothing(what: str, done: int, of: int) -> None:
    """A report to nobody."""


async def rebuild(
    url: str,
    ledger: str,
    *,
    report: Report = _nothing,
    grace: float = GRACE,
    rest: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Rebuilt:
    """Raises NotFound, AlreadyRebuilding. Killed at any point, it leaves what was; run again, it begins anew.

    What an earlier rebuild retired is removed at the end, ``grace`` seconds after the beginning at the earliest.
    """
    session = {"application_name": "tarih rebuild", "timezone": "UTC"}
    reading = await asyncpg.connect(url, server_settings=session)
    try:
        writing = await asyncpg.connect(url, server_settings=session)
        try:
            done = await _Rebuild(reading, writing, ledger, report).run(grace, rest)
            await writing.execute("SELECT pg_advisory_unlock_all()")  # the end of a session would be noticed later
        finally:
            writing.terminate()
    finally:
        reading.terminate()
    return done


class _Rebuild:
    """One rebuild: a connection that reads the ledger as it stood at the beginning, and one that writes."""

    def __init__(self, reading: Connection, writing: Connection, ledger: str, report: Report) -> None:
        self.reading, self.writing, self.ledger, self.report = reading, writing, ledger, report
        self.generation = 0
        self.claims: list[str] = []
        self.relationships: list[str] = []
        """Those whose rows looked wrong; looked at again under the lock."""

    async def run(self, grace: float, rest: Callable[[float], Awaitable[None]]) -> Rebuilt:
        clock = asyncio.get_running_loop().time
        began = clock()
        if not await self.writing.fetchval(_SQL["lock_ledger"], self.ledger):
            raise AlreadyRebuilding(f"another process rebuilds the ledger {self.ledger}")
        old = (await head_of(self.writing, self.ledger)).generation
        self.generation = old % LARGEST_GENERATION + 1
        await self._remove(self.generation)  # what a rebuild that was killed left: no reader ever knew of it
        retired = await self.writing.fetch(_SQL["retired"], self.ledger, [old])
        reached, versions = await self._fill()
        for _ in range(MOST_ROUNDS):
            head = (await head_of(self.writing, self.ledger)).position
            await self.report("catching up", reached, head)
            if head - reached <= SHORT:
                break
            async with self.writing.transaction():
                await self._catch_up(reached, head)
            reached = head
        async with self.writing.transaction():
            head = await self.writing.fetchval(_SQL["lock_head"], self.ledger)
            await self._catch_up(reached, head)
            claims, relationships = await self._correct(head)
            await self.writing.execute(_SQL["flip"], self.ledger, self.generation)
        await self.writing.execute("SELECT tarih.refresh_statistics()")
        await self.report("removing", head, head)
        if retired and clock() < began + grace:
            await rest(began + grace - clock())
        removed = sum([await self._remove(row["generation"]) for row in retired])
        return Rebuilt(head, self.generation, versions, claims, relationships, removed)

    async def _fill(self) -> tuple[int, int]:
        """The ledger as it stands now, in constant memory; its position, and how many versions it made."""
        made = 0
        async with self.reading.transaction(isolation="repeatable_read", readonly=True):
            head = (await head_of(self.reading, self.ledger)).position
            # The whole of it is read, and not, as PostgreSQL expects of a cursor, its first tenth.
            await self.reading.execute("SET LOCAL cursor_tuple_fraction = 1")
            # A ledger that was filled since the last statistics looks empty, and would be joined row by row.
            await self.reading.execute("SET LOCAL enable_nestloop = off")
            cursor = await self.reading.cursor(_SQL["events"], self.ledger)
            versions, done = Versions(self.ledger, self.generation), 0
            while rows := await cursor.fetch(_SLICE):
                for row in rows:
                    versions.read(row)
                done += len(rows)
                made += await self._store(versions)
                await self.report("filling", done, head)
            versions.end()
            made += await self._store(versions)
            self.claims += [
                row["claim"] for row in await self.reading.fetch(_SQL["claims_without_events"], self.ledger)
            ]
            differ = await self.reading.fetch(_SQL["relationships_that_differ"], self.ledger)
            self.relationships += [row["relationship"] for row in differ]
        return head, made

    async def _store(self, versions: Versions) -> int:
        """The versions that are done; the claims whose rows differ are noted."""
        made = len(versions.done)
        await self.writing.copy_records_to_table(
            "claim_versions", schema_name="tarih", columns=_VERSION, records=versions.done
        )
        for claim, standing, row in versions.claims:
            stored = None if row["content_position"] is None else row_of(row)
            if stored != (None if standing is None else standing.row()):
                self.claims.append(claim)
        versions.done.clear()
        versions.claims.clear()
        return made

    async def _catch_up(self, reached: int, head: int) -> None:
        """What was acted on in between is made anew."""
        changed = [row["claim"] for row in await self.writing.fetch(_SQL["claims_since"], self.ledger, reached, head)]
        for first in range(0, len(changed), _SLICE):
            claims = changed[first : first + _SLICE]
            await self.writing.execute(_SQL["remove_versions"], self.ledger, self.generation, claims)
            versions = await self._versions(claims, head)
            versions.claims.clear()  # their rows are looked at where the ledger stands still
            await self._store(versions)

    async def _versions(self, claims: Sequence[str], head: int) -> Versions:
        versions = Versions(self.ledger, self.generation)
        for row in await self.writing.fetch(_SQL["events_of_claims"], self.ledger, claims, head):
            versions.read(row)
        versions.end()
        return versions

    async def _correct(self, head: int) -> tuple[int, int]:
        """How many claims and relationships were not as their events say, and are now."""
        claims = 0
        for first in range(0, len(self.claims), _SLICE):
            suspects = self.claims[first : first + _SLICE]
            standings = {
                claim: one for claim, one, _ in (await self._versions(suspects, head)).claims if one is not None
            }
            gone = [claim for claim in suspects if claim not in standings]
            claims += _count(await self.writing.execute(_SQL["remove_claims"], self.ledger, gone))
            columns = list(zip(*(_arguments(claim, one) for claim, one in standings.items()), strict=True))
            if columns:
                claims += _count(await self.writing.execute(_SQL["correct_claims"], self.ledger, *columns))
        relationships = _count(
            await self.writing.execute(_SQL["remove_relationships"], self.ledger, self.relationships)
        )
        relationships += _count(
            await self.writing.execute(_SQL["correct_relationships"], self.ledger, self.relationships)
        )
        return claims, relationships

    async def _remove(self, generation: int) -> int:
        """In steps, so that no transaction is long."""
        removed = 0
        while some := _count(await self.writing.execute(_SQL["remove_some"], self.ledger, generation, _SLICE)):
            removed += some
        return removed


def _arguments(claim: str, standing: Standing) -> tuple[Any, ...]:
    """One claim's part of the statement that corrects; slugs need no quoting in an array literal."""
    *others, words, timelines, merged = standing.row()
    return claim, *others, msgspec.json.encode(words).decode(), "{" + ",".join(timelines) + "}", merged


def _count(tag: str) -> int:
    return int(tag.rsplit(" ", 1)[1])
