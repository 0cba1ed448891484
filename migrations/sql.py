"""How a migration gives PostgreSQL its SQL: verbatim, many statements at once; add ways to run SQL here."""

from pathlib import Path
from typing import Any

from alembic import op

VERSIONS = Path(__file__).parent / "versions"


def run(sql: str) -> None:
    """Run ``sql``, any number of statements, inside the migration's transaction; with ``--sql``, print it.

    ``op.execute`` would read ``:name`` in the text as a parameter and, offline, write NULL for it.
    """
    context = op.get_context()
    if context.as_sql:
        context.impl.static_output(sql.strip().rstrip(";") + ";")
        return

    async def execute(connection: Any) -> None:
        await connection.execute(sql)  # without arguments: the simple query protocol

    bind = op.get_bind()
    bind.connection.dbapi_connection.run_async(execute)  # type: ignore[union-attr]  # SQLAlchemy's asyncpg adapter


def run_file(name: str) -> None:
    """Run the file ``name`` that stands beside the revisions, such as ``0001_the_log.up.sql``."""
    run((VERSIONS / name).read_text(encoding="utf-8"))
