"""The schema's history; a new step is a file in versions/ with its SQL beside it, then ``make snapshots``."""

from pathlib import Path

import asyncpg

HOME = Path(__file__).parent


def head() -> str | None:
    """The newest revision, None before the first; read off the files' names, which begin with it."""
    return max((file.name.split("_")[0] for file in (HOME / "versions").glob("[0-9]*.py")), default=None)


async def is_current(url: str) -> bool:
    """Whether the database at ``url`` is at the newest revision or, as newer code runs beside this, beyond it.

    A login without rights sees no revision. Raises what asyncpg raises where it cannot connect.
    """
    connection = await asyncpg.connect(url)
    try:
        there = await connection.fetchval("SELECT max(version_num) FROM tarih.alembic_version")
        return (there or "") >= (head() or "")
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError, asyncpg.InsufficientPrivilegeError):
        return False
    finally:
        await connection.close()
