"""A primary and a streaming replica of it, made as an operator makes one: pg_basebackup, and a server on its copy."""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import asyncpg

from migrations import running
from service.commands.first_start import found
from service.embedded.cluster import CLEAN, given_away
from service.embedded.server import OPTIONS, Embedded
from service.processes import bound_to_parent, processes_in
from tests.conftest import Database

PATIENCE = 60.0
QUICK = {"fsync": "off", "max_connections": "60", "wal_keep_size": "256MB"}


class Standby:
    """A replica, by streaming, of a running server of ours."""

    def __init__(self, primary: Embedded, folder: Path) -> None:
        self.place = primary.place
        self.socket = given_away(Path(tempfile.mkdtemp(prefix="tarih-standby-")), self.place)
        self.cluster = folder
        folder.mkdir(mode=0o700)
        given_away(folder, self.place)
        copy = ["--pgdata", str(self.cluster), "--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf"]
        self.place.run("pg_basebackup", *copy, "--dbname", primary.url("postgres", "postgres"))
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Standby":
        """Returns once it answers."""
        settings = OPTIONS | QUICK | {"unix_socket_directories": str(self.socket)}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with self.cluster.with_suffix(".log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.place.binaries / "postgres"), "-D", str(self.cluster), *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=CLEAN,
                cwd="/",
                start_new_session=True,
                preexec_fn=bound_to_parent(signal.SIGINT),
                **self.place.run_as,
            )
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                lines = (self.cluster / "postmaster.pid").read_text().splitlines()
            except FileNotFoundError:
                lines = []
            if len(lines) >= 8 and lines[0] == str(self.process.pid) and lines[7].strip() in ("ready", "standby"):
                return self
            time.sleep(0.02)
        raise AssertionError("the standby did not start")

    def url(self, role: str, database: str) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket), safe='')}&port={OPTIONS['port']}"

    def stop(self, number: signal.Signals = signal.SIGQUIT) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(PATIENCE)

    def end(self) -> None:
        self.stop()
        shutil.rmtree(self.socket, ignore_errors=True)

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """All its processes stand still, and what connects to it gets no answer."""
        pids = processes_in(self.cluster) or []
        assert pids
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    async def ask(self, sql: str) -> object:
        """As its superuser."""
        connection = await asyncpg.connect(self.url("postgres", "postgres"))
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    async def pause(self) -> None:
        """From now on it receives, and shows nothing of it."""
        await self.ask("SELECT pg_wal_replay_pause()")
        while await self.ask("SELECT pg_get_wal_replay_pause_state()") != "paused":
            pass

    async def resume(self) -> None:
        await self.ask("SELECT pg_wal_replay_resume() WHERE pg_is_in_recovery()")


class Pair:
    """Both. On the primary, the database `tarih` holds the sample, to be copied for each test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.primary = self._started()
        try:
            running.upgrade(self.primary.owner_url)
            self.primary.admit_service()
            founded = asyncio.run(found(self.primary.service_url, folder))
            self.admin = founded.admin_key_file.read_text().strip()
            self.standby = Standby(self.primary, folder / "standby")
        except BaseException:
            self.primary.stop(at_once=True)
            raise

    def _started(self) -> Embedded:
        return Embedded.start(self._folder / "primary", QUICK)

    def repair(self) -> None:
        """Whatever a test has done to them, both run, and the standby shows what it receives."""
        if self.primary.process.poll() is not None:
            self.primary = self._started()
        if self.standby.process is None or self.standby.process.poll() is not None:
            self.standby.start()
        asyncio.run(self.standby.resume())

    def end(self) -> None:
        self.standby.end()
        self.primary.stop(at_once=True)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """A copy of the sample's; on the standby too."""
        self.repair()
        name = f"tarih_{secrets.token_hex(6)}"
        self.primary.psql(f"CREATE DATABASE {name} TEMPLATE tarih OWNER tarih_owner")
        asyncio.run(self.caught_up())
        roles = ("tarih_owner", "tarih_app", "postgres")
        yield Database(name, *(self.primary.url(role, name) for role in roles))
        self.repair()
        self.primary.psql(f"DROP DATABASE {name} WITH (FORCE)")

    async def _lsn(self) -> str:
        """Where the primary writes now."""
        connection = await asyncpg.connect(self.primary.url("postgres", "postgres"))
        try:
            return str(await connection.fetchval("SELECT pg_current_wal_lsn()::text"))
        finally:
            await connection.close()

    async def caught_up(self) -> None:
        """Returns once the standby shows all that the primary has recorded."""
        lsn = await self._lsn()
        while not await self.standby.ask(f"SELECT pg_last_wal_replay_lsn() >= '{lsn}'"):
            pass

    async def received(self) -> None:
        """Returns once the standby has all of it, shown or not."""
        lsn = await self._lsn()
        while not await self.standby.ask(f"SELECT pg_last_wal_receive_lsn() >= '{lsn}'"):
            pass

    def either(self, database: str) -> str:
        """The address of whichever of them takes writes."""
        hosts = ",".join(quote(str(socket), safe="") for socket in (self.primary.socket, self.standby.socket))
        port = OPTIONS["port"]
        return f"postgresql://tarih_app@/{database}?host={hosts}&port={port},{port}&target_session_attrs=read-write"


@contextmanager
def running_pair() -> Iterator[Pair]:
    folder = Path(tempfile.mkdtemp(prefix="tarih-pair-"))
    folder.chmod(0o755)  # the servers' user must reach it where we are root
    try:
        pair = Pair(folder)
        try:
            yield pair
        finally:
            pair.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
