"""What can be asked of a relationship: between two neighbouring points nothing changes; and what a glance shows."""

import datetime as dt
from collections.abc import Callable, Iterable
from itertools import pairwise
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import dyads
from service.domain.reading import relationships_of
from service.domain.types import TYPES
from service.projections.glance import MOST_HELD, glance
from service.projections.outline import LETTERS, Outline, Outlined, outline
from service.projections.state import state
from service.projections.view import View
from tests.projections.histories import LISTS, History
from tests.projections.sample import pak_and_tur

KNOWN = "2026-11-22T00:00:00Z"


def outlined(history: History, most: int = 1_000, known: str = KNOWN) -> Outline:
    question = history.question("2026-11-22", known=known)
    here = {one.claim for one in history.events if relates(one.event)}
    return outline(
        Outlined(
            relationship="pak--tur",
            members=["pak", "tur"],
            as_of=question.as_of,
            revision=0,
            events=[one for one in history.events if one.claim in here],
            claims=question.claims,
            actors=question.actors,
            types=TYPES,
            lang="en",
            most=most,
        )
    )


def relates(event: Any) -> bool:
    return hasattr(event, "parties") and "pak--tur" in relationships_of(event)


def shown(history: History, valid: str, reported_by: str | None = None, fold: Callable[[View], Any] = state) -> Any:
    """A whole answer but for where it stands."""
    said = fold(View(history.question(valid, reported_by=reported_by, known=KNOWN)))
    return msgspec.to_builtins(said) | {"as_of": None}


def day_before(day: str) -> str:
    return (dt.date.fromisoformat(day) - dt.timedelta(days=1)).isoformat()


def made_up(seed: int, size: int = 25) -> History:
    draw, history = Random(seed), History()  # noqa: S311 - the same each time
    history.name("tur", "Turkey", "1923-10-29/2022-05-31")
    history.name("tur", "Türkiye", "2022-06-01/..")
    for number in range(size):
        said = dyads.content(draw, ("tur", "pak")) | {"relationships": ["pak--tur"]}
        action = draw.choice(("assert", "assert", "assert", "expect")) if said["type"] == "agreement" else "assert"
        history.record(action, f"c{number}", **said)
        if draw.random() < 0.2:
            again = dyads.content(draw, ("tur", "pak"), said["type"]) | {"relationships": ["pak--tur"]}
            history.record("correct", f"c{number}", **again)
    return history


@given(st.integers(0, 10_000))
@settings(max_examples=12, deadline=None)
def test_between_two_neighbouring_days_of_an_axis_no_answer_changes(seed: int) -> None:
    history = made_up(seed)
    axes = outlined(history).axes
    assert axes.valid.precision == axes.reported.precision == "day"
    for reported in (None, "2015-06-30"):
        for earlier, later in pairwise(one.at for one in axes.valid.points if one.at < "2026-11-22"):
            assert shown(history, earlier, reported) == shown(history, day_before(later), reported), (earlier, later)
    for earlier, later in pairwise(one.at for one in axes.reported.points):
        before, after = (shown(history, "2020-06-30", day) for day in (earlier, day_before(later)))
        # What may have been out by then is counted, and that is no change of what is shown.
        before["omitted"] = after["omitted"] = None
        assert before == after, (earlier, later)


def test_the_days_are_those_on_which_something_begins_ends_or_is_published() -> None:
    history = History()
    history.say("a", "agreement", "2021", "tur party, pak party", published="2024-03")
    history.say("b", "programme", "2022-05-03", "tur party, pak party", until="2023-06-30", data={"programme": "p"})
    history.say("c", "agreement", "2027-01", "tur party, pak party", action="expect", published="2025-10-23")
    axes = outlined(history).axes
    assert [(one.at, one.changes) for one in axes.valid.points] == [
        ("2021-01-01", 1),
        ("2021-12-31", 1),
        ("2022-05-03", 2),
        ("2023-06-30", 1),
        ("2023-07-01", 1),
        ("2027-01-01", 1),
        ("2027-02-01", 1),
    ]
    assert [one.at for one in axes.reported.points] == ["2024-03-31", "2025-10-23"]
    assert [one.changes for one in axes.known.points] == [1, 1, 1]
    assert axes.known.points[0].at == "2026-01-02T00:00:00.000000Z"


