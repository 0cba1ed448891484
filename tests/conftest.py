"""What tests share: one PostgreSQL per run, a migrated database of its own for each test that asks; add fixtures here.

Without TARIH_TEST_DATABASE_URL the server comes from the wheel. With it, the address of a superuser on a server for
tests only, that one is used; its roles tarih_owner, tarih_app and tarih_service are taken over.
"""

import asyncio
import functools
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import asyncpg
import pytest

from migrations import running
from service.embedded import Embedded
from tests.serving import data_dir, started

__all__ = ["data_dir", "started"]  # fixtures of whole services

ADDRESS = "TARIH_TEST_SERVER"  # how the process that starts the server tells pytest-xdist's workers
FAST_FLOORS = ("domain", "feeds", "importers", "projections")  # no I/O: they run, and fail, first
IN_MEMORY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
TEMPLATE = "tarih_template"


@dataclass(frozen=True)
class Database:
    """A migrated database that only one test uses."""

    name: str
    owner_url: str
    service_url: str
    superuser_url: str


@dataclass(frozen=True)
class Server:
    """The tests' server, seen as its superuser."""

    url: str
    password: str

    def address(self, database: str, role: str | None = None) -> str:
        """The address of ``database`` for ``role``, or for the superuser."""
        scheme, netloc, _, query, _ = urlsplit(self.url)
        if role is not None:
            netloc = f"{role}:{quote(self.password)}@{netloc.rpartition('@')[2]}"
        if "host=" in query or netloc.rpartition("@")[2]:
            query = urlencode([(key, value) for key, value in parse_qsl(query) if key not in {"user", "password"}])
        return urlunsplit((scheme, netloc, f"/{database}", query, ""))

    def run(self, *statements: str, database: str = "postgres", role: str | None = None) -> None:
        """Run each text by itself, as the superuser unless a role is given."""

        async def go() -> None:
            connection = await asyncpg.connect(self.address(database, role))
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(go())

    def create(self, template: str | None = None) -> Database:
        """A new database: empty, or a copy of ``template``."""
        name = f"tarih_{secrets.token_hex(6)}"
        self.run(f"CREATE DATABASE {name} OWNER tarih_owner TEMPLATE {template or 'template0'}")
        return Database(name, self.address(name, "tarih_owner"), self.address(name, "tarih_app"), self.address(name))

    def drop(self, database: Database) -> None:
        """Remove ``database``, whoever is still connected to it."""
        self.run(f"DROP DATABASE {database.name} WITH (FORCE)")

    def prepare(self) -> None:
        """Make the logins, and the template every test's database is copied from."""
        for role, rights in (("tarih_owner", "CREATEROLE"), ("tarih_app", "")):
            self.run(
                f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
                f"ALTER ROLE {role} LOGIN {rights} PASSWORD '{self.password}'",
            )
        self.run(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)", f"CREATE DATABASE {TEMPLATE} OWNER tarih_owner")
        running.upgrade(self.address(TEMPLATE, "tarih_owner"))
        if running.revisions():  # the first one makes the group
            self.run("GRANT tarih_service TO tarih_app")


@contextmanager
def running_server() -> Iterator[Server]:
    """The server of this test run, prepared; stopped at the end if it is ours."""
    password = secrets.token_urlsafe(12)
    given = os.environ.get("TARIH_TEST_DATABASE_URL")
    if given:
        server = Server(given, password)
        server.prepare()
        yield server
        return
    folder = Path(tempfile.mkdtemp(prefix="tarih-tests-"))
    folder.chmod(0o755)  # the server's user must reach it where we are root
    embedded = Embedded.start(folder, IN_MEMORY)
    try:
        server = Server(embedded.url("postgres", "postgres"), password)
        server.prepare()
        yield server
    finally:
        embedded.stop(at_once=True)
        shutil.rmtree(folder, ignore_errors=True)


def _end(manager: AbstractContextManager[Server]) -> None:
    manager.__exit__(None, None, None)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Where pytest-xdist spreads the tests, start the server before its workers, for all of them."""
    config = session.config
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        manager = running_server()
        server = manager.__enter__()
        config.add_cleanup(functools.partial(_end, manager))
        os.environ[ADDRESS] = f"{server.password} {server.url}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the fast floors first."""
    items.sort(key=lambda item: not any(floor in item.path.parts for floor in FAST_FLOORS))


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The loop the service runs on."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The PostgreSQL of this run."""
    if ADDRESS in os.environ:
        password, _, url = os.environ[ADDRESS].partition(" ")
        yield Server(url, password)
    else:
        with running_server() as running:
            yield running


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """A migrated database of this test's own; ledgers and events are for the test to make."""
    database = server.create(TEMPLATE)
    yield database
    server.drop(database)


@pytest.fixture
def empty_database(server: Server) -> Iterator[Database]:
    """A database of this test's own that no migration has touched."""
    database = server.create()
    yield database
    server.drop(database)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real registers and facts; they are not part of the repository."""
    folder = os.environ.get("TARIH_TEST_DATA")
    if not folder:
        pytest.skip("TARIH_TEST_DATA does not name the folder with the real data")
    return Path(folder)
