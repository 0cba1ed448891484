"""A relationship held in memory is answered as the pure fold of its feed, whatever becomes of its ledger."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import anyio.from_thread
import anyio.to_thread
import asyncpg
import pytest

from service.api.access import REMEMBERED
from service.api.kept import KeptAnswers
from service.history import Cores, remembering
from service.history.remembering import FRESH, Remembered
from service.projections import CATALOGUE, Projection
from service.projections.stretches import Stretches
from service.store import lives
from service.store.rebuilding import rebuild
from tests.api.conftest import STATE, Api, note
from tests.api.tellings import Teller, question
from tests.api.test_one_truth import Told
from tests.api.truth import Truth
from tests.conftest import Database

pytestmark = pytest.mark.anyio
WARM, LESS_SO = "pak--tur", "aze--pak"
RESTORED = """
DELETE FROM tarih.events WHERE ledger = $1 AND position > $2;
DELETE FROM tarih.batches WHERE ledger = $1 AND last_position > $2;
DELETE FROM tarih.memberships WHERE ledger = $1 AND position > $2;
DELETE FROM tarih.parties WHERE ledger = $1 AND position > $2;
UPDATE tarih.heads AS h SET position = b.last_position, recorded_at = b.recorded_at, digest = b.digest,
    epoch = md5(h.epoch::text)::uuid, generation = h.generation - 1
