"""The schema as the migrations leave it, in schema.sql: ``python -m migrations.snapshot --check`` or ``--write``."""

import difflib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from migrations import HOME, running
from service.embedded.cluster import programs
from service.embedded.server import Embedded

FILE = HOME / "schema.sql"
NOISE = re.compile(r"^(--$|-- Dumped |-- PostgreSQL database dump|SET |SELECT pg_catalog\.set_config|\\(un)?restrict )")


def normalised(dump: str) -> str:
    """``dump`` without what differs from one run or server to the next, and without what says nothing."""
    kept = "\n".join(line.rstrip() for line in dump.splitlines() if not NOISE.match(line))
    return re.sub(r"\n{3,}", "\n\n", kept).strip() + "\n"


def of(url: str) -> str:
    """The schema of the database at ``url``, with its grants, normalised."""
    command = [str(programs() / "pg_dump"), "--schema-only", "--no-owner", "--schema=tarih", url]
    return normalised(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@contextmanager
def passing_server() -> Iterator[Embedded]:
    """An embedded server for the length of a block, that keeps nothing."""
    folder = Path(tempfile.mkdtemp(prefix="tarih-"))
    folder.chmod(0o755)  # the server's user must reach it where we are root
    server = Embedded.start(folder, {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"})
    try:
        yield server
    finally:
        server.stop(at_once=True)
        shutil.rmtree(folder, ignore_errors=True)


def main(choice: str) -> int:
    """Compare or write; returns the exit code."""
    with passing_server() as server:
        running.upgrade(server.owner_url)
        schema = of(server.owner_url)
    if choice == "--write":
        FILE.write_text(schema, encoding="utf-8")
        return 0
    stored = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    difference = difflib.unified_diff(
        stored.splitlines(keepends=True), schema.splitlines(keepends=True), "migrations/schema.sql", "as migrated"
    )
    sys.stdout.writelines(difference)
    if stored != schema:
        sys.stderr.write("migrations/schema.sql is not what the migrations make: run `make snapshots`\n")
        return 1
    return 0


if __name__ == "__main__":
    if sys.argv[1:] not in (["--check"], ["--write"]):
        sys.exit("usage: python -m migrations.snapshot --check | --write")
    sys.exit(main(sys.argv[1]))
