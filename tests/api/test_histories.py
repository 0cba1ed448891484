"""Histories that are kept: they answer as those that are read, and are bounded."""

from random import Random

import anyio.to_thread
import pytest

from service.domain.as_of import parse_point
from service.domain.claims import fold
from service.history.histories import Histories
from service.projections.present import order
from service.sample import LEDGER, RELATIONSHIP
from service.store import reads
from tests.api.conftest import Api, note
from tests.api.tellings import RELATIONSHIPS, Teller
from tests.api.test_one_truth import Told

pytestmark = pytest.mark.anyio
DAYS = ("2024-03-18", "2025-10-23", "2025-12-05")


async def test_a_history_that_is_kept_says_what_one_that_is_read_says(api: Api) -> None:
    histories = Histories()
    async with api.log.connection() as connection:
        head = await reads.head_of(connection, LEDGER)
        read = await reads.events_of_relationships(connection, LEDGER, [RELATIONSHIP], head.position)
        for _ in range(2):
            for day in DAYS:
                at = parse_point(day).at
                history = await histories.of(connection, LEDGER, head.epoch, [RELATIONSHIP], head.position)
                told = {id_: one for id_, one in history.folded(at).claims.items() if history.is_here(one.statement)}
                whole = fold((one.recorded for one in read), at).claims
                assert told == {id_: one for id_, one in whole.items() if history.is_here(one.statement)}
        assert history is await histories.of(connection, LEDGER, head.epoch, [RELATIONSHIP], head.position)


async def test_by_every_day_it_says_what_its_events_folded_by_that_day_say(api: Api) -> None:
    api.client.event_hooks = {}  # each form of answer is held against the document elsewhere
    told = Told(api, Teller(Random(20240630), claims=30, batch=6))  # noqa: S311 - repeatable, not secret

    def tell() -> None:
        told.open()
        for _ in range(30):
            told.tell()

    await anyio.to_thread.run_sync(tell)
    ledger = told.address.rpartition("/")[2]
    async with api.log.connection() as connection:
        head = await reads.head_of(connection, ledger)
        history = await Histories().of(connection, ledger, head.epoch, sorted(RELATIONSHIPS), head.position)
    spans = [one.reported for one in history.events if one.reported is not None]
    days = {day + by for span in spans for day in (span.earliest, span.latest) for by in (-1, 0, 1)}
    assert len(days) > 20
    for day in sorted(days, key=lambda one: one % 7):
        assert history.folded(day) == fold(history.events, day)
        assert list(history.folded(day).claims) == list(fold(history.events, day).claims)
        here = [one for one in history.folded(day).claims.values() if history.is_here(one.statement)]
        assert history.told(day) == sorted(here, key=order)
    assert any(history.folded(day).retracted for day in days)


async def test_what_is_recorded_later_is_in_no_history_that_was_kept_before(api: Api) -> None:
    asked = f"/v1/ledgers/{LEDGER}/relationships/{RELATIONSHIP}/timeline?reported_by=2025-12-31"
    before = (await api.get(asked)).json()
    await api.append(note("late", sources=[{"publisher": "P", "published": "2025-06-01"}]))
    after = (await api.get(asked)).json()
    assert after["total"] == before["total"] + 1
    then = (await api.get(f"{asked}&known_position=51")).json()
    assert [item["event"] for item in then["items"]] == [item["event"] for item in before["items"]]


async def test_no_more_events_are_kept_than_may_be(api: Api) -> None:
    histories = Histories(most_events=30)
    async with api.log.connection() as connection:
        head = await reads.head_of(connection, LEDGER)
        kept = [
            await histories.of(connection, LEDGER, head.epoch, [RELATIONSHIP], position) for position in (40, 45, 51)
        ]
        assert sum(len(one.events) for one in kept) > 30
        again = await histories.of(connection, LEDGER, head.epoch, [RELATIONSHIP], 51)
        assert again is kept[-1]
        assert await histories.of(connection, LEDGER, head.epoch, [RELATIONSHIP], 40) is not kept[0]
