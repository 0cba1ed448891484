"""What every row appends: acquisitions with a source, each its own claim, spread over 1,225 relationships."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import uuid_utils

ACTORS = [f"actor-{number}" for number in range(50)]
PAIRS = list(itertools.combinations(ACTORS, 2))
PLATFORMS = ("tb2", "akinci", "anka", "aksungur")


def events(count: int) -> Iterator[dict[str, Any]]:
    """Each with an id of the client's, so that it may be sent again; neighbours touch different relationships."""
    for number in range(count):
        yield {
            "action": "assert",
            "id": str(uuid_utils.uuid7()),
            "type": "acquisition",
            "occurred": f"{2000 + number % 25}-{1 + number % 12:02}",
            "parties": [{"actor": actor, "role": "party"} for actor in PAIRS[number * 31 % len(PAIRS)]],
            "data": {"platform": PLATFORMS[number % 4]},
            "sources": [{"publisher": "A register", "published": "2025-06-30"}],
        }


def encoded(count: int) -> list[bytes]:
    return [msgspec.json.encode(event) for event in events(count)]


def bodies(count: int) -> list[bytes]:
    """Requests of one event each."""
    return [msgspec.json.encode({"events": [event]}) for event in events(count)]


def write_lines(file: Path, count: int) -> None:
    """As NDJSON."""
    with file.open("wb") as lines:
        lines.writelines(event + b"\n" for event in encoded(count))


def rows(count: int) -> list[tuple[str, str, str]]:
    """For a plain table: an id, the relationship, the content; as many bytes as the service is sent."""
    return [
        (event["id"], "--".join(party["actor"] for party in event["parties"]), msgspec.json.encode(event).decode())
        for event in events(count)
    ]
