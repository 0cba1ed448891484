"""What a history says of its claims at one point: every action, both axes of knowing, and standing."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.as_of import parse_point
from service.domain.claims import Claim, Omitted, Recorded, fold, ranks, standing_of
from service.domain.events import Expect
from tests.projections.histories import History, parties, recorded

WHO = "tur supplier, pak recipient"
MINISTRY = [{"publisher": "Ministry"}]
VAGUE = [{"publisher": "SIPRI", "published": "2024"}]
DATED = [{"publisher": "SIPRI", "published": "2022-05-01"}]


@pytest.fixture
def history() -> History:
    return History()


def say(history: History, claim: str, occurred: str, **more: Any) -> None:
    history.say(claim, "agreement", occurred, WHO, **more)


def occurred(claim: Claim | None) -> str | None:
    return None if claim is None else claim.statement.occurred


def said(history: History, reported_by: str | None = None, position: int | None = None) -> str | None:
    return occurred(history.claim("c", position, reported_by))


def test_nothing_is_said_of_a_claim_before_it_is_asserted(history: History) -> None:
    say(history, "other", "2020")
    say(history, "c", "2021")
    assert said(history, position=1) is None
    assert said(history, position=2) == "2021"


def test_a_correction_replaces_the_content_as_a_whole_from_its_position_on(history: History) -> None:
    say(history, "c", "2021", title="First")
    say(history, "c", "2022", action="correct")
    claim = history.claim("c")
    assert claim is not None
    assert (claim.statement.occurred, claim.statement.title, claim.content.position) == ("2022", None, 2)
    assert said(history, position=1) == "2021"


def test_a_retracted_claim_is_absent_and_its_retraction_is_named(history: History) -> None:
    say(history, "c", "2021")
    retraction = history.record("retract", "c", by="curator", reason="mixed up")
    folded = history.folded()
    assert folded.claims == {}
    assert folded.retracted == {"c": retraction}
    assert said(history, position=1) == "2021"


def test_a_reinstatement_brings_the_last_content_back(history: History) -> None:
    say(history, "c", "2021")
    say(history, "c", "2022", action="correct")
    history.record("retract", "c", by="curator", reason="mixed up")
    history.record("reinstate", "c")
    assert said(history) == "2022"
    assert history.folded().retracted == {}


def test_a_claim_can_be_retracted_and_reinstated_again_and_again(history: History) -> None:
    say(history, "c", "2021")
    for _ in range(3):
        history.record("retract", "c", by="curator", reason="mixed up")
        history.record("reinstate", "c")
    assert [said(history, position=position) for position in range(1, 8)] == ["2021", None] * 3 + ["2021"]


def test_an_expectation_stays_one_when_it_is_corrected(history: History) -> None:
    say(history, "c", "2026-33", action="expect")
    say(history, "c", "2026-34", action="correct")
    claim = history.claim("c")
    assert claim is not None
    assert claim.expectation
    assert claim.statement.occurred == "2026-34"


def test_a_fulfilment_names_the_claim_that_fulfilled_it(history: History) -> None:
    say(history, "c", "2026-33", action="expect")
    say(history, "deal", "2026-02")
    history.record("fulfil", "c", fulfilled_by="deal")
    before, after = history.claim("c", 2), history.claim("c")
    assert before is not None
    assert after is not None
    assert (before.fulfilled_by, after.fulfilled_by) == (None, "deal")


def test_a_confirmation_changes_the_standing_and_nothing_else(history: History) -> None:
    say(history, "c", "2021")
    history.record("confirm", "c", sources=MINISTRY)
    before, after = history.claim("c", 1), history.claim("c")
    assert before is not None
    assert after is not None
    assert (before.standing, after.standing) == ("reported", "confirmed")
    assert (after.content, after.bounds) == (before.content, before.bounds)


@pytest.mark.parametrize(
    ("words", "standing"),
    [
        ([], "reported"),
        (["confirm A"], "confirmed"),
        (["confirm A", "confirm B"], "confirmed"),
        (["deny A"], "denied"),
        (["deny A", "deny B"], "denied"),
        (["confirm A", "deny B"], "disputed"),
        (["confirm A", "deny A"], "denied"),
        (["deny A", "confirm A"], "confirmed"),
        (["confirm A", "deny B", "confirm B"], "confirmed"),
    ],
)
def test_the_last_word_of_each_publisher_counts(history: History, words: Sequence[str], standing: str) -> None:
    say(history, "c", "2021", official_status="denied")
    for word in words:
        action, publisher = word.split()
        history.record(action, "c", sources=[{"publisher": publisher}])
    claim = history.claim("c")
    assert claim is not None
    assert claim.standing == standing == standing_of(claim.words)


def test_a_correction_sets_the_standing_back_to_reported(history: History) -> None:
    say(history, "c", "2021")
    history.record("confirm", "c", sources=MINISTRY)
    say(history, "c", "2022", action="correct")
    claim = history.claim("c")
    assert claim is not None
    assert claim.standing == "reported"
    history.record("deny", "c", sources=MINISTRY)
    claim = history.claim("c")
    assert claim is not None
    assert claim.standing == "denied"


def test_a_retraction_between_does_not_forget_what_publishers_said(history: History) -> None:
    say(history, "c", "2021")
    history.record("confirm", "c", sources=MINISTRY)
    history.record("retract", "c", by="curator", reason="mixed up")
    history.record("reinstate", "c")
    claim = history.claim("c")
    assert claim is not None
    assert claim.standing == "confirmed"


def test_on_the_reported_axis_a_claim_is_seen_from_the_end_of_the_day_it_was_published(history: History) -> None:
    say(history, "c", "2021", published="2024-03-18")
    assert said(history, "2024-03-17") is None
    assert said(history, "2024-03-18T12:00:00Z") is None
    assert said(history, "2024-03-18") == "2021"


def test_a_day_within_a_vague_date_of_publication_sees_nothing_and_is_counted(history: History) -> None:
    say(history, "c", "2021", published="2024")
    assert history.folded(reported_by="2023-12-31").omitted == Omitted()
    assert history.folded(reported_by="2024-06-30").omitted == Omitted(reported_possible=1)
    assert said(history, "2024-06-30") is None
    assert said(history, "2024-12-31") == "2021"


def test_the_source_published_first_counts(history: History) -> None:
    sources = [{"publisher": "A", "published": "2025"}, *MINISTRY, {"publisher": "C", "published": "2023-05-01"}]
    say(history, "c", "2021", sources=sources)
    assert said(history, "2023-05-01") == "2021"
    assert said(history, "2023-04-30") is None


def test_what_no_dated_source_tells_is_left_out_and_counted(history: History) -> None:
    say(history, "c", "2021", published="2024-03-18")
    history.record("confirm", "c", sources=MINISTRY)
    say(history, "undated", "2021", sources=MINISTRY)
    folded = history.folded(reported_by="2025-01-01")
    assert list(folded.claims) == ["c"]
    assert folded.claims["c"].standing == "reported"
    assert folded.omitted == Omitted(undated=2)
    assert history.folded().omitted == Omitted()


def test_a_confirmation_counts_from_its_own_sources_day(history: History) -> None:
    say(history, "c", "2021", published="2024-03-18")
    history.record("confirm", "c", sources=[{"publisher": "Ministry", "published": "2025-01-01"}])
    standings = []
    for day in ("2024-12-31", "2025-01-01"):
        claim = history.claim("c", reported_by=day)
        assert claim is not None
        standings.append(claim.standing)
    assert standings == ["reported", "confirmed"]


def test_a_source_withdraws_from_its_day_on(history: History) -> None:
    say(history, "c", "2021", published="2024-03-18")
    withdrawn = [{"publisher": "SIPRI", "published": "2025-10-23"}]
    history.record("retract", "c", by="source", reason="gone from the export", sources=withdrawn)
    assert said(history, "2025-10-22") == "2021"
    assert said(history, "2025-10-23") is None
    assert said(history) is None


def test_a_curators_retraction_counts_at_every_reported_day_and_so_does_its_undoing(history: History) -> None:
    say(history, "c", "2021", published="2024-03-18")
    history.record("retract", "c", by="curator", reason="mixed up")
    assert said(history, "2024-06-30") is None
    assert said(history, "2024-06-30", position=1) == "2021"
    history.record("reinstate", "c")
    assert said(history, "2024-06-30") == "2021"
    assert said(history, "2024-06-30", position=2) is None


def test_a_sources_return_counts_from_its_day_on(history: History) -> None:
    say(history, "c", "2021", published="2023-03-01")
    for action, day in (("retract", "2024-03-01"), ("reinstate", "2025-03-01")):
        more = {"by": "source", "reason": "gone"} if action == "retract" else {}
        history.record(action, "c", sources=[{"publisher": "SIPRI", "published": day}], **more)
    days = ("2023-06-01", "2024-06-01", "2025-06-01")
    assert [said(history, day) for day in days] == ["2021", None, "2021"]


def test_actors_hold_at_every_reported_day(history: History) -> None:
    history.name("tur", "Turkey", claim="actor")
    folded = history.folded(reported_by="1990-01-01")
    assert list(folded.claims) == ["actor"]
    assert folded.omitted == Omitted()


def test_a_correction_in_order_has_the_greatest_reported_day_so_far(history: History) -> None:
    say(history, "c", "2021", published="2024-03-18")
    say(history, "c", "2022", published="2023-01-01", action="correct")
    assert said(history) == "2022"
    assert said(history, "2024-06-30") == "2022"
    assert said(history, "2023-06-30") == "2022"
    days = [day for day, _ in ranks(history.events).values()]
    assert days == [parse_point("2024-03-18").at] * 2


def test_a_late_correction_never_displaces_what_was_reported_after_it(history: History) -> None:
    say(history, "c", "2024", published="2025-10-23")
    say(history, "c", "2023", published="2024-03-18", action="correct", late=True)
    assert said(history) == "2024"
    assert said(history, "2025-11-30") == "2024"
    assert said(history, "2024-06-30") == "2023"
    assert said(history, "2024-06-30", position=1) is None


def test_a_late_correction_to_a_retracted_claim_leaves_it_retracted(history: History) -> None:
    say(history, "c", "2021", published="2024-03-18")
    withdrawn = [{"publisher": "SIPRI", "published": "2025-10-23"}]
    history.record("retract", "c", by="source", reason="gone from the export", sources=withdrawn)
    say(history, "c", "2020", published="2023-03-13", action="correct", late=True)
    assert said(history) is None
    assert said(history, "2025-10-23") is None
    assert said(history, "2024-06-30") == "2021"
    assert said(history, "2023-06-30") == "2020"


def test_a_late_correction_that_loses_leaves_the_standing_alone(history: History) -> None:
    say(history, "c", "2024", published="2025-10-23")
    history.record("confirm", "c", sources=MINISTRY)
    say(history, "c", "2023", published="2024-03-18", action="correct", late=True)
    claim = history.claim("c")
    assert claim is not None
    assert claim.standing == "confirmed"


def test_an_earlier_known_position_is_never_affected(history: History) -> None:
    say(history, "c", "2021", published="2024-03-18")
    answers = [history.folded(1), history.folded(1, "2024-06-30")]
    say(history, "c", "2022", action="correct", published="2020")
    history.record("retract", "c", by="curator", reason="mixed up")
    assert [history.folded(1), history.folded(1, "2024-06-30")] == answers


DAYS = [f"202{year}-{month:02}-15" for year in range(6) for month in range(1, 13)]


def _pool() -> list[dict[str, Any]]:
    """Events of every action on two claims, with and without dates."""
    events: list[dict[str, Any]] = []
    for claim in ("c", "d"):
        for sources in ([], MINISTRY, VAGUE, DATED):
            told = {"claim": claim, "sources": sources}
            what = {**told, "type": "agreement", "parties": parties(WHO)}
            events += [{**what, "action": action, "occurred": "2021"} for action in ("assert", "expect", "correct")]
            events.append({**told, "action": "retract", "by": "curator", "reason": "mixed up"})
            events += [{**told, "action": "reinstate"}, {**told, "action": "fulfil", "fulfilled_by": "e"}]
            if sources:
                events.append({**told, "action": "retract", "by": "source", "reason": "gone"})
                events += [{**told, "action": action} for action in ("confirm", "deny")]
            if sources and "published" in sources[0]:
                events.append({**what, "action": "correct", "occurred": "[2019..2020]", "late": True})
    return events


POOL = [recorded(1, **fields) for fields in _pool()]


@settings(max_examples=300, deadline=None)
@given(events=st.lists(st.sampled_from(POOL), max_size=12), reported_by=st.sampled_from([None, *DAYS]))
def test_folding_never_refuses_whatever_was_recorded_in_whatever_order(
    events: list[Recorded], reported_by: str | None
) -> None:
    history = [msgspec.structs.replace(event, position=at) for at, event in enumerate(events, start=1)]
    day = None if reported_by is None else parse_point(reported_by).at
    for length in range(len(history) + 1):
        folded = fold(history[:length], day)
        assert not folded.claims.keys() & folded.retracted.keys()
        for id_, claim in folded.claims.items():
            assert claim.id == id_ == claim.content.claim
            assert claim.content in history[:length]
            assert claim.standing == standing_of(claim.words)
            assert claim.expectation == isinstance(next(e for e in history if e.claim == id_).event, Expect)


@settings(max_examples=100, deadline=None)
@given(days=st.lists(st.sampled_from(DAYS), min_size=2, max_size=4, unique=True), data=st.data())
def test_exports_loaded_in_any_order_answer_alike_at_every_reported_day(days: list[str], data: st.DataObject) -> None:
    def loaded(order: Sequence[str]) -> History:
        history = History()
        for number, day in enumerate(order):
            late = {"late": True} if number and day < max(order[:number]) else {}
            say(history, "c", day, published=day, action="correct" if number else "assert", **late)
        return history

    one, other = loaded(sorted(days)), loaded(data.draw(st.permutations(days)))
    assert said(one) == said(other) == max(days)
    for day in DAYS:
        expected = max((export for export in days if export <= day), default=None)
        assert said(one, day) == said(other, day) == expected
