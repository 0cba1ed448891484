"""What is held in memory of relationships and ledgers says what the database says, at every point, while they grow."""

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain.as_of import parse_point
from service.domain.refusals import Refusal
from service.store import appender, courses, ledgers, lives, reads, timelines
from service.store.courses import Course
from service.store.lives import Life, Lives, TooLarge, lives_of
from service.store.log import Log
from service.store.pool import Connection, open_pool
from service.store.reads import Placed
from service.store.timelines import Reach
from tests.conftest import Database
from tests.store.test_timelines import WINDOWS, histories, readable
from tests.store.writing import LEDGER, Json, acquired, corrected, write, write_group

GROUPS = (["pak--tur"], ["aze--pak"], ["pak--tur", "pk--tur"], ["nobody--tur"])
"""Timelines that are read together; the last two of one relationship, as if its members had been merged."""
INSTANTS = [
    parse_point(day).at for day in ("2018-01-01", "2021-05-03T12:00:00Z", "2021-12-31", "2022-06-01", "2027-01-01")
]
LASTING = ["operation", "negotiation"]


def placed(found: Sequence[Placed]) -> list[Placed]:
    """Without what only memory knows of them."""
    names = Placed.__struct_fields__
    return [Placed(**{name: getattr(one, name) for name in names}) for one in found]


def undated(found: Sequence[Placed]) -> list[Placed]:
    """Without when they were touched, which memory knows only of what is not its content."""
    return [msgspec.structs.replace(one, updated=None) for one in placed(found)]


async def compare_lives(connection: Connection, ledger: str, held: Lives, group: list[str], random: Random) -> None:
    position, valid = random.randint(1, held.through), random.choice(INSTANTS)
    end = await reads.batch_with(connection, ledger, position)
    here, around = await reads.claims_at(connection, ledger, 1, group, end, valid)
    own, own_around = held.at(end, valid)
    as_read = sorted(placed(own), key=lambda one: one.claim)
    assert [msgspec.structs.replace(one, updated=None, touched=0) for one in as_read] == here
    assert own_around == around
    reach = Reach(
        timelines=group,
        window=random.choice(WINDOWS),
        types=random.choice(((), ("delivery", "operation"))),
        lasting=LASTING,
    )
    after, limit = (random.choice(INSTANTS), random.choice(INSTANTS), random.randint(0, end)), random.randint(1, 4)
    for begin in ((-(2**63), -(2**63), 0), after):
        told = await timelines.placed(connection, ledger, 1, reach, end, begin, limit)
        assert placed(held.placed(end, reach, begin, limit)) == told
    before = random.randint(1, end + 1)
    newest, _ = await timelines.recent(connection, ledger, 1, Reach(timelines=group), end, before, 1000)
    assert undated(held.recent(end, before, 1000)) == undated(newest)
    assert held.recent(end, before, limit) == held.recent(end, before, 1000)[:limit]
    withdrawn = await timelines.retracted(connection, ledger, 1, Reach(timelines=group), end, limit)
    assert undated(held.recent(end, end + 1, limit, retracted=True)) == undated(withdrawn)
    touches = [await reads.touched(connection, ledger, one, end) for one in group]
    touch = held.touched(end)
    assert (touch.position, touch.revision) == (max(one.position for one in touches), touches[0].revision)
    assert touch.end == (await reads.batch_with(connection, ledger, touch.position) if touch.position else 0)


async def compare_course(connection: Connection, ledger: str, course: Course, random: Random) -> None:
    position = random.randint(0, course.through)
    point = await reads.point(connection, ledger, None, position, None)
    place = course.at_position(position)
    found = (None, None) if point.end is None else (point.end.position, point.end.recorded_at)
    assert (place.position or None, place.recorded_at) == found
    assert (place.described, place.merged) == (max(point.described, point.merged), point.merged)
    assert place.described_until == point.since
    if place.recorded_at is not None:
        assert course.at_time(place.recorded_at) == place
        before = await reads.point(connection, ledger, place.recorded_at - 1, None, None)
        assert course.at_time(place.recorded_at - 1).position == (before.end.position if before.end else 0)


async def play(log: Log, ledger: str, batches: Sequence[Sequence[Json]], random: Random) -> None:
    held: dict[int, Lives] = {}
    course = Course()
    async with log.connection() as connection:
        await ledgers.create_ledger(connection, ledger, ledger, public_read=True)
        for one in readable(batches):
            [outcome] = await write_group(log, [one], ledger)
            assert isinstance(outcome, appender.Receipt | Refusal)
            if isinstance(outcome, Refusal) or random.randint(0, 1):
                continue
            assert await course.go_on(connection, ledger, 1, outcome.last_position)
            for number, group in enumerate(GROUPS):
                if random.randint(0, 1):
                    known = held.get(number)
                    held[number] = await lives_of(connection, ledger, 1, group, outcome.last_position, known)
        if not course.through:
            return
        for _ in range(8):
            await compare_course(connection, ledger, course, random)
            for number, known in held.items():
                await compare_lives(connection, ledger, known, GROUPS[number], random)