FROM tarih.batches AS b WHERE h.ledger = $1 AND b.ledger = $1 AND b.last_position = $2
"""


async def restore(database: Database, ledger: str, position: int) -> None:
    """As it was at that position, under another epoch; its derived rows are made anew, as the same generation."""
    owner = await asyncpg.connect(database.owner_url)
    try:
        for statement in RESTORED.split(";"):
            await owner.execute(statement, ledger, position)
    finally:
        await owner.close()
    await rebuild(database.service_url, ledger, grace=0)


def counting(monkeypatch: pytest.MonkeyPatch, of: type, name: str, counts: Counter[str]) -> None:
    """How often it found something."""
    real: Callable[..., Any] = getattr(of, name)

    def counted(*given: Any) -> Any:
        found = real(*given)
        counts[name] += found is not None
        return found

    monkeypatch.setattr(of, name, counted)


async def test_in_memory_or_not_the_fold_is_answered_while_a_ledger_grows_is_merged_rebuilt_and_restored(
    api: Api, own_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.client.event_hooks = {}  # each form of answer is held against the document elsewhere
    now, counts = 0.0, Counter[str]()

    def begin_anew() -> None:
        api.site.cores, api.site.kept = Cores(clock=lambda: now), KeptAnswers(most_bytes=0)

    begin_anew()
    counting(monkeypatch, Remembered, "recall", counts)
    counting(monkeypatch, Stretches, "at", counts)
    chance = random.Random(20251126)  # noqa: S311 - repeatable, not secret
    told = Told(api, Teller(chance, claims=40, batch=6))
    ledger = told.address.rpartition("/")[2]

    def ask(relationship: str, times: int) -> None:
        for number in range(times):
            told.ask(relationship, question(chance, told.truth), stable=False)
            if number % 3 == 0:
                told.ask_timeline(relationship, question(chance, told.truth))

    def play() -> None:
        nonlocal now
        told.open()
        while told.truth.head < 60:
            told.tell()
            ask(WARM, 4)
            ask(LESS_SO, 1)
        for turn in range(16):
            told.tell()
            ask(WARM, 14)
            ask(LESS_SO, 7)
            if turn in (5, 13):  # a process that begins anew reads all of what is long since merged
                begin_anew()
                ask(WARM, 20)
            if turn in (3, 11):
                anyio.from_thread.run(lambda: rebuild(own_database.service_url, ledger, grace=0))
                ask(WARM, 10)
            if turn == 7:
                told.truth, told.pinned = truth_until(told.truth, told.truth.head // 2), {}
                anyio.from_thread.run(restore, own_database, ledger, told.truth.head)
                now += FRESH + 0.1  # until then a final answer may be that of the lost past
                ask(WARM, 10)
            now += chance.random()
        told.ask_again()

    await anyio.to_thread.run_sync(play)
    assert told.teller.merged, "nobody was merged: what is read together was not asked for"
    assert counts["recall"] > 100
    assert counts["at"] > 100


def truth_until(truth: Truth, position: int) -> Truth:
    """As it was at the end of the batch that was the last by then."""
    ends = [end for end in truth.ends if end[0] <= position]
    until = Truth()
    until.ends = ends
    until.events, until.revisions = truth.events[: ends[-1][0]], truth.revisions[: ends[-1][0]]
    return until


async def test_a_final_answer_of_a_past_that_was_lost_is_given_no_longer_than_two_seconds(
    api: Api, own_database: Database
) -> None:
    now = 0.0
    api.site.cores, api.site.kept = Cores(clock=lambda: now), KeptAnswers(most_bytes=0)
    position = await api.head()
    for number in range(2):
        assert (await api.append(note(f"n{number}"))).status_code == 201

    async def epoch(valid: str) -> str:
        answer = await api.get(f"{STATE}?known_position={position}&valid_at={valid}")
        return str(answer.headers["tarih-epoch"])

    first = await epoch("2024-01-01")
    await restore(own_database, "drones", position)
    now += FRESH
    assert await epoch("2024-01-02") == first
    now += 0.1
    assert await epoch("2024-01-03") != first
    beyond = await api.get(f"{STATE}?known_position={position + 1}")
    assert beyond.status_code == 404


async def test_an_answer_kept_whole_goes_with_the_past_that_was_lost(api: Api, own_database: Database) -> None:
    now = 0.0
    api.site.cores, api.site.kept.clock = Cores(clock=lambda: now), lambda: now
    position = await api.head()
    for number in range(2):
        assert (await api.append(note(f"n{number}"))).status_code == 201
    timeline = f"{STATE}/timeline"

    async def epochs() -> set[str]:
        asked = [f"{path}?known_position={position}&valid_at=2024-01-01" for path in (STATE, timeline)]
        answers = [await api.get(path) for path in asked * 3]
        return {answer.headers["tarih-epoch"] for answer in answers}

    [first] = await epochs()
    kept = api.site.kept.bytes
    assert kept > 0
    for _ in range(3):
        now += REMEMBERED + 0.1  # each time it is asked whether the ledger is the same one
        assert (await epochs(), api.site.kept.bytes) == ({first}, kept)
    await restore(own_database, "drones", position)
    now += max(FRESH, REMEMBERED) + 0.1
    assert first not in await epochs()


async def test_what_is_recorded_is_in_the_next_answer_of_a_relationship_in_memory(api: Api) -> None:
    """By this process or another; the state as of now, and as of the very position of the receipt."""
    for _ in range(5):
        await api.state("?valid_at=2024-12-31")
    before = await api.state("?valid_at=2024-12-31")
    for number in range(5):
        receipt = await api.append(note(f"n{number}"))
        position = await api.head()
        assert receipt.status_code == 201
        for query in ("?valid_at=2024-12-31", f"?valid_at=2024-12-31&known_position={position}"):
            after = await api.state(query)
            assert after["as_of"]["revision"] == before["as_of"]["revision"] + number + 1
            assert len(after["other"]) == len(before["other"]) + number + 1


@pytest.mark.parametrize("projection", CATALOGUE, ids=lambda one: one.name)
async def test_lines_that_were_made_for_other_days_answer_as_new_ones_do(api: Api, projection: Projection) -> None:
    api.client.event_hooks = {}  # each form of answer is held against the document elsewhere
    days = [f"{year}-{month:02}-15" for year in (2021, 2023, 2025) for month in range(1, 13, 2)]

    async def answers() -> list[tuple[bytes, str]]:
        found = [await api.get(f"{STATE}{projection.path}?valid_at={day}&known_position=51") for day in days]
        return [(answer.content, answer.headers["etag"]) for answer in found]

    await answers()
    warm = []
    for day in days:  # the answers are forgotten, and the lines that they were made of are not
        remembered = api.site.cores.remembered
        api.site.cores, api.site.kept = Cores(), KeptAnswers(most_bytes=0)
        api.site.cores.remembered = remembered
        answer = await api.get(f"{STATE}{projection.path}?valid_at={day}&known_position=51")
        assert answer.status_code == 200
        warm.append((answer.content, answer.headers["etag"]))
    api.site.cores, api.site.kept = Cores(), KeptAnswers(most_bytes=0)
    assert await answers() == warm


async def test_points_between_which_nothing_changes_have_one_answer_but_for_where_it_stands(api: Api) -> None:
    """Which is found by the facts that are so, and told from others as if it were new."""
    api.site.kept = KeptAnswers(most_bytes=0)
    assert (await api.put("/v1/ledgers/plain", {"title": "Plain", "public_read": True})).status_code == 201
    for number in range(6):
        one = note(f"n{number}", occurred=f"2021-{number + 1:02}-01")
        assert (await api.append(one, to="/v1/ledgers/plain/events")).status_code == 201
    path = "/v1/ledgers/plain/relationships/pak--tur?known_position=6&valid_at="
    days = [f"2021-{month:02}-{day:02}" for month in range(1, 7) for day in (5, 15, 25)]

    async def answers() -> list[tuple[bytes, str]]:
        found = [await api.get(f"{path}{day}") for day in days]
        return [(answer.content, answer.headers["etag"]) for answer in found]

    warm = [await answers() for _ in range(3)]
    remembered, once = api.site.cores.remembered, api.site.cores.bytes
    api.site.cores = Cores()
    api.site.cores.remembered = remembered
    assert await answers() == warm[0]
    assert (once > 0, api.site.cores.bytes) == (True, 0), "what is found by its facts is kept a second time"
    api.site.cores = Cores()
    assert [await answers(), *warm] == [warm[0]] * 4
    assert len({tag for _, tag in warm[0]}) == len(days)


async def test_of_many_claims_those_around_a_day_are_held_together_and_answer_as_all_do(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts, chance = Counter[str](), random.Random(27)  # noqa: S311 - repeatable, not secret
    monkeypatch.setattr(remembering, "VERY_OFTEN", 2)
    api.site.kept = KeptAnswers(most_bytes=0)
    assert (await api.put("/v1/ledgers/turns", {"title": "Turns", "public_read": True})).status_code == 201
    for number in range(60):
        year, month = 2010 + number // 6, 1 + 2 * (number % 6)
        said = {"type": "operation", "occurred": f"{year}-{month:02}", "until": f"{year}-12-{chance.randint(1, 28):02}"}
        one = note(f"n{number}", **said, data={"platform": f"p{number % 4}"})
        retract = {"action": "retract", "claim": f"n{number - 3}", "by": "curator", "reason": "withdrawn"}
        appended = await api.append(one, *([retract] if number % 10 == 9 else []), to="/v1/ledgers/turns/events")
        assert appended.status_code == 201, appended.text
    path, head = "/v1/ledgers/turns/relationships/pak--tur", 66
    days = [f"{chance.randint(2008, 2023)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}" for _ in range(150)]
    asked = [f"{path}?valid_at={day}&known_position={chance.randint(20, head)}" for day in days]

    async def answers() -> list[tuple[bytes, str]]:
        found = [await api.get(one) for one in asked]
        return [(answer.content, answer.headers["etag"]) for answer in found]

    monkeypatch.setattr(remembering, "OFTEN", 10**9)
    monkeypatch.setattr(lives, "MOST_IN_A_WINDOW", 1_000)
    cold = await answers()
    monkeypatch.setattr(lives, "MOST_IN_A_WINDOW", 16)
    counting(monkeypatch, Stretches, "at", counts)
    api.site.cores = Cores()
    assert [await answers() for _ in range(3)] == [cold] * 3
    assert counts["at"] > 100
