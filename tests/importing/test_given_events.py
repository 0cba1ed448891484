"""Events imported as they are: lines, exports and CloudEvents; twice, in trials, and with some that cannot be."""

import gzip
import io
import json
from typing import Any
from uuid import UUID, uuid5

import pytest

from service.domain.cloudevents import NAMESPACE
from service.importers import IMPORTERS
from service.importers.items import Export, Given, Group, Item, Options, Refused
from service.importers.names import Names
from service.importers.reading import Unreadable
from service.store import ledgers
from service.store.exporting import export
from service.store.log import Log
from tests.importers.registers import in_pieces
from tests.importing.loads import history, load, sound
from tests.store.writing import LEDGER

pytestmark = pytest.mark.anyio
Json = dict[str, Any]


def note(claim: str | None = None, text: str = "x", **more: Any) -> Json:
    parties = [{"actor": "pak", "role": "subject"}, {"actor": "tur", "role": "subject"}]
    said = {"action": "assert", "type": "note", "occurred": "2021", "parties": parties, "data": {"text": text}}
    return said | ({} if claim is None else {"claim": claim}) | more


def lines(*events: Json | str) -> bytes:
    return "\n".join(event if isinstance(event, str) else json.dumps(event) for event in events).encode()


def wrapped(id_: str, event: Json | str, **more: Any) -> Json:
    said = {"specversion": "1.0", "id": id_, "source": "https://example.org/desk", "type": "org.example.note"}
    return said | {"data": event} | more


async def test_lines_read_again_add_nothing_whether_or_not_they_have_ids(log: Log) -> None:
    data = lines(
        note(),
        note(),
        note("talks", "y", id="talks-1"),
        {"action": "retract", "claim": "talks", "by": "curator", "reason": "a slip", "id": "talks-2"},
    )
    report = await load(log, data, "ndjson")
    assert (report.rows, report.new, report.revised, report.events) == (4, 3, 1, 4)
    again = await load(log, gzip.compress(data), "ndjson")
    assert (again.rows, again.unchanged, again.events, again.rows_refused) == (4, 4, 0, 0)
    more = await load(log, data + b"\n" + lines(note("else")), "ndjson")
    assert (more.unchanged, more.new, more.events) == (4, 1, 1)
    assert await sound(log)


async def test_a_line_that_cannot_be_recorded_is_refused_by_itself(log: Log) -> None:
    data = lines(
        note("a", id="a-1"),
        "{",
        note("a", "other", id="a-1"),
        note("b", occurred="soon"),
        {"action": "retract", "claim": "nowhere", "by": "curator", "reason": "none"},
        note("c"),
    )
    report = await load(log, data, "ndjson")
    assert (report.new, report.events) == (2, 2)
    assert [one.line for one in report.refused] == [2, 4, 3, 5]
    assert all(one.reason and one.row for one in report.refused)


async def test_a_trial_of_lines_sees_what_earlier_lines_would_make(log: Log) -> None:
    many = [note(f"claim-{number}") for number in range(600)]
    data = lines(*many, {"action": "retract", "claim": "claim-0", "by": "curator", "reason": "a slip"})
    report = await load(log, data, "ndjson", dry_run=True)
    assert (report.new, report.revised, report.events, report.rows_refused) == (600, 1, 601, 0)
    assert await history(log) == []


async def test_an_export_goes_into_another_ledger_with_what_that_has_already(log: Log) -> None:
    await load(log, lines(note("a", id="a-1"), note("b", id="b-1")), "ndjson")
    written = io.BytesIO()
    async with log.connection() as connection:
        async for piece in export(connection, LEDGER):
            written.write(piece)
        await ledgers.create_ledger(connection, "other", "Other", public_read=True)
    await load(log, lines(note("c", id="c-1")), "ndjson", "other")
    report = await load(log, written.getvalue(), "ndjson", "other")
    assert (report.new, report.rows_refused) == (2, 0)
    assert report.notes == [f"an export of the ledger {LEDGER}: its events are recorded anew; --verbatim restores it"]
    assert (await load(log, written.getvalue(), "ndjson", "other")).unchanged == 2
    assert await sound(log, "other")


@pytest.mark.parametrize("array", [True, False])
async def test_cloudevents_are_recorded_once_however_they_come(log: Log, *, array: bool) -> None:
    events = [wrapped("1", note("a")), wrapped("2", note()), wrapped("3", note(occurred="soon")), wrapped("4", "x")]
    data = json.dumps(events, indent=1).encode() if array else lines(*events)
    report = await load(log, data, "cloudevents")
    assert (report.new, report.events) == (2, 2)
    assert sorted(one.line for one in report.refused) == [3, 4]
    again = await load(log, lines(*reversed(events)), "cloudevents")
    assert (again.unchanged, again.events) == (2, 0)
    names = ("https://example.org/desk 1", "https://example.org/desk 2")
    assert {one.id for one in await history(log)} == {str(uuid5(UUID(NAMESPACE), name)) for name in names}


def items(data: bytes, format_: str) -> list[Item]:
    return list(IMPORTERS[format_].read(in_pieces(data, 1000), Options(names=Names())))


@pytest.mark.parametrize("format_", ["ndjson", "cloudevents"])
def test_hostile_lines_are_told_by_their_number(format_: str) -> None:
    data = b"\xef\xbb\xbf" + b'{"a": "\0"}\n\n\xff\xfe\n' + b'"' + b"x" * 1_500_000 + b'"\n' + b"[" * 100_000 + b"\n"
    found = items(data, format_)
    assert [one.line for one in found if isinstance(one, Refused)][:3] == [1, 3, 4]
    assert sum(isinstance(one, Export) for one in found) == 1
    assert len([one for one in found if isinstance(one, Refused | Given)]) == 4
    assert [type(one) for one in items(b"", format_)] == [Export]


@pytest.mark.parametrize("data", [b"[", b"[1,", b"[\0]", b"[" * 100_000])
def test_what_is_no_array_of_cloudevents_is_refused_as_a_whole(data: bytes) -> None:
    with pytest.raises(Unreadable, match=r"no array|line 1: it holds U\+0000"):
        items(data, "cloudevents")


def test_a_whole_array_or_timeline_may_stand_in_one_long_line() -> None:
    events = json.dumps([wrapped(str(n), note(text="x" * 900)) for n in range(1000)])
    assert len(events) > 1_000_000
    assert sum(isinstance(one, Given) for one in items(b"\xef\xbb\xbf \n" + events.encode(), "cloudevents")) == 1000
    assert [type(one) for one in items(b" " * 1_500_000, "cloudevents")] == [Export, Refused]
    slide = {"start_date": {"year": 2021}, "text": {"headline": "Talks", "text": "x" * 900}}
    timeline = json.dumps({"events": [slide | {"unique_id": str(n)} for n in range(1000)]})
    options = Options(names=Names(), parties=(("pak", "subject"), ("tur", "subject")))
    found = list(IMPORTERS["timelinejs"].read(in_pieces(timeline.encode(), 65_536), options))
    assert sum(isinstance(one, Group) for one in found) == 1000
