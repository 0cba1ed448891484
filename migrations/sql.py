"""How a migration gives PostgreSQL its SQL: verbatim, one statement after another; add ways to run SQL here."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

from alembic import op

VERSIONS = Path(__file__).parent / "versions"
_ENDS = re.compile(
    r"""\$(\w*)\$.*?\$\1\$ | '[^']*' | "[^"]*" | --[^\n]* | /\*.*?\*/ | (?P<end>;)""", re.DOTALL | re.VERBOSE
)


def statements(sql: str) -> list[str]:
    """Each for itself, up to its semicolon; one that stands in a body, a string, a name or a comment ends nothing."""
    ends = [0, *(found.end() for found in _ENDS.finditer(sql) if found["end"]), len(sql)]
    parts = [sql[begin:end] for begin, end in pairwise(ends)]
    return parts if parts[-1].strip() else parts[:-1]


def run(sql: str) -> None:
    """Run ``sql``, any number of statements, inside the migration's transaction; with ``--sql``, print it.

    ``op.execute`` would read ``:name`` in the text as a parameter and, offline, write NULL for it.
    """
    context = op.get_context()
    if context.as_sql:
        context.impl.static_output(sql.strip().rstrip(";") + ";")
        return

    async def execute(connection: Any) -> None:
        for statement in statements(sql):  # a cluster passes on to its nodes all of a text, whichever part is meant
            await connection.execute(statement)  # without arguments: the simple query protocol

    bind = op.get_bind()
    bind.connection.dbapi_connection.run_async(execute)  # type: ignore[union-attr]  # SQLAlchemy's asyncpg adapter


def run_file(name: str) -> None:
    """Run the file ``name`` that stands beside the revisions, such as ``0001_the_log.up.sql``."""
    run((VERSIONS / name).read_text(encoding="utf-8"))
