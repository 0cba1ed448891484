"""Reads from a streaming replica: the primary's bytes, never behind what was acknowledged, through faults of both."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from service.store.feed import EVERYTHING
from service.store.replicas import Replica
from tests.api.conftest import SAMPLE, STATE, Api, note, running
from tests.conftest import Database
from tests.faults.standbys import Pair, running_pair
from tests.serving import Serving, free_port

HEAD = 51
PINNED = [
    f"{STATE}?valid_at=2024-06-30&known_position={HEAD}",
    f"{STATE}?known_position=20",
    f"{STATE}?valid_at=2025-12-31&reported_by=2024-06-30&known_position={HEAD}",
    f"{STATE}/timeline?known_position=40&limit=5",
    f"{STATE}/timeline?known_position={HEAD}&bucket=year",
    f"{STATE}/changes?from=2021-06-01@20&to=2024-06-30@{HEAD}",
    f"{STATE}/versions/{HEAD}",
    f"{SAMPLE}/claims/tb2-acquired?known_position={HEAD}",
    f"{SAMPLE}/claims/tb2-acquired/history?known_position={HEAD}",
    f"{SAMPLE}/claims?platform=tb2&known_position={HEAD}&limit=3",
    f"{SAMPLE}/relationships?actor=tur&known_position={HEAD}",
    f"{SAMPLE}/actors?known_position={HEAD}",
    f"{SAMPLE}/actors/pak?known_position={HEAD}",
    f"{SAMPLE}/actors/pak/suppliers?known_position={HEAD}",
    f"{SAMPLE}/actors/pak/timeline?known_position={HEAD}",
    f"{SAMPLE}/operators?platform=tb2&known_position={HEAD}",
]
Start = Callable[..., AbstractAsyncContextManager[Api]]


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with running_pair() as pair:
        yield pair


@pytest.fixture
def start(pair: Pair) -> Iterator[Start]:
    """Applications on a database of this test's own, each as another process would be one."""
    with pair.database() as database:
        yield lambda **how: on(pair, database, **how)


@pytest.fixture
def parting() -> Iterator[tuple[Pair, Database]]:
    """A pair that will be one no more, and a database on it."""
    with running_pair() as pair, pair.database() as database:
        yield pair, database


def on(
    pair: Pair, database: Database, *, url: str | None = None, replica: str | None = None, alone: bool = False
) -> AbstractAsyncContextManager[Api]:
    own = database if url is None else replace(database, service_url=url)
    urls = () if alone else (replica or pair.standby.url("tarih_app", database.name),)
    return running(own, pair.admin, replica_urls=urls)


def replica_of(api: Api) -> Replica:
    assert api.log.replicas is not None
    return api.log.replicas.all[0]


async def in_use(api: Api, *, really: bool = True) -> None:
    while bool(replica_of(api).in_use) is not really:
        await a_moment(api)


async def sooner_or_later(api: Api, path: str) -> httpx.Response:
    """The answer: a connection to the server that is gone may be left, and whoever gets that is to ask again."""
    while (answer := await api.get(path)).status_code == 503:
        await a_moment(api)
    return answer


async def a_moment(api: Api) -> None:
    """In which the application's own tasks get their turn: it asks a database."""
    await api.get("/health/ready")


async def answered(api: Api, address: str) -> tuple[httpx.Response, bool]:
    """The answer, and whether it is the replica's."""
    before = replica_of(api).answered
    answer = await api.get(address)
    return answer, replica_of(api).answered > before


async def append(api: Api, id_: str) -> int:
    answer = await api.append(note(id_))
    assert answer.status_code == 201, answer.text
    position: int = answer.json()["position"]
    return position


async def position_of(api: Api, query: str = "") -> int:
    position: int = (await api.state(query))["as_of"]["position"]
    return position


async def test_pinned_answers_of_a_replica_are_the_primarys_byte_for_byte(pair: Pair, start: Start) -> None:
    async with start(alone=True) as alone, start() as api:
        await in_use(api)
        for address in PINNED:
            expected = await alone.get(address)
            answer, by_replica = await answered(api, address)
            assert by_replica, address
            assert (answer.status_code, answer.content) == (200, expected.content), address
            for header in ("etag", "content-location", "cache-control", "tarih-epoch"):
                assert answer.headers.get(header) == expected.headers.get(header), address


async def test_pinned_answers_go_on_byte_for_byte_while_the_primary_is_dead(pair: Pair, start: Start) -> None:
    async with start(alone=True) as alone, start() as api:
        await in_use(api)
        expected = {address: (await alone.get(address)).content for address in PINNED}
        pair.primary.stop(at_once=True)
        for address in PINNED:
            answer = await api.get(address)
            assert (answer.status_code, answer.content) == (200, expected[address]), address
        assert (await api.get("/health/ready")).json() == {"status": "warn"}
        assert (await api.get("/v1/ledgers")).status_code == 200
        refused = await api.append(note("nobody-takes-it"))
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")


