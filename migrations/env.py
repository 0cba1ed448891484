"""How alembic reaches the database: one migrating process at a time, one transaction per revision."""

import asyncio
import os

import asyncpg
from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from migrations.locking import locked

SCHEMA = "tarih"
LOCK_TIMEOUT = "SET lock_timeout = '5s'"
ONE_PART_AFTER_ANOTHER = "SET citus.multi_shard_modify_mode = 'sequential'"
"""On a cluster, tables that are on every node cannot be changed beside others otherwise; elsewhere it means nothing."""


def configure(**how: object) -> None:
    """The options both ways of running share."""
    context.configure(version_table_schema=SCHEMA, transaction_per_migration=True, **how)  # type: ignore[arg-type]


def owner_url() -> str:
    """Where to migrate: given by the caller, or TARIH_OWNER_URL."""
    url = context.config.attributes.get("owner_url") or os.environ.get("TARIH_OWNER_URL")
    if not url:
        raise SystemExit("TARIH_OWNER_URL is not set: migrations need the address of the database's owner")
    return str(url)


def migrate(connection: Connection) -> None:
    """Run what is missing on ``connection``."""
    configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def online(url: str) -> None:
    """Migrate under the lock."""

    async def connect() -> asyncpg.Connection:
        connection = await asyncpg.connect(url)
        await connection.execute(LOCK_TIMEOUT)
        await connection.execute(ONE_PART_AFTER_ANOTHER)
        return connection

    # asyncpg reads the address itself, so that sockets, passwords and options mean the same here as in the service.
    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with locked(url) as lock:
            # Asked first, because IF NOT EXISTS still demands the right to create schemas.
            if await lock.fetchval("SELECT to_regnamespace($1) IS NULL", SCHEMA):
                await lock.execute(f"CREATE SCHEMA {SCHEMA}")
            async with engine.connect() as connection:
                await connection.run_sync(migrate)
                await connection.commit()
    finally:
        await engine.dispose()


def offline() -> None:
    """Print the SQL instead of running it."""
    configure(dialect_name="postgresql", literal_binds=True)
    context.get_context().impl.static_output(f"{LOCK_TIMEOUT};\n\nCREATE SCHEMA IF NOT EXISTS {SCHEMA};\n")
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    offline()
else:
    asyncio.run(online(owner_url()))
