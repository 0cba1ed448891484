"""PostgreSQL from the wheel, for development and tests: its cluster and its life; server options go in OPTIONS."""

import fcntl
import logging
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path
from urllib.parse import quote

from service.embedded.cluster import CLEAN, Place, Unusable, given_away, make_cluster, place_of
from service.processes import bound_to_parent, processes_in

OPTIONS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
STARTING = 300.0  # seconds; recovery after a crash may need them
AGAIN = 0.5  # seconds before a server that ended is started again
STOPPING = 20.0  # seconds for a fast shutdown, before an immediate one

logger = logging.getLogger(__name__)

ROLES = """
SELECT 'CREATE ROLE tarih_owner LOGIN CREATEROLE'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tarih_owner') \\gexec
SELECT 'CREATE ROLE tarih_app LOGIN'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tarih_app') \\gexec
SELECT 'CREATE DATABASE tarih OWNER tarih_owner'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'tarih') \\gexec
"""


def hold(data_dir: Path) -> TextIOWrapper:
    """Take ``data_dir`` for this process until it ends, however it ends; keep the returned file open.

    Raises Unusable, with the holder's pid, where another process has it. A record lock, because that is neither
    inherited by forked workers nor left behind by a killed process.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        file = open(data_dir / "lock", "a+", encoding="ascii")  # noqa: SIM115  # open for as long as the process lives
    except OSError as error:
        raise Unusable(f"{error.filename}: {error.strerror}; set TARIH_DATA_DIR to a folder of yours") from None
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise Unusable(
            f"{data_dir} is already served by the process with pid {holder}; stop that one, or set TARIH_DATA_DIR"
        ) from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def _clear_remains(cluster: Path) -> None:
    """End what an earlier, killed server left running in ``cluster``, and remove its pid file.

    A process is one of the cluster's if it stands in it, so that a pid that was given to a stranger meanwhile is
    safe from us. Where the system cannot tell, PostgreSQL's own start judges the pid file.
    """
    for number, seconds in ((signal.SIGINT, STOPPING), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        remains = processes_in(cluster)
        if remains is None:
            return
        for pid in remains:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
        deadline = time.monotonic() + seconds
        while remains and time.monotonic() < deadline:
            time.sleep(0.02)
            remains = processes_in(cluster)
        if not remains:
            (cluster / "postmaster.pid").unlink(missing_ok=True)
            return
    raise Unusable(f"an earlier PostgreSQL in {cluster} does not stop; its pids: {processes_in(cluster)}")


def _socket_folder(place: Place) -> Path:
    """A folder of the server's user for its socket, on a path that fits into a socket's address and a setting."""
    folder = place.home / "socket"
    if len(os.fsencode(folder)) > 80 or not re.fullmatch(r"[\w/.-]+", str(folder), re.ASCII):
        # Known to this process alone, so nobody else can have put a server of theirs there.
        return given_away(Path(tempfile.mkdtemp(prefix="tarih-")), place)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return given_away(folder, place)


class Embedded:
    """A running server of our own, reached through a Unix socket that nobody else can open."""

    def __init__(self, place: Place, socket: Path, process: subprocess.Popen[bytes], log: Path) -> None:
        self.place, self.socket, self.process, self.log = place, socket, process, log
        self._stopping = threading.Event()

    @classmethod
    def start(cls, data_dir: Path, options: Mapping[str, str] | None = None) -> "Embedded":
        """Start the server of ``data_dir``, making its cluster on the first run; returns once it accepts connections.

        The caller holds ``data_dir`` (see ``hold``). ``options`` are server settings. The server ends with this
        process, by a fast shutdown. Raises Unusable.
        """
        data_dir = data_dir.absolute()
        data_dir.mkdir(parents=True, exist_ok=True)
        try:
            place = place_of(data_dir)
            make_cluster(place)
            _clear_remains(place.cluster)
            socket = _socket_folder(place)
        except PermissionError as error:
            raise Unusable(f"{error.filename}: {error.strerror}; set TARIH_DATA_DIR to a folder of yours") from None
        log = data_dir / "postgres.log"
        settings = OPTIONS | {"unix_socket_directories": str(socket)} | dict(options or {})
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(place.binaries / "postgres"), "-D", str(place.cluster)]
                + [word for name, value in settings.items() for word in ("-c", f"{name}={value}")],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=CLEAN,
                cwd="/",
                start_new_session=True,  # Ctrl-C is for us: the server stops after those that use it
                preexec_fn=bound_to_parent(signal.SIGINT),
                **place.run_as,
            )
        server = cls(place, socket, process, log)
        try:
            server._wait_until_ready()
            server.psql(ROLES)
        except BaseException:
            server.stop()
            raise
        return server

    def _wait_until_ready(self) -> None:
        """Until the server says so in its pid file, for at most STARTING seconds."""
        deadline = time.monotonic() + STARTING
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                last = "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
                raise Unusable(f"PostgreSQL did not start; {self.log} ends with:\n{last}")
            try:
                lines = (self.place.cluster / "postmaster.pid").read_text().splitlines()
            except FileNotFoundError:
                lines = []
            if len(lines) >= 8 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready":
                return
            time.sleep(0.02)
        raise Unusable(f"PostgreSQL was not ready after {STARTING:.0f} s; see {self.log}")

    def keep(self, data_dir: Path, options: Mapping[str, str] | None = None) -> None:
        """From now on start the server again whenever it ends by itself, at the same address.

        In a thread that lasts as long as this process: a server ends with the thread that started it.
        """

        def watch() -> None:
            while True:
                self.process.wait()
                if self._stopping.wait(AGAIN):
                    return
                logger.error("PostgreSQL has ended by itself, with %d; it is started again", self.process.returncode)
                try:
                    again = Embedded.start(data_dir, options)
                except (Unusable, OSError) as error:
                    logger.error("PostgreSQL could not be started again: %s", error)
                    continue
                self.socket, self.process = again.socket, again.process
                if self._stopping.is_set():  # it was told to stop meanwhile, and knew only of the one before
                    self.stop()

        threading.Thread(target=watch, name="PostgreSQL's watch", daemon=True).start()

    def url(self, role: str, database: str) -> str:
        """The address of ``database`` for ``role``, as asyncpg and libpq read it; complete, whatever PGPORT says."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket), safe='')}&port={OPTIONS['port']}"

    @property
    def owner_url(self) -> str:
        """For migrations."""
        return self.url("tarih_owner", "tarih")

    @property
    def service_url(self) -> str:
        """For the service."""
        return self.url("tarih_app", "tarih")

    def psql(self, sql: str, database: str = "postgres") -> str:
        """What psql prints for ``sql``, run by the superuser; raises Unusable with the first error."""
        flags = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]
        return self.place.run("psql", *flags, self.url("postgres", database), input=sql).stdout

    def admit_service(self) -> None:
        """Let the service's login in; the group it joins comes with the first migration."""
        self.psql("GRANT tarih_service TO tarih_app")

    def hurry(self) -> None:
        """Cut a stop short; what was committed stays, and the next start recovers."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)

    def stop(self, *, at_once: bool = False) -> None:
        """Stop the server: a fast shutdown for STOPPING seconds, then an immediate one, then a kill."""
        self._stopping.set()
        ways = [(signal.SIGINT, STOPPING), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)]
        for number, seconds in ways[1:] if at_once else ways:
            if self.process.poll() is None:
                self.process.send_signal(number)
            try:
                self.process.wait(seconds)
                break
            except subprocess.TimeoutExpired:
                continue
        shutil.rmtree(self.socket, ignore_errors=True)
