"""A migrated database spread over a Citus cluster by ledger; done again, it spreads what a later migration brought."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

import migrations
from migrations.locking import locked

SHARDS = 32
"""Parts of each table, where nothing else is said; never changed afterwards."""
FIRST = "tarih.heads"
"""All other parts of a ledger lie where its part of this one does."""
ON_EVERY_NODE = "tarih.ledgers"
"""Its key begins with the ledger too; but it says which ledgers there are, and is small."""
LOCAL = "tarih.alembic_version"
SENT_WHOLE = "tarih.append_where_it_lies"
STATEMENTS = Path(__file__).parents[1] / "service" / "store" / "sql"
_TABLES = """
SELECT c.oid::regclass::text AS name, a.attname AS key, p.logicalrelid IS NOT NULL AS spread
FROM pg_class AS c
JOIN pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'p'
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
LEFT JOIN pg_dist_partition AS p ON p.logicalrelid = c.oid
WHERE c.relnamespace = 'tarih'::regnamespace AND c.relkind = 'r'
ORDER BY c.oid::regclass::text <> $1, c.oid::regclass::text
"""
_NODES = "SELECT count(*) FROM pg_dist_node WHERE noderole = 'primary' AND isactive AND shouldhaveshards"
_LOGINS = """
SELECT m.member::regrole::text AS login, format(
    'SELECT bool_or(pg_has_role(r.oid, ''tarih_service'', ''USAGE'')) FROM pg_roles AS r WHERE r.rolname = %L',
    r.rolname
) AS question
FROM pg_auth_members AS m JOIN pg_roles AS r ON r.oid = m.member
WHERE m.roleid = 'tarih_service'::regrole AND r.rolcanlogin AND NOT r.rolsuper AND r.rolname <> current_user
ORDER BY 1
"""
_APPENDS = """
SELECT p.oid::regprocedure::text AS name, pg_get_function_result(p.oid) AS columns
FROM pg_proc AS p WHERE p.pronamespace = 'tarih'::regnamespace AND p.proname = 'append' ORDER BY p.oid
"""
_MEMBER = "SELECT nodename || ':' || nodeport AS node, result FROM run_command_on_workers($1)"


class CannotShard(Exception):
    """The database is not spread; the message says why and what to do."""


@dataclass(frozen=True)
class Spread:
    """What was done, by the tables' names; and what a superuser has to run on nodes where logins lack their rights."""

    by_ledger: list[str] = field(default_factory=list)
    on_every_node: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


async def is_sharded(connection: asyncpg.Connection) -> bool:
    """Whether this is the coordinator of a cluster that ledgers are spread over."""
    if not await connection.fetchval("SELECT to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL"):
        return False
    found = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = to_regclass($1))", FIRST
    )
    return bool(found)


def shard(url: str, shards: int = SHARDS) -> Spread:
    """Spread the database at ``url``, its owner's; writes wait meanwhile. Killed at any point, it can be run again.

    Raises CannotShard, and what asyncpg raises. Runs an event loop of its own, so call it where none runs.
    """
    return asyncio.run(_shard(url, shards))


def renew(url: str) -> None:
    """After a migration: what it brought is spread too, if the rest is."""
    asyncio.run(_renew(url))


async def _shard(url: str, shards: int) -> Spread:
    if not await migrations.is_current(url):
        raise CannotShard("the database is not up to date: run `tarih migrate` first")
    async with locked(url) as lock:
        await refuse_what_is_no_cluster(lock)
        spread = await _spread(lock, shards)
        await _remove_local_copies(lock)
        spread.missing.extend(await _missing_rights(lock))
    return spread


async def _renew(url: str) -> None:
    async with locked(url) as lock:
        if await is_sharded(lock):
            await _spread(lock, SHARDS)
            await _remove_local_copies(lock)


