"""The first and the last thing anybody does: ``tarih serve`` starts, answers, stops, and survives being killed."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import asyncpg
import pytest

from service.cluster import Unusable
from service.embedded import Embedded, hold
from service.processes import processes_in
from service.serving import EXAMPLE
from service.settings import Settings, UnreadableSetting, from_environment

CHECKOUT = Path(__file__).parents[1]
PATIENCE = 90.0  # seconds, on a machine that does other things too


class Serving:
    """One ``tarih serve``, run as a person runs it."""

    def __init__(self, data_dir: Path, port: int) -> None:
        self.data_dir, self.port = data_dir, port
        self.process = subprocess.Popen(
            [sys.executable, "-m", "service", "serve"],
            cwd=CHECKOUT,
            env={"PATH": os.environ["PATH"], "TARIH_DATA_DIR": str(data_dir), "TARIH_PORT": str(port), "PGPORT": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.output = ""
        self.watchdog = threading.Timer(PATIENCE, self.process.kill)
        self.watchdog.start()

    def until_it_answers(self) -> "Serving":
        """Read what it prints until it says how to try it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line
            if "admin key" in line:
                return self
        raise AssertionError(f"it ended with {self.process.wait()}:\n{self.output}")

    def get(self, path: str) -> bytes:
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return bytes(answer.read())

    def end(self, number: signal.Signals | None = None) -> int:
        """Send the signal, if one is given, read the rest, and return the exit code."""
        if number is not None:
            self.process.send_signal(number)
        self.output += self.process.communicate(timeout=PATIENCE)[0]
        self.watchdog.cancel()
        return self.process.returncode

    def database(self) -> str:
        """The address of its embedded database, for its superuser."""
        folder = (self.data_dir / "postgres").resolve().parent / "socket"
        return f"postgresql://postgres@/tarih?host={folder}&port=5432"

    def postgres(self) -> list[int]:
        """The pids of its PostgreSQL."""
        return processes_in((self.data_dir / "postgres").resolve()) or []


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach where we are root, with a short path for its socket."""
    folder = Path(tempfile.mkdtemp(prefix="tarih-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def started() -> Iterator[list[Serving]]:
    """What a test has started; whatever is left of it is ended."""
    servings: list[Serving] = []
    yield servings
    for serving in servings:
        if serving.process.poll() is None:
            serving.end(signal.SIGKILL)
        with suppress(ValueError):
            serving.end()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


async def test_it_starts_answers_stops_and_keeps_its_data(data_dir: Path, started: list[Serving]) -> None:
    first = Serving(data_dir, free_port())
    started.append(first)
    first.until_it_answers()
    told = first.get(EXAMPLE)
    assert b"{" in told
    key = (data_dir / "admin.key").read_bytes()
    assert (data_dir / "admin.key").stat().st_mode & 0o777 == 0o600
    connection = await asyncpg.connect(first.database())
    await connection.execute("CREATE TABLE public.mark ()")
    await connection.close()

    assert first.end(signal.SIGTERM) == 0
    assert first.postgres() == []

    second = Serving(data_dir, first.port)
    started.append(second)
    second.until_it_answers()
    connection = await asyncpg.connect(second.database())
    assert await connection.fetchval("SELECT to_regclass('public.mark') IS NOT NULL")
    await connection.close()
    assert second.get(EXAMPLE) == told
    assert (data_dir / "admin.key").read_bytes() == key
    assert second.end(signal.SIGINT) == 0
    assert "Traceback" not in first.output + second.output


def test_killed_with_its_postgresql_it_starts_again(data_dir: Path, started: list[Serving]) -> None:
    killed = Serving(data_dir, free_port())
    started.append(killed)
    told = killed.until_it_answers().get(EXAMPLE)
    for pid in killed.postgres():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    killed.end(signal.SIGKILL)

    again = Serving(data_dir, killed.port)  # the same port: no worker may be left on it
    started.append(again)
    assert again.until_it_answers().get(EXAMPLE) == told
    assert again.end(signal.SIGTERM) == 0


def test_killed_alone_it_takes_its_workers_and_postgresql_along(data_dir: Path, started: list[Serving]) -> None:
    killed = Serving(data_dir, free_port())
    started.append(killed)
    killed.until_it_answers()
    killed.end(signal.SIGKILL)  # returns once nobody holds its output any more, so its workers are gone
    again = Serving(data_dir, killed.port)
    started.append(again)
    again.until_it_answers()
    assert again.end(signal.SIGTERM) == 0
    assert again.postgres() == []


def test_a_second_one_on_the_same_data_or_port_is_refused(data_dir: Path, started: list[Serving]) -> None:
    first = Serving(data_dir, free_port())
    started.append(first)
    first.until_it_answers()

    same_data = Serving(data_dir, free_port())
    started.append(same_data)
    assert same_data.end() == 1
    assert f"pid {first.process.pid}" in same_data.output

    same_port = Serving(data_dir / "other", first.port)
    started.append(same_port)
    assert same_port.end() == 1
    assert f"port {first.port}" in same_port.output
    assert not (data_dir / "other" / "postgres").exists(), "refused before PostgreSQL was started"
    assert all(len(refused.output.splitlines()) == 1 for refused in (same_data, same_port))
    assert first.end(signal.SIGTERM) == 0


def test_a_folder_that_only_we_can_enter_and_with_a_long_name_will_do(tmp_path: Path) -> None:
    data_dir = tmp_path / ("a long name, with spaces " * 5)
    with hold(data_dir):
        server = Embedded.start(data_dir)
        home = server.place.home
        try:
            assert server.psql("SELECT 1 + 1", "tarih").strip() == "2"
        finally:
            server.stop()
        again = Embedded.start(data_dir)
        again.stop()
    assert again.place.home == home, "found again"
    if home != data_dir:  # as root: PostgreSQL's user cannot go where the test may
        shutil.rmtree(home)


def test_what_an_interrupted_first_run_left_is_cleared_away(data_dir: Path) -> None:
    (data_dir / "postgres-new-abc").mkdir()
    (data_dir / "postgres-new-abc" / "PG_VERSION").write_text("18\n")
    Embedded.start(data_dir).stop()
    assert [path.name for path in data_dir.glob("postgres*")] != []
    assert not (data_dir / "postgres-new-abc").exists()


def test_a_cluster_of_another_version_is_left_alone(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir()
    (data_dir / "postgres" / "PG_VERSION").write_text("15\n")
    if os.geteuid() == 0:
        os.chown(data_dir / "postgres", 65534, 65534)
    with pytest.raises(Unusable, match="made by PostgreSQL 15"):
        Embedded.start(data_dir)


def test_a_folder_that_cannot_be_made_is_named() -> None:
    with pytest.raises(Unusable, match="/dev/null"):
        hold(Path("/dev/null/data"))


def test_settings_have_defaults_and_an_empty_variable_is_unset() -> None:
    assert from_environment({"TARIH_PORT": ""}) == Settings()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TARIH_PORT", "0"),
        ("TARIH_PORT", "eighty"),
        ("TARIH_WORKERS", "-1"),
        ("TARIH_ALLOW_OWNER", "yes"),
        ("TARIH_DATABASE_URL", "mysql://user:secret@host/name"),
        ("TARIH_PUBLIC_URL", "tarih.example"),
        ("TARIH_LOG_LEVEL", "LOUD"),
    ],
)
def test_an_unreadable_setting_is_named_and_no_password_shown(name: str, text: str) -> None:
    with pytest.raises(UnreadableSetting, match=name) as refusal:
        from_environment({name: text})
    assert "secret" not in str(refusal.value)
