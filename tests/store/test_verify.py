"""Verifying: an undamaged ledger passes after any history, and each kind of damage is found and named."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from service.domain.refusals import NotFound
from service.store import ledgers
from service.store.log import Log
from service.store.pool import open_pool
from service.store.verifying import Verdict, verify
from tests.conftest import Database
from tests.store.test_versions import histories, readable
from tests.store.writing import (
    LEDGER,
    acquired,
    corrected,
    expected,
    fulfilled,
    reinstated,
    reported,
    retracted,
    said,
    write,
    write_group,
)

pytestmark = pytest.mark.anyio
CHECKOUT = Path(__file__).parents[2]


async def verdict_on(url: str, ledger: str = LEDGER) -> Verdict:
    connection = await asyncpg.connect(url)
    try:
        return await verify(connection, ledger)
    finally:
        await connection.close()


async def tell(log: Log) -> None:
    """A history in which every action, an undated and a dated source, a move and a late export occur."""
    await write(log, acquired("a", sources=reported("2023")), acquired("b", actors=["tur", "aze"]))  # 1 2
    await write(log, corrected("a", actors=["tur", "aze"], sources=reported("2024-03-18")))  # 3
    await write(log, said("confirm", "a"), said("deny", "a", "APP"), said("confirm", "b"))  # 4 5 6
    await write(log, expected("e"), acquired("f", occurred="{2022,2024}"))  # 7 8
    await write(log, fulfilled("e", "f"))  # 9
    await write(log, retracted("b"))  # 10
    await write(log, reinstated("b"), corrected("a", late=True, sources=reported("2023")))  # 11 12
    await write(log, acquired("g", actors=["tur"]))  # 13
    await write(log, retracted("g"))  # 14


async def damaged(log: Log, database: Database, *statements: str) -> Verdict:
    """What verify says once the database's owner has done this to a ledger that was sound."""
    await tell(log)
    before = await verdict_on(database.service_url)
    assert before.clean, before.findings
    owner = await asyncpg.connect(database.owner_url)
    try:
        for statement in statements:
            assert await owner.execute(statement) not in ("UPDATE 0", "DELETE 0", "INSERT 0 0"), statement
    finally:
        await owner.close()
    return await verdict_on(database.service_url)


def test_an_undamaged_ledger_verifies_after_any_history(database: Database) -> None:
    with asyncio.Runner() as runner:
        pool = runner.run(open_pool(database.service_url, size=2))
        log, number = Log(pool), iter(range(10_000))

        async def play(ledger: str, history: list[list[list[dict[str, Any]]]]) -> None:
            async with log.connection() as connection:
                await ledgers.create_ledger(connection, ledger, ledger, public_read=True)
            for group in history:
                if requests := list(readable(group)):
                    await write_group(log, requests, ledger)
            async with log.connection() as connection:
                verdict = await verify(connection, ledger)
            assert (verdict.findings, verdict.counts, verdict.notes) == ([], {}, [])
            assert verdict.events == verdict.position

        @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
        @given(histories)
        def holds(history: list[list[list[dict[str, Any]]]]) -> None:
            runner.run(play(f"l{next(number)}", history))

        holds()
        runner.run(pool.close())


async def test_a_ledger_of_every_action_has_nothing_to_find(log: Log, database: Database) -> None:
    await tell(log)
    verdict = await verdict_on(database.service_url)
    assert (verdict.counts, verdict.findings, verdict.notes_counted) == ({}, [], 0)
    assert (verdict.events, verdict.position) == (14, 14)
    assert verdict.clean


async def test_an_empty_ledger_is_clean(log: Log, database: Database) -> None:
    verdict = await verdict_on(database.service_url)
    assert verdict.clean
    assert verdict.digest == "00" * 32


async def test_a_ledger_that_is_not_there_cannot_be_verified(log: Log, database: Database) -> None:
    with pytest.raises(NotFound):
        await verdict_on(database.service_url, "nowhere")


NO_CHECKS = "ALTER TABLE tarih.events DROP CONSTRAINT bounds_are_in_order, DROP CONSTRAINT reported_is_in_order"
NO_SHAPE = "ALTER TABLE tarih.events DROP CONSTRAINT content_has_type_and_bounds"
ANOTHER_COPY = """INSERT INTO tarih.events SELECT ledger, {position}, {id}, claim, action, type, recorded_at,
    recorded_by, content, starts_earliest, starts_latest, ends_earliest, ends_latest, members, reported_earliest,
    reported_latest, revisions FROM tarih.events WHERE position = {source}"""


