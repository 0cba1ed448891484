"""What tests share: one PostgreSQL per run, a migrated database of its own for each test that asks; add fixtures here.

Without TARIH_TEST_DATABASE_URL the server comes from the wheel. With it, the address of a superuser on a server for
tests only, that one is used; its roles tarih_owner, tarih_app and tarih_service are taken over. With
TARIH_TEST_CITUS_URL, the address of a superuser in a database of a Citus coordinator that knows the cluster's nodes,
which trust one another, every test's database is spread over that cluster.
"""

import asyncio
import functools
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import asyncpg
import pytest

from migrations import running, sharding
from service.embedded.server import Embedded
from tests.serving import data_dir, started

__all__ = ["data_dir", "started"]  # fixtures of whole services

ADDRESS = "TARIH_TEST_SERVER"  # how the process that starts the server tells pytest-xdist's workers
FAST_FLOORS = ("domain", "feeds", "importers", "projections")  # no I/O: they run, and fail, first
IN_MEMORY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
TEMPLATE = "tarih_template"
SHARDS = 4  # of each table on a cluster: every one is copied for every test


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
    nodes: tuple[str, ...] = ()
    """Of a cluster, the others: host and port."""

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

    def everywhere(self, *statements: str, database: str = "postgres") -> None:
        """The same on every node of a cluster."""
        self.run(*statements, database=database)
        for node in self.nodes:
            Server(self.at(node), self.password).run(*statements, database=database)

    def at(self, node: str) -> str:
        """The superuser's address on another node."""
        parts = urlsplit(self.url)
        login, at, _ = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{login}{at}{node}"))

    def create(self, template: str | None = None) -> Database:
        """A new database: empty, or a copy of ``template``."""
        name = f"tarih_{secrets.token_hex(6)}"
        if self.nodes and template:
            self.leave_alone(template)
        self.everywhere(f"CREATE DATABASE {name} OWNER tarih_owner TEMPLATE {template or 'template0'}")
        return Database(name, self.address(name, "tarih_owner"), self.address(name, "tarih_app"), self.address(name))

    def leave_alone(self, template: str) -> None:
        """What Citus does in the background holds a database too, and what is held cannot be copied."""
        self.everywhere(
            f"DO $$ BEGIN IF (SELECT datallowconn FROM pg_database WHERE datname = '{template}') THEN "
            f"ALTER DATABASE {template} ALLOW_CONNECTIONS false; END IF; END $$",
            f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{template}'",
        )

    def join(self, name: str) -> None:
        """From now on the database of that name, which is on every node, is a cluster."""
        self.everywhere("CREATE EXTENSION citus", database=name)
        here = urlsplit(self.url)
        added = [f"SELECT citus_set_coordinator_host('{here.hostname}', {here.port or 5432})"]
        added += ["SELECT citus_add_node('{}', {})".format(*node.rsplit(":", 1)) for node in self.nodes]
        self.run(*added, database=name)

    def drop(self, database: Database) -> None:
        """Remove ``database``, whoever is still connected to it."""
        for _ in range(10 if self.nodes else 1):  # what Citus does in the background comes back
            with suppress(asyncpg.ObjectInUseError):
                self.everywhere(f"DROP DATABASE IF EXISTS {database.name} WITH (FORCE)")
                return
        raise AssertionError(f"{database.name} cannot be dropped")

    def prepare(self) -> None:
        """Make the logins, and the template every test's database is copied from."""
        for role, rights in (("tarih_owner", "CREATEROLE"), ("tarih_app", "")):
            self.everywhere(
                f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
                f"ALTER ROLE {role} LOGIN {rights} PASSWORD '{self.password}'",
            )
        self.everywhere(
            f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)", f"CREATE DATABASE {TEMPLATE} OWNER tarih_owner"
        )
        running.upgrade(self.address(TEMPLATE, "tarih_owner"))
        if self.nodes:
            self.join(TEMPLATE)
            sharding.shard(self.address(TEMPLATE, "tarih_owner"), SHARDS)
        self.everywhere("GRANT tarih_service TO tarih_app")
        if self.nodes:
            self.leave_alone(TEMPLATE)  # before several copy it at once


@contextmanager
def running_server() -> Iterator[Server]:
    """The server of this test run, prepared; stopped at the end if it is ours."""
    password = secrets.token_urlsafe(12)
    cluster = os.environ.get("TARIH_TEST_CITUS_URL")
    if cluster:
        server = Server(cluster, password, nodes_of(cluster))
        server.prepare()
        yield server
        return
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


def nodes_of(cluster: str) -> tuple[str, ...]:
    """Its workers, as the database at its coordinator's address knows them."""

    async def go() -> tuple[str, ...]:
        connection = await asyncpg.connect(cluster)
        try:
            nodes = await connection.fetch(
                "SELECT nodename, nodeport FROM pg_dist_node WHERE groupid > 0 ORDER BY nodeid"
            )
            return tuple(f"{node['nodename']}:{node['nodeport']}" for node in nodes)
        finally:
            await connection.close()

    return asyncio.run(go())


def _end(manager: AbstractContextManager[Server]) -> None:
    manager.__exit__(None, None, None)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Where pytest-xdist spreads the tests, start the server before its workers, for all of them."""
    config = session.config
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        manager = running_server()
        server = manager.__enter__()
        config.add_cleanup(functools.partial(_end, manager))
        os.environ[ADDRESS] = " ".join((server.password, server.url, *server.nodes))


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
        password, url, *nodes = os.environ[ADDRESS].split(" ")
        yield Server(url, password, tuple(nodes))
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
