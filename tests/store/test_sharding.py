"""Ledgers spread over a Citus cluster: each lies in one place, and whatever is asked of one is asked there alone."""

import asyncio
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from migrations import running, sharding
from service.store import ledgers, reads
from service.store.appender import Receipt
from service.store.log import Log
from service.store.pool import Connection, open_pool
from service.store.request import parameters
from service.store.statements import statement
from tests.conftest import Database, Server
from tests.serving import CHECKOUT
from tests.store.test_verify import verdict_on
from tests.store.writing import LEDGER, acquired, request, write_group

OF_ONE_LEDGER = sorted(
    file.name.removesuffix(".sql")
    for file in (files("service.store") / "sql").iterdir()
    if re.match(r"--[^;]*\$1 ledger\b", file.read_text(encoding="utf-8").split("SELECT")[0])
)
VALUES: dict[str, Any] = {
    "text": "drones", "bigint": 1, "int8": 1, "int4": 1, "int2": 1, "bool": False, "bytea": bytes(32), "uuid": uuid4(),
    "json": "{}", "jsonb": "{}", "timestamptz": datetime.now(UTC), "interval": timedelta(1), "float8": 1.0,
}  # fmt: skip


@pytest.fixture
def cluster(server: Server) -> Server:
    if not server.nodes:
        pytest.skip("TARIH_TEST_CITUS_URL does not name a Citus cluster")
    return server


def value_of(type_: str) -> Any:
    return [VALUES[type_[:-2]]] if type_.endswith("[]") else VALUES[type_]


def tasks(plan: Any) -> list[int]:
    """How many parts each step that goes out to the cluster asks."""
    if isinstance(plan, dict):
        own = [plan["Distributed Query"]["Job"]["Task Count"]] if "Distributed Query" in plan else []
        return own + [count for part in plan.values() for count in tasks(part)]
    return [count for part in plan for count in tasks(part)] if isinstance(plan, list) else []


async def explained(connection: Connection, sql: str, given: list[Any]) -> list[int]:
    await connection.set_type_codec("json", schema="pg_catalog", encoder=str, decoder=json.loads)
    plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *given)
    return tasks(plan)


async def test_what_is_asked_of_one_ledger_is_asked_in_one_place(cluster: Server, database: Database) -> None:
    connection = await asyncpg.connect(database.superuser_url)
    places = dict[str, list[int]]()
    try:
        for name in OF_ONE_LEDGER:
            sql = statement(name)
            prepared = await connection.prepare(sql)
            given = [value_of(one.name) for one in prepared.get_parameters()]
            if "tarih." in re.sub(r"--.*", "", sql):
                places[name] = await explained(connection, sql, given)
    finally:
        await connection.close()
    assert len(places) > 50
    assert {name: asked for name, asked in places.items() if not set(asked) <= {1}} == {}
    # What comes from parameters is put in from the coordinator.
    assert [name for name, asked in places.items() if not asked and "INSERT" not in statement(name)] == []


async def test_an_append_is_sent_whole_to_where_its_ledger_lies(cluster: Server, log: Log, database: Database) -> None:
    connection = await asyncpg.connect(database.service_url)
    try:
        sql = statement("append_where_it_lies")
        given = ["drones", False, *parameters([request(acquired("a"))])]
        assert await explained(connection, sql, given) == [1]
    finally:
        await connection.close()


async def test_many_ledgers_lie_on_all_nodes(cluster: Server, log: Log, database: Database) -> None:
    names = [f"ledger-{number}" for number in range(40)]
    async with log.connection() as connection:
        for name in names:
            assert await ledgers.create_ledger(connection, name, name, public_read=True)
        found = await ledgers.readable_ledgers(connection, [], after="", limit=100)
        assert {one.name for one in found} == {*names, LEDGER}
    owner = await asyncpg.connect(database.superuser_url)
    try:
        rows = await owner.fetch(
            "SELECT DISTINCT p.nodename || ':' || p.nodeport AS node FROM unnest($1::text[]) AS l (ledger) "
            "JOIN pg_dist_shard_placement AS p "
            "ON p.shardid = get_shard_id_for_distribution_column('tarih.heads', l.ledger)",
            names,
        )
    finally:
        await owner.close()
    assert {row["node"] for row in rows} == set(cluster.nodes)