def moved(by: str) -> str:
    """A time that is another: by UTC, as a cluster changes nothing by what hangs on the session."""
    return f"recorded_at = (recorded_at AT TIME ZONE 'UTC' + interval '{by}') AT TIME ZONE 'UTC'"


DAMAGE: dict[str, tuple[set[str], list[str]]] = {
    "an event deleted": (
        {"position-missing", "digest", "membership-extra"},
        ["DELETE FROM tarih.events WHERE position = 4"],
    ),
    "the last event deleted": ({"position-missing", "digest"}, ["DELETE FROM tarih.events WHERE position = 14"]),
    "the last batch deleted with its event": (
        {"head-position", "head-digest", "head-time"},
        ["DELETE FROM tarih.events WHERE position = 14", "DELETE FROM tarih.batches WHERE last_position = 14"],
    ),
    "an event there twice": (
        {"position-repeated", "event-id-repeated", "digest"},
        [
            "ALTER TABLE tarih.events DROP CONSTRAINT events_pkey, DROP CONSTRAINT event_ids_are_unique",
            ANOTHER_COPY.format(position="position", id="event_id", source=6),
        ],
    ),
    "an event after the head": (
        {"event-outside-batch"},
        [ANOTHER_COPY.format(position=15, id="'another'", source=13)],
    ),
    "a position shifted": (
        {"position-missing", "event-outside-batch", "digest"},
        ["UPDATE tarih.events SET position = 15 WHERE position = 14"],
    ),
    "a byte of content changed": (
        {"digest"},
        ["UPDATE tarih.events SET content = replace(content::text, '2021', '2020')::json WHERE position = 2"],
    ),
    "content that is not canonical": (
        {"content-not-canonical", "digest"},
        ["UPDATE tarih.events SET content = replace(content::text, ',', ', ')::json WHERE position = 2"],
    ),
    "text that is not in normal form C": (
        {"content-not-canonical", "digest"},
        ["UPDATE tarih.events SET content = replace(content::text, 'APP', U&'e\\0301')::json WHERE position = 5"],
    ),
    "content that is no event": (
        {"content-unreadable", "digest"},
        ["UPDATE tarih.events SET content = '{}' WHERE position = 13"],
    ),
    "content of a type that the ledger does not know": (
        {"type-unknown", "column", "digest"},
        ["UPDATE tarih.events SET content = replace(content::text, 'acquisition', 'barter')::json WHERE position = 2"],
    ),
    "an event id changed": (
        {"digest"},
        ["UPDATE tarih.events SET event_id = 'another' WHERE position = 2"],
    ),
    "an event of another claim": ({"column"}, ["UPDATE tarih.events SET claim = 'b' WHERE position = 4"]),
    "an event of another action": ({"column"}, ["UPDATE tarih.events SET action = 'deny' WHERE position = 4"]),
    "an event of another type": ({"column"}, ["UPDATE tarih.events SET type = 'order' WHERE position = 2"]),
    "the time of an event": (
        {"event-time", "digest"},
        [f"UPDATE tarih.events SET {moved('1 microsecond')} WHERE position = 2"],
    ),
    "the time of a batch": (
        {"event-time"},
        [f"UPDATE tarih.batches SET {moved('1 microsecond')} WHERE last_position = 3"],
    ),
    "batches out of order in time": (
        {"batch-time", "event-time"},
        [f"UPDATE tarih.batches SET {moved('-1 day')} WHERE last_position = 6"],
    ),
    "a batch deleted": (
        {"batch-range", "event-outside-batch", "digest"},
        ["DELETE FROM tarih.batches WHERE last_position = 6"],
    ),
    "a batch that begins elsewhere": (
        {"batch-range", "event-outside-batch"},
        ["UPDATE tarih.batches SET first_position = 5 WHERE last_position = 6"],
    ),
    "the digest of a batch": (
        {"digest"},
        ["UPDATE tarih.batches SET digest = sha256('') WHERE last_position = 3"],
    ),
    "the digest of the head": ({"head-digest"}, ["UPDATE tarih.heads SET digest = sha256('')"]),
    "the position of the head": ({"head-position"}, ["UPDATE tarih.heads SET position = 15"]),
    "the time of the head": ({"head-time"}, [f"UPDATE tarih.heads SET {moved('1 hour')}"]),
    "a membership deleted": (
        {"membership-missing"},
        ["DELETE FROM tarih.memberships WHERE position = 3 AND relationship = 'pak--tur'"],
    ),
    "a membership more": (
        {"membership-extra"},
        ["INSERT INTO tarih.memberships VALUES ('test', 'aze--pak', 1, 3, 'a')"],
    ),
    "a membership of another claim": (
        {"membership-claim"},
        ["UPDATE tarih.memberships SET claim = 'b' WHERE position = 3 AND relationship = 'pak--tur'"],
    ),
    "the revision of a membership": (
        {"revision"},
        ["UPDATE tarih.memberships SET revision = 9 WHERE position = 3 AND relationship = 'pak--tur'"],
    ),
    "the revisions of an event": (
        {"revision"},
        ["""UPDATE tarih.events SET revisions = '{"pak--tur": 1, "aze--pak": 1}' WHERE position = 1"""],
    ),
    "a party deleted": ({"party-missing"}, ["DELETE FROM tarih.parties WHERE position = 3 AND actor = 'aze'"]),
    "a party more": ({"party-extra"}, ["INSERT INTO tarih.parties VALUES ('test', 'pak', 3, 'party')"]),
    "a party of no event": ({"party-extra"}, ["INSERT INTO tarih.parties VALUES ('test', 'pak', 99, 'party')"]),
    "bounds out of order": (
        {"bounds"},
        [NO_CHECKS, "UPDATE tarih.events SET starts_earliest = starts_latest + 1 WHERE position = 2"],
    ),
    "the last bounds out of order": (
        {"bounds"},
        [NO_CHECKS, "UPDATE tarih.events SET ends_latest = ends_earliest - 1 WHERE position = 2"],
    ),
    "reported bounds out of order": (
        {"bounds"},
        [NO_CHECKS, "UPDATE tarih.events SET reported_earliest = reported_latest + 1 WHERE position = 4"],
    ),
    "reported bounds gone": (
        {"bounds"},
        ["UPDATE tarih.events SET reported_earliest = NULL, reported_latest = NULL WHERE position = 4"],
    ),
    "a bound gone": ({"bounds"}, [NO_SHAPE, "UPDATE tarih.events SET ends_latest = NULL WHERE position = 2"]),
    "members out of order": (
        {"bounds"},
        ["UPDATE tarih.events SET members = ARRAY[members[2], members[1], members[3], members[4]] WHERE position = 8"],
    ),
    "members gone": ({"bounds"}, ["UPDATE tarih.events SET members = NULL WHERE position = 8"]),
    "the revision of a relationship": (
        {"relationship-differs"},
        ["UPDATE tarih.relationships SET revision = revision + 1 WHERE relationship = 'pak--tur'"],
    ),
    "the positions of a relationship": (
        {"relationship-differs"},
        ["UPDATE tarih.relationships SET first_position = 2 WHERE relationship = 'pak--tur'"],
    ),
    "a relationship deleted": (
        {"relationship-missing"},
        ["DELETE FROM tarih.relationships WHERE relationship = 'pak--tur'"],
    ),
    "a relationship more": (
        {"relationship-differs"},
        ["INSERT INTO tarih.relationships VALUES ('test', 'aze--pak', 1, 1, 1)"],
    ),
    "a claim deleted": ({"claim-missing"}, ["DELETE FROM tarih.claims WHERE claim = 'a'"]),
    "a claim more": (
        {"claim-extra"},
        ["INSERT INTO tarih.claims SELECT ledger, 'x', expectation, retraction, fulfilled_by, content_position,"
         " rank_day, words, timelines, merged FROM tarih.claims WHERE claim = 'a'"],
    ),
    "a version deleted": (
        {"version-missing"},
        ["DELETE FROM tarih.claim_versions WHERE claim = 'a' AND from_position = 3"],
    ),
    "a version closed too early": (
        {"version-missing"},
        ["UPDATE tarih.claim_versions SET to_position = 2 WHERE claim = 'a' AND from_position = 1"],
    ),
    "a version in force closed": (
        {"version-missing"},
        ["UPDATE tarih.claim_versions SET to_position = 99 WHERE claim = 'f'"],
    ),
    "a version more": (
        {"version-extra"},
        ["UPDATE tarih.claim_versions SET timeline = 'pak--tur' WHERE claim = 'b' AND from_position = 2"],
    ),
    "a version of no claim": (
        {"version-extra"},
        ["UPDATE tarih.claim_versions SET claim = 'x' WHERE claim = 'g' AND from_position = 13"],
    ),
    "a version that overlaps": (
        {"version-overlap"},
        ["UPDATE tarih.claim_versions SET to_position = 9223372036854775807 WHERE claim = 'a' AND from_position = 1"],
    ),
    "a version beside another": (
        {"version-overlap"},
        ["INSERT INTO tarih.claim_versions SELECT ledger, generation, timeline, claim, 10, to_position,"
         " content_position, type, starts_earliest, starts_latest, ends_earliest, ends_latest, expectation, retraction,"
         " fulfilled_by, words FROM tarih.claim_versions WHERE claim = 'f'"],
    ),
    "the generation of the head": ({"version-missing"}, ["UPDATE tarih.heads SET generation = 7"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGE)
async def test_damage_is_found_and_named(log: Log, database: Database, kind: str) -> None:
    codes, statements = DAMAGE[kind]
    verdict = await damaged(log, database, *statements)
    assert codes <= verdict.counts.keys(), verdict.findings
    assert not verdict.clean


@pytest.mark.parametrize("kind", sorted(
    kind for kind in DAMAGE if kind.startswith(("a party", "a membership", "the revision of", "the time of the head",
        "the digest of the head", "a relationship", "a claim", "members", "a version more"))
))  # fmt: skip
async def test_damage_to_one_thing_is_not_found_in_others(log: Log, database: Database, kind: str) -> None:
    codes, statements = DAMAGE[kind]
    assert (await damaged(log, database, *statements)).counts.keys() <= codes | {"version-missing"}


@pytest.mark.parametrize(
    "change",
    [
        "expectation = true",
        "retraction = 3",
        "fulfilled_by = 'f'",
        "content_position = 1",
        "rank_day = rank_day - 1",
        """words = '{"Dawn": ["deny", 4], "APP": ["deny", 5]}'""",
        "words = '[]'",
        "timelines = '{pak--tur}'",
        "merged = 'pak'",
    ],
)
async def test_a_changed_column_of_a_claim_is_found(log: Log, database: Database, change: str) -> None:
    verdict = await damaged(log, database, f"UPDATE tarih.claims SET {change} WHERE claim = 'a'")
    assert verdict.counts == {"claim-differs": 1}
    [finding] = verdict.findings
    assert (finding.claim, finding.expected.split()[0]) == ("a", change.split()[0])


@pytest.mark.parametrize(
    "change",
    [
        "content_position = 2",
        "type = 'order'",
        "starts_earliest = starts_earliest - 1",
        "starts_latest = starts_latest + 1",
        "ends_earliest = ends_earliest - 1",
        "ends_latest = ends_latest - 1",
        "expectation = true",
        "retraction = 3",
        "fulfilled_by = 'f'",
        """words = '{"Dawn": ["deny", 2]}'""",
        "words = '[]'",
    ],
)
async def test_a_changed_column_of_a_version_is_found(log: Log, database: Database, change: str) -> None:
    verdict = await damaged(
        log, database, f"UPDATE tarih.claim_versions SET {change} WHERE claim = 'a' AND from_position = 3"
    )
    assert verdict.counts == {"version-differs": 1}
    assert (verdict.findings[0].claim, verdict.findings[0].position) == ("a", 3)


@pytest.mark.parametrize(
    ("before", "event", "demand"),
    [
        (retracted("a"), corrected("a"), "standing"),
        (retracted("a"), said("confirm", "a"), "standing"),
        (retracted("a"), retracted("a"), "standing"),
        (said("confirm", "a"), reinstated("a"), "retracted"),
        (said("confirm", "a"), acquired("a"), "absent"),
        (said("confirm", "a"), retracted("nowhere"), "present"),
        (said("confirm", "a"), fulfilled("a", "b"), "expectation"),
        (expected("e"), fulfilled("e", "nowhere"), "present"),
        (expected("e"), fulfilled("e", "e2"), "fact"),
    ],
)
async def test_an_event_on_a_claim_that_forbids_it_is_found(
    log: Log, database: Database, before: dict[str, Any], event: dict[str, Any], demand: str
) -> None:
    """Recorded as something harmless, then made into what would have been refused."""
    from tests.store.writing import request

    await write(log, acquired("a"), acquired("b"), expected("e2"))
    await write(log, before)
    await write(log, acquired("harmless"))
    [draft] = request(event).batch.drafts
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(NO_SHAPE)
    await owner.execute(
        "UPDATE tarih.events SET claim = $1, action = $2, content = $3 WHERE position = 5",
        draft.claim, draft.action, draft.content,
    )  # fmt: skip
    await owner.close()
    verdict = await verdict_on(database.service_url)
    assert [f.expected for f in verdict.findings if f.code == "forbidden"] == [f"a claim that is {demand}"]


async def test_bounds_that_a_parser_of_today_reads_otherwise_are_a_note(log: Log, database: Database) -> None:
    verdict = await damaged(
        log,
        database,
        "UPDATE tarih.events SET starts_earliest = starts_earliest - 3600000000 WHERE position = 8",
        "UPDATE tarih.claim_versions SET starts_earliest = starts_earliest - 3600000000 WHERE claim = 'f'",
    )
    assert verdict.clean
    assert [(note.code, note.position) for note in verdict.notes] == [("bounds-differ", 8)]


async def test_one_broken_link_of_the_chain_is_one_finding(log: Log, database: Database) -> None:
    verdict = await damaged(
        log,
        database,
        "UPDATE tarih.events SET content = replace(content::text, '2021', '2020')::json WHERE position = 2",
    )
    assert verdict.counts == {"digest": 1}
    assert verdict.findings[0].position == 2


async def test_a_hundred_findings_are_listed_and_all_are_counted(log: Log, database: Database) -> None:
    await write(log, *(acquired(f"c{n}") for n in range(150)))
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("DELETE FROM tarih.claim_versions")
    await owner.close()
    verdict = await verdict_on(database.service_url)
    assert verdict.counts == {"version-missing": 150}
    assert len(verdict.findings) == 100


async def test_a_batch_longer_than_what_is_read_at_once_is_verified_whole(log: Log, database: Database) -> None:
    many = [acquired(f"c{n}") for n in range(2100)]
    await write(log, *many, *(said("confirm", f"c{n}") for n in range(2100)))
    verdict = await verdict_on(database.service_url)
    assert (verdict.events, verdict.counts) == (4200, {})


async def test_progress_is_told_up_to_the_last_event(log: Log) -> None:
    await tell(log)
    told: list[tuple[int, int]] = []
    async with log.connection() as connection:
        await verify(connection, LEDGER, report=lambda done, of: told.append((done, of)))
    assert told[-1] == (14, 14)


async def test_what_is_appended_meanwhile_does_not_disturb(log: Log, database: Database) -> None:
    await tell(log)
    pending: list[asyncio.Task[Any]] = []

    def append(_done: int, _of: int) -> None:
        pending.append(asyncio.create_task(write(log, acquired(f"later-{len(pending)}"))))

    async with log.connection() as connection:
        verdict = await verify(connection, LEDGER, report=append)
    await asyncio.gather(*pending)
    assert (verdict.counts, verdict.position) == ({}, 14)
    assert (await verdict_on(database.service_url)).clean


def tarih(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A command in a process of its own, with nothing set but this."""
    return subprocess.run(
        [sys.executable, "-m", "service", *arguments],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"]} | environment,
    )


async def test_the_command_says_by_its_exit_code_whether_a_ledger_is_sound(log: Log, database: Database) -> None:
    await tell(log)
    sound = tarih("verify", "--ledger", LEDGER, TARIH_DATABASE_URL=database.service_url)
    assert (sound.returncode, sound.stderr) == (0, "")
    assert sound.stdout.splitlines()[-1] == "sound"
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("DELETE FROM tarih.parties WHERE position = 2")
    await owner.execute("UPDATE tarih.claims SET words = '{}'")
    await owner.close()
    told = tarih("verify", "--ledger", LEDGER, TARIH_DATABASE_URL=database.service_url)
    assert told.returncode == 1
    assert "party-missing (position 2): expected aze as party; found none" in told.stdout
    as_json = tarih("verify", "--ledger", LEDGER, "--json", TARIH_DATABASE_URL=database.service_url)
    assert as_json.returncode == 1
    verdict = msgspec.json.decode(as_json.stdout, type=Verdict)
    assert verdict == await verdict_on(database.service_url)
    rebuilt = tarih("rebuild", "--ledger", LEDGER, TARIH_DATABASE_URL=database.service_url)
    assert (rebuilt.returncode, rebuilt.stderr) == (0, "")
    assert "2 claims and 0 relationships corrected" in rebuilt.stdout
    assert (await verdict_on(database.service_url)).counts == {"party-missing": 2}


@pytest.mark.parametrize("command", ["verify", "rebuild"])
async def test_a_command_that_cannot_run_says_so_by_its_exit_code(
    log: Log, database: Database, empty_database: Database, tmp_path: Path, command: str
) -> None:
    cases = [
        ({"TARIH_DATABASE_URL": database.service_url}, "there is no ledger `nowhere`"),
        ({"TARIH_DATABASE_URL": empty_database.owner_url}, "not up to date"),
        ({"TARIH_DATABASE_URL": f"postgresql://nobody@/nothing?host={tmp_path}"}, "No such file"),
        ({"TARIH_DATA_DIR": f"{tmp_path}"}, "there is no database"),
        ({"TARIH_PORT": "x"}, "TARIH_PORT"),
    ]
    for environment, why in cases:
        told = tarih(command, "--ledger", "nowhere", **environment)
        assert (told.returncode, told.stdout) == (2, "")
        assert why in told.stderr
        assert "Traceback" not in told.stderr
