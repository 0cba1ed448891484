"""Nothing acknowledged is lost and nothing is recorded twice, whatever is killed, and whenever."""

import contextlib
import os
import signal
from pathlib import Path

import asyncpg
import httpx
import pytest

from tests.faults.clients import Writers, resend
from tests.serving import Serving, free_port, until


async def events_in(serving: Serving) -> dict[str, int]:
    connection = await asyncpg.connect(serving.database())
    try:
        rows = await connection.fetch(
            "SELECT position, event_id FROM tarih.events WHERE ledger = 'drones' ORDER BY position"
        )
    finally:
        await connection.close()
    assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
    return {row["event_id"]: row["position"] for row in rows}


async def keeps_its_promises(serving: Serving, writers: Writers) -> None:
    """Every acknowledged event is there, where it was said to be; what was never answered can be sent again."""
    stored = await events_in(serving)
    assert writers.acknowledged.items() <= stored.items()
    sent = writers.acknowledged.keys() | writers.unanswered
    assert {id_ for id_ in stored if id_.startswith("w")} <= sent
    again = resend(serving, writers.unanswered | set(list(writers.acknowledged)[-8:]))
    assert all(again[id_] == stored[id_] for id_ in again.keys() & stored.keys())
    after = await events_in(serving)
    assert {id_ for id_ in after if id_.startswith("w")} == sent


@pytest.mark.parametrize("count", [1, 300])
async def test_a_service_that_is_killed_while_clients_write(data_dir: Path, started: list[Serving], count: int) -> None:
    killed = Serving(data_dir, free_port())
    started.append(killed)
    writers = Writers(killed.until_it_answers()).run_until(count)
    killed.end(signal.SIGKILL)
    writers.stop()
    again = Serving(data_dir, killed.port)
    started.append(again)
    await keeps_its_promises(again.until_it_answers(), writers)
    assert again.end(signal.SIGTERM) == 0


async def test_its_own_postgresql_that_is_killed_is_started_again(data_dir: Path, started: list[Serving]) -> None:
    serving = Serving(data_dir, free_port())
    started.append(serving)
    writers = Writers(serving.until_it_answers()).run_until(200)
    killed = serving.postgres()
    for pid in killed:
        with contextlib.suppress(ProcessLookupError):  # without the first of them the others end by themselves
            os.kill(pid, signal.SIGKILL)
    writers.stop()
    until(lambda: serving.postgres() and not set(killed) & set(serving.postgres()) and is_ready(serving))
    await keeps_its_promises(serving, writers)
    assert serving.end(signal.SIGTERM) == 0
    assert "it is started again" in serving.output
    assert not serving.postgres()


def is_ready(serving: Serving) -> bool:
    return httpx.get(f"http://127.0.0.1:{serving.port}/health/ready", timeout=20).status_code == 200


async def test_a_service_that_is_told_to_stop_answers_what_it_has_taken(data_dir: Path, started: list[Serving]) -> None:
    serving = Serving(data_dir, free_port())
    started.append(serving)
    writers = Writers(serving.until_it_answers()).run_until(200)
    assert serving.end(signal.SIGTERM) == 0
    writers.stop()
    again = Serving(data_dir, serving.port)
    started.append(again)
    stored = await events_in(again.until_it_answers())
    # A request that was recorded was answered: nothing is stored that no client heard of.
    assert {id_ for id_ in stored if id_.startswith("w")} == writers.acknowledged.keys()
    assert again.end(signal.SIGTERM) == 0