def test_lives_and_courses_say_what_the_database_says_however_they_were_read(database: Database) -> None:
    with asyncio.Runner() as runner:
        pool = runner.run(open_pool(database.service_url, size=3))
        log, number = Log(pool), iter(range(10_000))

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(histories, st.randoms(use_true_random=False))
        def holds(batches: list[list[Json]], random: Random) -> None:
            runner.run(play(log, f"l{next(number)}", batches, random))

        holds()
        runner.run(pool.close())


@pytest.mark.anyio
async def test_what_was_recorded_meanwhile_is_not_half_held(log: Log) -> None:
    """Through a position: what came after it is neither seen nor lost."""
    await write(log, acquired("a"))
    await write(log, corrected("a"))
    async with log.connection() as connection:
        first = await lives_of(connection, LEDGER, 1, ["pak--tur"], 1, None)
        assert [one.position for one in first.at(1, INSTANTS[-1])[0]] == [1]
        assert first.touched(1).revision == 1
        then = await lives_of(connection, LEDGER, 1, ["pak--tur"], 2, first)
        assert [[one.position for one in then.at(position, INSTANTS[-1])[0]] for position in (1, 2)] == [[1], [2]]
        assert then.touched(2).revision == 2


@pytest.mark.anyio
async def test_a_relationship_that_is_too_large_is_not_held(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    await write(log, acquired("a"))
    await write(log, acquired("b"))
    async with log.connection() as connection:
        whole = await lives_of(connection, LEDGER, 1, ["pak--tur"], 1, None)
        monkeypatch.setattr(lives, "MOST", 1)
        for known in (None, whole):
            with pytest.raises(TooLarge):
                await lives_of(connection, LEDGER, 1, ["pak--tur"], 2, known)
        monkeypatch.setattr(courses, "MOST", 1)
        assert not await Course().go_on(connection, LEDGER, 1, 2)


def test_blocks_that_are_over_are_passed_over_and_no_other() -> None:
    """A long relationship, of which little is so at any instant."""
    fields: dict[str, Any] = {
        "expectation": False,
        "fulfilled_by": None,
        "words": (),
        "type": "note",
    }
    every = [
        Life(
            claim=f"c{number}", position=number, since=number, until=2**63 - 1, starts_earliest=number,
            starts_latest=number, ends_latest=number + (5_000 if number == 7 else 10), **fields,
        )
        for number in range(1, 2_000)
    ]  # fmt: skip
    held = Lives(every, [], 2_000)
    for valid in (0, 1, 5, 64, 65, 1_000, 1_999, 2_008, 2_009, 5_006, 5_007):
        for position in (3, 1_000, 1_999):
            here, around = held.at(position, valid)
            known = [one for one in every if one.since <= position]
            assert here == [one for one in known if one.starts_earliest <= valid < one.ends_latest]
            assert around.ceased == max(
                (one.ends_latest for one in known if one.ends_latest <= valid), default=-(2**63)
            )
            begins = [one.starts_earliest for one in known if one.starts_earliest > valid]
            assert around.begins == min(begins, default=2**63 - 1)


@given(
    spans=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12)), max_size=60),
    valid=st.integers(-5, 80),
    most=st.integers(2, 20),
)
def test_whatever_is_so_at_an_instant_reaches_into_its_window_to_which_not_too_much_reaches(
    spans: list[tuple[int, int]], valid: int, most: int
) -> None:
    facts = [
        Life(
            f"c{number}", number + 1, False, None, (), None, number + 1,  # noqa: FBT003
            since=number + 1, until=2**63 - 1, type="operation",
            starts_earliest=begins, starts_latest=begins, ends_latest=begins + lasts,
        )
        for number, (begins, lasts) in enumerate(spans)
    ]  # fmt: skip
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lives, "MOST_IN_A_WINDOW", most)
        held = Lives(facts, [], len(facts) + 1)
        window = held.window(valid)
        here, around = held.at(len(facts) + 1, valid)
        if window is None:
            assert max(len(held.at(len(facts) + 1, at)[0]) for at in range(80)) > most // 2
        else:
            within = held.within(window)
            assert set(here) <= set(within)
            assert len(within) <= 2 * most
            assert held.has_windows or within == sorted(facts, key=lambda one: (one.starts_earliest, one.position))
            near = (-(2**62), 2**62)
            expected = (max(near[0], around.ceased), min(near[1], around.begins)) if held.has_windows else near
            assert held.edges_around(len(facts) + 1, valid, near) == expected
