"""What released versions ask of the schema: ``python -m migrations.released VERSION`` writes it once, at a release.

Two adjacent versions run side by side, so that a migration must leave whole what the last release sends.
"""

import sys
from collections.abc import Mapping

import asyncpg
import msgspec

from migrations import HOME, head
from service.store import statements

RELEASES = HOME / "releases"


class Released(msgspec.Struct, frozen=True):
    """One version: the newest revision that it knew, and its statements by their names."""

    version: str
    revision: str
    statements: dict[str, str]


def last() -> Released:
    """The newest version that is written down."""
    found = [msgspec.json.decode(file.read_bytes(), type=Released) for file in RELEASES.glob("*.json")]
    return max(found, key=lambda released: [int(part) for part in released.version.split(".")])


async def unsuited(connection: "asyncpg.Connection[asyncpg.Record]", asked: Mapping[str, str]) -> dict[str, str]:
    """The statements that cannot be run here with the rights of this login, and why; nothing is run."""
    found: dict[str, str] = {}
    for name, statement in asked.items():
        try:
            # It looks up every name, infers every parameter, and checks every right, as running it would.
            await connection.execute(f"EXPLAIN (GENERIC_PLAN) {statement}")
        except asyncpg.PostgresError as error:
            found[name] = str(error)
    return found


def write(version: str) -> None:
    released = Released(version, head() or "", statements.all_statements())
    RELEASES.mkdir(exist_ok=True)
    (RELEASES / f"{version}.json").write_bytes(msgspec.json.format(msgspec.json.encode(released), indent=1) + b"\n")


if __name__ == "__main__":
    write(sys.argv[1])
