"""Which batches are versions of a relationship, looked up in the database: as the pure rule says, for any times."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service import history
from service.domain.refusals import BeyondHead, NotFound
from service.domain.versions import Version, chosen, second_of
from service.store import ledgers
from service.store.log import Log
from service.store.pool import open_pool
from tests.conftest import Database
from tests.store.planting import Planted, plant
from tests.store.writing import LEDGER, acquired, merged, retracted, said, write

SECOND = 1_000_000
START = 1_795_363_200 * SECOND


@st.composite
def histories(draw: st.DrawFn) -> list[Planted]:
    """Batches within one second and at the edges of seconds; some do not touch the relationship."""
    at, found = START, []
    for _ in range(draw(st.integers(1, 14))):
        at += draw(st.sampled_from([1, 2, SECOND - 1, SECOND, SECOND + 1]) | st.integers(1, 3 * SECOND))
        size = draw(st.integers(1, 4))
        touching = draw(st.sets(st.integers(0, size - 1)))
        found.append(Planted(at, size, tuple(sorted(touching))))
    return found


def versions_of(batches: list[Planted], ends: list[int]) -> list[Version]:
    return [
        Version(end, end - batch.size + 1, batch.recorded_at)
        for end, batch in zip(ends, batches, strict=True)
        if batch.touching
    ]


async def refused(call: Any) -> type[Exception] | None:
    try:
        await call
    except (NotFound, BeyondHead) as refusal:
        return type(refusal)
    return None


def test_what_the_database_finds_is_what_the_rule_says(database: Database) -> None:
    with asyncio.Runner() as runner:
        log, number = Log(runner.run(open_pool(database.service_url, size=2))), iter(range(10_000))

        async def play(ledger: str, batches: list[Planted]) -> None:
            async with log.connection() as connection:
                await ledgers.create_ledger(connection, ledger, ledger, public_read=True)
            ends = await plant(database, ledger, "pak--tur", batches)
            versions = versions_of(batches, ends)
            if not versions:
                assert await refused(history.version_at(log, ledger, "pak--tur", None)) is NotFound
                assert await refused(history.versions_from(log, ledger, "pak--tur")) is NotFound
                assert not await history.has_versions(log, ledger, "pak--tur")
                return
            assert await history.has_versions(log, ledger, "pak--tur")
            page = await history.versions_from(log, ledger, "pak--tur")
            assert (list(page.versions), page.following) == (versions, ())
            assert (page.first, page.last) == (versions[0], versions[-1])
            edges = {second_of(batch.recorded_at) + step * SECOND for batch in batches for step in (-1, 0, 1)}
            for asked in [None, *sorted(edges)]:
                gated = await history.version_at(log, ledger, "pak--tur", asked)
                right = chosen(versions, asked)
                nth = versions.index(right)
                assert (gated.chosen, gated.first, gated.last) == (right, versions[0], versions[-1])
                assert gated.previous == (versions[nth - 1] if nth else None)
                assert gated.following == (versions[nth + 1] if nth + 1 < len(versions) else None)
            for position in range(ends[-1] + 2):
                whole = max([end for end in ends if end <= position], default=0)
                by_then = [one for one in versions if one.position <= whole]
                call = history.version_by(log, ledger, "pak--tur", position)
                if position > ends[-1]:
                    assert await refused(call) is BeyondHead
                elif by_then:
                    assert await call == by_then[-1]
                else:
                    assert await refused(call) is NotFound
            for begins in range(1, ends[-1] + 1, 3):
                for until in range(begins, ends[-1] + 1, 2):
                    inside = [one for one in versions if begins <= one.position <= until]
                    call_ = history.versions_from(log, ledger, "pak--tur", begins, until)
                    if inside:
                        assert list((await call_).versions) == inside
                    else:
                        assert await refused(call_) is NotFound

        @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(histories())
        def check(batches: list[Planted]) -> None:
            runner.run(play(f"l{next(number)}", batches))

        check()
        runner.run(log.close())


async def listed(log: Log, relationship: str) -> list[int]:
    page = await history.versions_from(log, LEDGER, relationship)
    return [version.position for version in page.versions]


async def test_a_survivor_has_the_versions_of_the_merged_from_the_merge_on(log: Log) -> None:
    await write(log, acquired("a", actors=["paf", "tur"]))  # 1
    await write(log, acquired("b", actors=["pak", "tur"]))  # 2
    await write(log, acquired("c", actors=["paf", "tur"]))  # 3
    assert await listed(log, "pak--tur") == [2]
    await write(log, merged("m", "paf", "pak"))  # 4
    await write(log, said("confirm", "a"))  # 5
    await write(log, acquired("d", actors=["aze", "geo"]))  # 6
    await write(log, retracted("m"))  # 7
    await write(log, said("confirm", "a", "Another"))  # 8
    assert await listed(log, "pak--tur") == [2, 4, 5, 7]
    assert await listed(log, "paf--tur") == [1, 3, 5, 8]


async def test_a_merged_relationship_keeps_its_versions_from_before_and_is_read_elsewhere_since(log: Log) -> None:
    await write(log, acquired("a", actors=["paf", "tur"]))  # 1
    await write(log, merged("m", "paf", "pak"))  # 2
    assert (await history.version_by(log, LEDGER, "paf--tur", 1)).position == 1
    for call in (
        history.version_by(log, LEDGER, "paf--tur", 2),
        history.version_at(log, LEDGER, "paf--tur", None),
        history.versions_from(log, LEDGER, "paf--tur"),
    ):
        with pytest.raises(history.Merged) as elsewhere:
            await call
        assert elsewhere.value.relationship == "pak--tur"
    # Nothing was recorded of the survivor itself, but it has had what the merged one had since the merge.
    assert await listed(log, "pak--tur") == [2]
    assert not await history.has_versions(log, LEDGER, "aze--pak")


async def test_a_batch_that_touches_more_often_than_a_page_looks_is_one_version_and_the_next_page_goes_on(
    log: Log, database: Database
) -> None:
    many = history.VERSIONS_A_PAGE + 200
    batches = [
        Planted(START, 1, (0,)),
        Planted(START + 1, many, tuple(range(many))),
        Planted(START + 2, 1, (0,)),
    ]
    first, second, third = await plant(database, LEDGER, "pak--tur", batches)
    page = await history.versions_from(log, LEDGER, "pak--tur")
    assert [version.position for version in page.versions] == [first, second]
    assert [version.position for version in page.following] == [third, third]
    assert not page.closed
