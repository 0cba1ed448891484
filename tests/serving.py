"""A whole service for tests, run as a person runs it: processes of its own on a folder of its own."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest

from service.processes import processes_in

CHECKOUT = Path(__file__).parents[1]
PATIENCE = 90.0  # seconds, on a machine that does other things too


class Serving:
    """One ``tarih serve``, run as a person runs it."""

    command: Sequence[str] = (sys.executable, "-m", "service", "serve")
    cwd = CHECKOUT

    def __init__(self, data_dir: Path, port: int, **environment: str) -> None:
        self.data_dir, self.port = data_dir, port
        self.process = subprocess.Popen(
            self.command,
            cwd=self.cwd,
            env={
                "PATH": os.environ["PATH"],
                "TARIH_DATA_DIR": str(data_dir),
                "TARIH_PORT": str(port),
                "PGPORT": "1",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.output = ""
        self._listener: threading.Thread | None = None
        self.watchdog = threading.Timer(PATIENCE, self.process.kill)
        self.watchdog.start()

    def until_it_answers(self) -> "Serving":
        """Read what it prints until it says how to try it, and from then on as it comes."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line
            if "admin key" in line:
                return self.heard()
        raise AssertionError(f"it ended with {self.process.wait()}:\n{self.output}")

    def heard(self) -> "Serving":
        """From now on what it prints is read as it comes: a full pipe would hold it up."""
        if self._listener is None:
            self._listener = threading.Thread(target=self._listen, daemon=True)
            self._listener.start()
        return self

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line

    def get(self, path: str) -> bytes:
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return bytes(answer.read())

    def end(self, number: signal.Signals | None = None) -> int:
        """Send the signal, if one is given, read the rest, and return the exit code."""
        if number is not None:
            self.process.send_signal(number)
        if self._listener is None:
            self.output += self.process.communicate(timeout=PATIENCE)[0]
        else:
            self.process.wait(PATIENCE)
            self._listener.join(PATIENCE)
            assert self.process.stdout is not None
            self.process.stdout.close()
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


def until(so: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Returns once it is so; asked again and again, because what it asks cannot be waited for."""
    deadline = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < deadline, f"it did not become so in {seconds:.0f} s"
        time.sleep(0.02)


async def until_async(so: Callable[[], Awaitable[object]], seconds: float = PATIENCE) -> None:
    """The same, for what is asked of a loop's own connections."""
    async with asyncio.timeout(seconds):
        while not await so():  # noqa: ASYNC110 - what is asked cannot be waited for
            await asyncio.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
