"""A ledger that is dumped and restored on another server: the same log under a new epoch, and followers go on."""

import os
import signal
import subprocess
from pathlib import Path
from urllib.error import HTTPError

import httpx
import msgspec
import pytest

from service.embedded.cluster import programs
from tests.conftest import Database
from tests.faults.clients import key_of
from tests.serving import Serving, free_port
from tests.store.writing import acquired

EVENTS = "/v1/ledgers/drones/events"
PINNED = "/v1/ledgers/drones/relationships/pak--tur?valid_at=2024-06-30&known_position=51"


def moved(source: Serving, target: Database, folder: Path) -> None:
    """pg_dump from one server, pg_restore into an empty database of another."""
    dump = str(folder / "tarih.dump")
    for command in (
        [str(programs() / "pg_dump"), "-Fc", "-f", dump, source.database()],
        [str(programs() / "pg_restore"), "--no-owner", "--exit-on-error", "-d", target.owner_url, dump],
    ):
        subprocess.run(command, env={"PATH": os.environ["PATH"]}, check=True, timeout=60)


def positions(serving: Serving, after: str) -> list[int]:
    lines = httpx.get(
        f"http://127.0.0.1:{serving.port}{EVENTS}?after={after}", headers={"Accept": "application/x-ndjson"}, timeout=20
    )
    assert lines.status_code == 200, lines.text
    return [msgspec.json.decode(line)["position"] for line in lines.text.splitlines()]


def test_a_follower_resumes_at_its_old_position_and_learns_of_the_new_epoch(
    data_dir: Path, started: list[Serving], empty_database: Database
) -> None:
    before = Serving(data_dir, free_port())
    started.append(before)
    before.until_it_answers()
    told = before.get(PINNED)
    old_epoch = msgspec.json.decode(before.get("/v1/ledgers/drones"))["epoch"]
    moved(before, empty_database, data_dir)

    after = Serving(
        data_dir / "restored",
        free_port(),
        TARIH_DATABASE_URL=empty_database.service_url,
        TARIH_OWNER_URL=empty_database.owner_url,
    )
    started.append(after)
    after.until_it_answers()
    assert after.get(PINNED) == told
    assert positions(after, "40") == list(range(41, 52))
    body = {"events": [acquired(id="after-the-restore")]}
    assert httpx.post(f"http://127.0.0.1:{after.port}{EVENTS}", json=body, headers=key_of(after)).status_code == 201
    assert positions(after, "51") == [52]

    new_epoch = msgspec.json.decode(after.get("/v1/ledgers/drones"))["epoch"]
    assert new_epoch != old_epoch
    assert positions(after, f"{new_epoch[:8]}-51") == [52]
    with pytest.raises(HTTPError) as refused:
        after.get(f"{EVENTS}?after={old_epoch[:8]}-51")
    refused.value.close()  # it holds the connection
    assert refused.value.code == 410
    for serving in (before, after):
        assert serving.end(signal.SIGTERM) == 0
