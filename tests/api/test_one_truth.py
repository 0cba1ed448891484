"""Two tongues, one truth: what HTTP answers, from the database and its caches, equals the pure folds of the feed."""

import functools
import itertools
import json
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from random import Random
from typing import Any

import anyio.from_thread
import anyio.to_thread
import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain.as_of import AsOf, parse_point
from service.projections.picking import Filters
from service.projections.timeline import Layout, Subject, timeline_of
from tests.api.conftest import SAMPLE, Api, note
from tests.api.tellings import DATES, RELATIONSHIPS, Teller, question
from tests.api.truth import Asked, Truth, aliases_of, criteria_of, touched_by

pytestmark = pytest.mark.anyio
Json = dict[str, Any]
ASKED = (*RELATIONSHIPS, "pak--turkiye", "paf--tur")
NUMBER = itertools.count()
DOCUMENT = Path(__file__).parents[2] / "docs" / "dates.md"


class Told:
    """A ledger over HTTP, beside its truth. For a thread beside the event loop: Hypothesis draws where it was begun."""

    def __init__(self, api: Api, teller: Teller) -> None:
        self.api, self.teller, self.truth = api, teller, Truth()
        self.address = f"/v1/ledgers/told-{next(NUMBER)}"
        self.pinned: dict[str, bytes] = {}
        """By address: the bytes that it was answered with first."""

    def _run(self, do: Callable[..., Coroutine[Any, Any, httpx.Response]], *given: Any, **named: Any) -> httpx.Response:
        return anyio.from_thread.run(functools.partial(do, *given, **named))

    def open(self) -> None:
        made = self._run(self.api.put, self.address, {"title": "Told", "public_read": True})
        assert made.status_code == 201

    def tell(self) -> None:
        """One batch more, unless there is nothing to say or the ledger refuses it."""
        batch = self.teller.batch(self.truth)
        if not batch:
            return
        answer = self._run(self.api.append, *batch, to=f"{self.address}/events")
        assert answer.status_code in (201, 409, 422), answer.text
        path = f"{self.address}/events?after={self.truth.head}"
        feed = self._run(self.api.get, path, headers={"Accept": "application/x-ndjson"})
        self.truth.follow(json.loads(line) for line in feed.text.splitlines())

    def ask(self, relationship: str, asked: Asked, *, stable: bool = True) -> None:
        """The state at that point, over HTTP and by the pure fold; and since when it has been so, if ``stable``."""
        path = f"{self.address}/relationships/{relationship}?{asked.query}"
        answer = self._run(self.api.get, path)
        position = self.truth.as_of(asked, 0).position
        survivors = aliases_of(self.truth.folded(position, None).claims.values())
        if (into := survivors.relationship(relationship)) != relationship:
            assert (answer.status_code, f"/{into}?" in answer.headers["location"]) == (308, True)
            return
        assert answer.status_code == 200, answer.text
        said = answer.json()
        at = self.truth.as_of(asked, known_of(said))
        expected = self._state(relationship, asked, at, said["as_of"]["known_stable"]["from"])
        assert answer.content == expected, (path, differences(said, msgspec.json.decode(expected)))
        if at.final:
            assert self.pinned.setdefault(path, answer.content) == answer.content
        if stable:
            self._judge_known_stable(relationship, asked, at, said)

    def _state(self, relationship: str, asked: Asked, at: AsOf, since: int) -> bytes:
        criteria, lang = criteria_of(dict(asked.criteria)), asked.lang or "en"
        return msgspec.json.encode(self.truth.state(relationship, at, lang=lang, criteria=criteria, since=since))

    def ask_timeline(self, relationship: str, asked: Asked) -> None:
        """The whole timeline at that point, over HTTP and by the pure fold."""
        path = f"{self.address}/relationships/{relationship}/timeline?{asked.query}&limit=1000"
        answer = self._run(self.api.get, path)
        if answer.status_code == 308:  # of whom was merged, the state tells
            return
        assert answer.status_code == 200, answer.text
        said = answer.json()
        at, since = self.truth.as_of(asked, known_of(said)), said["known_stable"]["from"]
        criteria, lang = criteria_of(dict(asked.criteria)), asked.lang or "en"
        question = self.truth.question(relationship, at, lang=lang, criteria=criteria, since=since)
        last = {claim.id: self.truth.last_seen(claim.id, at) for claim in question.claims}
        expected = timeline_of(question, last, Subject(slug=relationship), Filters(), Layout())
        self._same(answer.status_code, answer.content, expected, path)

    def _judge_known_stable(self, relationship: str, asked: Asked, at: AsOf, said: Json) -> None:
        """Where the answer says it has been so since, it has; but for what hangs on when it was known itself."""
        since, through = (said["as_of"]["known_stable"][name] for name in ("from", "through"))
        ends = {0: None, **dict(self.truth.ends)}
        assert through == at.position
        assert since in ends
        for position in {since, *(end for end in ends if since <= end < through)} if since < through else ():
            known = ends[position]
            earlier = msgspec.structs.replace(at, position=position, known=known)
            if earlier.projected == at.projected:
                then = msgspec.json.decode(self._state(relationship, asked, earlier, 0))
                assert {**then, "as_of": None} == {**said, "as_of": None}, (asked, position)

    def ask_claim(self, claim: str, asked: Asked) -> None:
        """One claim at that point, and its history until then, over HTTP and by the pure fold."""
        answer = self._run(self.api.get, f"{self.address}/claims/{claim}?{asked.points}")
        at = self.truth.as_of(asked, known_of(answer.json()))
        self._same(answer.status_code, answer.content, self.truth.claim(claim, at), f"{claim} {asked}")
        answer = self._run(self.api.get, f"{self.address}/claims/{claim}/history?{asked.known}")
        at = self.truth.as_of(asked, known_of(answer.json()))
        self._same(answer.status_code, answer.content, self.truth.history(claim, at), f"{claim} {asked}")

    def _same(self, status: int, content: bytes, expected: msgspec.Struct | None, what: str) -> None:
        if expected is None:
            assert status == 404, what
        else:
            wanted = msgspec.json.encode(expected)
            assert content == wanted, (what, differences(msgspec.json.decode(content), msgspec.json.decode(wanted)))

    def ask_again(self) -> None:
        """Every address that was pinned when it was first asked."""
        for path, first in self.pinned.items():
            assert self._run(self.api.get, path).content == first, path


