"""The self-certifying log: forty processes write under conditions, and the log itself proves that each held."""

import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import asyncpg

from tests.serving import CHECKOUT, Serving, free_port

PROCESSES, BATCHES = 40, 8


def run(command: list[str]) -> int:
    """All of them at once; how many batches they say were recorded."""
    writers = [
        subprocess.Popen([*command, str(n), str(BATCHES)], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
        for n in range(PROCESSES)
    ]
    recorded = sum(int(writer.communicate(timeout=120)[0]) for writer in writers)
    assert all(writer.returncode == 0 for writer in writers)
    return recorded


async def test_every_batch_was_recorded_under_the_condition_it_names(data_dir: Path, started: list[Serving]) -> None:
    serving = Serving(data_dir, free_port())
    started.append(serving)
    serving.until_it_answers()
    key = (data_dir / "admin.key").read_text().strip()
    command = [sys.executable, "-m", "tests.faults.certifying_writer", str(serving.port), key]
    recorded = run(command)

    connection = await asyncpg.connect(serving.database())
    rows = await connection.fetch(
        "SELECT position, recorded_at, event_id, content, revisions FROM tarih.events"
        " WHERE ledger = 'drones' ORDER BY position"
    )
    await connection.close()
    revisions: Counter[str] = Counter()
    before: dict[str, int] = {}
    proven, batch = 0, None
    for row in rows:
        if row["recorded_at"] != batch:
            batch, before = row["recorded_at"], dict(revisions)
            conditions = json.loads(json.loads(row["content"]).get("reason", "{}")) if row["event_id"][0] == "p" else {}
            if conditions and row["event_id"].endswith("-0"):
                proven += 1
            for relationship, condition in conditions.items():
                revision = before.get(relationship, 0)
                held = {"exists": revision > 0, "none": revision == 0}.get(condition, revision == condition)
                assert held, f"{row['event_id']} wanted {relationship} at {condition}; it was at {revision}"
        for relationship, revision in json.loads(row["revisions"]).items():
            revisions[relationship] += 1
            assert revision == revisions[relationship]
    assert proven == recorded > PROCESSES
    assert serving.end(signal.SIGTERM) == 0
