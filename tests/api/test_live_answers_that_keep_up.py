"""A state that is followed while much is recorded: it is told as fast as it can be, and nothing that came is lost."""

import asyncio
import json
import time
from random import Random
from typing import Any

import pytest

from service import history
from service.domain.as_of import parse_point
from service.history import Asked, When, answer_as_of, causes_between, watching
from service.history.causing import causes_of_change
from service.history.changes import Differing
from service.projections import PROJECTIONS
from service.projections.changes import MOST
from tests.api.conftest import SAMPLE, STATE, Api, note
from tests.api.streams import Stream, following

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
CLAIMS, EVENTS, WRITERS = 3_000, 504, 6
THEN = "valid_at=2026-01-01"
SOON = 5.0
"""Seconds; whoever folded all claims for each event would need some minutes."""


async def told_until(stream: Stream, head: int) -> tuple[Json, list[Json]]:
    """The state at ``head``, and all causes up to there."""
    causes: list[Json] = []
    while True:
        state = await stream.state()
        causes += stream.causes
        if state["as_of"]["position"] == head:
            return state, causes


async def test_whoever_follows_many_claims_keeps_up_with_who_records_and_is_told_of_all(api: Api) -> None:
    days = (f"2024-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29))
    dates = list(days)
    lines = b"\n".join(json.dumps(note(f"n-{k}", occurred=dates[k % len(dates)])).encode() for k in range(CLAIMS))
    headers = {"Authorization": f"Bearer {api.admin}", "Content-Type": "application/x-ndjson"}
    assert (await api.client.post(f"{SAMPLE}/events", content=lines, headers=headers)).status_code == 200
    begun = await api.head()
    api.client.event_hooks = {}  # it is not each answer's form that is looked at here

    async def write(writer: int) -> None:
        for number in range(writer, EVENTS, WRITERS):
            assert (await api.append(note(f"fast-{number}", occurred="2024-06"))).status_code == 201

    async with following(api, f"{STATE}?{THEN}") as stream:
        before = await stream.state()
        telling = asyncio.create_task(told_until(stream, begun + EVENTS))
        await asyncio.gather(*map(write, range(WRITERS)))
        written = time.monotonic()
        state, causes = await telling
        assert time.monotonic() - written < SOON
    pinned = await api.state(f"?{THEN}&known_position={begun + EVENTS}")
    assert pinned | {"as_of": None} == state | {"as_of": None}
    assert state["as_of"]["revision"] == before["as_of"]["revision"] + EVENTS
    assert [begun, *(why["position"] for why in causes)] == [*(why["after"] for why in causes), begun + EVENTS]
    assert sum(why["touched"] for why in causes) == EVENTS
    for why in causes:
        assert [event["position"] for event in why["events"]] == list(
            range(max(why["after"], why["position"] - 20) + 1, why["position"] + 1)
        )
        assert why["more"] is (why["touched"] > 20)


async def test_whoever_reads_slowly_is_told_of_all_that_came_since(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "STEPS", 2)
    begun = await api.head()
    stream = Stream(api, f"{STATE}?{THEN}", {})
    stream._sent = asyncio.Queue(maxsize=1)
    await stream.begin()
    await stream.state()
    async with following(api, f"{STATE}?{THEN}") as other:
        await other.state()
        for number in range(8):
            await api.append(note(f"while-nobody-reads-{number}"))
            await other.state()
        state, causes = await told_until(stream, begun + 8)
        pinned = await api.state(f"?{THEN}&known_position={begun + 8}")
        assert pinned | {"as_of": None} == state | {"as_of": None}
    assert [begun, *(why["position"] for why in causes)] == [*(why["after"] for why in causes), begun + 8]
    assert sum(why["touched"] for why in causes) == 8
    assert [event["position"] for why in causes for event in why["events"]] == list(range(begun + 1, begun + 9))
    assert len(causes) < 8
    await stream.leave()


class Scribe:
    """Says something that may be recorded next, each time something else; most of it of one relationship."""

    def __init__(self, seed: int) -> None:
        self.random, self.count = Random(seed), 0  # noqa: S311 - the same each time
        self.claims: dict[str, str] = {}
        """By id: how it stands, as ``claim``, ``expected``, ``fulfilled`` or ``retracted``."""

    def next(self) -> Json:
        self.count += 1
        claims = [id_ for id_, how in self.claims.items() if how == "claim"]
        expected = [id_ for id_, how in self.claims.items() if how == "expected"]
        retracted = [id_ for id_, how in self.claims.items() if how == "retracted"]
        choices = ["note", "note", "delivery", "expect", "ahead", "elsewhere"]
        choices += ["correct", "confirm", "deny", "retract"] if claims else []
        choices += ["reinstate"] if retracted else []
        choices += ["fulfil"] if expected and claims else []
        chosen = self.random.choice(choices)
        if chosen in ("correct", "confirm", "deny", "retract"):
            return self._of(chosen, self.random.choice(claims))
        if chosen == "reinstate":
            id_ = self.random.choice(retracted)
            self.claims[id_] = "claim"
            return {"action": "reinstate", "claim": id_, "reason": "after all"}
        if chosen == "fulfil":
            id_ = self.random.choice(expected)
            self.claims[id_] = "fulfilled"
            return {"action": "fulfil", "claim": id_, "fulfilled_by": self.random.choice(claims)}
        return self._new(chosen, f"c-{self.count}")

    def _of(self, action: str, id_: str) -> Json:
        source = [{"publisher": self.random.choice(["One", "Another"])}]
        if action == "retract":
            self.claims[id_] = "retracted"
            return {"action": "retract", "claim": id_, "by": "curator", "reason": "wrong"}
        if action == "correct":
            fields = note("", occurred=self.random.choice(["2023", "2190", "2024-05-06"]), action="correct", claim=id_)
            return {name: value for name, value in fields.items() if name != "id"}
        return {"action": action, "claim": id_, "sources": source}

    def _new(self, kind: str, id_: str) -> Json:
        self.claims[id_] = "expected" if kind == "expect" else "claim"
        if kind == "expect":
            return note(id_, action="expect", occurred="2150")
        if kind == "ahead":
            return note(id_, occurred="2190")
        if kind == "elsewhere":
            return note(id_, parties=[{"actor": "aze", "role": "side_a"}, {"actor": "tur", "role": "side_b"}])
        if kind == "delivery":
            parties = [{"actor": "tur", "role": "supplier"}, {"actor": "pak", "role": "recipient"}]
            return note(id_, type="delivery", occurred="2022", data={"platform": "tb2"}, parties=parties)
        return note(id_)


@pytest.mark.parametrize("seed", range(3))
async def test_what_is_told_as_the_cause_is_all_that_whole_answers_compared_would_say(api: Api, seed: int) -> None:
    scribe, cores = Scribe(seed), api.site.cores
    asked = Asked(when=When(valid=parse_point("2026-01-01")))
    differing = Differing(from_=When(), to=When(), most=MOST)
    projection = PROJECTIONS["state"]
    found = 0

    async def look() -> history.Answered:
        return await answer_as_of(api.log, cores, projection, "drones", "pak--tur", asked, looking=True)

    seen = await look()
    for _ in range(20):
        events = [scribe.next() for _ in range(scribe.random.randint(1, 4))]
        answer = await api.append(*events)
        assert answer.status_code == 201, answer.text
        newer = await look()
        if newer.core != seen.core:
            told = await causes_of_change(api.log, "drones", "pak--tur", asked, seen, newer)
            whole = await causes_between(api.log, "drones", "pak--tur", (seen.at, newer.at), differing)
            ids = {one.recorded.id for one in told.events}
            assert {one.recorded.id for one in whole.events} <= ids
            assert (told.times, told.more) == (whole.times, whole.more)
            assert ids
            found += 1
        seen = newer
    assert found > 10
