"""Clients for tests that break things: they write until they are told to stop, and remember what was acknowledged."""

import asyncio
import threading

import httpx

from tests.serving import Serving
from tests.store.writing import Json, acquired

Acknowledged = dict[str, int]
"""By event id, the position it was acknowledged at."""


def key_of(serving: Serving) -> dict[str, str]:
    return {"Authorization": f"Bearer {(serving.data_dir / 'admin.key').read_text().strip()}"}


def note(id_: str) -> Json:
    return acquired(id=id_, actors=("tur", "pak"))


class Writers:
    """Eight clients that each append one event at a time, from a thread of their own, until they are stopped."""

    def __init__(self, serving: Serving) -> None:
        self.address = f"http://127.0.0.1:{serving.port}/v1/ledgers/drones/events"
        self.headers = key_of(serving)
        self.acknowledged: Acknowledged = {}
        self.unanswered: set[str] = set()
        self.enough = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()))

    def run_until(self, count: int) -> "Writers":
        """Starts them, and returns once ``count`` events are acknowledged; they go on."""
        self._count = count
        self._thread.start()
        assert self.enough.wait(60), f"only {len(self.acknowledged)} events were acknowledged"
        return self

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive()

    async def _all(self) -> None:
        async with httpx.AsyncClient(timeout=10, headers=self.headers) as client:
            await asyncio.gather(*(self._one(client, writer) for writer in range(8)))

    async def _one(self, client: httpx.AsyncClient, writer: int) -> None:
        number = 0
        while not self._stop.is_set():
            id_ = f"w{writer}-{number}"
            number += 1
            self.unanswered.add(id_)
            try:
                answer = await client.post(self.address, json={"events": [note(id_)]})
            except httpx.HTTPError:
                return  # the service is gone: nobody knows what became of this one
            if answer.status_code == 503:
                return
            assert answer.status_code == 201, answer.text
            self.acknowledged[id_] = answer.json()["events"][0]["position"]
            self.unanswered.discard(id_)
            if len(self.acknowledged) >= self._count:
                self.enough.set()


def resend(serving: Serving, ids: set[str]) -> Acknowledged:
    """What a client does that never got its answer: the same events again."""
    found: Acknowledged = {}
    with httpx.Client(timeout=30, headers=key_of(serving)) as client:
        for id_ in sorted(ids):
            address = f"http://127.0.0.1:{serving.port}/v1/ledgers/drones/events"
            answer = client.post(address, json={"events": [note(id_)]})
            assert answer.status_code in (200, 201), answer.text
            found[id_] = answer.json()["events"][0]["position"]
    return found
