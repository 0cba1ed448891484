"""Between when an answer stays as it is, and what holds of every answer."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.as_of import parse_point, rfc3339
from service.projections.criteria import Criteria
from service.projections.question import Question
from service.projections.state import State, state
from service.projections.view import View
from tests.projections.histories import LISTS, History, encoded
from tests.projections.sample import pak_and_tur

KNOWN = "2026-11-22T00:00:00Z"


def stability(history: History, valid: str) -> dict[str, str]:
    found: dict[str, str] = encoded(history.state(valid, known=KNOWN))["as_of"]["valid_stable"]
    return found


def test_stable_bounds_are_the_nearest_at_which_anything_changes() -> None:
    history = History()
    history.say("a", "agreement", "2021", "tur party, pak party")
    stable = [stability(history, valid) for valid in ("2020-06-01", "2021-06-01", "2024-01-01")]
    assert stable == [
        {"until": "2021-01-01T00:00:00.000000Z"},
        {"from": "2021-01-01T00:00:00.000000Z", "until": "2021-12-31T23:59:59.999999Z"},
        {"from": "2021-12-31T23:59:59.999999Z", "until": "2026-11-22T00:00:00.000001Z"},
    ]


def test_an_unrelated_actor_does_not_narrow_what_is_stable() -> None:
    history = pak_and_tur()
    before = stability(history, "2024-06-30")
    history.name("fra", "France", "2024-06-01/2024-07-01")
    assert stability(history, "2024-06-30") == before


def _moved(question: Question, valid: int) -> State:
    return state(View(msgspec.structs.replace(question, as_of=msgspec.structs.replace(question.as_of, valid=valid))))


def _rich() -> History:
    """Whatever may make a difference to an answer, in one relationship."""
    history = pak_and_tur()
    history.say("fulfilled", "agreement", "2026-33", "tur party, pak party", action="expect")
    history.say("deal", "agreement", "2026-02", "tur party, pak party")
    history.record("fulfil", "fulfilled", fulfilled_by="deal")
    plant = {"facility": "drone-plant", "stage": "operating"}
    history.say("runs", "facility", "2027/2030", "tur partner, pak host", data=plant)
    history.name("brigade", "Brigade", "2015/2024-05", kind="armed-force", part_of="paf")
    howitzer = {"platform": "howitzer", "quantity": {"low": 3, "high": 10}}
    history.say("guns", "delivery", "{2016,2018..2020}", "tur supplier, brigade recipient", data=howitzer, **PAK_TUR)
    return history


PAK_TUR: dict[str, Any] = {"relationships": ["pak--tur"]}
RICH = _rich()
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
FILTERS = st.sampled_from([{}, {"criteria": Criteria(certain_only=True)}])
REPORTED = st.sampled_from([None, "2024-06-30", "2025-11-30", "2025-12-05"])


@settings(max_examples=150, deadline=None)
@given(valid=VALID | st.sampled_from(CHANGES), share=st.floats(0, 1), reported_by=REPORTED, filters=FILTERS)
def test_moving_the_valid_time_inside_the_stable_bounds_changes_nothing_else(
    valid: int, share: float, reported_by: str | None, filters: dict[str, Any]
) -> None:
    question = RICH.question(rfc3339(valid), known="2026-06-01T00:00:00Z", reported_by=reported_by, **filters)
    answer = state(View(question))
    stable = answer.as_of.valid_stable
    first = parse_point(stable.from_).at if isinstance(stable.from_, str) else valid - 10**12
    last = parse_point(stable.until).at - 1 if isinstance(stable.until, str) else valid + 10**12
    assert first <= valid <= last
    for other in (first, last, first + int((last - first) * share)):
        moved = _moved(question, min(other, last))
        as_of = msgspec.structs.replace(moved.as_of, valid_at=answer.as_of.valid_at)
        assert msgspec.structs.replace(moved, as_of=as_of) == answer


@settings(max_examples=100, deadline=None)
@given(valid=VALID | st.sampled_from(CHANGES), reported_by=REPORTED)
def test_certain_lines_are_among_the_lines_at_that_point(valid: int, reported_by: str | None) -> None:
    question = RICH.question(rfc3339(valid), reported_by=reported_by)
    full = state(View(question))
    certain = state(View(msgspec.structs.replace(question, criteria=Criteria(certain_only=True))))
    for name in LISTS:
        assert set(getattr(certain, name)) <= set(getattr(full, name))
    assert certain.omitted.possible == sum(len(getattr(full, n)) - len(getattr(certain, n)) for n in LISTS)


@settings(max_examples=50, deadline=None)
@given(valid=VALID, position=st.integers(0, RICH.head), reported_by=REPORTED)
def test_every_answer_is_what_its_type_says(valid: int, position: int, reported_by: str | None) -> None:
    answer = RICH.state(rfc3339(valid), position, reported_by)
    sent = msgspec.json.encode(answer)
    assert msgspec.json.decode(sent, type=State) == answer
    assert b"null" not in sent
