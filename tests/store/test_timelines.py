"""Two tongues, one truth: the pages of a timeline, joined, equal the pure fold of the events, after any history."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service import history
from service.domain.actors import Aliases
from service.domain.as_of import parse_point
from service.domain.claims import Claim, Omitted, Recorded, fold, seen, taken_back
from service.domain.names import actors_of
from service.domain.reading import relationships_of
from service.domain.refusals import Conflict, Invalid, Refusal
from service.domain.types import TYPES
from service.domain.windows import Window, begins, ends
from service.feeds import Addresses, Body, Format, Page
from service.history import Cores, Merged, Pinned, TimelineAsked, TimelinePage, When, rolls
from service.history.rolls import Whole
from service.projections.criteria import Criteria
from service.projections.picking import START, Filters, Picker
from service.projections.question import Question
from service.projections.stability import Extent
from service.projections.timeline import Layout, Subject, timeline_of
from service.projections.told import Grouped, Recent, told_of
from service.store import appender, ledgers, lives, reads
from service.store.log import Log
from service.store.pool import open_pool
from tests.conftest import Database
from tests.store.writing import (
    Json,
    acquired,
    fulfilled,
    merged,
    reinstated,
    reported,
    request,
    retracted,
    said,
    write_group,
)

DATA: dict[str, dict[str, Any]] = {
    "acquisition": {"platform": "tb2"},
    "delivery": {"platform": "akinci", "quantity": {"best": 3}},
    "operation": {"platform": "tb2"},
    "note": {},
}
DATES = ["2019", "2021", "2021-05", "2021-05-03", "202X", "[..2021]", "{2019,2021}", "2020/2022"]
PARTIES = [("tur", "pak"), ("tur", "pak"), ("tur", "paf"), ("tur", "pk"), ("pak",), ("aze", "pak"), ("pk",)]
DAYS = [None, "2023", "2024-03-18", "2025-12-05"]
CLAIMS = "abcdef"
DRAW = Random(1)  # noqa: S311 - repeatable, not secret
"""What Hypothesis chooses from is drawn once: left to itself it makes most claims alike."""


def content(action: str, claim: str) -> Json:
    type_, occurred, day = DRAW.choice(sorted(DATA)), DRAW.choice(DATES), DRAW.choice(DAYS)
    more: dict[str, Any] = {"tags": DRAW.choice([[], ["x"]])}
    until = DRAW.choice([None, "2022", "..", ""])
    if until is not None and type_ == "operation" and action != "expect" and "/" not in occurred:
        more["until"] = until
    if day is not None:
        more["sources"] = reported(day)
    actors = DRAW.choice(PARTIES)
    return acquired(claim, actors=actors, action=action, type=type_, occurred=occurred, data=DATA[type_], **more)


def later() -> Json:
    claim, day = DRAW.choice(CLAIMS), DRAW.choice(DAYS)
    match DRAW.randrange(14):
        case 0:
            return retracted(claim)
        case 1:
            return retracted(claim, by="source", sources=reported(day or "2024"))
        case 2 | 3:
            return reinstated(claim)
        case 4 | 5 | 6:
            return said(DRAW.choice(["confirm", "deny"]), claim, DRAW.choice("XY"))
        case 7 | 8 | 9:
            return fulfilled(*DRAW.sample(CLAIMS, 2))
        case _:
            return content("correct", claim)


part: Json = {"type": "actor", "occurred": "2020/2022", "parties": [{"actor": "paf", "role": "subject"}]}
state: Json = {"type": "actor", "occurred": "2000", "until": "..", "parties": [{"actor": "pak", "role": "subject"}]}
whole: Json = {"kind": "armed-force", "names": {"en": "Air Force"}, "part_of": "pak"}
OF_ACTORS = [
    {"action": "assert", "claim": "unit", **part, "data": whole},
    {"action": "correct", "claim": "unit", **part, "data": {**whole, "part_of": "pk"}},
    {"action": "assert", "claim": "name", **state, "data": {"kind": "state", "names": {"en": "Pakistan"}}},
    merged("merge", "pk", "pak"),
    retracted("merge"),
]
BEGUN = [[content(DRAW.choice(["assert", "assert", "expect"]), claim) for claim in "abcde"] for _ in range(200)]
LATER = [later() for _ in range(500)] + OF_ACTORS * 20
histories = st.builds(
    lambda begun, more: [begun, *([one] for one in more)],
    st.sampled_from(BEGUN),
    st.lists(st.sampled_from(LATER), min_size=10, max_size=25),
)
SUBJECTS = ["pak--tur", "pak--tur", "pak", "pak", "tur", "aze--pak", "paf", "nobody", "nobody--tur"]
WINDOWS = [Window(), Window(), Window(begins("2021"), ends("2021")), Window(begins("2021-05"), ends("2022"))]
LAYOUTS = [Layout()] * 4
LAYOUTS += [Layout(group_by="actor"), Layout(bucket="month"), Layout(max_items=2), Layout(group_by="year")]


class Asked(NamedTuple):
    subject: str
    share: float
    valid: str
    reported: str | None
    criteria: Criteria
    filters: Filters
    layout: Layout
    limit: int


def everything_of(asked: Asked) -> Asked:
    """A whole relationship, at the same point: what is told all at once."""
    subject = asked.subject if "--" in asked.subject else "pak--tur"
    return asked._replace(subject=subject, reported=None, criteria=Criteria(), filters=Filters(), limit=20)


def anything() -> Asked:
    filters = Filters(
        window=DRAW.choice(WINDOWS),
        match=DRAW.choice(("possible", "certain")),
        types=DRAW.choice([(), (), ("delivery", "operation")]),
        actor=DRAW.choice([None, None, None, "pak", "pk"]),
        platform=DRAW.choice([None, None, None, "tb2"]),
        tag=DRAW.choice([None, None, None, "x"]),
    )
    return Asked(
        subject=DRAW.choice(SUBJECTS),
        share=DRAW.choice([1.0, 1.0, 0.9, 0.7, 0.5, 0.0]),
        valid=DRAW.choice(["2018-01-01", "2021-05-03T12:00:00Z", "2021-12-31", "2022-06-01", "2027-01-01"]),
        reported=DRAW.choice([None, None, None, None, "2024-01-01", "2025-12-31"]),
        criteria=DRAW.choice([Criteria(), Criteria(), Criteria(certain_only=True), Criteria(standing="reported")]),
        filters=DRAW.choice([filters, Filters()]),
        layout=DRAW.choice(LAYOUTS),
        limit=DRAW.randrange(1, 5),
    )


asked_things = st.sampled_from([anything() for _ in range(2000)])


async def pages(log: Log, ledger: str, subject: Subject, asked: TimelineAsked) -> list[tuple[TimelinePage, Json]]:
    """All of them; each asked twice of one process, and once of another."""
    cores, found, pinned = Cores(), [], None
    while True:
        question = msgspec.structs.replace(asked, pinned=pinned)
        page = await history.timeline_page(log, cores, ledger, subject, question)
        again = await history.timeline_page(log, cores, ledger, subject, question)
        assert (again.before, again.stands_on, again.after) == (page.before, page.stands_on, page.after)
        found.append((page, msgspec.json.decode(page.before + page.stands_on + page.after)))
        if page.next is None:
            return found
        pinned = Pinned(page.at.as_of, page.at.head.epoch.hex[:8], page.next)


def _told(page: Page) -> Body:
    """In a format of this test's own: which claims, by what they were touched last, and what withdrew them."""

    def said(told: Sequence[Grouped]) -> list[list[object]]:
        retractions = [one.retraction if isinstance(one, Recent) else None for one, _ in told]
        return [[one.claim.id, one.touched, by and by.id] for (one, _), by in zip(told, retractions, strict=True)]

    return Body([], msgspec.json.encode([said(page.told), said(page.retracted)]))


