"""Exports of one register, loaded in any order, again, and by several at once: as if each had come once, in turn."""

import asyncio
from pathlib import Path

import pytest

from service.domain.claims import fold
from service.domain.edtf import parse, span
from service.domain.events import Statement
from service.domain.refusals import NotFound
from service.domain.revising import data_in
from service.importing import CannotTell, Unreadable
from service.store import ledgers
from service.store.log import Log
from service.store.pool import open_pool
from tests.conftest import Database
from tests.importers.registers import DEALS_2024, DEALS_2025, TB2_BY_YEAR, by_deal, by_year, preamble
from tests.importing.loads import contents, history, load, on, sound
from tests.store.writing import LEDGER, acquired, retracted, write

pytestmark = pytest.mark.anyio
OLD = by_deal(*DEALS_2024)
NEW = by_deal(*DEALS_2025, head=preamble("23 Oct 2025 5:22:49 PM"))
DAYS = ("2024-03-17", "2024-03-18", "2024-06-01", "2025-10-22", "2025-10-23", "2025-12-01", None)
FILES = ("2024-03-18", "2025-10-23")


async def other_ledger(log: Log) -> str:
    async with log.connection() as connection:
        await ledgers.create_ledger(connection, "other", "Another", public_read=True)
    return "other"


def counts(report: object) -> tuple[int, ...]:
    return tuple(getattr(report, name) for name in ("new", "revised", "late", "unchanged", "rows_refused"))


async def test_the_second_export_adds_what_is_new_and_corrects_what_changed(log: Log) -> None:
    first = await load(log, OLD)
    assert counts(first) == (9, 0, 0, 0, 0)
    assert (first.events, first.actors_recorded) == (12, 2), "Türkiye has two names in time"
    second = await load(log, NEW)
    assert counts(second) == (1, 6, 0, 3, 0)
    assert second.fields == {"description": 2, "occurred": 3, "quantity": 4, "tiv": 4}
    assert (second.reported, second.last_position) == ("2025-10-23", 19)
    assert await sound(log)


async def test_a_second_run_adds_nothing(log: Log) -> None:
    for data in (OLD, NEW):
        await load(log, data)
        again = await load(log, data)
        assert (again.events, again.new, again.revised, again.late) == (0, 0, 0, 0)
    assert (await load(log, OLD)).events == 0


async def test_the_other_order_answers_the_same_for_every_reported_day(log: Log) -> None:
    other = await other_ledger(log)
    for data in (OLD, NEW):
        await load(log, data)
    late = [await load(log, data, ledger=other) for data in (NEW, OLD)][1]
    assert counts(late) == (0, 0, 9, 0, 0)
    forth, back = await history(log), await history(log, other)
    for day in DAYS:
        assert on(forth, day) == on(back, day), day


async def test_a_deal_that_was_renamed_answers_the_same_in_the_other_order_under_other_ids(log: Log) -> None:
    other = await other_ledger(log)
    before, after = (f"Mali,Italy,2008,,2,,{name},x,2,,2010,New,,1,2,2" for name in ("X-1", "Z-9"))
    files = (by_deal(before, *DEALS_2024), by_deal(after, *DEALS_2025, head=preamble("23 Oct 2025 5:22:49 PM")))
    forwards = [await load(log, data) for data in files]
    backwards = [await load(log, data, ledger=other) for data in files[::-1]]
    assert [one.renamed_total for one in (*forwards, *backwards)] == [0, 1, 0, 1]
    forth, back = await history(log), await history(log, other)
    assert on(forth, None).keys() != on(back, None).keys()
    for day in DAYS:
        assert sorted(on(forth, day).values()) == sorted(on(back, day).values()), day


async def test_a_dry_run_says_the_same_and_records_nothing(log: Log) -> None:
    trial = await load(log, OLD, dry_run=True)
    assert (trial.dry_run, trial.new, trial.events, trial.first_position) == (True, 9, 12, None)
    assert await history(log) == []
    absent = await load(log, OLD, dry_run=True, ledger="nowhere")
    assert (absent.new, absent.events) == (9, 12)
    with pytest.raises(NotFound):
        await load(log, OLD, ledger="nowhere")


async def test_two_imports_at_once_record_each_claim_once(database: Database, log: Log) -> None:
    pool = await open_pool(database.service_url, size=4)
    second = Log(pool)
    reports = await asyncio.gather(*(load(one, OLD) for one in (log, second, log)))
    await second.close()
    assert sum(report.events for report in reports) == len(await history(log)) == 12
    assert all(report.new + report.unchanged == 9 and report.rows_refused == 0 for report in reports)
    assert await sound(log)


async def test_both_dialects_tell_of_the_same_claims_in_either_order(log: Log) -> None:
    other = await other_ledger(log)
    newer = by_year(*TB2_BY_YEAR, head=preamble("13 Apr 2024 3:44:54 PM"))
    for ledger, files in ((LEDGER, (OLD, newer, NEW)), (other, (newer, OLD, NEW))):
        for data in files:
            await load(log, data, ledger=ledger)
    forth, back = await history(log), await history(log, other)
    assert len({one.claim for one in forth}) == len({one.claim for one in back}) == 10 + 3
    for day in (*DAYS, "2024-04-13"):
        assert on(forth, day) == on(back, day), day


async def test_what_the_other_dialect_told_stays_however_often_this_one_is_run_again(log: Log) -> None:
    newer = by_year(*TB2_BY_YEAR, head=preamble("13 Apr 2024 3:44:54 PM"))
    for data in (OLD, newer, NEW):
        await load(log, data)
    assert [(await load(log, data)).events for data in (NEW, newer, OLD, NEW)] == [0, 0, 0, 0]
    [tb2] = [said for said in on(await history(log), None).values() if "orders Bayraktar TB2" in said]
    assert "SIPRI AT 90001" in tb2
    assert '"quantity": {"best": 9' in tb2


