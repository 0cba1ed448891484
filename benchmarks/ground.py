"""Where rows are measured: our own PostgreSQL, the service as a user runs it, the peers, and checks of the tables."""

import asyncio
import hashlib
import http.client
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks import environments
from benchmarks.children import Child, free_port
from benchmarks.peers import bare, message_db
from migrations import running
from service.embedded.cluster import Unusable
from service.embedded.server import OPTIONS, Embedded, hold
from service.store import ledgers

DISK = Path("/var/tmp")  # noqa: S108 - a folder of our own in it; elsewhere memory may pretend to be a disk


class Unavailable(Exception):
    """A peer, or something of the service, that is not here; the message says why."""


class Ground:
    """Starts what a row asks for when it first asks, and stops all of it at the end."""

    def __init__(self, stack: ExitStack, message_db_checkout: Path | None = None, keep: Path | None = None) -> None:
        """Large ledgers are kept in the folder ``keep``, with a PostgreSQL of its own."""
        self._stack, self._message_db_checkout, self._keep = stack, message_db_checkout, keep
        self._ledgers = self._services = 0
        self._children: dict[str, Child] = {}
        self.folder = Path(tempfile.mkdtemp(prefix="tarih-benchmarks-", dir=DISK if DISK.is_dir() else None))
        stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.folder.chmod(0o755)  # the server's user must reach its cluster where we are root
        self.postgres = self._started()
        running.upgrade(self.postgres.owner_url)
        self.postgres.admit_service()
        self.postgres.psql(PEERS)
        self.peers_url = self.postgres.url("tarih_owner", "peers")

    def _started(self) -> Embedded:
        postgres = Embedded.start(self.folder)
        self._stack.callback(self._stop_postgres)
        return postgres

    @cached_property
    def library(self) -> "Ground":
        """Where large ledgers are: here, or in the folder that is kept."""
        return self if self._keep is None else Library(self._stack, self._keep)

    def _stop_postgres(self) -> None:
        self.postgres.stop(at_once=True)
        cluster = self.folder / "postgres"
        if cluster.is_symlink():  # root's server user could not reach our folder
            shutil.rmtree(cluster.resolve().parent, ignore_errors=True)

    def child(self, *command: str, python: str = sys.executable, piped: bool = True, **environment: str) -> Child:
        """A process of ours, for as long as the ground lasts; the first word is its module."""
        log = self.folder / f"{command[0]}-{len(list(self.folder.iterdir()))}.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TARIH_", "PG"))}
        child = Child([python, "-m", *command], log, kept | environment, piped=piped)
        self._stack.callback(child.stop)
        return child

    def _kept(self, name: str, start: Callable[[], Child]) -> Child:
        """The one process of that name; another where it has ended."""
        child = self._children.get(name)
        if child is None or not child.runs:
            child = self._children[name] = start()
        return child

    # What is measured with.

    @property
    def in_process(self) -> Child:
        """Calls the appender."""
        return self._kept("appender", lambda: self.child("benchmarks.in_process", self.postgres.service_url))

    @property
    def plain(self) -> Child:
        """Raw PostgreSQL, in the peers' database."""
        return self._kept("plain", lambda: self.child("benchmarks.peers.plain", self.peers_url))

    @property
    def copier(self) -> Child:
        """Raw PostgreSQL, in the service's database."""
        return self._kept("copier", lambda: self.child("benchmarks.peers.plain", self.postgres.owner_url))

    @property
    def eventsourcing(self) -> Child:
        """Raises Unavailable."""
        try:
            python = str(environments.of_peers())
        except environments.NotMade as error:
            raise Unavailable(str(error)) from None
        where = [str(self.postgres.socket), OPTIONS["port"], "tarih_owner", "peers"]
        module = "benchmarks.peers.eventsourcing_threads"
        return self._kept("eventsourcing", lambda: self.child(module, *where, python=python))

    @property
    def message_db(self) -> Child:
        """Raises Unavailable."""
        checkout = self._message_db_checkout
        if checkout is None or not (checkout / "database").is_dir():
            raise Unavailable("name a checkout of message-db with --message-db")
        return self._kept("message_db", lambda: self._installed(checkout))

    def _installed(self, checkout: Path) -> Child:
        self.postgres.psql("DROP DATABASE IF EXISTS message_db")
        self.postgres.psql("CREATE DATABASE message_db OWNER tarih_owner")
        self.postgres.psql("ALTER DATABASE message_db SET search_path = message_store, public")
        url = self.postgres.url("tarih_owner", "message_db")
        self.sql(message_db.installation(checkout), url=url)
        return self.child("benchmarks.peers.message_db", url)

    # What is measured over HTTP.

    def _environment_of(self, name: str) -> dict[str, str]:
        """Of a service in a folder of that name, on a port of its own."""
        return {
            "TARIH_DATABASE_URL": self.postgres.service_url,
            "TARIH_OWNER_URL": self.postgres.owner_url,
            "TARIH_DATA_DIR": str(self.folder / name),
            "TARIH_PORT": str(free_port()),
            "TARIH_WORKERS": "1",
            "TARIH_LOG_LEVEL": "WARNING",
        }

    @cached_property
    def _service_environment(self) -> dict[str, str]:
        return self._environment_of("service")

    @cached_property
    def service_port(self) -> int:
        """Of `tarih serve`, once it answers."""
        return self._served(self._service_environment)[1]

    def _served(self, environment: dict[str, str], python: str = sys.executable) -> tuple[Child, int]:
        port = int(environment["TARIH_PORT"])
        server = self.child("service", "serve", piped=False, python=python, **environment)
        server.wait_for_port(port)
        return server, port

    def another_service(self, workers: int = 1) -> tuple[Child, Child]:
        """One more on the same database, that has answered nobody yet, and a load for it; for the caller to stop.

        It has what users install, as what developers have besides would count in its memory. Raises Unavailable.
        """
        try:
            python = str(environments.of_the_service())
        except environments.NotMade as error:
            raise Unavailable(str(error)) from None
        self._services += 1
        environment = self._environment_of(f"service-{self._services}") | {"TARIH_WORKERS": str(workers)}
        server, port = self._served(environment, python)
        return server, self.child("benchmarks.load", str(port))

    def soaked(self, workers: int) -> Child:
        """The service itself, with so many processes; its port is that of ``service_port`` from then on."""
        self._service_environment["TARIH_WORKERS"] = str(workers)
        server, self.service_port = self._served(self._service_environment)
        return server

    @property
    def service_load(self) -> Child:
        return self._kept("load", lambda: self.child("benchmarks.load", str(self.service_port)))

    @cached_property
    def bare_port(self) -> int:
        """Of a bare handler, on the same kind of server with the same number of workers."""
        return self._bare(1)[1]

    def another_bare(self, workers: int) -> tuple[Child, Child]:
        """One more of it, with so many workers, and a load for it; for the caller to stop."""
        server, port = self._bare(workers)
        return server, self.child("benchmarks.load", str(port))

    def _bare(self, workers: int) -> tuple[Child, int]:
        port = free_port()
        words = ("benchmarks.peers.bare", str(port), str(workers))
        server = self.child(*words, piped=False, **{bare.URL: self.peers_url})
        server.wait_for_port(port)
        return server, port

    @property
    def bare_load(self) -> Child:
        return self._kept("bare", lambda: self.child("benchmarks.load", str(self.bare_port)))

    def command(self, *words: str) -> Child:
        """A command of ``tarih``."""
        return self.child("service", *words, piped=False, **self._service_environment)

    @cached_property
    def headers(self) -> dict[str, str]:
        """Of one who may append everywhere."""
        self.service_port  # noqa: B018 - its start makes the key
        key = (self.folder / "service" / "admin.key").read_text(encoding="ascii").strip()
        return {"authorization": f"Bearer {key}", "content-type": "application/json"}

    def get(self, path: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
        """The service's whole answer to somebody without a key: status, headers by lower-case name, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.service_port, timeout=120)
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        finally:
            connection.close()

    def status(self, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> tuple[int, str]:
        """The status and the media type of the service's answer, which may be without end."""
        connection = http.client.HTTPConnection("127.0.0.1", self.service_port, timeout=30)
        try:
            connection.request(method, path, body, self.headers | headers)
            response = connection.getresponse()
            return response.status, response.headers.get_content_type()
        finally:
            connection.close()

    # What is stored.

    def settle(self) -> None:
        """As the tables are some minutes after a load: swept, and their statistics made."""
        for [table] in self.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'tarih'"):
            self.sql(f'VACUUM (ANALYZE) tarih."{table}"')
        self.postgres.psql("CHECKPOINT")

    def new_ledger(self) -> str:
        self._ledgers += 1
        ledger = f"measured-{self._ledgers}"
        self.make_ledger(ledger)
        return ledger

    def make_ledger(self, ledger: str) -> None:
        """For all to read; nothing where it is there."""

        async def create() -> None:
            connection = await asyncpg.connect(self.postgres.owner_url)
            try:
                await ledgers.create_ledger(connection, ledger, "Measured", public_read=True)
            finally:
                await connection.close()

        asyncio.run(create())

    def position_of(self, ledger: str) -> int:
        """How many events it holds; 0 too where there is no such ledger."""
        found = self.sql("SELECT position FROM tarih.heads WHERE ledger = $1", ledger)
        return int(found[0][0]) if found else 0

    def sql(self, statement: str, *arguments: Any, url: str | None = None) -> list[Any]:
        """Its rows, run by the owner of the service's database, or of that at ``url``."""

        async def run() -> list[Any]:
            connection = await asyncpg.connect(url or self.postgres.owner_url)
            try:
                if not arguments and ";" in statement:
                    return [await connection.execute(statement)]
                return list(await connection.fetch(statement, *arguments))
            finally:
                await connection.close()

        return asyncio.run(run())

    def faults_of(self, ledger: str, acknowledged: int) -> list[str]:
        """What a ledger of assertions, each its own claim, must show once so many events are acknowledged."""
        [(stored, first, last, head, claims, batched)] = self.sql(STORED, ledger)
        return [
            f"{name}: {found}, not {expected}"
            for name, found, expected in (
                ("events stored", stored, acknowledged),
                ("first position", first, 1 if acknowledged else None),
                ("last position", last, acknowledged or None),
                ("head", head, acknowledged),
                ("claims", claims, acknowledged),
                ("events in batches", batched, acknowledged),
            )
            if found != expected
        ]


class Library(Ground):
    """One whose ledgers outlast the run; everything else of it does not."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._lasting = folder.absolute()
        super().__init__(stack)

    def _started(self) -> Embedded:
        """Raises Unusable where another process has the folder, or a migration that made it was changed since."""
        self._stack.enter_context(hold(self._lasting))
        made_by = self._lasting / "migrations"
        then = made_by.read_text(encoding="ascii").splitlines() if made_by.exists() else []
        files = sorted(Path(running.__file__).parent.glob("versions/*.up.sql"))
        now = [f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files]
        if then != now[: len(then)]:
            raise Unusable(f"{self._lasting} was made by another schema; remove it, and it is made anew")
        made_by.write_text("\n".join(now), encoding="ascii")
        postgres = Embedded.start(self._lasting)
        self._stack.callback(postgres.stop)
        return postgres


PEERS = """
SELECT 'CREATE DATABASE peers OWNER tarih_owner'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'peers') \\gexec
"""
STORED = """
SELECT count(*), min(e.position), max(e.position),
    (SELECT h.position FROM tarih.heads AS h WHERE h.ledger = $1),
    (SELECT count(*) FROM tarih.claims AS c WHERE c.ledger = $1),
    (SELECT coalesce(sum(b.last_position - b.first_position + 1), 0)::bigint FROM tarih.batches AS b
        WHERE b.ledger = $1)
FROM tarih.events AS e WHERE e.ledger = $1
"""


def count_faults(name: str, stored: int, acknowledged: int) -> list[str]:
    """The same for a peer, whose tables know no more than how many."""
    return [] if stored == acknowledged else [f"{name} stored {stored}, not {acknowledged}"]