OF_FEEDS = Format(
    name="ids", extension="ids", media_type="x/x", version=1, title="", description="", body=_told,
    whole=lambda _frame, body: body, newest_first=True, retracted=3,
)  # fmt: skip


async def fed(log: Log, ledger: str, subject: Subject, asked: TimelineAsked) -> tuple[list[Any], list[Any]]:
    """All pages of what was last acted on, joined; and what was retracted last, by the first of them."""
    cores, pinned = Cores(), None
    found: list[Any] = []
    apart: list[Any] = []
    addresses = Addresses(base="", ledger=ledger, subject=subject)
    while True:
        question = msgspec.structs.replace(asked, pinned=pinned)
        page = await history.timeline_feed(log, cores, OF_FEEDS, addresses, question)
        assert (await history.timeline_feed(log, cores, OF_FEEDS, addresses, question)).body == page.body
        told, retracted = msgspec.json.decode(page.body)
        found, apart = found + told, apart + retracted
        if page.next is None:
            return found, apart
        pinned = Pinned(page.at.as_of, page.at.head.epoch.hex[:8], page.next)


class AtOnce(NamedTuple):
    """What the events alone say."""

    question: Question
    subject: Subject
    by_claim: dict[str, list[Recorded]]
    retracted: list[tuple[Claim, Recorded]]