async def test_what_the_ledger_s_curators_took_back_is_not_brought_back(log: Log) -> None:
    await load(log, OLD)
    [tb2] = [claim for claim, said in on(await history(log), None).items() if "delivers Bayraktar TB2" in said]
    await write(log, retracted(tb2))
    report = await load(log, NEW)
    assert (report.withdrawn, report.new + report.revised + report.unchanged) == (1, 9)
    assert tb2 not in fold(await history(log)).claims


async def test_absence_withdraws_nothing_unless_it_is_asked_for(log: Log) -> None:
    gone = "Pakistan,Turkiye,2020,,5,,Kite,kite,5,,2021,New,,1,5,5"
    await load(log, by_deal(*DEALS_2024[:4], gone, DEALS_2024[4]))
    await write(log, acquired("theirs"))
    report = await load(log, NEW)
    assert (report.absent_total, report.retracted) == (2, 0)
    assert [one.title for one in report.absent] == [
        "Türkiye delivers Kite to Pakistan",
        "Pakistan orders Kite from Türkiye",
    ]
    trial = await load(log, NEW, retract_missing=True, dry_run=True)
    assert trial.retracted == 2
    asked = await load(log, NEW, retract_missing=True)
    assert (asked.retracted, asked.events, asked.absent_total) == (2, 2, 0)
    assert (await load(log, NEW, retract_missing=True)).events == 0
    events = await history(log)
    assert "theirs" in fold(events).claims
    there = [sum("Kite" in said for said in on(events, day).values()) for day in DAYS]
    assert there == [0, 2, 2, 2, 0, 0, 0]
    assert await sound(log)


async def test_what_lies_outside_an_exports_own_scope_is_not_missing_from_it(log: Log) -> None:
    await load(log, OLD)
    report = await load(
        log, by_deal(head=preamble("23 Oct 2025 1:00:00 PM", "1950", "2025", orders=False)), retract_missing=True
    )
    assert (report.retracted, report.absent_total) == (8, 1), "the order that was not delivered is not told of there"
    with pytest.raises(CannotTell, match="not of all countries"):
        await load(log, by_deal(head=preamble().replace("to All countries ", "to Chad ")), retract_missing=True)


async def test_an_older_export_takes_nothing_back_that_a_newer_one_told(log: Log) -> None:
    await load(log, NEW)
    report = await load(log, by_deal(*DEALS_2024[:1]), retract_missing=True)
    assert (report.retracted, report.late) == (0, 2)


async def test_a_file_that_is_none_records_nothing(log: Log) -> None:
    with pytest.raises(Unreadable):
        await load(log, b"\x1f\x8b not gzip")
    with pytest.raises(Unreadable):
        await load(log, b"nothing of the kind")
    assert await history(log) == []


async def test_a_row_that_the_ledger_refuses_is_refused_whole_and_the_others_are_recorded(log: Log) -> None:
    await write(log, acquired(actors=("aze", "tur")))
    parties = [{"actor": "pak", "role": "merged"}, {"actor": "pakistan", "role": "survivor"}]
    await write(log, {"action": "assert", "claim": "m", "type": "actor-merge", "occurred": "2020", "parties": parties})
    other = "Azerbaijan,Turkiye,2020,,1,,Kite,kite,1,,2021,New,,1,1,1"
    report = await load(log, by_deal(other, *DEALS_2024))
    assert (report.new, report.rows_refused) == (2, 5)
    assert {one.code for one in report.refused} == {"merged-actor"}
    assert report.refused[0].reason == "parties: `pak` was merged into `pakistan`; name that one"


async def test_the_real_exports_are_loaded_whole_and_answer_the_same_in_both_orders(
    log: Log, shared_data: Path
) -> None:
    other = await other_ledger(log)
    files = [(shared_data / "sipri" / f"trade-register-turkiye-pakistan-{day}.csv").read_bytes() for day in FILES]
    first, second = [await load(log, data) for data in files]
    assert [(report.rows, report.rows_refused) for report in (first, second)] == [(1327, 0), (1292, 0)]
    assert (first.new, second.new, second.revised, second.unchanged) == (2588, 68, 738, 1778)
    assert {"quantity": 52, "occurred": 39, "tiv": 77}.items() <= second.fields.items()
    assert {one.name for one in (*first.own_actors, *second.own_actors)} == {
        "Libya GNC", "Syria rebels", "unknown recipients", "unknown suppliers",
    }  # fmt: skip
    for data in files[::-1]:
        await load(log, data, ledger=other)
        assert (await load(log, data)).events == 0
    forth, back = await history(log), await history(log, other)
    for day in DAYS:
        assert on(forth, day) == on(back, day), day
    assert await sound(log)
    assert await sound(log, other)


async def test_the_totals_of_the_newer_export_are_not_inflated_by_the_older(log: Log, shared_data: Path) -> None:
    files = [(shared_data / "sipri" / f"trade-register-turkiye-pakistan-{day}.csv").read_bytes() for day in FILES]
    totals = [sum(int(line.split(",")[8]) for line in data.decode("cp1252").splitlines()[12:]) for data in files]
    for data in files:
        await load(log, data, retract_missing=True)
    events = await history(log)
    for day, total in zip(FILES, totals, strict=True):
        claims = fold(events, span(parse(day)).latest).claims.values()
        said = [on for on in contents([claim.content for claim in claims]) if on.type == "delivery"]
        assert sum(counted(one) for one in said) == total


def counted(statement: Statement) -> int:
    count: int = data_in(statement)["quantity"]["best"]
    return count
