"""A state that is followed: told again when it changes, by an event or by time, and never otherwise."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from service import history
from service.api import access, live
from service.api.site import Site
from service.domain.as_of import rfc3339
from service.history import answer_as_of, watching
from service.history.causing import causes_of_change
from service.store import reads
from tests.api.conftest import SAMPLE, STATE, Api, note
from tests.api.streams import SSE, Stream, following
from tests.conftest import Database

pytestmark = pytest.mark.anyio
Json = dict[str, Any]


def site_of(api: Api) -> Site:
    site: Site = api.client._transport.app.opt["site"]  # type: ignore[attr-defined]
    return site


async def now(api: Api) -> int:
    async with api.log.connection() as connection:
        return (await reads.head_of(connection, "drones")).now


def without_point(state: Json) -> Json:
    return {name: value for name, value in state.items() if name != "as_of"}


async def asked(api: Api, query: str = "") -> Json:
    return without_point(await api.state(query))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes fifteen seconds in life."""
    monkeypatch.setattr(live, "PULSE", 0.1)
    monkeypatch.setattr(access, "REMEMBERED", 0.0)


async def test_a_state_is_told_at_once_and_again_when_an_event_bears_on_it(api: Api) -> None:
    head = await api.head()
    async with following(api) as stream:
        assert stream.status == 200
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] == "no-store"
        first = await stream.state()
        assert without_point(first) == await asked(api)
        assert stream.causes == []
        assert stream.last_id == f"{stream.headers['tarih-epoch'][:8]}-{head}"
        await api.append(note("late", occurred="2021-03"))
        second = await stream.state()
        assert without_point(second) == await asked(api)
        [why] = stream.causes
        assert [(event["id"], event["position"]) for event in why["events"]] == [("late", head + 1)]
        assert why["events"][0] == (await api.get(f"{SAMPLE}/events/late")).json()
        assert (why["position"], why["times"], why["more"]) == (head + 1, [], False)
        for action in ("deny", "retract"):
            source = [{"publisher": "A ministry", "published": "2026-01-01"}]
            event: Json = {"action": action, "claim": "late", "sources": source}
            await api.append(event | ({"by": "source", "reason": "wrong"} if action == "retract" else {}))
            assert without_point(await stream.state()) == await asked(api)
            assert [event["event"]["action"] for event in stream.causes[0]["events"]] == [action]
        assert stream.last_id.endswith(f"-{head + 3}")


async def test_what_bears_on_nothing_is_not_told(api: Api) -> None:
    async with following(api) as stream:
        await stream.state()
        elsewhere = [{"actor": "aze", "role": "side_a"}, {"actor": "tur", "role": "side_b"}]
        await api.append(note("elsewhere", parties=elsewhere))
        await api.append({"action": "confirm", "claim": "elsewhere", "sources": [{"publisher": "Anyone"}]})
        await api.append(note("here"))
        await stream.state()
        [why] = stream.causes
        assert [event["id"] for event in why["events"]] == ["here"]


async def test_a_count_alone_is_told_with_what_touched_the_relationship(api: Api) -> None:
    await api.append(note("ahead", occurred="2190-01-01"))
    async with following(api) as stream:
        assert (await stream.state())["retracted"] == 0
        await api.append({"action": "retract", "claim": "ahead", "by": "curator", "reason": "wrong"})
        assert (await stream.state())["retracted"] == 1
        assert [event["event"]["action"] for event in stream.causes[0]["events"]] == ["retract"]


async def test_time_alone_tells_a_state_when_it_begins_and_when_it_ends(api: Api) -> None:
    begun = await now(api)
    begins, ends = (rfc3339(begun + after)[:19] + "Z" for after in (2_500_000, 4_500_000))
    parties = [{"actor": "pak", "role": "buyer"}, {"actor": "tur", "role": "seller"}]
    talks = {"type": "negotiation", "data": {"subject": "frigates"}, "parties": parties}
    await api.append(note("talks", occurred=begins, until=ends, **talks))

    def held(state: Json) -> bool:
        return "frigates" in [line["subject"] for line in state["negotiations"]]

    async with following(api) as stream:
        assert not held(await stream.state())
        for so, passing, at in ((True, "begun", begins), (False, "ended", ends)):
            state = await stream.state()
            assert held(state) is so
            assert state["as_of"]["valid_at"] >= at[:19]
            [why] = stream.causes
            assert why["events"] == []
            assert [(one["passing"], one["at"][:19]) for one in why["times"]] == [(passing, at[:19])]


