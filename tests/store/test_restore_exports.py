"""A ledger written out and made again: every byte, every answer; and no damaged file leaves anything behind."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from service import history
from service.commands.first_start import found
from service.domain.types import EventType
from service.store import ledgers
from service.store.exported import Line, NotAnExport, Opening, read_export
from service.store.exporting import export
from service.store.log import Log
from service.store.pool import open_pool
from service.store.restoring import CannotRestore, restore
from service.store.verifying import verify
from tests.conftest import TEMPLATE, Database, Server
from tests.store.writing import (
    LEDGER,
    acquired,
    corrected,
    expected,
    fulfilled,
    merged,
    reinstated,
    reported,
    retracted,
    said,
    write,
)  # fmt: skip

pytestmark = pytest.mark.anyio
TABLES = (
    "events",
    "batches",
    "memberships",
    "parties",
    "types",
    "claims",
    "claim_versions",
    "relationships",
    "ledgers",
)


async def fill(log: Log) -> None:
    """Everything that can be recorded, once at least."""
    async with log.connection() as connection:
        schema = '{"type":"object","properties":{"size":{"type":"integer"}}}'
        await ledgers.create_type(connection, LEDGER, EventType("parade", "occurrence", "Parade", schema=schema))
    await write(log, acquired("a", sources=reported("2024-03-18")), acquired("b", occurred="{2021,2023?}"))
    await write(log, corrected("a", sources=reported("2025-10-23")))
    await write(log, corrected("a", occurred="2020", late=True, sources=reported("2023-01-01")))
    await write(log, said("confirm", "a"), said("deny", "b", "Another"), retracted("b"))
    await write(
        log, reinstated("b"), expected("c"), acquired("d", title='Kılıç, ü " \\ \u2028 €', actors=("pak", "chn"))
    )
    await write(log, fulfilled("c", "d"), merged("m", "gone", "chn"))
    parade = msgspec.json.encode(acquired("p", type="parade", data={"size": 3}))
    await history.record(log, LEDGER, [parade], by="a key")
    await write(log, acquired("solo", actors=("rus",)))


async def bytes_of(connection: Any, ledger: str = LEDGER) -> list[bytes]:
    return b"".join([chunk async for chunk in export(connection, ledger)]).splitlines(keepends=True)


async def rows(connection: Any, table: str, ledger: str = LEDGER) -> list[tuple[Any, ...]]:
    found = await connection.fetch(f"SELECT * FROM tarih.{table} WHERE ledger = $1", ledger)
    return sorted((tuple(row.values()) for row in found), key=repr)


@pytest.fixture
async def source(database: Database, log: Log) -> AsyncIterator[Any]:
    await fill(log)
    connection = await asyncpg.connect(database.service_url)
    yield connection
    await connection.close()


@pytest.fixture
def elsewhere(server: Server) -> Iterator[Database]:
    database = server.create(TEMPLATE)
    yield database
    server.drop(database)


@pytest.fixture
async def owner(elsewhere: Database) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(elsewhere.owner_url)
    yield connection
    await connection.close()


async def test_a_ledger_comes_back_with_every_row_and_byte(source: Any, owner: Any) -> None:
    lines = await bytes_of(source)
    done = await restore(owner, LEDGER, read_export(iter(lines)))
    for table in TABLES:
        assert await rows(owner, table) == await rows(source, table), table
    assert (await verify(owner, LEDGER)).clean
    before, after = [await c.fetchrow("SELECT * FROM tarih.heads WHERE ledger = $1", LEDGER) for c in (source, owner)]
    for column in ("position", "recorded_at", "digest"):
        assert before[column] == after[column]
    assert before["epoch"] != after["epoch"], "whoever followed the original must notice"
    assert (
        after["restored_from"]
        == done.restored_from
        == f"{LEDGER} {before['epoch']} {done.position} sha256:{done.digest}"
    )
    again = await bytes_of(owner)
    assert [line for line in again[1:-1]] == lines[1:-1]  # noqa: C416 - all but what names the epoch
    assert "restored_from" not in before or before["restored_from"] is None


async def test_the_copy_goes_on_where_the_original_stood(source: Any, owner: Any, elsewhere: Database) -> None:
    await restore(owner, LEDGER, read_export(iter(await bytes_of(source))))
    log = Log(await open_pool(elsewhere.service_url, size=2))
    head = (await ledgers.ledgers(owner, LEDGER))[0].position
    receipt = await write(log, corrected("a", occurred="2019"))
    assert receipt.first_position == head + 1
    await log.close()
    assert (await verify(owner, LEDGER)).clean


async def test_an_export_stands_at_one_position_while_others_append(log: Log, source: Any) -> None:
    chunks = export(source, LEDGER)
    first = await anext(chunks)
    await write(log, acquired("while-it-is-written"))
    rest = [chunk async for chunk in chunks]
    lines = (first + b"".join(rest)).splitlines(keepends=True)
    opening, *events = read_export(iter(lines))
    assert isinstance(opening, Opening)
    assert len(events) == opening.position
    assert b"while-it-is-written" not in b"".join(lines)


async def test_an_empty_ledger_comes_back_empty(source: Any, owner: Any, log: Log) -> None:
    async with log.connection() as connection:
        await ledgers.create_ledger(connection, "empty", "Nothing yet", public_read=False)
    await restore(owner, "empty", read_export(iter(await bytes_of(source, "empty"))))
    assert await rows(owner, "ledgers", "empty") == await rows(source, "ledgers", "empty")


Damage = Callable[[list[bytes]], list[bytes]]


def edited(index: int, change: Callable[[dict[str, Any]], None]) -> Damage:
    def damage(lines: list[bytes]) -> list[bytes]:
        line = json.loads(lines[index])
        change(line)
        return [*lines[:index], msgspec.json.encode(line) + b"\n", *lines[index + 1 :]]

    return damage


def put(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda line: line.__setitem__(name, value)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda lines: lines[:-1], "cut off"),
        (lambda lines: lines[:5], "cut off"),
        (lambda lines: [b"".join(lines)[:-9]], "is none of an export|longer than"),
        (lambda lines: [], "is empty"),
        (lambda lines: [*lines, b"{}\n"], "something follows the end"),
        (lambda lines: [*lines[:3], *lines[4:]], "after position 2 comes 4"),
        (lambda lines: [*lines[:3], lines[3], lines[3], *lines[4:]], "after position 3 comes 3"),
        (lambda lines: [line.replace(b"2022", b"2012") for line in lines], "does not have the digest"),
        (edited(2, put("id", "another")), "does not have the digest"),
        (edited(3, put("recorded_at", 1)), "recorded no later than the batch before"),
        (edited(1, put("recorded_by", "somebody")), "SHA-256 differs"),
        (edited(2, put("bounds", [0, 1, 2, 3])), "SHA-256 differs"),
        (edited(0, put("digest", "0" * 64)), "not the one that it begins with"),
        (edited(0, put("tarih_export", 2)), "has form 2"),
        (edited(0, put("position", 3)), "it says that it ends at 3"),
        (lambda lines: [lines[0], b'{"position": "x"}\n'], "line 2 is none of an export"),
    ],
)
async def test_a_damaged_export_is_refused_as_a_whole(source: Any, owner: Any, damage: Damage, why: str) -> None:
    lines = damage(await bytes_of(source))
    with pytest.raises(NotAnExport, match=why):
        await restore(owner, LEDGER, read_export(iter(lines)))
    for table in TABLES:
        assert await rows(owner, table) == [], table


@pytest.mark.parametrize(
    "change",
    [put("bounds", [5, 4, 3, 2]), put("revisions", {}), put("revisions", {"pak--tur": 7}), put("members", [1, 2])],
)
async def test_one_that_was_forged_to_the_last_digest_is_not_sound_and_leaves_nothing(
    source: Any, owner: Any, change: Callable[[dict[str, Any]], None]
) -> None:
    lines = edited(1, change)(await bytes_of(source))
    closing = json.loads(lines[-1])
    closing["sha256"] = hashlib.sha256(b"".join(lines[:-1])).hexdigest()
    lines[-1] = msgspec.json.encode(closing) + b"\n"
    with pytest.raises(CannotRestore):
        await restore(owner, LEDGER, read_export(iter(lines)))
    for table in TABLES:
        assert await rows(owner, table) == [], table


async def test_only_an_empty_ledger_is_filled(source: Any, owner: Any) -> None:
    lines = await bytes_of(source)
    await restore(owner, LEDGER, read_export(iter(lines)))
    with pytest.raises(CannotRestore, match="events; word for word only an empty one"):
        await restore(owner, LEDGER, read_export(iter(lines)))
    with pytest.raises(CannotRestore, match="cannot be the name"):
        await restore(owner, "No Name", read_export(iter(lines)))


async def test_the_service_s_login_cannot_restore(source: Any, elsewhere: Database) -> None:
    connection = await asyncpg.connect(elsewhere.service_url)
    lines = await bytes_of(source)
    with pytest.raises(CannotRestore, match="only the database's owner"):
        await restore(connection, LEDGER, read_export(iter(lines)))
    await connection.close()


@pytest.fixture
def sampled(server: Server, tmp_path: Path) -> Iterator[Database]:
    database = server.create(TEMPLATE)
    asyncio.run(found(database.service_url, tmp_path))
    yield database
    server.drop(database)


async def test_the_sample_ledger_comes_back(sampled: Database, owner: Any) -> None:
    connection = await asyncpg.connect(sampled.service_url)
    lines = await bytes_of(connection, "drones")
    await restore(owner, "drones", read_export(iter(lines)))
    for table in TABLES:
        assert await rows(owner, table, "drones") == await rows(connection, table, "drones"), table
    assert all(isinstance(line, Line) for line in list(read_export(iter(lines)))[1:])
    await connection.close()
