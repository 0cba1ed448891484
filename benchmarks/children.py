"""The processes that measure and those that are measured: how they are started, asked, and always stopped."""

import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from benchmarks.protocol import Json
from service.processes import bound_to_parent

CHECKOUT = Path(__file__).parents[1]
STOPPING = 10.0  # seconds for a graceful end


class Failed(Exception):
    """A process did not do what it was asked; the message ends with what it said last."""


class Child:
    """A process of ours; with pipes it is one that measures, and speaks as ``protocol.py`` says."""

    def __init__(self, command: Sequence[str], log: Path, environment: Mapping[str, str], *, piped: bool) -> None:
        self._name, self._log = command[2], log
        pipe = subprocess.PIPE if piped else subprocess.DEVNULL
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                stdin=pipe,
                stdout=subprocess.PIPE if piped else output,
                stderr=output,
                cwd=CHECKOUT,
                env=dict(environment),
                start_new_session=True,  # Ctrl-C is for us, and we end them in order
                preexec_fn=bound_to_parent(signal.SIGKILL),
            )
        self._replies: queue.Queue[bytes] = queue.Queue()
        self._listener: threading.Thread | None = None
        if self._process.stdout is not None:
            self._listener = threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True)
            self._listener.start()

    def _listen(self, replies: IO[bytes]) -> None:
        for line in replies:
            self._replies.put(line)
        self._replies.put(b"")

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def tell(self, do: str, **what: Any) -> None:
        """Begin; ``hear`` waits for the end."""
        assert self._process.stdin is not None  # noqa: S101 - only one that measures is told anything
        try:
            self._process.stdin.write(json.dumps({"do": do, **what}).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise Failed(f"{self._name} has ended; {self._last_words()}") from None

    def hear(self, patience: float) -> Json:
        try:
            line = self._replies.get(timeout=patience)
        except queue.Empty:
            self.stop()  # else a later question would get this one's answer
            raise Failed(f"{self._name} did not answer in {patience:.0f} s") from None
        if not line:
            raise Failed(f"{self._name} has ended; {self._last_words()}")
        reply: Json = json.loads(line)
        if "failed" in reply:
            raise Failed(f"{self._name}: {reply['failed']}")
        return reply

    def ask(self, do: str, *, patience: float = 120, **what: Any) -> Json:
        self.tell(do, **what)
        return self.hear(patience)

    def wait_for_port(self, port: int, patience: float = 60) -> None:
        """Until somebody listens there."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise Failed(f"{self._name} ended with {self._process.returncode}; {self._last_words()}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            time.sleep(0.02)
        raise Failed(f"{self._name} does not listen after {patience:.0f} s")

    def wait(self, patience: float) -> None:
        """Until it ends well."""
        try:
            if self._process.wait(patience):
                raise Failed(f"{self._name} ended with {self._process.returncode}; {self._last_words()}")
        except subprocess.TimeoutExpired:
            raise Failed(f"{self._name} did not end in {patience:.0f} s") from None

    def _last_words(self) -> str:
        return " / ".join(self._log.read_text(errors="replace").strip().splitlines()[-3:])

    def stop(self) -> None:
        """Gracefully, then not; whatever it started itself ends with its process group."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        if self._process.poll() is None:
            self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOPPING)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdout is not None and self._listener is not None:
            self._listener.join()
            self._process.stdout.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