async def test_ledgers_that_are_there_are_spread_with_all_that_is_in_them(
    cluster: Server, empty_database: Database
) -> None:
    await asyncio.to_thread(running.upgrade, empty_database.owner_url)
    await asyncio.to_thread(cluster.join, empty_database.name)
    log = Log(await open_pool(empty_database.service_url, size=2))
    try:
        async with log.connection() as connection:
            for name in ("one", "another"):
                await ledgers.create_ledger(connection, name, name, public_read=True)
                await write_group(log, [request(acquired(f"{name}-{number}")) for number in range(20)], name)
        await asyncio.to_thread(sharding.shard, empty_database.owner_url, 4)
        await write_group(log, [request(acquired("later"))], "another")
    finally:
        await log.close()
    for name, events in (("one", 20), ("another", 21)):
        verdict = await verdict_on(empty_database.service_url, name)
        assert (verdict.clean, verdict.events) == (True, events)
    owner = await asyncpg.connect(empty_database.superuser_url)
    try:
        sizes = "SELECT sum(pg_relation_size(logicalrelid)) FROM pg_dist_partition WHERE partmethod = 'h'"
        assert await owner.fetchval(sizes) == 0, "nothing of it is left on the coordinator"
    finally:
        await owner.close()


async def spread_tables(url: str) -> dict[str, str]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT table_name::text AS name, citus_table_type AS kind FROM citus_tables")
        return {row["name"]: row["kind"] for row in rows}
    finally:
        await connection.close()


def test_spreading_again_changes_nothing_and_a_later_table_is_spread_by_migrating(
    cluster: Server, database: Database
) -> None:
    before = asyncio.run(spread_tables(database.superuser_url))
    again = sharding.shard(database.owner_url)
    assert (again.by_ledger, again.on_every_node, again.missing) == ([], [], [])
    assert asyncio.run(spread_tables(database.superuser_url)) == before
    cluster.run(
        'CREATE TABLE tarih.later (ledger text COLLATE "C", n bigint, PRIMARY KEY (ledger, n))',
        "CREATE TABLE tarih.lately (name text PRIMARY KEY)",
        database=database.name,
        role="tarih_owner",
    )
    sharding.renew(database.owner_url)
    after = asyncio.run(spread_tables(database.superuser_url))
    assert after == before | {"tarih.later": "distributed", "tarih.lately": "reference"}


async def test_migrations_go_on_where_ledgers_are_spread(cluster: Server, database: Database) -> None:
    """Back to before the append function was exchanged, and all the way again."""
    before = await spread_tables(database.superuser_url)
    await asyncio.to_thread(running.downgrade, database.owner_url, "0003")
    await asyncio.to_thread(running.upgrade, database.owner_url)
    assert await spread_tables(database.superuser_url) == before
    log = Log(await open_pool(database.service_url, size=2))
    try:
        async with log.connection() as connection:
            await ledgers.create_ledger(connection, LEDGER, "A test's", public_read=True)
        [receipt] = await write_group(log, [request(acquired("a"))])
        assert isinstance(receipt, Receipt)
        async with log.connection() as connection:
            given = ["drones", False, *parameters([request(acquired("b"))])]
            assert await explained(connection, statement("append_where_it_lies"), given) == [1]
    finally:
        await log.close()


def test_a_database_without_citus_is_refused_with_the_way_out(server: Server, database: Database) -> None:
    if server.nodes:
        pytest.skip("here every database has Citus")
    refused = subprocess.run(
        [sys.executable, "-m", "service", "shard"],
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], "TARIH_OWNER_URL": database.owner_url},
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 1
    assert "CREATE EXTENSION citus" in refused.stderr
    assert "nothing was changed" in refused.stderr
    assert "Traceback" not in refused.stderr


async def test_what_lies_on_a_node_is_read_as_it_was_written(cluster: Server, log: Log) -> None:
    async with log.connection() as connection:
        await ledgers.create_ledger(connection, "elsewhere", "Elsewhere", public_read=True)
    await write_group(log, [request(acquired("a")), request(acquired("b"))])
    async with log.connection() as connection:
        assert (await reads.head_of(connection, "elsewhere")).position == 0
        assert (await reads.head_of(connection, LEDGER)).position == 2
