"""Windows count from the earliest bound of one date through the latest of another, and are half-open inside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain import edtf
from service.domain.as_of import parse_point
from service.domain.edtf import BEGINNING, FOREVER, Bounds, Span, UnreadableDate
from service.domain.windows import Window, begins, ends

DAY = 86_400_000_000


def window(from_: str | None, to: str | None) -> Window:
    return Window(BEGINNING if from_ is None else begins(from_), FOREVER if to is None else ends(to))


def at(text: str) -> int:
    return parse_point(text).at


@pytest.mark.parametrize(
    ("from_", "to", "begins", "ends"),
    [
        ("2021", "2023", "2021-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("2021-05", "2021-05", "2021-05-01T00:00:00Z", "2021-06-01T00:00:00Z"),
        ("2021-05-03", "2021-05-03", "2021-05-03T00:00:00Z", "2021-05-04T00:00:00Z"),
        ("202X", "[2023..2025]", "2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2021-21", "2020/2022-03~", "2021-03-01T00:00:00Z", "2022-04-01T00:00:00Z"),
        ("2021-01-01T12:00:00Z", "2021-01-01T12:00:00Z", "2021-01-01T12:00:00Z", "2021-01-01T12:00:00.000001Z"),
    ],
)
def test_from_counts_from_its_earliest_and_to_through_its_latest_bound(
    from_: str, to: str, begins: str, ends: str
) -> None:
    assert window(from_, to) == Window(at(begins), at(ends))


def test_what_is_left_out_bounds_nothing() -> None:
    assert window(None, None) == Window(BEGINNING, FOREVER)
    assert window("2021", None) == Window(at("2021-01-01T00:00:00Z"), FOREVER)
    assert window("2021", "2023/..") == Window(at("2021-01-01T00:00:00Z"), FOREVER)


@pytest.mark.parametrize("text", ["", "21", "2021-02-30", "2021 ", "2021-13", "yesterday", "٢٠٢١", "2021/2020"])
def test_anything_else_is_no_date(text: str) -> None:
    with pytest.raises(UnreadableDate):
        window(text, None)


def test_an_occurrence_of_a_year_is_only_possibly_in_a_month_of_it_and_never_in_another_year() -> None:
    year = [Span(at("2021-01-01T00:00:00Z"), at("2021-12-31"))]
    may = window("2021-05", "2021-05")
    assert may.holds_some_of(year, "possible")
    assert not may.holds_some_of(year, "certain")
    assert window("2021", "2021").holds_some_of(year, "certain")
    assert not window("2022", None).holds_some_of(year, "possible")
    assert not window(None, "2020").holds_some_of(year, "possible")


def test_a_state_meets_every_window_that_it_lasted_into() -> None:
    state = edtf.state_bounds(edtf.parse("2019"), edtf.parse("2021"))
    for asked, possible, certain in (
        (("2018", "2018"), False, False),
        (("2019-06", "2019-06"), True, False),
        (("2019", "2019"), True, True),
        (("2020", "2020"), True, True),
        (("2021-01-01", "2021-01-01"), True, False),
        (("2021", None), True, False),
        (("2022", None), False, False),
    ):
        assert window(*asked).meets(state, "possible") is possible, asked
        assert window(*asked).meets(state, "certain") is certain, asked


def test_a_state_of_unknown_end_is_certainly_so_when_it_began() -> None:
    state = edtf.state_bounds(edtf.parse("2019"), "")
    assert window("2019", "2019").meets(state, "certain")
    assert window("2020", None).meets(state, "possible")
    assert not window("2020", None).meets(state, "certain")


INSTANTS = st.integers(0, 12)


@given(st.lists(INSTANTS, min_size=4, max_size=4), st.lists(INSTANTS, min_size=2, max_size=2, unique=True))
def test_certain_and_possible_are_what_holds_of_all_and_of_some_states_within_the_bounds(
    bounds: list[int], edges: list[int]
) -> None:
    starts, stops = sorted(bounds[:2]), sorted(bounds[2:])
    asked = Window(*sorted(edges))
    within = [(s, e) for s in range(starts[0], starts[1] + 1) for e in range(stops[0], stops[1] + 1) if s < e]
    if not within or stops[0] < starts[0]:
        return
    met = [s < asked.ends and e > asked.begins for s, e in within]
    told = Bounds(*starts, *stops)
    if asked.meets(told, "certain"):
        assert all(met)
    if starts[1] < stops[0]:  # whatever the start, every end is possible
        assert asked.meets(told, "possible") is any(met)
        assert asked.meets(told, "certain") is all(met)
