"""What goes on while something breaks: clients that write until each event is acknowledged, that read and follow."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from tests.faults.clients import EVENTS, key_of, note
from tests.serving import Serving, until

PATIENCE = 30.0
"""Seconds of a client; no answer may take so long."""
STATE = "/v1/ledgers/drones/relationships/pak--tur"
SLOWEST = 9.0
"""Seconds that an answer may take with TARIH_DATABASE_TIMEOUT=2: 4 to record, 5 for a connection; a rest for us."""


class Traffic:
    """Three who write, one who reads, one who follows the feed and one an answer; each in a thread, until ``stop``."""

    def __init__(self, serving: Serving, name: str) -> None:
        self.serving, self.name = serving, name
        self.headers = {"Content-Type": "application/json", **key_of(serving)}
        self.acknowledged: dict[str, int] = {}
        self.statuses: dict[str, Counter[int]] = {"write": Counter(), "read": Counter()}
        self.slowest = 0.0
        self.followed: list[int] = []
        self.answered_at = 0
        """The position of the last state that was told to who follows it."""
        self.wrong: list[str] = []
        self._stopping = threading.Event()
        self._begin = self._head()
        jobs: list[tuple[Callable[..., None], tuple[int, ...]]] = [(self._write, (number,)) for number in range(3)]
        jobs += [(self._read, ()), (self._follow, ()), (self._watch, ())]
        self._threads = [threading.Thread(target=job, args=arguments, daemon=True) for job, arguments in jobs]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> "Traffic":
        self.until_written(5)
        until(lambda: self.followed and self.answered_at)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self._stopping.set()

    def until_written(self, more: int = 5) -> None:
        """Until so many more are acknowledged."""
        goal = len(self.acknowledged) + more
        until(lambda: len(self.acknowledged) >= goal, 40)

    def until_refused(self, what: str = "write") -> None:
        before = self.statuses[what][503]
        until(lambda: self.statuses[what][503] > before, 40)

    def until_read(self, more: int = 5) -> None:
        goal = self.statuses["read"][200] + more
        until(lambda: self.statuses["read"][200] >= goal, 40)

    def stop(self) -> None:
        """Nothing acknowledged is lost or there twice; nobody waited too long; whoever follows missed nothing."""
        self.until_written()
        self.until_read()
        self._stopping.set()
        for thread in self._threads[:4]:
            thread.join(PATIENCE)
        head = self._head()
        until(lambda: bool(self.followed) and self.followed[-1] == head, 40)
        until(lambda: self.answered_at == head, 40)
        assert self.followed == list(range(self._begin + 1, head + 1)), "a follower missed something, or had it twice"
        stored = self._stored(head)
        assert len(stored) == len(set(stored.values()))
        assert self.acknowledged == {id_: at for id_, at in stored.items() if id_.startswith(f"{self.name}-")}
        assert self.wrong == []
        assert self.slowest < SLOWEST
        for statuses in self.statuses.values():
            assert set(statuses) <= {200, 201, 503}, statuses

    def _stored(self, head: int) -> dict[str, int]:
        stored: dict[str, int] = {}
        after = self._begin
        while after < head:
            _, _, body = self._ask("GET", f"{EVENTS}?after={after}&limit=1000")
            for event in body["events"]:
                assert event["id"] not in stored
                stored[event["id"]] = event["position"]
            after = body["events"][-1]["position"]
        return stored

    def _head(self) -> int:
        position: int = self._ask("GET", "/v1/ledgers/drones")[2]["position"]
        return position

    def _ask(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, str], Any]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.serving.port, timeout=PATIENCE)) as connection:
            connection.request(method, path, None if body is None else json.dumps(body), self.headers)
            with connection.getresponse() as answer:
                headers = {name.lower(): value for name, value in answer.getheaders()}
                return answer.status, headers, json.loads(answer.read())

    def _asked(self, what: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
        begun = time.monotonic()
        status, headers, told = self._ask(method, path, body)
        self.slowest = max(self.slowest, time.monotonic() - begun)
        self.statuses[what][status] += 1
        if status >= 500 and ("retry-after" not in headers or told["title"] != "The service cannot answer now"):
            self.wrong.append(f"{status}: {headers} {told}")
        return status, told

    def _write(self, writer: int) -> None:
        number = 0
        while not self._stopping.is_set():
            id_ = f"{self.name}-{writer}-{number}"
            status, told = self._asked("write", "POST", EVENTS, {"events": [note(id_)]})
            if status in (200, 201):
                self.acknowledged[id_] = told["events"][0]["position"]
                number += 1
            elif status == 503:
                self._stopping.wait(0.05)
            else:
                self.wrong.append(f"{status}: {told}")
                return

    def _read(self) -> None:
        number = 0
        while not self._stopping.is_set():
            number += 1
            self._asked("read", "GET", f"{STATE}?valid_at=2024-06-30&known_position={number % 40 + 12}")

    def _follow(self) -> None:
        for line in self._stream(f"{EVENTS}?after={self._begin}"):
            if line.startswith(b"data: {") and b'"id"' in line:
                self.followed.append(json.loads(line[6:])["position"])

    def _watch(self) -> None:
        for line in self._stream(STATE):
            if line.startswith(b"id: "):
                self.answered_at = int(line.rpartition(b"-")[2])

    def _stream(self, path: str) -> Iterator[bytes]:
        """Its lines: of one stream, through all that happens to the database."""
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.serving.port, timeout=PATIENCE)) as connection:
                connection.request("GET", path, headers={"Accept": "text/event-stream"})
                with connection.getresponse() as answer:
                    yield from answer
        except (OSError, http.client.HTTPException) as error:
            if not self._stopping.is_set():
                self.wrong.append(f"a stream ended: {error!r}")
