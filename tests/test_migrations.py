"""The schema's history: each step goes up, down and up again, and all of them make what schema.sql says."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest
from alembic.script import ScriptDirectory

import migrations
from migrations import released, running, snapshot
from tests.conftest import Database, Server

CHECKOUT = Path(__file__).parents[1]


def alembic(url: str, *arguments: str) -> str:
    """What the ``alembic`` of a checkout prints; raises where it fails."""
    return subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        check=True,
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        env={"TARIH_OWNER_URL": url},
    ).stdout


def test_there_is_one_newest_revision_and_the_files_names_tell_it() -> None:
    scripts = ScriptDirectory.from_config(running.configuration())
    assert scripts.get_heads() == [migrations.head()]


@pytest.mark.parametrize("revision", running.revisions())
def test_a_revision_goes_up_down_and_up_again(revision: str, empty_database: Database) -> None:
    running.upgrade(empty_database.owner_url, revision)
    before = snapshot.of(empty_database.owner_url)
    running.downgrade(empty_database.owner_url, "-1")
    assert snapshot.of(empty_database.owner_url) != before
    running.upgrade(empty_database.owner_url, revision)
    assert snapshot.of(empty_database.owner_url) == before


def test_the_stored_snapshot_is_what_the_migrations_make(database: Database) -> None:
    assert snapshot.of(database.owner_url) == snapshot.FILE.read_text(encoding="utf-8"), "run `make snapshots`"


def test_the_sql_on_paper_makes_the_same_schema(
    server: Server, empty_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    running.print_sql()
    server.run(capsys.readouterr().out, database=empty_database.name, role="tarih_owner")
    assert snapshot.of(empty_database.owner_url) == snapshot.FILE.read_text(encoding="utf-8")


def test_three_services_that_migrate_at_once_all_succeed(empty_database: Database) -> None:
    with ThreadPoolExecutor(3) as three:
        outcomes = [three.submit(alembic, empty_database.owner_url, "upgrade", "head") for _ in range(3)]
    assert [outcome.exception() for outcome in outcomes] == [None, None, None]
    assert str(migrations.head()) in alembic(empty_database.owner_url, "current")


async def test_a_database_is_current_only_once_it_is_migrated(database: Database, empty_database: Database) -> None:
    assert await migrations.is_current(database.owner_url)
    assert await migrations.is_current(database.service_url), "the service's login may see the revision"
    assert not await migrations.is_current(empty_database.owner_url)


async def test_what_the_last_release_sends_suits_the_newest_schema(database: Database) -> None:
    """As the service's own login: while a new version migrates and starts, the old one goes on."""
    connection = await asyncpg.connect(database.service_url)
    try:
        assert await released.unsuited(connection, released.last().statements) == {}
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("contraction", "who_breaks"),
    [
        ("ALTER TABLE tarih.heads DROP COLUMN epoch CASCADE", "head"),
        ("ALTER TABLE tarih.batches RENAME COLUMN digest TO checksum", "repeated"),
        ("ALTER FUNCTION tarih.append RENAME TO append_2", "append"),
        ("REVOKE SELECT ON tarih.events FROM tarih_service", "feed"),
    ],
)
async def test_a_migration_that_takes_something_away_too_early_is_found(
    database: Database, contraction: str, who_breaks: str
) -> None:
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(contraction)
    await owner.close()
    connection = await asyncpg.connect(database.service_url)
    try:
        assert who_breaks in await released.unsuited(connection, released.last().statements)
    finally:
        await connection.close()
