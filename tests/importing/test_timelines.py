"""Timelines loaded into a ledger: twice, and as they became."""

import json
from typing import Any

import pytest

from service.store.log import Log
from tests.importing.loads import load, sound

pytestmark = pytest.mark.anyio
PARTIES = (("pak", "subject"), ("tur", "subject"))


def timeline(*slides: tuple[str, int, str]) -> bytes:
    events: list[dict[str, Any]] = [
        {"unique_id": id_, "start_date": {"year": year}, "text": {"headline": headline}}
        for id_, year, headline in slides
    ]
    return json.dumps({"title": {"text": {"headline": "Two states"}}, "events": events}).encode()


async def test_a_timeline_read_again_adds_nothing_and_a_later_one_corrects(log: Log) -> None:
    first = timeline(("a", 2020, "Talks"), ("b", 2021, "More talks"), ("c", 10_000, "Far off"))
    report = await load(log, first, "timelinejs", parties=PARTIES, reported="2024-01-01")
    assert (report.new, report.rows_refused, report.actors_recorded) == (2, 1, 2)
    assert (await load(log, first, "timelinejs", parties=PARTIES, reported="2024-01-01")).events == 0
    later = timeline(("b", 2022, "More talks"))
    report = await load(log, later, "timelinejs", parties=PARTIES, reported="2025-01-01")
    assert (report.revised, report.fields, report.absent_total) == (1, {"occurred": 1}, 1)
    report = await load(log, later, "timelinejs", parties=PARTIES, reported="2025-01-01", retract_missing=True)
    assert (report.unchanged, report.retracted) == (1, 1)
    assert await sound(log)


async def test_what_a_timeline_lacks_for_its_type_refuses_its_slides(log: Log) -> None:
    report = await load(log, timeline(("a", 2020, "x")), "timelinejs", parties=PARTIES, type="delivery")
    assert (report.new, [one.reason for one in report.refused]) == (0, ["platform: `platform` is required"])
