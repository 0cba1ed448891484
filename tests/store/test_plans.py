"""The plans of what is asked often: by index, never by reading a table through, however much it holds."""

import json
import re
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from service.store.log import Log
from service.store.statements import statement
from tests.conftest import Database
from tests.store.writing import Json, acquired, corrected, request, write_group

EXPECTED = {
    "batch_with": {"batches_pkey"},
    "claims_at": {"claim_versions_on_a_timeline"},
    "claims_by_id": {"claim_versions_pkey", "events_pkey"},
    "claims_on_timelines": {"claim_versions_on_a_timeline", "events_pkey"},
    "event_by_id": {"event_ids_are_unique"},
    "events_of_claims": {"events_by_claim"},
    "events_of_relationships": {"memberships_pkey", "events_by_claim"},
    "feed": {"events_pkey", "events_by_claim"},
    "feed_of_relationship": {"memberships_pkey", "events_pkey", "events_by_claim"},
    "key_by_hash": {"key_hashes_are_unique"},
    "repeated": {"event_ids_are_unique", "events_pkey", "batches_pkey"},
    "merges": {"claim_versions_of_actors", "events_pkey"},
    "point": {
        "batches_pkey",
        "batch_times_rise",
        "memberships_pkey",
        "claim_versions_of_actors",
        "claim_versions_of_actors_that_ended",
    },
    "touched": {"memberships_pkey"},
    "holdings_of_platform": {"events_by_platform", "claim_versions_pkey"},
    "contents_of_platform": {"events_by_platform"},
    "contents_of_actors": {"parties_pkey"},
    "contents_of_relationships": {"memberships_pkey"},
    "contents": {"events_pkey"},
    "contents_about_whole": {"events_by_whole"},
    "claims_by_content": {"events_pkey", "claim_versions_pkey"},
    "claims_of_events": {"events_pkey"},
    "claims_counted": {"claim_versions_on_a_timeline"},
    "actors_after": {"parties_pkey"},
    "actors_seen": {"parties_pkey", "events_pkey"},
    "actors_known": {"parties_pkey", "events_pkey", "claim_versions_pkey"},
    "deliveries_to": {"parties_pkey", "events_pkey"},
    "relationships_after": {"relationships_pkey"},
    "relationships_of_actors": {"relationships_by_member"},
    "relationships_touched": {"relationships_pkey", "memberships_pkey", "events_pkey"},
    "course": {"batches_pkey", "claim_versions_of_actors", "claim_versions_of_actors_that_ended"},
    "touches": {"memberships_pkey", "events_pkey", "batch_times_rise"},
    "versions_of_timelines": {"claim_versions_on_a_timeline", "events_pkey"},
    "timeline_of_timelines": {"claim_versions_by_date", "events_pkey"},
    "timeline_of_actors": {"parties_pkey", "events_pkey", "claim_versions_pkey"},
    "recent_of_timelines": {"memberships_pkey", "events_pkey", "claim_versions_pkey"},
    "recent_of_actors": {"parties_pkey", "events_pkey", "claim_versions_pkey"},
    "retracted_of_timelines": {"claim_versions_retracted", "events_pkey"},
    "contents_at": {"events_pkey"},
    "parts": {"claim_versions_of_actors", "events_pkey"},
    "events_of_actors": {"parties_pkey", "events_pkey", "events_by_claim"},
    "merges_between": {"claim_versions_of_actors", "events_pkey"},
    "merges_through_time": {"claim_versions_of_actors", "events_pkey"},
    "version_before": {"memberships_pkey", "batches_pkey"},
    "versions_after": {"memberships_pkey", "events_pkey", "batch_times_rise"},
}
SMALL = {"keys", "heads"}
"""Tables of a handful of rows here, which PostgreSQL rightly reads through."""


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


async def planned(database: Database) -> dict[str, dict[str, Any]]:
    """Each as a prepared statement is planned once it has been used a few times: for any parameters."""
    owner = await asyncpg.connect(database.owner_url)
    try:
        await owner.execute("ANALYZE")
        await owner.execute("SET plan_cache_mode = force_generic_plan")
        plans = {}
        for name in EXPECTED:
            sql = statement(name)
            nulls = ", ".join(["NULL"] * max(int(number) for number in re.findall(r"\$(\d+)", sql)))
            await owner.execute(f"PREPARE {name} AS {sql}")
            plans[name] = json.loads(await owner.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE {name} ({nulls})"))[0]["Plan"]
        return plans
    finally:
        await owner.close()


@pytest.mark.usefixtures("one_server")
async def test_hot_reads_go_by_their_indexes(log: Log, database: Database) -> None:
    def claims(first: int) -> Iterator[Json]:
        return (acquired(f"c{n}", actors=[f"a{n % 40}", f"a{(n * 7 + 1) % 40}"]) for n in range(first, first + 8))

    for first in range(0, 4800, 400):
        await write_group(log, [request(*claims(start)) for start in range(first, first + 400, 8)])
    for first in range(0, 2000, 400):  # relationships enough that their table is not read through
        pairs = (acquired(f"pair{n}", actors=[f"one{n}", f"other{n}"]) for n in range(first, first + 400))
        await write_group(log, [request(*pairs)])
    await write_group(log, [request(*(corrected(f"c{n}", actors=["a0", "a1"]) for n in range(50)))])
    wrong: list[str] = []
    plans = await planned(database)
    for name, indexes in EXPECTED.items():
        found = list(nodes(plans[name]))
        used = {node["Index Name"] for node in found if "Index Name" in node}
        through = {node["Relation Name"] for node in found if node["Node Type"] == "Seq Scan"} - SMALL
        if used != indexes and not (name == "key_by_hash" and not used):
            wrong.append(f"{name} uses {sorted(used)}, not {sorted(indexes)}")
        wrong += [f"{name} reads {table} through" for table in sorted(through)]
    assert not wrong, "; ".join(wrong)
