"""A ledger restored from its export answers as the original did, byte for byte, at every pinned address."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from service.store.exported import read_export
from service.store.exporting import export
from service.store.restoring import restore
from tests.api.conftest import SAMPLE, Api, note, running
from tests.conftest import TEMPLATE, Database, Server

pytestmark = pytest.mark.anyio
STATE = f"{SAMPLE}/relationships/pak--tur"


@pytest.fixture
def elsewhere(server: Server) -> Iterator[Database]:
    database = server.create(TEMPLATE)
    yield database
    server.drop(database)


def pinned(head: int) -> list[str]:
    days = ("2021-06-01", "2024-06-30", "2025-12-31", "2026-06-30")
    points = [f"valid_at={day}&known_position={position}" for day in days for position in (18, 51, head)]
    reported = [f"{point}&reported_by={day}" for point in points for day in ("2024-06-30", "2025-11-30")]
    return [
        *(f"{STATE}?{point}" for point in (*points, *reported)),
        *(f"{STATE}/timeline?{point}" for point in points),
        *(f"{STATE}/versions/{position}" for position in (51, head)),
        *(f"{SAMPLE}/actors/pak/suppliers?{point}" for point in points[:4]),
        *(f"{SAMPLE}/claims/tb2-acquired/history?known_position={position}" for position in (51, head)),
        f"{SAMPLE}/operators?platform=tb2&{points[2]}",
        f"{SAMPLE}/events/tb2-acquired",
    ]


async def test_pinned_answers_are_the_same_bytes(
    api: Api, own_database: Database, elsewhere: Database, founded: tuple[str, str]
) -> None:
    await api.append(note("before-the-export"))
    head = await api.head()
    reading = await asyncpg.connect(own_database.service_url)
    lines = b"".join([chunk async for chunk in export(reading, "drones")]).splitlines(keepends=True)
    await reading.close()
    owner = await asyncpg.connect(elsewhere.owner_url)
    await restore(owner, "drones", read_export(iter(lines)))
    await owner.close()
    async with running(elsewhere, founded[1]) as copy:
        for address in pinned(head):
            ours, theirs = await asyncio.gather(api.get(address), copy.get(address))
            assert (ours.status_code, theirs.status_code) == (200, 200), (address, ours.text)
            assert ours.content == theirs.content, address
        original, restored = await api.get(SAMPLE), await copy.get(SAMPLE)
        assert original.json()["checkpoint"] == restored.json()["checkpoint"]
        assert "restored_from" not in original.json()
        assert restored.json()["restored_from"].startswith("drones ")
        assert original.headers["tarih-epoch"] != restored.headers["tarih-epoch"]