@pytest.mark.parametrize("most", [1, 3, 7, 20, 200])
def test_too_many_points_become_the_last_ones_of_longer_periods_and_none_is_uncounted(most: int) -> None:
    history = made_up(7, 60)
    whole, thin = outlined(history).axes, outlined(history, most).axes
    for all_of, some in ((whole.valid, thin.valid), (whole.reported, thin.reported), (whole.known, thin.known)):
        assert sum(one.changes for one in some.points) == sum(one.changes for one in all_of.points)
        assert {one.at for one in some.points} <= {one.at for one in all_of.points}
        assert len(some.points) <= most or some.precision == "century"
        if some.precision != "version":
            letters = LETTERS[some.precision]
            last = {one.at[:letters]: one.at for one in all_of.points}
            assert [one.at for one in some.points] == list(last.values())


def test_facets_count_the_claims_that_are_visible_with_the_names_they_have() -> None:
    history = pak_and_tur()
    history.say("gone", "agreement", "2020", "tur party, pak party")
    history.record("retract", "gone", by="curator", reason="a mistake")
    said = outlined(history)
    assert said.claims == len(history.question("2026-11-22").claims)
    assert "agreement" in {one.type for one in said.types}  # the expectation
    assert {one.type: one.claims for one in said.types}["delivery"] == 3
    actors = {one.actor: one for one in said.actors}
    assert (actors["tur"].label, actors["paf"].label) == ("Türkiye", "Pakistan Air Force")
    assert said.actors[0].claims == max(one.claims for one in said.actors)
    platforms = {one.platform: (one.label, one.claims) for one in said.platforms}
    assert platforms["bayraktar-tb2"] == ("Bayraktar TB2", 5)
    assert platforms["akinci"] == ("akinci", 3)
    assert (said.earliest, said.latest) == ("2018-01-01", "2026-03-31")


def test_of_a_relationship_without_claims_the_outline_is_empty() -> None:
    said = outlined(History())
    assert (said.known, said.claims, said.types, said.axes.valid.points) == (False, 0, (), ())
    assert said.earliest is msgspec.UNSET


@given(st.integers(0, 10_000), st.sampled_from(["2005-06-30", "2015-06-30", "2026-06-30"]), st.booleans())
@settings(max_examples=30, deadline=None)
def test_a_glance_says_what_the_state_says(seed: int, valid: str, certain_only: bool) -> None:  # noqa: FBT001
    history = made_up(seed)
    question = history.question(valid, known=KNOWN)
    criteria = msgspec.structs.replace(question.criteria, certain_only=certain_only)
    question = msgspec.structs.replace(question, criteria=criteria)
    whole, short = state(View(question)), glance(View(question))
    assert (short.phase, short.as_of, short.members) == (whole.phase, whole.as_of, whole.members)
    assert short.lines.get("other") is None
    for name in LISTS:
        if name != "other":
            assert short.lines.get(name, 0) == len(getattr(whole, name)), name
    by_status = [line.status for line in whole.expectations]
    for status in set(by_status):
        assert short.lines[f"expectations/{status}"] == by_status.count(status)
    held = {(line.actor, line.platform): line for line in whole.inventory}
    assert len(short.held) == min(len(held), MOST_HELD)
    for line in short.held:
        there = held[line.actor, line.platform]
        assert (line.quantity, line.certainty, line.standing) == (there.quantity, there.certainty, there.standing)
    assert descending([line.certainty == "certain" for line in short.held])
    assert [line.facility for line in short.facilities] == [line.facility for line in whole.facilities][-6:]


def descending(some: Iterable[bool]) -> bool:
    listed = list(some)
    return listed == sorted(listed, reverse=True)
