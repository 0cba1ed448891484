"""Batches with times of a test's choice, put there as the database's owner: the service takes its clock's."""

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from tests.conftest import Database


class Planted(NamedTuple):
    """A batch, and which of its events touch the relationship, counted from 0."""

    recorded_at: int
    size: int
    touching: tuple[int, ...]


async def plant(database: Database, ledger: str, relationship: str, batches: Sequence[Planted]) -> list[int]:
    """After what the ledger holds; gives the last position of each. Their events say nothing."""
    owner = await asyncpg.connect(database.owner_url)
    try:
        position = await owner.fetchval("SELECT position FROM tarih.heads WHERE ledger = $1", ledger)
        revision = await owner.fetchval(
            "SELECT count(*) FROM tarih.memberships WHERE ledger = $1 AND relationship = $2", ledger, relationship
        )
        ends, touches = [], []
        for batch in batches:
            touches += [position + 1 + nth for nth in batch.touching]
            position += batch.size
            ends.append(position)
        await owner.execute(
            "INSERT INTO tarih.batches (ledger, last_position, first_position, recorded_at, digest) "
            "SELECT $1, b.last, b.first, timestamptz 'epoch' + b.at * interval '1 microsecond', sha256('') "
            "FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS b (last, first, at)",
            ledger,
            ends,
            [end - batch.size + 1 for end, batch in zip(ends, batches, strict=True)],
            [batch.recorded_at for batch in batches],
        )
        await owner.execute(
            "INSERT INTO tarih.events (ledger, position, event_id, claim, action, recorded_at, recorded_by, content, "
            "revisions) SELECT b.ledger, p, 'planted-' || p, 'planted', 'confirm', b.recorded_at, 'a test', '{}', '{}' "
            "FROM tarih.batches AS b CROSS JOIN LATERAL generate_series(b.first_position, b.last_position) AS p "
            "WHERE b.ledger = $1 AND b.last_position = ANY ($2)",
            ledger,
            ends,
        )
        await owner.execute(
            "INSERT INTO tarih.memberships (ledger, relationship, revision, position, claim) "
            "SELECT $1, $2, $4 + m.nth, m.position, 'planted' "
            "FROM unnest($3::bigint[]) WITH ORDINALITY AS m (position, nth)",
            ledger,
            relationship,
            touches,
            revision,
        )
        await owner.execute(
            "UPDATE tarih.heads SET position = $2, "
            "recorded_at = timestamptz 'epoch' + $3::bigint * interval '1 microsecond' WHERE ledger = $1",
            ledger,
            position,
            batches[-1].recorded_at,
        )
    finally:
        await owner.close()
    return ends
