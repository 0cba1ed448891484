"""Lines sent to a real service: however a client sends and reads, and wherever it leaves, and at flat memory."""

import http.client
import signal
import socket
from pathlib import Path
from typing import Any

import msgspec
import pytest

from service.history.bulk import BATCH
from tests.api.conftest import SAMPLE, note
from tests.serving import Serving, free_port

EVENTS = f"{SAMPLE}/events"
MANY = 100_000
MOST_GROWTH = 150_000  # kB


@pytest.fixture
def serving(data_dir: Path, started: list[Serving]) -> Serving:
    serving = Serving(data_dir, free_port())
    started.append(serving)
    return serving.until_it_answers()


class Client:
    """One connection, of which a test sees every byte."""

    def __init__(self, serving: Serving, path: str, length: int | None = None) -> None:
        key = (serving.data_dir / "admin.key").read_text().strip()
        self.socket = socket.create_connection(("127.0.0.1", serving.port), timeout=60)
        self.chunked = length is None
        self.socket.sendall(
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
            "Content-Type: application/x-ndjson\r\nConnection: close\r\n".encode()
            + (b"Transfer-Encoding: chunked\r\n\r\n" if self.chunked else b"Content-Length: %d\r\n\r\n" % (length or 0))
        )

    def send(self, body: bytes) -> None:
        self.socket.sendall(b"%x\r\n%s\r\n" % (len(body), body) if self.chunked else body)

    def answer(self) -> tuple[int, list[Any]]:
        """Once all is sent: the status, and the lines that were not read yet."""
        if self.chunked:
            self.socket.sendall(b"0\r\n\r\n")
        if not hasattr(self, "response"):
            self.begin()
        found = [msgspec.json.decode(line) for line in self.response.read().splitlines()]
        self.leave()
        return self.response.status, found

    def begin(self) -> None:
        self.response = http.client.HTTPResponse(self.socket)
        self.response.begin()

    def read_lines(self, count: int) -> list[Any]:
        """As many as there are by now, without waiting for the end."""
        self.begin()
        return [msgspec.json.decode(self.response.readline()) for _ in range(count)]

    def leave(self) -> None:
        if hasattr(self, "response"):
            self.response.close()
        self.socket.close()


def lines(prefix: str, count: int) -> bytes:
    return b"".join(msgspec.json.encode(note(f"{prefix}{number}")) + b"\n" for number in range(count))


def position(serving: Serving) -> int:
    found: int = msgspec.json.decode(serving.get(SAMPLE))["position"]
    return found


def test_a_client_that_sends_all_before_it_reads_anything_never_stalls(serving: Serving) -> None:
    client = Client(serving, EVENTS)
    refused = b'{"action":"explode"}\n' * 1000
    for _ in range(50):
        client.send(refused)
    status, told = client.answer()
    assert (status, len(told)) == (200, 50_001)
    assert told[-1]["summary"]["refused"] == 50_000
    # Nor does one that is told to stop early, or that asks for more than there is.
    for query in ("?on_error=stop", "?atomic=true"):
        client = Client(serving, EVENTS + query)
        for _ in range(200):
            client.send(refused)
        status, told = client.answer()
        assert (status, told[-1].get("status", 200)) in ((200, 200), (422, 422))


def test_lines_are_told_while_more_of_them_come(serving: Serving) -> None:
    client = Client(serving, f"{EVENTS}?results=all")
    head = position(serving)
    for part in range(3):
        client.send(lines(f"p{part}-", BATCH) * 2)  # each line twice, so that the batch is full
        if part == 0:
            told = client.read_lines(BATCH)
    assert [line["position"] for line in told] == list(range(head + 1, head + BATCH + 1))
    _, rest = client.answer()
    assert rest[-1]["summary"]["recorded"] == 3 * BATCH
    assert rest[-1]["summary"]["repeated"] == 3 * BATCH


def test_a_client_that_goes_away_leaves_whole_batches_only(data_dir: Path, started: list[Serving]) -> None:
    serving = Serving(data_dir, free_port())
    started.append(serving)
    head = position(serving.until_it_answers())
    gone = Client(serving, f"{EVENTS}?results=all")
    gone.send(lines("a", 2 * BATCH + 7) + b'{"action":"assert","id":"half')
    assert gone.read_lines(BATCH)[-1]["status"] == "recorded"
    gone.leave()
    whole = lines("b", 3)
    for length in (None, len(whole) + 1000):
        gone = Client(serving, f"{EVENTS}?atomic=true", length)
        gone.send(whole)
        gone.leave()
    assert serving.end(signal.SIGTERM) == 0  # which waits for what is under way
    again = Serving(data_dir, serving.port)
    started.append(again)
    assert position(again.until_it_answers()) in (head + BATCH, head + 2 * BATCH)
    assert again.end(signal.SIGTERM) == 0


def workers(serving: Serving) -> list[Path]:
    """The processes below it that are not PostgreSQL's."""
    task = Path(f"/proc/{serving.process.pid}/task/{serving.process.pid}/children")
    children = [Path(f"/proc/{pid}") for pid in task.read_text().split()]
    return [child for child in children if b"postgres" not in (child / "cmdline").read_bytes()]


def peak(process: Path) -> int:
    """In kB, since it was last forgotten."""
    [line] = [line for line in (process / "status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1])


def test_a_hundred_thousand_lines_take_no_more_memory_than_a_few(serving: Serving) -> None:
    position(serving)
    processes = workers(serving)
    assert processes
    for process in processes:
        (process / "clear_refs").write_text("5")
    before = [peak(process) for process in processes]

    client = Client(serving, EVENTS)
    for part in range(MANY // 1000):
        client.send(lines(f"m{part}-", 999) + b'{"action":"explode"}\n')
    _, [*refused, end] = client.answer()
    assert (len(refused), end["summary"]["recorded"]) == (MANY // 1000, MANY - MANY // 1000)
    growth = [peak(process) - was for process, was in zip(processes, before, strict=True)]
    assert max(growth) < MOST_GROWTH, growth
