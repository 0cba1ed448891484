"""Lines without end: each refused line is told, the rest is recorded in order, and nothing twice."""

from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.history import bulk
from service.history.bulk import Line, Summary, lines_of, record_lines
from service.store import reads
from service.store.log import Log
from tests.store.writing import LEDGER, acquired, corrected, retracted, said, write

pytestmark = pytest.mark.anyio


async def streamed(chunks: Sequence[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def encoded(*events: dict[str, Any]) -> bytes:
    return b"".join(msgspec.json.encode(event) + b"\n" for event in events)


async def record(log: Log, *chunks: bytes, stop_at_fault: bool = False) -> tuple[Summary, dict[int, Line]]:
    told: dict[int, Line] = {}

    async def tell(line: Line) -> None:
        assert line.line not in told
        told[line.line] = line

    summary = await record_lines(log, LEDGER, streamed(chunks), by="a key", tell=tell, stop_at_fault=stop_at_fault)
    return summary, told


def codes(told: dict[int, Line]) -> dict[int, list[str]]:
    return {n: [fault.code for fault in line.errors] for n, line in told.items() if line.status == "refused"}


async def head(log: Log) -> int:
    async with log.connection() as connection:
        return (await reads.head_of(connection, LEDGER)).position


async def test_a_broken_line_is_refused_and_the_rest_goes_on(log: Log) -> None:
    body = (
        encoded(acquired("a"))
        + b"{nonsense\n"
        + b"\xff\xfe\n"
        + b"\n"
        + encoded(acquired("b", occurred="2021-13"), acquired("c"))
    )
    summary, told = await record(log, body)
    assert codes(told) == {2: ["malformed-json"], 3: ["malformed-json"], 5: ["unreadable-date"]}
    assert told[5].errors[0].pointer == "/occurred"
    assert (told[1].position, told[6].position) == (1, 2)
    assert summary == Summary(lines=5, recorded=2, repeated=0, refused=3, stopped=False)


async def test_what_hangs_on_a_refused_line_is_refused_too_and_no_more(log: Log) -> None:
    await write(log, acquired("taken"))
    body = encoded(
        acquired("a"), corrected("nowhere"), said("confirm", "nowhere"), acquired("taken"), said("deny", "a")
    )
    summary, told = await record(log, body)
    assert codes(told) == {2: ["claim-unknown"], 3: ["claim-unknown"], 4: ["claim-exists"]}
    assert (summary.recorded, told[5].position) == (2, 3)


async def test_lines_that_contradict_one_another_are_settled_in_their_order(log: Log) -> None:
    summary, told = await record(log, encoded(acquired("a"), acquired("a"), retracted("a"), said("confirm", "a")))
    assert codes(told) == {2: ["claim-exists"], 4: ["claim-retracted"]}
    assert summary.recorded == 2


async def test_the_same_lines_again_are_repeated_and_add_nothing(log: Log) -> None:
    body = encoded(*(acquired(id=f"e{n}") for n in range(1200)))
    first, _ = await record(log, body)
    again, told = await record(log, body)
    assert (first.recorded, again.recorded, again.repeated, await head(log)) == (1200, 0, 1200, 1200)
    assert {line.status for line in told.values()} == {"repeated"}


async def test_a_run_that_was_cut_off_is_finished_by_the_next(log: Log) -> None:
    events = [acquired(id=f"e{n}") for n in range(700)]
    await record(log, encoded(*events[:333]))
    summary, _ = await record(log, encoded(*events))
    assert (summary.recorded + summary.repeated, await head(log)) == (700, 700)


async def test_stop_leaves_the_rest_unread_and_keeps_what_came_before(log: Log) -> None:
    events = [acquired(f"c{n}") for n in range(600)]
    body = encoded(*events[:20], corrected("nowhere"), *events[20:])
    summary, told = await record(log, body, stop_at_fault=True)
    assert summary.stopped
    assert codes(told) == {21: ["claim-unknown"]}
    assert await head(log) == 20


async def test_stop_at_a_line_that_cannot_be_read(log: Log) -> None:
    summary, _ = await record(log, encoded(acquired("a")) + b"{\n" + encoded(acquired("b")), stop_at_fault=True)
    assert (summary.stopped, summary.recorded, summary.lines, await head(log)) == (True, 1, 2, 1)


async def test_a_line_that_is_too_long_is_refused_without_being_held(log: Log) -> None:
    long = [b'{"action":"assert","title":"', *[b"x" * 100_000] * 30, b'"}\n']
    summary, told = await record(log, *long, encoded(acquired("a")))
    assert codes(told) == {1: ["too-long"]}
    assert (summary.lines, summary.recorded) == (2, 1)


async def test_a_client_that_goes_away_leaves_whole_batches_only(log: Log) -> None:
    class Gone(Exception):
        pass

    async def leaves() -> AsyncIterator[bytes]:
        yield encoded(*(acquired(f"c{n}") for n in range(bulk.BATCH + 7)))
        yield b'{"action":"assert","claim":"half'
        raise Gone

    async def tell(_: Line) -> None:
        pass

    with pytest.raises(Gone):
        await record_lines(log, LEDGER, leaves(), by="a key", tell=tell)
    assert await head(log) == bulk.BATCH


async def test_no_lines_are_no_batch(log: Log) -> None:
    summary, told = await record(log, b"", b"\n\n  \n")
    assert (summary, told) == (Summary(lines=0, recorded=0, repeated=0, refused=0, stopped=False), {})


async def test_a_byte_order_mark_and_line_ends_of_other_systems_are_read(log: Log) -> None:
    summary, _ = await record(log, b"\xef\xbb\xbf" + encoded(acquired("a")).replace(b"\n", b"\r\n"))
    assert summary.recorded == 1


@given(st.lists(st.binary(max_size=30)), st.lists(st.integers(0, 40)))
async def test_lines_are_the_same_however_the_stream_is_cut(parts: list[bytes], cuts: list[int]) -> None:
    whole = b"\n".join(parts)
    edges = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    chunks = [whole[a:b] for a, b in pairwise(edges)] or [whole]
    found = [line async for line in lines_of(streamed(chunks))]
    assert found == [
        (n, line.removeprefix(b"\xef\xbb\xbf" if n == 1 else b"").strip())
        for n, line in enumerate(whole.split(b"\n"), 1)
        if line.removeprefix(b"\xef\xbb\xbf" if n == 1 else b"").strip()
    ]
