"""Raw PostgreSQL, the ceiling: single rows, arrays and COPY into plain tables, and COPY of what a ledger holds."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.events import rows
from benchmarks.looping import Loop, in_calls, in_tasks
from benchmarks.protocol import Json, answer, figures

TABLES = """
CREATE TABLE IF NOT EXISTS single (id uuid PRIMARY KEY, relationship text NOT NULL, content json NOT NULL);
CREATE TABLE IF NOT EXISTS grouped (
    ledger text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    relationship text COLLATE "C" NOT NULL,
    content json NOT NULL,
    PRIMARY KEY (ledger, position),
    UNIQUE (ledger, id),
    UNIQUE (ledger, relationship, position)
);
"""
COUNTS = "SELECT (SELECT count(*) FROM single) AS single, (SELECT count(*) FROM grouped) AS grouped"
INSERT_ONE = "INSERT INTO single (id, relationship, content) VALUES ($1::uuid, $2, $3)"
INSERT_MANY = """
INSERT INTO grouped (ledger, position, id, relationship, content)
SELECT 'bench', * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::json[])
"""


class Plain:
    """One database of plain tables."""

    def __init__(self, url: str) -> None:
        self._loop, self._url = Loop(), url
        self._position = 0
        self._copies: list[tuple[str, Path]] = []
        self._folder = tempfile.TemporaryDirectory(prefix="tarih-copies-")
        self._loop.run(self._connect())

    async def _connect(self) -> None:
        self._connection = await asyncpg.connect(self._url)
        await self._connection.execute(TABLES)

    def singles(self, *, seconds: float, most: int) -> Json:
        """One connection, one row a transaction: what a durable commit costs."""
        return self._loop.run(self._singles(seconds, rows(most)))

    async def _singles(self, seconds: float, items: list[tuple[str, str, str]]) -> Json:
        return await in_tasks(1, seconds, items, lambda row: self._connection.execute(INSERT_ONE, *row))

    def groups(self, *, way: str, size: int, seconds: float, most: int) -> Json:
        """So many rows a transaction, by arrays (``unnest``) or by COPY (``copy``)."""
        numbered = [(self._position + number, *row) for number, row in enumerate(rows(most), 1)]
        self._position += most
        groups = [numbered[start : start + size] for start in range(0, most, size)]
        return self._loop.run(self._groups(way, seconds, groups))

    async def _groups(self, way: str, seconds: float, groups: list[list[tuple[Any, ...]]]) -> Json:
        columns = ["ledger", "position", "id", "relationship", "content"]

        async def unnest(group: Sequence[tuple[Any, ...]]) -> None:
            await self._connection.execute(INSERT_MANY, *(list(column) for column in zip(*group, strict=True)))

        async def copy(group: Sequence[tuple[Any, ...]]) -> None:
            records = (("bench", *row) for row in group)
            await self._connection.copy_records_to_table("grouped", records=records, columns=columns)

        return await in_calls(seconds, groups, {"unnest": unnest, "copy": copy}[way])

    def stored(self) -> Json:
        """How many rows each table holds."""
        return self._loop.run(self._counted())

    async def _counted(self) -> Json:
        [row] = await self._connection.fetch(COUNTS)
        return dict(row)

    def take(self, *, ledger: str, tables: list[str]) -> Json:
        """Keeps what these tables hold of a ledger, and makes the same tables, empty, for ``copy_taken``."""
        self._copies = [(table, Path(self._folder.name, table)) for table in tables]
        return {"rows": self._loop.run(self._take(ledger))}

    async def _take(self, ledger: str) -> int:
        rows = 0
        await self._connection.execute("DROP SCHEMA IF EXISTS copied CASCADE; CREATE SCHEMA copied")
        for table, file in self._copies:
            await self._connection.execute(f"CREATE TABLE copied.{table} (LIKE tarih.{table} INCLUDING ALL)")
            query = f"SELECT * FROM tarih.{table} WHERE ledger = $1"  # noqa: S608 - the names are the caller's constants
            done = await self._connection.copy_from_query(query, ledger, output=file, format="binary")
            rows += int(done.split()[1])
        return rows

    def copy_taken(self) -> Json:
        """COPY of all that into the empty tables, with their keys and indexes, in one transaction."""
        return self._loop.run(self._copy_taken())

    async def _copy_taken(self) -> Json:
        await self._connection.execute("TRUNCATE " + ", ".join(f"copied.{table}" for table, _ in self._copies))
        timed = await in_tasks(1, 0, [None], lambda _: self._copy_all())
        done = await self._connection.fetchval(f"SELECT count(*) FROM copied.{self._copies[0][0]}")  # noqa: S608
        return figures(timed["seconds"], [], done=done)

    async def _copy_all(self) -> None:
        async with self._connection.transaction():
            for table, file in self._copies:
                await self._connection.copy_to_table(table, schema_name="copied", source=file, format="binary")


if __name__ == "__main__":
    plain = Plain(sys.argv[1])
    answer(
        {
            "singles": plain.singles,
            "groups": plain.groups,
            "stored": plain.stored,
            "take": plain.take,
            "copy_taken": plain.copy_taken,
        }
    )
