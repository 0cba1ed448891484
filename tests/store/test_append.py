"""What appending promises: one order, one time a batch, all or nothing, once only, and only what can be so."""

import asyncio
import hashlib
import struct
from typing import Any

import asyncpg
import pytest

from service import history
from service.domain.claims import Claim
from service.domain.refusals import Conflict, Invalid, KeyReused, NotFound, OutsideRelationship, RevisionConflict
from service.store import appender, reads
from service.store.appender import EXISTS, NONE, Expectation
from service.store.ledgers import FIRST_DIGEST
from service.store.log import Log
from tests.conftest import Database
from tests.store.writing import (
    LEDGER,
    acquired,
    corrected,
    expected,
    fulfilled,
    merged,
    reinstated,
    request,
    retracted,
    said,
    write,
    write_group,
)

pytestmark = pytest.mark.anyio


async def head(log: Log) -> reads.Head:
    async with log.connection() as connection:
        return await reads.head_of(connection, LEDGER)


def codes(refused: pytest.ExceptionInfo[Conflict] | pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


async def test_a_batch_takes_consecutive_positions_and_one_time(log: Log) -> None:
    first = await write(log, acquired("a"), acquired("b"))
    second = await write(log, acquired("c"))
    assert (first.positions, second.positions) == ((1, 2), (3,))
    assert second.recorded_at > first.recorded_at
    async with log.connection() as connection:
        stored = await reads.events_of_claims(connection, LEDGER, ["a", "b"], 3)
    assert {one.recorded.recorded_at for one in stored} == {first.recorded_at}


async def test_batches_of_one_group_are_a_microsecond_apart(log: Log) -> None:
    receipts = await write_group(log, [request(acquired("a"), acquired("b")), request(acquired("c"))])
    assert [(r.first_position, r.last_position) for r in receipts if isinstance(r, appender.Receipt)] == [
        (1, 2),
        (3, 3),
    ]
    times = [r.recorded_at for r in receipts if isinstance(r, appender.Receipt)]
    assert times[1] == times[0] + 1


async def test_a_refused_request_does_not_fail_its_neighbours(log: Log) -> None:
    outcomes = await write_group(
        log, [request(acquired("a")), request(retracted("nowhere")), request(acquired("b"), acquired("c"))]
    )
    assert isinstance(outcomes[1], Conflict)
    assert [r.positions for r in outcomes if isinstance(r, appender.Receipt)] == [(1,), (2, 3)]


async def test_faults_name_the_event_within_its_own_request(log: Log) -> None:
    outcomes = await write_group(log, [request(acquired("a")), request(acquired("b"), retracted("nowhere"))])
    assert isinstance(outcomes[1], Conflict)
    assert [fault.pointer for fault in outcomes[1].faults] == ["/events/1/claim"]


async def test_a_batch_with_one_fault_stores_nothing(log: Log) -> None:
    with pytest.raises(Conflict):
        await write(log, acquired("a"), said("confirm", "nowhere"))
    assert (await head(log)).position == 0


async def test_the_same_batch_again_gets_the_first_answer(log: Log) -> None:
    batch = [acquired(id="one"), acquired(id="two")]
    first = await write(log, *batch)
    await write(log, acquired("later"))
    again = await write(log, *batch, expectations=(Expectation("pak--tur", 99),))
    assert again.repeated
    assert not first.repeated
    assert (again.positions, again.recorded_at, again.digest, again.revisions, again.last_position) == (
        first.positions,
        first.recorded_at,
        first.digest,
        first.revisions,
        first.last_position,
    )
    assert (await head(log)).position == 3


async def test_the_same_id_with_other_content_is_refused(log: Log) -> None:
    await write(log, acquired(id="one"))
    with pytest.raises(Conflict) as refused:
        await write(log, acquired(id="one", occurred="2022"))
    assert codes(refused) == [("/events/0/id", "event-differs")]


async def test_a_batch_of_which_some_is_recorded_is_refused_and_lists_what(log: Log) -> None:
    await write(log, acquired(id="one"))
    with pytest.raises(Conflict) as refused:
        await write(log, acquired(id="one"), acquired(id="two"))
    assert codes(refused) == [("/events/0/id", "event-recorded")]
    assert (await head(log)).position == 1


async def test_text_is_compared_in_normal_form_c(log: Log) -> None:
    await write(log, acquired(id="one", title="Akıncı é"))
    assert (await write(log, acquired(id="one", title="Akıncı e\N{COMBINING ACUTE ACCENT}"))).repeated


@pytest.mark.parametrize(
    ("before", "event", "code"),
    [
        ([], corrected("x"), "claim-unknown"),
        ([], retracted("x"), "claim-unknown"),
        ([], reinstated("x"), "claim-unknown"),
        ([], said("confirm", "x"), "claim-unknown"),
        ([], said("deny", "x"), "claim-unknown"),
        ([], fulfilled("x", "y"), "claim-unknown"),
        ([acquired("x")], acquired("x"), "claim-exists"),
        ([acquired("x")], expected("x"), "claim-exists"),
        ([acquired("x")], reinstated("x"), "claim-not-retracted"),
        ([acquired("x"), retracted("x")], retracted("x"), "claim-retracted"),
        ([acquired("x"), retracted("x")], corrected("x"), "claim-retracted"),
        ([acquired("x"), retracted("x")], said("confirm", "x"), "claim-retracted"),
        ([acquired("x"), retracted("x")], said("deny", "x"), "claim-retracted"),
        ([acquired("x"), acquired("y")], fulfilled("x", "y"), "not-an-expectation"),
        ([expected("x"), expected("y")], fulfilled("x", "y"), "an-expectation"),
        ([expected("x"), acquired("y"), retracted("y")], fulfilled("x", "y"), "claim-retracted"),
        ([expected("x"), acquired("y"), fulfilled("x", "y")], fulfilled("x", "y"), "already-fulfilled"),
    ],
)
@pytest.mark.parametrize("together", [True, False], ids=["in the same batch", "in the ledger"])
async def test_what_cannot_be_so_is_refused(
    log: Log, before: list[dict[str, object]], event: dict[str, object], code: str, *, together: bool
) -> None:
    recorded = 0
    with pytest.raises((Conflict, Invalid)) as refused:  # noqa: PT012 - what comes before is recorded, or part of it
        if together:
            await write(log, *before, event)
        else:
            for one in before:
                await write(log, one)
            recorded = len(before)
            await write(log, event)
    assert isinstance(refused.value, Conflict | Invalid)
    assert code in {fault.code for fault in refused.value.faults}
    assert (await head(log)).position == (0 if together else recorded)


async def test_a_claim_of_another_ledger_cannot_be_acted_on(log: Log) -> None:
    from service.store import ledgers

    async with log.connection() as connection:
        await ledgers.create_ledger(connection, "other", "Another", public_read=True)
    await write(log, acquired("x"), ledger="other")
    with pytest.raises(Conflict) as refused:
        await write(log, retracted("x"))
    assert codes(refused) == [("/events/0/claim", "claim-unknown")]


async def test_a_ledger_that_is_not_there_is_not_found(log: Log) -> None:
    with pytest.raises(NotFound):
        await write(log, acquired("x"), ledger="nowhere")


async def test_every_fault_of_a_batch_is_reported(log: Log) -> None:
    await write(log, acquired("x"), retracted("x"))
    with pytest.raises(Conflict) as refused:
        await write(log, said("deny", "x"), acquired("ok"), corrected("none"))
    assert codes(refused) == [("/events/0/claim", "claim-retracted"), ("/events/2/claim", "claim-unknown")]


async def test_revisions_count_the_events_that_touch_a_relationship(log: Log) -> None:
    assert (await write(log, acquired("a"), acquired("b", actors=["tur", "aze"]))).revisions == {
        "pak--tur": 1,
        "aze--tur": 1,
    }
    # A correction that moves a claim touches where it was and where it is; later words only where it is.
    assert (await write(log, corrected("a", actors=["tur", "aze"]))).revisions == {"pak--tur": 2, "aze--tur": 2}
    assert (await write(log, said("confirm", "a"))).revisions == {"aze--tur": 3}
    assert (await write(log, expected("e"), fulfilled("e", "a"))).revisions == {"pak--tur": 4, "aze--tur": 4}


@pytest.mark.parametrize(("revision", "holds"), [(1, True), (0, False), (2, False), (NONE, False), (EXISTS, True)])
async def test_an_expected_revision_is_compared_with_the_state_before(log: Log, revision: int, *, holds: bool) -> None:
    await write(log, acquired("a"))
    expectation = Expectation("pak--tur", revision)
    if holds:
        await write(log, acquired("b"), expectations=(expectation,))
        return
    with pytest.raises(RevisionConflict) as refused:
        await write(log, acquired("b"), expectations=(expectation,))
    assert refused.value.actual == 1
    assert (await head(log)).position == 1


async def test_a_revision_may_be_expected_of_a_relationship_that_is_only_read(log: Log) -> None:
    await write(log, acquired("a"), expectations=(Expectation("aze--tur", NONE),))
    with pytest.raises(RevisionConflict):
        await write(log, acquired("b"), expectations=(Expectation("aze--tur", EXISTS),))


async def test_an_event_outside_the_relationship_it_was_sent_to_is_refused(log: Log) -> None:
    await write(log, acquired("a"), acquired("b", actors=["tur", "aze"]))
    await write(log, said("confirm", "a"), scope="pak--tur")
    with pytest.raises(OutsideRelationship) as refused:
        await write(log, said("confirm", "a"), said("confirm", "b"), scope="pak--tur")
    assert codes(refused) == [("/events/1", "outside-relationship")]


async def test_a_merged_actor_is_refused_with_the_one_that_survives(log: Log) -> None:
    await write(log, acquired("a", actors=["tur", "paf-old"]))
    await write(log, merged("m", "paf-old", "paf"))
    with pytest.raises(Conflict) as refused:
        await write(log, acquired("b", actors=["tur", "paf-old"]))
    assert codes(refused) == [("/events/0/parties", "merged-actor")]
    assert "`paf`" in refused.value.faults[0].detail
    await write(log, said("confirm", "a"))
    await write(log, retracted("m"))
    await write(log, acquired("b", actors=["tur", "paf-old"]))


async def test_a_merge_that_is_reinstated_counts_again_at_once(log: Log) -> None:
    await write(log, merged("m", "paf-old", "paf"))
    await write(log, retracted("m"))
    with pytest.raises(Conflict) as refused:
        await write(
            log, acquired("a", actors=["tur", "paf-old"]), reinstated("m"), acquired("b", actors=["tur", "paf-old"])
        )
    assert codes(refused) == [("/events/2/parties", "merged-actor")]
    one, two = request(reinstated("m")), request(acquired("b", actors=["tur", "paf-old"]))
    outcomes = await asyncio.gather(log.append(LEDGER, one), log.append(LEDGER, two), return_exceptions=True)
    assert isinstance(outcomes[1], Conflict)


async def test_actors_of_one_relationship_cannot_be_merged(log: Log) -> None:
    await write(log, acquired("a"))
    with pytest.raises(Conflict) as refused:
        await write(log, merged("m", "pak", "tur"))
    assert codes(refused) == [("/events/0/parties", "merge-within")]


async def test_a_dry_run_answers_and_stores_nothing(log: Log) -> None:
    assert isinstance(await log.check(LEDGER, request(acquired("a"))), appender.Acceptable)
    with pytest.raises(Conflict):
        await log.check(LEDGER, request(retracted("a")))
    assert (await head(log)).position == 0


async def test_the_digest_chains_every_batch_to_the_one_before(log: Log) -> None:
    first = await write(log, acquired("a"), acquired("b", title="Akıncı"))
    second = await write(log, retracted("a"))
    async with log.connection() as connection:
        stored = await reads.events_of_claims(connection, LEDGER, ["a", "b"], 3)
    digest = FIRST_DIGEST
    for receipt in (first, second):
        batch = b""
        for one in stored:
            if one.recorded.recorded_at == receipt.recorded_at:
                id_, content = one.recorded.id.encode(), one.content.encode()
                batch += struct.pack(">qq", one.recorded.position, one.recorded.recorded_at)
                batch += struct.pack(">i", len(id_)) + id_ + struct.pack(">i", len(content)) + content
        digest = hashlib.sha256(digest + batch).digest()
        assert receipt.digest == digest
    assert (await head(log)).digest == digest


async def test_the_services_login_cannot_rewrite_the_log(log: Log, database: Database) -> None:
    await write(log, acquired("a"))
    connection = await asyncpg.connect(database.service_url)
    try:
        places = {"events": "position", "batches": "last_position", "memberships": "position", "parties": "position"}
        for table, place in places.items():
            for statement in (
                f"DELETE FROM tarih.{table}",
                f"TRUNCATE tarih.{table}",
                f"UPDATE tarih.{table} SET {place} = 0",
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)
    finally:
        await connection.close()


async def test_a_login_that_could_rewrite_the_log_is_refused_with_the_way_out(database: Database) -> None:
    from service.store.pool import UnsafeLogin, open_pool

    with pytest.raises(UnsafeLogin, match="GRANT tarih_service TO"):
        await open_pool(database.owner_url)
    pool = await open_pool(database.owner_url, allow_owner=True)
    await pool.close()


async def test_a_thousand_events_in_one_batch_are_one_batch(log: Log) -> None:
    receipt = await write(log, *(acquired(f"c{n}") for n in range(1000)))
    assert (receipt.last_position, receipt.revisions) == (1000, {"pak--tur": 1000})
    async with log.connection() as connection:
        assert (await reads.point(connection, LEDGER, None, 999, None)).end is None


async def test_an_event_is_kept_in_the_bytes_it_was_accepted_in(log: Log) -> None:
    await write(log, acquired(id="one", title="Akıncı"))
    stored = await history.event(log, LEDGER, "one")
    assert stored.content == (
        '{"action":"assert","claim":"one","data":{"platform":"tb2"},"occurred":"2021",'
        '"parties":[{"actor":"tur","role":"party"},{"actor":"pak","role":"party"}],"title":"Akıncı","type":"acquisition"}'
    )


async def test_an_idempotency_key_gets_its_first_answer_again(log: Log) -> None:
    key: dict[str, Any] = {"idempotency_key": "k", "fingerprint": b"one"}
    first = await write(log, acquired(), acquired(), **key)
    again = await write(log, acquired(), acquired(), **key)
    assert again.repeated
    assert (again.events, again.digest, again.revisions) == (first.events, first.digest, first.revisions)
    assert (await head(log)).position == 2


async def test_an_idempotency_key_with_another_request_is_refused(log: Log) -> None:
    await write(log, acquired(), idempotency_key="k", fingerprint=b"one")
    with pytest.raises(KeyReused):
        await write(log, acquired(), idempotency_key="k", fingerprint=b"two")


async def test_a_refused_request_leaves_its_idempotency_key_free(log: Log) -> None:
    with pytest.raises(Conflict):
        await write(log, retracted("x"), idempotency_key="k", fingerprint=b"one")
    await write(log, acquired("x"), idempotency_key="k", fingerprint=b"two")


async def test_of_twins_with_one_idempotency_key_one_is_recorded(log: Log) -> None:
    key: dict[str, Any] = {"idempotency_key": "k", "fingerprint": b"one"}
    receipts = await asyncio.gather(*(write(log, acquired(), **key) for _ in range(8)))
    assert len({receipt.events for receipt in receipts}) == 1
    assert (await head(log)).position == 1


ODD = ['"', "\\", '\\"', "{a,b}", "NULL", "null", " ", "a\tb\nc", "ı\U0001f600", "'; --", "$1"]


@pytest.mark.parametrize("text", ODD)
async def test_any_text_is_kept_as_it_is(log: Log, text: str) -> None:
    await write(log, acquired("a", title=text, tags=[text]), said("confirm", "a", publisher=text))
    async with log.connection() as connection:
        [claim] = await reads.claims_by_id(connection, LEDGER, 1, ["a"], 2)
    assert isinstance(claim, Claim)
    assert (claim.statement.title, claim.words[0].publisher) == (text, text)
