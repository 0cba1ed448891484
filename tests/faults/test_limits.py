"""A whole service under callers who ask too much, too slowly, or with too many connections."""

import signal
from pathlib import Path

import httpx
import pytest

from tests.serving import Serving, free_port

pytestmark = pytest.mark.anyio


def serving(started: list[Serving], data_dir: Path, **environment: str) -> Serving:
    one = Serving(data_dir, free_port(), **{f"TARIH_{name}": text for name, text in environment.items()})
    started.append(one)
    return one.until_it_answers()


async def statuses(service: Serving, times: int, **headers: str) -> list[int]:
    """Of so many requests, each on a connection of its own, so that every worker gets some."""
    limits = httpx.Limits(max_keepalive_connections=0)
    address = f"http://127.0.0.1:{service.port}/v1/ledgers/drones"
    async with httpx.AsyncClient(limits=limits, headers=headers, timeout=60) as client:
        return [(await client.get(address)).status_code for _ in range(times)]


async def test_workers_count_together(data_dir: Path, started: list[Serving]) -> None:
    service = serving(started, data_dir, WORKERS="3", LIMIT_PER_ADDRESS="60/86400", LIMIT_PER_KEY="50/86400")
    key = (data_dir / "admin.key").read_text().strip()
    known = await statuses(service, 80, authorization=f"Bearer {key}")
    # Where a worker does not know the key yet, its address counts: once a worker.
    assert 50 <= known.count(200) <= 53
    assert set(known) == {200, 429}
    unknown = await statuses(service, 80)
    assert known.count(200) + unknown.count(200) <= 50 + 60
    assert unknown.count(200) >= 60 - 3 - 3, "what the start itself asked, and the key's first requests"
    assert service.end(signal.SIGTERM) == 0
    again = serving(started, data_dir, WORKERS="3", LIMIT_PER_ADDRESS="60/86400", LIMIT_PER_KEY="50/86400")
    assert 200 in await statuses(again, 1), "a new start forgets"