async def refuse_what_is_no_cluster(connection: asyncpg.Connection) -> None:
    """Raises CannotShard."""
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')"):
        raise CannotShard(
            "this database has no Citus: spreading needs a Citus cluster, in whose coordinator, and on every node, "
            "a superuser has run CREATE EXTENSION citus in this database; nothing was changed"
        )
    if not await connection.fetchval(_NODES):
        raise CannotShard(
            "the cluster has no node to hold anything: on the coordinator, run SELECT citus_add_node(host, port) "
            "for each of them; nothing was changed"
        )
    if not await connection.fetchval("SELECT citus_is_coordinator()"):
        raise CannotShard("this is a node of the cluster: TARIH_OWNER_URL must be the coordinator's")


async def _spread(connection: asyncpg.Connection, shards: int) -> Spread:
    """All tables, or none; then the function that appends, which works from the coordinator until then."""
    spread = Spread()
    async with connection.transaction():
        # The parts of a table are made one after another, as each waits for the tables that are on every node.
        await connection.execute("SET LOCAL citus.multi_shard_modify_mode = 'sequential'")
        await connection.execute(f"SET LOCAL citus.shard_count = {shards:d}")
        # Where a ledger lies is known only once the parameters are: a plan for any ledger cannot be made.
        appends = await connection.fetch(_APPENDS)
        for append in appends:
            await connection.execute(f"ALTER FUNCTION {append['name']} SET plan_cache_mode = force_custom_plan")
        for table in await connection.fetch(_TABLES, FIRST):
            name = table["name"]
            if table["spread"] or name == LOCAL:
                continue
            if table["key"] != "ledger" or name == ON_EVERY_NODE:
                await connection.execute("SELECT create_reference_table($1::text::regclass)", name)
                spread.on_every_node.append(name)
            else:
                beside = "none" if name == FIRST else FIRST
                await connection.execute(
                    "SELECT create_distributed_table($1::text::regclass, 'ledger', colocate_with => $2)", name, beside
                )
                spread.by_ledger.append(name)
    await _spread_append(connection, appends)  # by itself: Citus brings a function to nodes beside the transaction
    return spread


async def _spread_append(connection: asyncpg.Connection, appends: Sequence[asyncpg.Record]) -> None:
    """What appends on every node, and a function beside it that is sent whole to where the ledger lies.

    What is sent there is written as text, and Citus cannot write what the statement makes of its parameters. So the
    statement itself is that function's body, and its parameters are the function's.
    """
    for append in appends:
        await connection.execute("SELECT create_distributed_function($1::text::regprocedure)", append["name"])
    statement = (STATEMENTS / "append.sql").read_text(encoding="utf-8")
    parameters = ", ".join(one.name for one in (await connection.prepare(statement)).get_parameters())
    there = f"{SENT_WHOLE}({parameters})"
    await connection.execute(f"""
        CREATE OR REPLACE FUNCTION {there} RETURNS {appends[-1]["columns"]} LANGUAGE plpgsql AS $body$
        #variable_conflict use_column
        BEGIN
            RETURN QUERY {statement};
        END
        $body$;
        REVOKE ALL ON FUNCTION {there} FROM PUBLIC;
        GRANT EXECUTE ON FUNCTION {there} TO tarih_service;
    """)
    await connection.execute(
        "SELECT create_distributed_function($1::text::regprocedure, '$1', colocate_with => $2)", there, FIRST
    )


async def _remove_local_copies(connection: asyncpg.Connection) -> None:
    """What was there before lies in the coordinator's own files still, where nobody reads it."""
    for table in await connection.fetch(_TABLES, FIRST):
        if table["spread"] and await connection.fetchval(
            "SELECT pg_relation_size($1::text::regclass) > 0", table["name"]
        ):
            await connection.execute(
                "SELECT truncate_local_data_after_distributing_table($1::text::regclass)", table["name"]
            )


async def _missing_rights(connection: asyncpg.Connection) -> Iterable[str]:
    """A login is let in by every node for itself."""
    missing = set[str]()
    for row in await connection.fetch(_LOGINS):
        for found in await connection.fetch(_MEMBER, row["question"]):
            if found["result"] != "t":
                missing.add(
                    f"on {found['node']}: CREATE ROLE {row['login']} LOGIN; GRANT tarih_service TO {row['login']};"
                )
    return sorted(missing)
