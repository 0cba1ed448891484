"""The benchmarks of reads: their ledgers are of sound events, and what is not answered as the fold says is seen."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from benchmarks import dyads
from benchmarks.__main__ import measured
from benchmarks.folded import Feed, Known
from benchmarks.results import QUICK, Line
from benchmarks.rows import ROWS
from service.domain.batches import read_batch
from service.domain.reading import read_events
from service.domain.types import TYPES

TINY = msgspec.structs.replace(QUICK, rounds=1, seconds=0.5, most=40)


def test_a_made_ledger_is_the_same_every_time_and_of_sound_events() -> None:
    events = list(dyads.ledger(12_000))
    assert events == list(dyads.ledger(12_000))
    assert len(events) == len({event["id"] for event in events}) == 12_000
    drafts = read_events([msgspec.json.encode(event) for event in events], TYPES, str)
    read_batch(drafts)  # as one batch: nothing acts on what is not there, or is retracted


def measured_states(tmp_path: Path) -> Iterator[Line]:
    yield from measured([row for row in ROWS if row.name == "state"], TINY, tmp_path / "figures.jsonl")


def test_states_are_measured_and_found_right(tmp_path: Path) -> None:
    first, again = measured_states(tmp_path)
    assert first.wrong == again.wrong == []
    assert first.ours is not None
    assert again.ratio is not None


def test_states_that_differ_from_the_fold_are_found_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = Feed.known

    def one_more_retracted(feed: Feed, relationship: str, position: int) -> Known:
        known = sound(feed, relationship, position)
        return known._replace(retracted=known.retracted + 1)

    monkeypatch.setattr(Feed, "known", one_more_retracted)
    first, again = measured_states(tmp_path)
    assert first.wrong
    assert again.wrong