async def test_what_is_recorded_is_seen_at_once_by_every_process_however_far_the_replica_lags(
    pair: Pair, start: Start
) -> None:
    async with start() as writer, start() as other:
        await in_use(writer)
        await in_use(other)
        await pair.standby.pause()
        for number in range(3):
            position = await append(writer, f"late-{number}")
            for api in (writer, other):
                assert await position_of(api) == position
                assert await position_of(api, f"?known_position={position}") == position
                assert (await api.get(f"{SAMPLE}/events/late-{number}")).status_code == 200
                assert (await api.get(f"{SAMPLE}/events?after={position - 1}")).json()["head"] == position
        await pair.standby.resume()


async def test_readers_never_see_time_go_back_while_much_is_recorded(pair: Pair, start: Start) -> None:
    """Each reads the ledger's head at two processes in turn, and knows what was acknowledged before it asked."""
    acknowledged, done = 0, asyncio.Event()
    async with start() as one, start() as two:

        async def write() -> None:
            nonlocal acknowledged
            for number in range(150):
                acknowledged = await append((one, two)[number % 2], f"much-{number}")
            done.set()

        async def read(first: int) -> None:
            turn, seen = first, 0
            while not done.is_set():
                least = max(acknowledged, seen)
                turn, seen = turn + 1, await position_of((one, two)[turn % 2])
                assert seen >= least

        await in_use(one)
        await in_use(two)
        await asyncio.gather(write(), *(read(number) for number in range(4)))
        assert replica_of(one).answered + replica_of(two).answered > 0


async def test_a_replica_answers_what_it_has_replayed_and_the_primary_what_lies_beyond(
    pair: Pair, start: Start
) -> None:
    async with start() as api:
        await in_use(api)
        await pair.standby.pause()
        position = await append(api, "beyond")
        recorded_at = (await api.get(f"{SAMPLE}/events/beyond")).json()["recorded_at"]
        for query, expected in (
            (f"known_position={HEAD}", True),
            ("valid_at=2024-06-30&known_at=2020-01-01", True),
            (f"known_position={position}", False),
            (f"known_at={recorded_at}", False),
        ):
            answer, by_replica = await answered(api, f"{STATE}?{query}")
            assert (answer.status_code, by_replica) == (200, expected), query
        assert await position_of(api, f"?known_at={recorded_at}") == position
        await pair.standby.resume()
        while not (await answered(api, f"{STATE}?known_at={recorded_at}&lang=tr"))[1]:  # taken back by itself
            pass
        answer, by_replica = await answered(api, STATE)
        assert (answer.json()["as_of"]["position"], by_replica) == (position, True)


async def test_a_client_that_says_how_far_is_enough_gets_it_from_a_replica_that_is_behind(
    pair: Pair, start: Start
) -> None:
    async with start() as api:
        await in_use(api)
        await pair.standby.pause()
        position = await append(api, "read-your-writes")
        answer, by_replica = await answered(api, f"{STATE}?min_position={HEAD}")
        assert (answer.json()["as_of"]["position"], by_replica) == (HEAD, True)
        assert answer.json()["as_of"]["final"] is False
        epoch = answer.headers["tarih-epoch"][:8]
        for place in (str(position), f"{epoch}-{position}"):
            answer, by_replica = await answered(api, f"{STATE}?min_position={place}")
            assert (answer.json()["as_of"]["position"], by_replica) == (position, False)
        assert (await api.get(f"{STATE}?min_position={position + 1}")).status_code == 404
        assert (await api.get(f"{STATE}?min_position=00000000-1")).status_code == 410
        await pair.standby.resume()


async def test_while_the_primary_is_dead_only_what_surely_is_so_is_answered(pair: Pair, start: Start) -> None:
    async with start() as writer, start() as stranger:
        await in_use(writer)
        await in_use(stranger)
        await pair.standby.pause()
        position = await append(writer, "acknowledged")
        assert await position_of(writer) == position
        recorded_at = (await writer.get(f"{SAMPLE}/events/acknowledged")).json()["recorded_at"]
        await pair.received()
        pair.primary.stop(at_once=True)
        for api, query in (
            (writer, ""),  # it knows of more than the replica shows
            (writer, f"?known_position={position}"),
            (stranger, f"?known_position={position}"),
            (stranger, f"?min_position={position}"),
            (stranger, f"?known_at={recorded_at}"),
        ):
            answer = await api.get(f"{STATE}{query}")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1"), query
        assert await position_of(stranger) == HEAD  # and says so
        assert (await stranger.get(f"{SAMPLE}/events/acknowledged")).status_code == 503  # not 404: nobody knows
        await pair.standby.resume()
        for api in (writer, stranger):
            while (await api.get(f"{STATE}?min_position={position}")).status_code == 503:
                await a_moment(api)
            assert await position_of(api) == position