def newest_at_once(truth: AtOnce, asked: Asked) -> tuple[list[Any], list[Any]]:
    as_of, criteria = truth.question.as_of, truth.question.criteria

    def recent(claim: Claim, retraction: Recorded | None = None) -> Recent:
        last = seen(truth.by_claim[claim.id], as_of.reported)[-1]
        told = told_of(claim, last, TYPES, "en", as_of.reported)
        return Recent.of(told.claim, told.updated, told.plain, told.touched, retraction=retraction)

    apart = [recent(claim, retraction) for claim, retraction in truth.retracted]
    told = [*map(recent, truth.question.claims), *apart]
    picker = Picker(as_of, criteria, asked.filters, TYPES, truth.question.actors.aliases)
    picker.take(sorted(told, key=lambda one: one.order), 1000, 1000)
    last = sorted(apart, key=lambda one: one.order)[: OF_FEEDS.retracted]

    def shown(some: Sequence[Any]) -> list[Any]:
        return [[one.claim.id, one.touched, one.retraction and one.retraction.id] for one in some]

    return shown(picker.picked(START, Omitted()).told), shown([one for one in last if picker.asks_for(one)])


def told_at_once(truth: AtOnce, asked: Asked) -> Json:
    last = {id_: seen(some, truth.question.as_of.reported)[-1] for id_, some in truth.by_claim.items() if some}
    said_at_once = timeline_of(truth.question, last, truth.subject, asked.filters, asked.layout)
    decoded: Json = msgspec.json.decode(msgspec.json.encode(said_at_once))
    return decoded


def at_once(everything: Sequence[Recorded], subject: Subject, page: TimelinePage, asked: Asked) -> AtOnce:
    as_of = page.at.as_of
    known = [one for one in everything if one.position <= as_of.position]
    folded = fold(known, as_of.reported)
    named = fold(known).claims.values()
    aliases = Aliases(
        {
            by_role["merged"]: by_role["survivor"]
            for claim in sorted(named, key=lambda one: one.content.position)
            if claim.statement.type == "actor-merge"
            for by_role in [{party.role: party.actor for party in claim.statement.parties}]
        }
    )
    actors = actors_of(named, aliases)
    units: list[str] = []
    if subject.is_actor:
        others = set(actors.descriptions) - {subject.slug}
        units = sorted(one for one in others if actors.rolled_up(one, {subject.slug}, as_of.valid) and one != "pk")
        reached = {slug for one in (subject.slug, *units) for slug in aliases.merged_into(one)}
    else:
        reached = set(aliases.timelines(subject.slug))

    def here(claim: Claim) -> bool:
        statement = claim.statement
        on = [party.actor for party in statement.parties] if subject.is_actor else relationships_of(statement)
        return not reached.isdisjoint(on)

    ever = {one.claim for one in known if hasattr(one.event, "parties") and here(Claim(id=one.claim, content=one))}
    by_claim = {id_: [one for one in known if one.claim == id_] for id_ in (*folded.claims, *folded.retracted)}
    claims = [claim for claim in folded.claims.values() if here(claim)]
    question = Question(
        relationship=subject.slug,
        as_of=as_of,
        claims=claims,
        actors=actors,
        fulfilments=folded.claims,
        omitted=fold((one for one in known if one.claim in ever), as_of.reported).omitted,
        known=bool(claims),
        revision=page.at.revision,
        criteria=asked.criteria,
        types=TYPES,
    )
    taken = taken_back(known, folded, as_of.reported).values()
    retracted = [(claim, folded.retracted[claim.id]) for claim in taken if here(claim)]
    return AtOnce(question, msgspec.structs.replace(subject, units=tuple(units)), by_claim, retracted)


