"""Tables loaded into a ledger: twice, revised, without what is gone, and the first thousands of a real one."""

import gzip
from pathlib import Path

import pytest

from service.domain.claims import fold
from service.importing import CannotTell
from service.store.log import Log
from tests.importers.test_table import HEADER, VISITS
from tests.importing.loads import history, load, on, sound

pytestmark = pytest.mark.anyio
COMPLETE = "complete = true\n" + VISITS


def table(*rows: str) -> bytes:
    return (HEADER + "\n".join(rows)).encode()


async def test_a_later_table_corrects_and_an_older_one_counts_for_its_day(log: Log) -> None:
    newer = table("1,2024-03,tur,pak,talks", "2,2024,tur,aze,talks")
    older = table("1,2024,tur,pak,talks", "2,2024,tur,aze,talks")
    first = await load(log, newer, "table", mapping=VISITS, reported="2025-01-01")
    assert (first.new, first.actors_recorded) == (2, 3)
    late = await load(log, older, "table", mapping=VISITS, reported="2024-01-01")
    assert (late.late, late.fields) == (2, {"occurred": 1})
    for data, day in ((newer, "2025-01-01"), (older, "2024-01-01")):
        assert (await load(log, data, "table", mapping=VISITS, reported=day)).events == 0
    events = await history(log)
    assert [sum('"2024-03"' in said for said in on(events, day).values()) for day in ("2024-06-01", "2025-06-01")] == [
        0,
        1,
    ]
    assert await sound(log)


async def test_a_default_that_is_spelled_out_is_no_revision(log: Log) -> None:
    data = 'data = { platform = "bayraktar-tb2", quantity = { best = { column = "n", as = "integer" }, uncertain = { '
    mapping = VISITS.replace('data = { text = "{why}" }', data + 'column = "unsure", as = "truth" } } }')
    for old, new in (
        ('"note"', '"order"'),
        ('role = "host"', 'role = "supplier"'),
        ('role = "guest"', 'role = "recipient"'),
    ):
        mapping = mapping.replace(old, new)
    file = b"id,on,host,guest,why,n,unsure\n1,2024,tur,pak,Boats,6,no\n"
    assert (await load(log, file, "table", mapping=mapping, reported="2024-01-01")).new == 1
    for day in ("2024-01-01", "2025-01-01"):
        report = await load(log, file, "table", mapping=mapping, reported=day)
        assert (report.unchanged, report.revised, report.events) == (1, 0, 0)


async def test_only_a_complete_table_can_tell_what_is_gone(log: Log) -> None:
    await load(log, table("1,2024,tur,pak,a", "2,2024,tur,pak,b"), "table", mapping=COMPLETE, reported="2024-06-01")
    with pytest.raises(CannotTell, match="`complete`"):
        await load(log, table(), "table", mapping=VISITS, reported="2025-06-01", retract_missing=True)
    with pytest.raises(CannotTell, match="the day of the export is not known"):
        await load(log, table(), "table", mapping=COMPLETE, retract_missing=True)
    later = table("1,2024,tur,pak,a")
    report = await load(log, later, "table", mapping=COMPLETE, reported="2025-06-01", retract_missing=True)
    assert (report.retracted, report.unchanged) == (1, 1)
    assert len([claim for claim in fold(await history(log)).claims if claim.startswith("visits.")]) == 1


async def test_a_row_whose_claims_the_rules_refuse_is_refused_whole(log: Log) -> None:
    mapping = VISITS.replace('type = "note"', 'type = "membership"').replace('text = "{why}"', 'of = "{why}"')
    long = "x" * 300
    report = await load(log, table(f"1,2024,tur,pak,{long}", "2,2024,tur,pak,b"), "table", mapping=mapping)
    assert (report.new, report.rows_refused) == (1, 1)
    assert report.refused[0].code == "invalid"
    unknown = VISITS.replace('type = "note"', 'type = "state-visit"')
    report = await load(log, table("1,2024,tur,pak,a"), "table", mapping=unknown)
    assert [one.code for one in report.refused] == ["unknown-type"]


async def test_the_real_treaties_are_recorded_as_they_are_read(log: Log, shared_data: Path) -> None:
    lines = gzip.decompress((shared_data / "treaties" / "parties_GGO.csv.gz").read_bytes()).split(b"\n")
    some = b"\n".join([lines[0], *lines[30_001:33_001]]) + b"\n"
    report = await load(log, some, "table", mapping="treaties", reported="2024-01-01")
    assert report.rows == 3000
    assert {one.code for one in report.refused} <= {"order", "empty", "repeated"}
    assert report.new > 4000
    assert (await load(log, some, "table", mapping="treaties", reported="2025-01-01")).events == 0
    assert await sound(log)
