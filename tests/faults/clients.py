"""Clients for tests that break things: they write until they are told to stop, and remember what was acknowledged."""

import http.client
import json
import threading
from contextlib import closing

import httpx

from tests.serving import Serving
from tests.store.writing import Json, acquired

EVENTS = "/v1/ledgers/drones/events"
Acknowledged = dict[str, int]
"""By event id, the position it was acknowledged at."""


def key_of(serving: Serving) -> dict[str, str]:
    return {"Authorization": f"Bearer {(serving.data_dir / 'admin.key').read_text().strip()}"}


def note(id_: str) -> Json:
    return acquired(id=id_, actors=("tur", "pak"))


class Writers:
    """Eight clients that each append one event at a time, in threads of their own, until they are stopped."""

    def __init__(self, serving: Serving) -> None:
        self.port = serving.port
        self.headers = {"Content-Type": "application/json", **key_of(serving)}
        self.acknowledged: Acknowledged = {}
        self.unanswered: set[str] = set()
        self.enough = threading.Event()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._one, args=(writer,)) for writer in range(8)]

    def run_until(self, count: int) -> "Writers":
        """Starts them, and returns once ``count`` events are acknowledged; they go on."""
        self._count = count
        for thread in self._threads:
            thread.start()
        assert self.enough.wait(60), f"only {len(self.acknowledged)} events were acknowledged"
        return self

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()

    def _one(self, writer: int) -> None:
        # Blocking connections are closed here and now, whatever becomes of the service.
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            number = 0
            while not self._stop.is_set():
                id_ = f"w{writer}-{number}"
                number += 1
                self.unanswered.add(id_)
                try:
                    connection.request("POST", EVENTS, json.dumps({"events": [note(id_)]}), self.headers)
                    with connection.getresponse() as answer:
                        body = answer.read()
                except (OSError, http.client.HTTPException):
                    return  # the service is gone: nobody knows what became of this one
                if answer.status == 503:
                    return
                assert answer.status == 201, body
                self.acknowledged[id_] = json.loads(body)["events"][0]["position"]
                self.unanswered.discard(id_)
                if len(self.acknowledged) >= self._count:
                    self.enough.set()


def resend(serving: Serving, ids: set[str]) -> Acknowledged:
    """What a client does that never got its answer: the same events again."""
    found: Acknowledged = {}
    with httpx.Client(timeout=30, headers=key_of(serving)) as client:
        for id_ in sorted(ids):
            address = f"http://127.0.0.1:{serving.port}{EVENTS}"
            answer = client.post(address, json={"events": [note(id_)]})
            assert answer.status_code in (200, 201), answer.text
            found[id_] = answer.json()["events"][0]["position"]
    return found