EVERY_PAGE = ("relationship", "actor", "as_of", "known", "lang", "members", "units")
WHOLE = ("undated", "reported_possible")


def compare(found: Sequence[Json], truth: Json) -> None:
    for name in EVERY_PAGE:
        assert all(page.get(name) == truth.get(name) for page in found), name
    assert [item for page in found for item in page["items"]] == truth["items"]
    for name, count in truth["omitted"].items():
        counts = [page["omitted"][name] for page in found]
        assert (max(counts) if name in WHOLE else sum(counts)) == count, name
    if len(found) == 1:
        # Of an actor it ends where any unit may come or go, be it of other days or not.
        unlike = {"known_stable"} if "relationship" in truth else {"known_stable", "valid_stable"}
        for name in truth.keys() - unlike:
            assert found[0][name] == truth[name], name


def readable(batches: Sequence[Sequence[Json]]) -> Iterator[appender.Request]:
    for batch in filter(None, batches):
        try:
            yield request(*batch)
        except Invalid:
            continue


async def play(log: Log, ledger: str, batches: Sequence[Sequence[Json]], questions: Sequence[Asked]) -> None:
    async with log.connection() as connection:
        await ledgers.create_ledger(connection, ledger, ledger, public_read=True)
    last = 0
    for one in readable(batches):
        for outcome in await write_group(log, [one], ledger):
            assert isinstance(outcome, appender.Receipt | Conflict | Refusal)
            last = outcome.last_position if isinstance(outcome, appender.Receipt) else last
    if not last:
        return
    async with log.connection() as connection:
        ids = ["a", "b", "c", "d", "e", "f", "unit", "name", "merge"]
        everything = [one.recorded for one in await reads.events_of_claims(connection, ledger, ids, last)]
    assert len(everything) == last
    for asked in questions:
        subject = Subject(slug=asked.subject, is_actor="--" not in asked.subject)
        when = When(
            valid=parse_point(asked.valid),
            position=round(asked.share * last),
            reported=None if asked.reported is None else parse_point(asked.reported),
        )
        question = TimelineAsked(when=when, criteria=asked.criteria, filters=asked.filters, limit=asked.limit)
        try:
            found = await pages(log, ledger, subject, msgspec.structs.replace(question, layout=asked.layout))
        except Merged:
            continue
        truth = at_once(everything, subject, found[0][0], asked)
        compare([page for _, page in found], told_at_once(truth, asked))
        assert await fed(log, ledger, subject, question) == newest_at_once(truth, asked)


@pytest.mark.parametrize(
    ("held", "often"), [(-1, 1), (lives.MOST, 10**9), (lives.MOST, 1)], ids=["not held", "one by one", "all at once"]
)
def test_the_pages_of_a_timeline_are_the_pure_fold_of_the_events(
    database: Database, held: int, often: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether its claims are read from the database, or told by their lives in memory."""
    monkeypatch.setattr(lives, "MOST", held)
    monkeypatch.setattr(rolls, "OFTEN", often)
    around, at_once = rolls.Whole.around, itertools.count()

    def counted(whole: Whole, which: int, at: int) -> Extent | None:
        next(at_once)
        return around(whole, which, at)

    monkeypatch.setattr(rolls.Whole, "around", counted)
    with asyncio.Runner() as runner:
        pool = runner.run(open_pool(database.service_url, size=2))
        log, number = Log(pool), iter(range(10_000))

        @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
        @given(histories, st.lists(asked_things, min_size=8, max_size=8))
        def holds(batches: list[list[Json]], questions: list[Asked]) -> None:
            everything = [everything_of(asked) for asked in questions]
            runner.run(play(log, f"l{next(number)}", batches, [*questions, *everything]))

        holds()
        runner.run(pool.close())
    assert (next(at_once) > 50) == (often == 1 and held > 0)
