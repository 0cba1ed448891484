"""A whole ledger read through and judged: the log against its rules, the derived rows against the events."""

from collections.abc import AsyncIterator, Callable, Iterator

import asyncpg
import msgspec

from service.domain.edtf import FOREVER
from service.domain.types import TYPES
from service.store.ledgers import FIRST_DIGEST, own_types
from service.store.pool import Connection
from service.store.reads import Head, head_of
from service.store.soundness import Finding
from service.store.statements import statement
from service.store.walking import Batch, Walk

_BATCHES, _EVENTS = statement("verify_batches"), statement("verify_events")
_MEMBERSHIPS, _PARTIES = statement("verify_memberships"), statement("verify_parties")
_VERSIONS, _CLAIMS = statement("verify_versions"), statement("verify_claims")
_RELATIONSHIPS, _REPEATED_IDS = statement("verify_relationships"), statement("verify_repeated_ids")
_SLICE = 2_000


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was read, and what was found: all of it is counted by code, the first of it listed."""

    ledger: str
    position: int
    digest: str
    events: int
    counts: dict[str, int]
    findings: list[Finding]
    notes_counted: int
    notes: list[Finding]
    """No damage: what the rules of today would record differently."""

    @property
    def clean(self) -> bool:
        return not self.counts

    def lines(self) -> Iterator[str]:
        """For people."""
        for kind, listed in (("", self.findings), ("note: ", self.notes)):
            for one in listed:
                place = (("position", one.position), ("claim", one.claim), ("relationship", one.relationship))
                where = ", ".join(f"{name} {value}" for name, value in place if value is not None)
                yield f"{kind}{one.code} ({where}): expected {one.expected}; found {one.found}"
        counted = ", ".join(f"{count} {code}" for code, count in self.counts.items())
        yield f"{self.ledger}: {self.events} events read, head {self.position}, digest {self.digest}"
        yield (
            f"damaged: {counted}"
            if counted
            else "sound" + (f", {self.notes_counted} notes" if self.notes_counted else "")
        )


class _Rows:
    """The rows of a cursor in order of their position, taken a slice at a time."""

    def __init__(self, cursor: "asyncpg.cursor.Cursor[asyncpg.Record]") -> None:
        self._cursor, self._rows, self._next = cursor, list[asyncpg.Record](), 0

    async def upto(self, position: int, most: int = FOREVER) -> list[asyncpg.Record]:
        """The next ones, by a position; ``most`` of them at most."""
        taken: list[asyncpg.Record] = []
        while len(taken) < most:
            if self._next == len(self._rows):
                self._rows, self._next = await self._cursor.fetch(_SLICE), 0
                if not self._rows:
                    break
            row = self._rows[self._next]
            if row["position"] > position:
                break
            taken.append(row)
            self._next += 1
        return taken


def _silent(done: int, of: int) -> None:
    """A report to nobody."""


async def verify(connection: Connection, ledger: str, *, report: Callable[[int, int], None] = _silent) -> Verdict:
    """Reads the ledger as it stands now, while others append. Raises NotFound.

    It keeps a few words for each claim, and nothing for each event. ``report`` is told how many events are read, of how
    many.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return await judged(connection, ledger, report)


async def judged(connection: Connection, ledger: str, report: Callable[[int, int], None] = _silent) -> Verdict:
    """The same, in the transaction that is open. Raises NotFound."""
    head = await head_of(connection, ledger)
    # The whole of each is read, and not, as PostgreSQL expects of a cursor, its first tenth.
    await connection.execute("SET LOCAL cursor_tuple_fraction = 1")

    async def rows(sql: str, *arguments: object) -> _Rows:
        return _Rows(await connection.cursor(sql, ledger, *arguments))

    events, memberships, parties = await rows(_EVENTS), await rows(_MEMBERSHIPS), await rows(_PARTIES)
    versions = await rows(_VERSIONS, head.generation)
    walk = Walk(TYPES | await own_types(connection, ledger))
    async for batch in _batches(await rows(_BATCHES), head, walk):
        walk.begin(batch)
        more = True
        while more:
            some = await events.upto(batch.last, _SLICE)
            more = len(some) == _SLICE
            until = some[-1]["position"] if more else batch.last
            walk.read(some, await memberships.upto(until), await parties.upto(until), await versions.upto(until))
            report(walk.events, head.position)
        walk.end()
    for row in await connection.fetch(_REPEATED_IDS, ledger):
        walk.findings.find(
            "event-id-repeated", f"{row['event_id']} once", f"{row['times']} times", position=row["position"]
        )
    walk.judge_claims([row async for row in connection.cursor(_CLAIMS, ledger, prefetch=_SLICE)])
    walk.judge_relationships(await connection.fetch(_RELATIONSHIPS, ledger))
    return Verdict(
        ledger=ledger,
        position=head.position,
        digest=head.digest.hex(),
        events=walk.events,
        counts=dict(sorted(walk.findings.counts.items())),
        findings=walk.findings.listed,
        notes_counted=walk.findings.notes_counted,
        notes=walk.findings.notes,
    )


async def _batches(rows: _Rows, head: Head, walk: Walk) -> AsyncIterator[Batch]:
    """Every batch, in order, and what lies between them; that they follow one another and end at the head is judged."""
    last, time, digest = 0, None, FIRST_DIGEST
    while found := await rows.upto(FOREVER, 1):
        [row] = found
        batch = Batch(row["first_position"], row["position"], row["recorded_us"], row["digest"])
        if batch.first != last + 1:
            walk.findings.find(
                "batch-range", f"a batch from {last + 1} on", f"from {batch.first} on", position=batch.last
            )
        if time is not None and row["recorded_us"] <= time:
            walk.findings.find("batch-time", f"after {time}", f"{batch.recorded_at}", position=batch.last)
        if batch.first > last + 1:
            yield Batch(last + 1, batch.first - 1)
        yield batch
        last, time, digest = batch.last, batch.recorded_at, batch.digest
    for code, wanted, stored in (
        ("head-position", last, head.position),
        ("head-time", time, head.recorded_at),
        ("head-digest", digest.hex(), head.digest.hex()),
    ):
        if wanted != stored:
            walk.findings.find(code, f"{wanted}, as in the last batch", f"{stored}", position=head.position)
    yield Batch(last + 1, FOREVER - 1)
