"""Two tongues, one truth: what the database keeps ready equals the pure fold of the events, after any history."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain.claims import Claim, fold
from service.domain.reading import timelines_of
from service.domain.refusals import Conflict, Invalid
from service.store import appender, ledgers, reads
from service.store.log import Log
from service.store.pool import open_pool
from tests.conftest import Database
from tests.store.writing import (
    acquired,
    corrected,
    expected,
    fulfilled,
    reinstated,
    reported,
    request,
    retracted,
    said,
    write_group,
)

CLAIMS = st.sampled_from(["a", "b", "c", "d"])
ACTORS = st.sampled_from([("tur", "pak"), ("tur", "aze"), ("tur",)])
DAYS = st.one_of(st.none(), st.sampled_from(["2023", "2024-03-18", "2025-10-23", "2025-12-05"]))


def sources(day: str | None) -> dict[str, Any]:
    return {} if day is None else {"sources": reported(day)}


events = st.one_of(
    st.builds(lambda c, a, d: acquired(c, actors=a, **sources(d)), CLAIMS, ACTORS, DAYS),
    st.builds(lambda c, a, d: expected(c, actors=a, **sources(d)), CLAIMS, ACTORS, DAYS),
    st.builds(lambda c, a, d: corrected(c, actors=a, **sources(d)), CLAIMS, ACTORS, DAYS),
    st.builds(
        lambda c, a, d: corrected(c, actors=a, late=True, **sources(d)),
        CLAIMS,
        ACTORS,
        DAYS.filter(lambda d: d is not None),
    ),
    st.builds(lambda c: retracted(c), CLAIMS),
    st.builds(lambda c, d: retracted(c, by="source", sources=reported(d or "2024")), CLAIMS, DAYS),
    st.builds(lambda c: reinstated(c), CLAIMS),
    st.builds(lambda w, c, p: said(w, c, p), st.sampled_from(["confirm", "deny"]), CLAIMS, st.sampled_from(["X", "Y"])),
    st.builds(lambda c, d: fulfilled(c, d), CLAIMS, CLAIMS),
)
batches = st.lists(events, min_size=1, max_size=4)
histories = st.lists(st.lists(batches, min_size=1, max_size=3), min_size=1, max_size=8)


def readable(group: list[list[dict[str, Any]]]) -> Iterator[appender.Request]:
    """The requests that do not contradict themselves, up to the first that shares a claim with one before it."""
    taken: set[str] = set()
    for batch in group:
        try:
            one = request(*batch)
        except Invalid:
            continue
        claims = one.batch.claims
        if taken & claims:
            return
        taken |= claims
        yield one


async def compare(log: Log, ledger: str, ends: list[int]) -> None:
    async with log.connection() as connection:
        everything = [one.recorded for one in await reads.events_of_claims(connection, ledger, "abcd", ends[-1])]
        assert [one.position for one in everything] == list(range(1, ends[-1] + 1))
        for end in ends:
            folded = fold(one for one in everything if one.position <= end)
            for timeline in ("pak--tur", "aze--tur", "tur"):
                kept = await reads.claims_on_timelines(connection, ledger, 1, [timeline], end)
                standing = {claim.id: claim for claim in kept if isinstance(claim, Claim)}
                assert standing == {
                    id_: claim for id_, claim in folded.claims.items() if timeline in timelines_of(claim.statement)
                }
            kept = await reads.claims_by_id(connection, ledger, 1, list("abcd"), end)
            taken_back = {one.claim.id: one.retraction for one in kept if not isinstance(one, Claim)}
            assert taken_back == {id_: one.position for id_, one in folded.retracted.items()}


async def play(log: Log, ledger: str, history: list[list[list[dict[str, Any]]]]) -> None:
    async with log.connection() as connection:
        await ledgers.create_ledger(connection, ledger, ledger, public_read=True)
    ends: list[int] = []
    for group in history:
        requests = list(readable(group))
        if requests:
            for outcome in await write_group(log, requests, ledger):
                assert isinstance(outcome, appender.Receipt | Conflict)
                ends += [outcome.last_position] if isinstance(outcome, appender.Receipt) else []
    if ends:
        await compare(log, ledger, ends)


def test_what_is_kept_ready_equals_the_pure_fold_at_every_position(database: Database) -> None:
    with asyncio.Runner() as runner:
        pool = runner.run(open_pool(database.service_url, size=2))
        log, number = Log(pool), iter(range(10_000))

        @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
        @given(histories)
        def holds(history: list[list[list[dict[str, Any]]]]) -> None:
            runner.run(play(log, f"l{next(number)}", history))

        holds()
        runner.run(pool.close())


@pytest.mark.anyio
async def test_the_comparison_sees_a_version_that_is_wrong(database: Database) -> None:
    """The test above would notice: one word of difference in what is kept is found."""
    import asyncpg

    pool = await open_pool(database.service_url, size=2)
    try:
        log = Log(pool)
        await play(log, "l", [[[acquired("a")], [acquired("b")]]])
        owner = await asyncpg.connect(database.owner_url)
        await owner.execute("""UPDATE tarih.claim_versions SET words = '{"X": ["deny", 2]}' WHERE claim = 'b'""")
        await owner.close()
        with pytest.raises(AssertionError):
            await compare(log, "l", [2])
    finally:
        await pool.close()