async def test_a_state_of_a_day_ahead_is_told_when_that_day_has_come(api: Api) -> None:
    ahead = rfc3339(await now(api) + 2_000_000)
    async with following(api, f"{STATE}?valid_at={ahead}") as stream:
        assert (await stream.state())["expectations"][0]["projected"] is True
        state = await stream.state()
        assert "projected" not in state["expectations"][0]
        assert state["as_of"]["projected"] is False


async def test_what_had_been_reported_by_today_is_told_as_it_comes(api: Api) -> None:
    today = rfc3339(await now(api))[:10]
    async with following(api, f"{STATE}?reported_by={today}&valid_at=2024-12-31") as stream:
        await stream.state()
        await api.append(note("undated"), note("old", sources=[{"publisher": "A paper", "published": "2024-02-01"}]))
        state = await stream.state()
        assert "old" in {line["claims"][0] for line in state["other"]}
        assert [event["id"] for event in stream.causes[0]["events"]] == ["old"]


async def test_long_waits_are_cut_and_the_clock_is_asked_again(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LONGEST", 0.05)
    looked = asyncio.Event()
    looks: list[str] = []

    async def answer(*given: Any, ask: Any = answer_as_of, **named: Any) -> Any:
        looks.append("look")
        if len(looks) > 5:
            looked.set()
        return await ask(*given, **named)

    monkeypatch.setattr(watching, "answer_as_of", answer)
    async with following(api) as stream:
        await stream.state()
        await asyncio.wait_for(looked.wait(), 10)
        await api.append(note("then"))
        await stream.state()
        assert [event["id"] for event in stream.causes[0]["events"]] == ["then"]


async def test_what_was_known_then_is_told_once_and_is_final(shared: Api) -> None:
    async with following(shared, f"{STATE}?known_position=14&valid_at=2024-06-30") as stream:
        state = await stream.block()
        assert state is not None
        assert state["data"] == await shared.state("?known_position=14&valid_at=2024-06-30")
        assert await stream.block() == {"event": "final", "data": {"final": True}}
        assert await stream.block() is None
        last_id = stream.last_id
    answer = await shared.get(
        f"{STATE}?known_position=14&valid_at=2024-06-30", headers=SSE | {"Last-Event-ID": last_id}
    )
    assert (answer.status_code, answer.content) == (204, b"")


async def test_a_stream_is_resumed_with_what_changed_meanwhile_and_why(api: Api) -> None:
    async with following(api) as stream:
        await stream.state()
        last_id = stream.last_id
    await api.append(note("while-away"))
    async with following(api, Last_Event_ID=last_id) as stream:
        assert without_point(await stream.state()) == await asked(api)
        assert [event["id"] for event in stream.causes[0]["events"]] == ["while-away"]
        last_id = stream.last_id
    elsewhere = [{"actor": "aze", "role": "side_a"}, {"actor": "tur", "role": "side_b"}]
    await api.append(note("elsewhere", parties=elsewhere))
    async with following(api, Last_Event_ID=last_id) as stream:
        await api.append(note("after-it-came-back"))
        await stream.state()
        assert [[event["id"] for event in why["events"]] for why in stream.causes] == [["after-it-came-back"]]


async def test_an_id_that_tells_nothing_gets_the_state(api: Api) -> None:
    for last_id in ("00000000-5", "999999", "0"):
        async with following(api, Last_Event_ID=last_id) as stream:
            assert without_point(await stream.state()) == await asked(api)
    answer = await api.get(STATE, headers=SSE | {"Last-Event-ID": "soon"})
    assert answer.status_code == 400


async def test_many_who_follow_one_answer_share_the_work(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    followers = [Stream(api, STATE, {}) for _ in range(60)]
    await asyncio.gather(*(follower.begin() for follower in followers))
    await asyncio.gather(*(follower.state() for follower in followers))
    assert len(site_of(api).watches) == 1
    compared: list[object] = []

    async def because(*given: Any, ask: Any = causes_of_change) -> Any:
        compared.append(given)
        return await ask(*given)

    monkeypatch.setattr(watching, "causes_of_change", because)
    await api.append(note("for-all"))
    states = await asyncio.gather(*(follower.state() for follower in followers))
    assert len({json.dumps(state) for state in states}) == 1
    assert len(compared) == 1
    await asyncio.gather(*(follower.leave() for follower in followers))
    assert len(site_of(api).watches) == 0


async def test_filters_and_language_are_of_the_question(api: Api) -> None:
    async with following(api, f"{STATE}?lang=tr&certainty=certain") as stream:
        assert without_point(await stream.state()) == await asked(api, "?lang=tr&certainty=certain")
    answer = await api.get(f"{STATE}?v=1", headers=SSE)
    assert answer.status_code == 400
    moved = await api.get(f"{SAMPLE}/relationships/tur--pak", headers=SSE)
    assert moved.status_code == 308
    head = await api.send("HEAD", STATE, headers=SSE)
    assert head.headers["content-type"].startswith("text/event-stream")


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html", "application/json, text/event-stream"])
async def test_whoever_does_not_prefer_a_stream_gets_json(shared: Api, accept: str) -> None:
    answer = await shared.get(STATE, headers={"Accept": accept})
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.usefixtures("quick")
async def test_comments_come_and_a_revoked_key_ends_it(api: Api, own_database: Database) -> None:
    await api.put("/v1/ledgers/quiet", {"title": "Quiet", "public_read": False})
    key = await api.key(quiet="read")
    async with following(api, "/v1/ledgers/quiet/relationships/pak--tur", Authorization=f"Bearer {key}") as stream:
        assert (await stream.state())["known"] is False
        connection = await asyncpg.connect(own_database.superuser_url)
        await connection.execute("UPDATE tarih.keys SET revoked_at = now() WHERE label = 'a test''s'")
        await connection.close()
        assert await stream.block() is None
        assert len(site_of(api).watches) == 0


@pytest.mark.usefixtures("quick")
async def test_comments_come_when_nothing_else_does(api: Api) -> None:
    async with following(api) as stream:
        await stream.state()
        for _ in range(4):
            assert await stream.text() == ":"
        await api.append(note("at-last"))
        assert await stream.state()


async def test_another_past_of_the_ledger_ends_it(api: Api, own_database: Database) -> None:
    async with following(api) as stream:
        await stream.state()
        connection = await asyncpg.connect(own_database.superuser_url)
        await connection.execute("UPDATE tarih.heads SET epoch = $1 WHERE ledger = 'drones'", uuid4())
        await connection.close()
        await api.append(note("in-another-past"))
        assert await stream.block() is None


async def test_a_member_that_is_merged_ends_it_and_the_way_is_shown(api: Api) -> None:
    parties = [{"actor": "trk", "role": "side_a"}, {"actor": "pak", "role": "side_b"}]
    await api.append(note("of-trk", parties=parties))
    path = f"{SAMPLE}/relationships/pak--trk"
    async with following(api, path) as stream:
        await stream.state()
        merge = [{"actor": "trk", "role": "merged"}, {"actor": "tur", "role": "survivor"}]
        await api.append({"action": "assert", "id": "m", "type": "actor-merge", "occurred": "2020", "parties": merge})
        assert await stream.block() is None
    assert (await api.get(path, headers=SSE)).status_code == 308


async def test_the_end_of_the_service_ends_it(api: Api) -> None:
    async with following(api) as stream:
        await stream.state()
        site_of(api).streams.end()
        assert await stream.block() is None
        assert len(site_of(api).watches) == 0
        assert (await api.get(STATE, headers=SSE)).status_code == 503


async def test_what_is_recorded_before_the_first_look_is_told_with_its_cause(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def and_then(*question: Any) -> history.Answered:
        """The answer that opens the stream; and something is recorded before anybody watches."""
        answered = await answer_as_of(*question)
        await api.append(note("in-between"))
        return answered

    with monkeypatch.context() as patched:
        patched.setattr(history, "answer_as_of", and_then)
        async with following(api) as stream:
            patched.undo()
            opening = without_point(await stream.state())
            assert opening != await asked(api)
            assert without_point(await stream.state()) == await asked(api)
            assert [[event["id"] for event in why["events"]] for why in stream.causes] == [["in-between"]]