async def test_a_replica_that_dies_is_left_out_and_taken_back_when_it_is_there_again(pair: Pair, start: Start) -> None:
    async with start() as api:
        await in_use(api)
        pair.standby.stop(signal.SIGKILL)
        for address in PINNED[:4]:
            answer, by_replica = await answered(api, f"{address}&lang=tr")
            assert (answer.status_code, by_replica) == (200, False)
        await in_use(api, really=False)
        position = await append(api, "meanwhile")
        pair.standby.start()
        await in_use(api)
        while not (await answered(api, STATE))[1]:
            pass
        assert await position_of(api) == position


async def test_a_replica_that_hangs_keeps_no_question_for_long(pair: Pair, start: Start) -> None:
    async with start() as api:
        await in_use(api)
        assert (await answered(api, PINNED[0]))[1]
        with pair.standby.hanging():
            async with asyncio.timeout(10):
                answers = await asyncio.gather(*(api.get(f"{STATE}?known_position={n}") for n in range(30, 50)))
            assert {answer.status_code for answer in answers} == {200}
            await in_use(api, really=False)
        await in_use(api)
        assert (await answered(api, f"{PINNED[0]}&lang=tr"))[1]


async def test_a_promoted_replica_begins_a_new_epoch_at_once_in_a_service_that_runs_on(
    parting: tuple[Pair, Database],
) -> None:
    pair, database = parting
    async with on(pair, database, url=pair.either(database.name)) as api:
        await in_use(api)
        position = await append(api, "before-the-promotion")
        await pair.caught_up()
        epoch = (await api.get(SAMPLE)).json()["epoch"]
        pair.primary.stop(at_once=True)
        await pair.standby.ask("SELECT pg_promote()")
        while (answer := await api.append(note("after-the-promotion"))).status_code == 503:
            await a_moment(api)
        assert (answer.status_code, answer.json()["position"]) == (201, position + 1)
        described = (await sooner_or_later(api, SAMPLE)).json()
        assert (described["position"], described["epoch"] != epoch) == (position + 1, True)
        assert (await sooner_or_later(api, f"{SAMPLE}/events?after={epoch[:8]}-{position}")).status_code == 410
        await in_use(api, really=False)  # it is no replica any more


async def test_who_follows_gets_the_backlog_from_a_replica_and_what_comes_from_the_primary(
    pair: Pair, start: Start
) -> None:
    async with start() as api:
        await in_use(api)
        await pair.standby.pause()
        before = replica_of(api).answered
        lines = await api.get(f"{SAMPLE}/events", headers={"Accept": "application/x-ndjson"})
        assert len(lines.text.splitlines()) == HEAD
        assert replica_of(api).answered > before
        position = await append(api, "comes")
        pages = api.log.follow("drones", 0, HEAD, EVERYTHING)
        seen = 0
        while seen < position:
            page = await anext(pages)
            assert [event.position for event in page.events] == list(range(seen + 1, page.through + 1))
            seen = page.through
        await pair.standby.resume()


async def test_a_server_that_is_no_replica_of_this_primary_is_never_asked(
    pair: Pair, start: Start, database: Database
) -> None:
    for url in (pair.primary.service_url, database.service_url):
        async with start(replica=url) as api:
            while api.log.replicas is None or replica_of(api).server.seen is None:
                await a_moment(api)
            answer, by_replica = await answered(api, STATE)
            assert (answer.status_code, by_replica, replica_of(api).in_use) == (200, False, False)


def test_a_service_is_told_of_replicas_and_needs_a_primary(pair: Pair, data_dir: Path, started: list[Serving]) -> None:
    with pair.database() as database:
        standby = pair.standby.url("tarih_app", database.name)
        refused = Serving(data_dir, free_port(), TARIH_DATABASE_URL=standby)
        started.append(refused)
        assert refused.end() == 1
        assert "must be the server that takes writes" in refused.output
        assert "Traceback" not in refused.output
        serving = Serving(data_dir, free_port(), TARIH_DATABASE_URL=database.service_url, TARIH_REPLICA_URLS=standby)
        started.append(serving)
        assert b'"pak--tur"' in serving.until_it_answers().get(STATE)
        assert serving.end(signal.SIGTERM) == 0
        assert f"the replica {pair.standby.socket}/{database.name} is used" in serving.output
