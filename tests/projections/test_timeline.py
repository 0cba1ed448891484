"""What a timeline tells of each claim, how it gathers them, and between when it stays as it is."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.as_of import parse_point, rfc3339
from service.domain.claims import seen
from service.domain.edtf import Bounds, occurrence_bounds, parse
from service.domain.windows import Window, begins, ends
from service.projections.clusters import BUCKETS, LADDER, period_of
from service.projections.criteria import Criteria
from service.projections.picking import Filters
from service.projections.question import Question
from service.projections.timeline import Layout, Subject, Timeline, timeline_of
from tests.projections.histories import History
from tests.projections.sample import pak_and_tur

PAK_TUR = Subject(slug="pak--tur")


def of(history: History, question: Question, filters: Filters, layout: Layout) -> Timeline:
    reported = question.as_of.reported
    last = {
        claim.id: seen([one for one in history.events if one.claim == claim.id], reported)[-1]
        for claim in question.claims
    }
    return timeline_of(question, last, PAK_TUR, filters, layout)


def told(
    history: History, valid: str, filters: Filters | None = None, layout: Layout | None = None, **more: Any
) -> Any:
    """As its reader gets it."""
    page = of(history, history.question(valid, **more), filters or Filters(), layout or Layout())
    return msgspec.json.decode(msgspec.json.encode(page))


def dated(*dates: str) -> History:
    history = History()
    for number, date in enumerate(dates):
        history.say(f"c{number}", "agreement", date, "tur party, pak party")
    return history


def test_order_is_by_earliest_then_latest_then_position() -> None:
    history = dated("2021-06", "2021", "2021-01-01", "2020/2022", "2021", "[..2021]")
    assert [item["claim"] for item in told(history, "2024-01-01")["items"]] == ["c5", "c3", "c2", "c1", "c4", "c0"]


@pytest.mark.parametrize(
    ("valid", "words"),
    [
        ("2018-12-31", "not-yet"),
        ("2019-06-01", "possible"),
        ("2019-12-31", "certain"),
        ("2020-12-31", "certain"),
        ("2021-06-01", "possible"),
        ("2022-01-01", "over"),
    ],
)
def test_a_state_is_not_yet_then_possibly_then_certainly_so_and_at_last_over(valid: str, words: str) -> None:
    history = History()
    history.say("s", "negotiation", "2019", "tur party, pak party", until="2021", data={"subject": "talks"})
    [item] = told(history, valid)["items"]
    assert item["certainty"] == words


def test_an_expectation_stands_apart_with_what_became_of_it() -> None:
    history = History()
    history.say("hope", "agreement", "2026-33", "tur party, pak party", action="expect")
    assert told(history, "2026-02-01")["items"][0]["expected"] == {"status": "due", "projected": True}
    history.say("deal", "agreement", "2026-02", "tur party, pak party")
    history.record("fulfil", "hope", fulfilled_by="deal")
    hope, deal = told(history, "2026-06-01", known="2026-07-01T00:00:00Z")["items"]
    assert hope["expected"] == {"status": "fulfilled", "fulfilled_by": "deal", "certainty": "certain"}
    assert "certainty" not in hope
    assert deal["certainty"] == "certain"
    certain = told(history, "2026-06-01", known="2026-07-01T00:00:00Z", criteria=Criteria(certain_only=True))
    assert ([item["claim"] for item in certain["items"]], certain["omitted"]["expected"]) == (["deal"], 1)


def test_each_year_of_an_all_members_set_is_in_its_window_and_the_years_between_are_not() -> None:
    history = dated("{2019,2021}")
    for year, there in (("2019", True), ("2020", False), ("2021", True)):
        window = Window(begins(year), ends(year))
        page = told(history, "2024-01-01", Filters(window=window, match="certain"))
        assert bool(page["items"]) is there, year


def clusters(history: History, **layout: Any) -> list[tuple[str, str | None, int]]:
    page = told(history, "2024-01-01", layout=Layout(**layout))
    return [(one["precision"], one.get("edtf"), one["count"]) for one in page["clusters"]]


def test_what_is_known_only_to_the_year_is_in_no_month() -> None:
    history = dated("2021-05-03", "2021-05", "2021", "2021-21", "202X", "[2018..2021]", "[..2021]", "1999/2003")
    assert sorted(clusters(history, bucket="month")) == [
        ("any", None, 2),
        ("century", "20XX", 1),
        ("decade", "202X", 1),
        ("month", "2021-05", 2),
        ("year", "2021", 2),
    ]
    assert ("day", "2021-05-03", 1) in clusters(history, bucket="day")
    assert ("decade", "202X", 5) in clusters(history, bucket="decade")


def test_a_day_is_that_of_the_zone_it_was_given_in() -> None:
    bounds = occurrence_bounds(parse("2021-01-01"), "Asia/Karachi")
    assert period_of(bounds, "Asia/Karachi", "day").edtf == "2021-01-01"
    assert period_of(bounds, None, "day").precision == "decade"


@given(st.integers(begins("0002"), ends("9997")), st.integers(0, 10**17), st.sampled_from(BUCKETS))
def test_a_period_holds_all_that_is_known_and_a_shorter_one_would_not(start: int, length: int, finest: Any) -> None:
    latest = min(start + length, ends("9997"))
    bounds = Bounds(start, latest, latest, latest)
    period = period_of(bounds, None, finest)
    assert LADDER.index(period.precision) >= LADDER.index(finest)
    if period.edtf is None:
        return
    assert begins(period.edtf) <= start
    assert latest < ends(period.edtf)
    for shorter in BUCKETS[BUCKETS.index(finest) : LADDER.index(period.precision)]:
        assert period_of(Bounds(start, start, start, start), None, shorter) != period_of(
            Bounds(latest, latest, latest, latest), None, shorter
        )


@given(st.integers(1, 12), st.sampled_from([None, *BUCKETS]))
def test_there_are_never_more_marks_than_asked_for_and_none_is_lost(most: int, bucket: Any) -> None:
    page = told(MANY, "2024-01-01", layout=Layout(max_items=most, bucket=bucket))
    marks = page.get("clusters", [])
    assert len(page["items"]) + len(marks) <= most
    assert len(page["items"]) + sum(mark["count"] for mark in marks) == len(MANY.events)


MANY = dated(*(f"20{year:02}-{month:02}" for year in range(18, 24) for month in (1, 2, 7)), "2021", "[..2020]", "202X")
RICH = pak_and_tur()
RICH.say("hope", "agreement", "2026-33", "tur party, pak party", action="expect")
RICH.say("deal", "agreement", "2026-02", "tur party, pak party")
RICH.record("fulfil", "hope", fulfilled_by="deal")
RICH.name("brigade", "Brigade", "2015/2024-05", kind="armed-force", part_of="paf")
VALID = st.integers(parse_point("2010-01-01").at, parse_point("2032-01-01").at)
CHANGES = sorted(
    {
        bound + step
        for event in RICH.events
        if event.bounds is not None
        for bound in (event.bounds.starts_earliest, event.bounds.starts_latest, event.bounds.ends_latest)
        if abs(bound) < 2**61
        for step in (-1, 0, 1)
    }
)


@settings(max_examples=150, deadline=None)
@given(
    valid=VALID | st.sampled_from(CHANGES),
    share=st.floats(0, 1),
    reported_by=st.sampled_from([None, "2024-06-30", "2025-12-05"]),
    criteria=st.sampled_from([Criteria(), Criteria(certain_only=True)]),
    layout=st.sampled_from([Layout(), Layout(bucket="year"), Layout(max_items=3), Layout(group_by="actor")]),
)
def test_moving_the_valid_time_inside_the_stable_bounds_changes_nothing_else(
    valid: int, share: float, reported_by: str | None, criteria: Criteria, layout: Layout
) -> None:
    question = RICH.question(rfc3339(valid), known="2026-06-01T00:00:00Z", reported_by=reported_by, criteria=criteria)
    page = of(RICH, question, Filters(), layout)
    stable = page.valid_stable
    first = parse_point(stable.from_).at if isinstance(stable.from_, str) else valid - 10**12
    last = parse_point(stable.until).at - 1 if isinstance(stable.until, str) else valid + 10**12
    assert first <= valid <= last
    for other in (first, last, min(last, first + int((last - first) * share))):
        as_of = msgspec.structs.replace(question.as_of, valid=other)
        moved = of(RICH, msgspec.structs.replace(question, as_of=as_of), Filters(), layout)
        assert msgspec.structs.replace(moved, as_of=page.as_of) == page