def differences(one: Any, other: Any, pointer: str = "") -> list[str]:
    """Where two JSON values differ, each place with both."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = [*one, *(name for name in other if name not in one)]
        return [
            line
            for name in names
            for line in differences(one.get(name, "absent"), other.get(name, "absent"), f"{pointer}/{name}")
        ]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [line for at, (left, right) in pairs for line in differences(left, right, f"{pointer}/{at}")]
    return [] if one == other else [f"{pointer}: {one} is not {other}"]


def known_of(said: Json) -> int:
    """When an answer says that it was known; 0 where it says nothing of it."""
    return parse_point(said.get("as_of", {}).get("known_at", "1970-01-01T00:00:00Z")).at


async def test_at_any_point_http_answers_what_the_pure_fold_of_the_feed_does(api: Api) -> None:
    """Nor does anything recorded later change an answer that was pinned: it repeats byte for byte."""

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(random=st.randoms(use_true_random=False), batches=st.integers(1, 10))
    def holds(random: Random, batches: int) -> None:
        told = Told(api, Teller(random))
        told.open()
        for _ in range(batches):
            told.tell()
            if told.truth.head:
                for _ in range(3):
                    told.ask(random.choice(ASKED), question(random, told.truth))
                told.ask_claim(random.choice(told.truth.events).claim, question(random, told.truth))
        told.ask_again()
        assert [set(revisions) for revisions in told.truth.revisions] == touched_by(told.truth.events)

    await anyio.to_thread.run_sync(holds)


async def test_one_rich_relationship_is_answered_alike_at_a_thousand_points(api: Api) -> None:
    """Hundreds of events on sixty claims; points and filters at random, but the same in each run."""
    api.client.event_hooks = {}  # each form of answer is held against the document elsewhere
    random = Random(20251205)  # noqa: S311 - repeatable, not secret
    pairs, relationships = (("tur", "pak"), ("tur", "paf"), ("turkiye", "pak")), ("pak--tur",)
    told = Told(api, Teller(random, claims=60, batch=12, pairs=pairs, relationships=relationships))

    def play() -> None:
        told.open()
        while told.truth.head < 240:
            told.tell()
        for _ in range(1_000):
            told.ask("pak--tur", question(random, told.truth), stable=False)

    await anyio.to_thread.run_sync(play)
    assert len(told.truth.folded(told.truth.head, None).claims) > 40


def test_the_random_dates_have_every_form_that_the_documents_name() -> None:
    table = DOCUMENT.read_text(encoding="utf-8").partition("## What to write")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    forms = {form for row in rows for form in re.findall(r"`([^`]+)`", row)} - {"+03:00", "+03", "tz"}
    assert len(forms) > 25
    assert forms <= set(DATES)


def parties(*actors: str) -> list[Json]:
    return [{"actor": actor, "role": "party"} for actor in actors]


def dated(day: str) -> list[Json]:
    return [{"publisher": "A register", "published": day}]


async def states(api: Api, query: str, *relationships: str) -> list[Json]:
    """Of each relationship, by what is known now and by what had been reported by now: all but where they stand."""
    found, pinned = [], f"?{query}&known_position={await api.head()}"
    for relationship in relationships:
        known, reported = [await api.state(pinned + more, relationship) for more in ("", "&reported_by=2026-06-30")]
        assert differences({**known, "as_of": None}, {**reported, "as_of": None}) == []
        assert known["as_of"]["valid_stable"] == reported["as_of"]["valid_stable"]
        found.append(known)
    return found


async def test_a_retracted_claim_is_counted_where_its_last_content_is_on_both_axes(api: Api) -> None:
    moved = note("moved", parties=parties("aaa", "bbb"), sources=dated("2024-01-01"))
    elsewhere = note("x", action="correct", claim="moved", parties=parties("aaa", "ccc"), sources=dated("2024-02-01"))
    gone = {"action": "retract", "claim": "moved", "by": "source", "reason": "Wrong.", "sources": dated("2024-03-01")}
    for event in (moved, elsewhere, gone):
        assert (await api.append(event)).status_code == 201
    before, after = await states(api, "valid_at=2025-01-01", "aaa--bbb", "aaa--ccc")
    assert (before["retracted"], after["retracted"]) == (0, 1)


async def test_an_expectation_is_not_counted_where_only_its_fulfilment_is(api: Api) -> None:
    expected = note("expected", action="expect", occurred="2025", parties=parties("aaa", "bbb"))
    fact = note("fact", parties=parties("aaa", "ccc"), sources=dated("2024-02-01"))
    fulfilment = {"action": "fulfil", "claim": "expected", "fulfilled_by": "fact", "sources": dated("2024-02-01")}
    gone = {"action": "retract", "claim": "expected", "by": "curator", "reason": "Misread."}
    for event in (expected, fact, fulfilment):
        assert (await api.append(event)).status_code == 201
    [state] = await states(api, "valid_at=2025-01-01", "aaa--ccc")
    assert state["omitted"]["undated"] == 0
    assert (await api.append(gone)).status_code == 201
    [state] = await states(api, "valid_at=2025-01-01", "aaa--ccc")
    assert state["retracted"] == 0


async def test_a_host_who_is_neither_party_nor_member_is_called_by_his_name(api: Api) -> None:
    data = {"facility": "yard", "stage": "operating", "host": "pak"}
    yard = note("yard", type="facility", until="..", parties=parties("aaa", "bbb"), data=data, sources=dated("2024"))
    assert (await api.append(yard)).status_code == 201
    [state] = await states(api, "valid_at=2025-01-01", "aaa--bbb")
    assert state["facilities"][0]["host"] == {"actor": "pak", "label": "Pakistan"}


async def test_a_retracted_claim_has_one_content_on_both_axes(api: Api) -> None:
    """Also where that content came late, after the retraction."""
    late = note("x", action="correct", claim="late", occurred="2023", late=True, sources=dated("2024-02-01"))
    gone = {"action": "retract", "claim": "late", "by": "curator", "reason": "Misread."}
    for event in (note("late"), gone, late):
        assert (await api.append(event)).status_code == 201
    for more in ("", "&reported_by=2026-06-30"):
        said = (await api.get(f"{SAMPLE}/claims/late?valid_at=2025-01-01{more}")).json()
        assert (said["status"], said["event"]["occurred"]) == ("retracted", "2023")


async def test_what_ended_before_it_must_have_begun_changes_nothing_afterwards(api: Api) -> None:
    """A state of some day in 2023 until the first instant of April can have begun in May no more."""
    talks = {"type": "negotiation", "data": {"subject": "ships"}, "parties": parties("aaa", "bbb")}
    brief = note("brief", occurred="2023", until="2023-04-01T00:00:00Z", sources=dated("2024"), **talks)
    assert (await api.append(brief)).status_code == 201
    [state] = await states(api, "valid_at=2025-01-01", "aaa--bbb")
    assert state["as_of"]["valid_stable"]["from"] == "2023-04-01T00:00:00.000000Z"
