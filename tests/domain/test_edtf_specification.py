"""The examples of the Library of Congress EDTF specification, each with its bounds or with the place of its refusal.

https://www.loc.gov/standards/datetime/ , levels 0 and 1 whole, and of level 2 what docs/dates.md lists; an example of a
feature we leave out stands here too, with its refusal.
"""

import datetime as dt
from typing import NamedTuple

import pytest

from service.domain.edtf import BEGINNING, FOREVER, Bounds, UnreadableDate, members, parse, span, state_bounds
from service.domain.spans import DAY, Span


def at(text: str | None) -> int:
    """The instant of a day's beginning or of a UTC date-time, read by the standard library; None: BEGINNING."""
    if text is None:
        return BEGINNING
    moment = dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def last_of(text: str | None) -> int:
    """The last microsecond of a day; None: FOREVER."""
    return FOREVER if text is None else at(text) + DAY - 1


class Example(NamedTuple):
    """First and last day of the span; for an interval, the four bounds as days: the end's too. None: unbounded."""

    text: str
    first: str | None
    last: str | None
    start_last: str | None = None
    end_first: str | None = None


DATES = [
    # level 0: date
    Example("1985-04-12", "1985-04-12", "1985-04-12"),
    Example("1985-04", "1985-04-01", "1985-04-30"),
    Example("1985", "1985-01-01", "1985-12-31"),
    # level 1: seasons
    Example("2001-21", "2001-03-01", "2001-05-31"),
    Example("2001-22", "2001-06-01", "2001-08-31"),
    Example("2001-23", "2001-09-01", "2001-11-30"),
    Example("2001-24", "2001-12-01", "2002-02-28"),
    Example("2003-24", "2003-12-01", "2004-02-29"),
    # level 1: a qualified date
    Example("1984?", "1984-01-01", "1984-12-31"),
    Example("2004-06~", "2004-06-01", "2004-06-30"),
    Example("2004-06-11%", "2004-06-11", "2004-06-11"),
    # level 1: unspecified digits from the right
    Example("201X", "2010-01-01", "2019-12-31"),
    Example("20XX", "2000-01-01", "2099-12-31"),
    Example("2004-XX", "2004-01-01", "2004-12-31"),
    Example("1985-04-XX", "1985-04-01", "1985-04-30"),
    Example("1985-XX-XX", "1985-01-01", "1985-12-31"),
    # level 2: sub-year groupings
    Example("2001-33", "2001-01-01", "2001-03-31"),
    Example("2001-34", "2001-04-01", "2001-06-30"),
    Example("2001-35", "2001-07-01", "2001-09-30"),
    Example("2001-36", "2001-10-01", "2001-12-31"),
    Example("2001-37", "2001-01-01", "2001-04-30"),
    Example("2001-38", "2001-05-01", "2001-08-31"),
    Example("2001-39", "2001-09-01", "2001-12-31"),
    Example("2001-40", "2001-01-01", "2001-06-30"),
    Example("2001-41", "2001-07-01", "2001-12-31"),
    # level 2: qualified parts
    Example("2004-06~-11", "2004-06-11", "2004-06-11"),
    Example("2004?-06-11", "2004-06-11", "2004-06-11"),
    Example("?2004-06-~11", "2004-06-11", "2004-06-11"),
    Example("2004-%06-11", "2004-06-11", "2004-06-11"),
    Example("2004?-06-04~", "2004-06-04", "2004-06-04"),
    # level 2: unspecified digits anywhere
    Example("156X-12-25", "1560-12-25", "1569-12-25"),
    Example("15XX-12-25", "1500-12-25", "1599-12-25"),
    Example("15XX-12-XX", "1500-12-01", "1599-12-31"),
    Example("XXXX-12-XX", "0002-12-01", "9998-12-31"),
    Example("1XXX-XX", "1000-01-01", "1999-12-31"),
    Example("1XXX-12", "1000-12-01", "1999-12-31"),
    Example("1984-1X", "1984-10-01", "1984-12-31"),
    # level 2: one of a set
    Example("[1667,1668,1670..1672]", "1667-01-01", "1672-12-31"),
    Example("[..1760-12-03]", None, "1760-12-03"),
    Example("[1760-12..]", "1760-12-01", None),
    Example("[1760-01,1760-02,1760-12..]", "1760-01-01", None),
    Example("[1667,1760-12]", "1667-01-01", "1760-12-31"),
    Example("[..1984]", None, "1984-12-31"),
]

INTERVALS = [
    # level 0
    Example("1964/2008", "1964-01-01", "2008-12-31", "1964-12-31", "2008-01-01"),
    Example("2004-06/2006-08", "2004-06-01", "2006-08-31", "2004-06-30", "2006-08-01"),
    Example("2004-02-01/2005-02-08", "2004-02-01", "2005-02-08", "2004-02-01", "2005-02-08"),
    Example("2004-02-01/2005-02", "2004-02-01", "2005-02-28", "2004-02-01", "2005-02-01"),
    Example("2004-02-01/2005", "2004-02-01", "2005-12-31", "2004-02-01", "2005-01-01"),
    Example("2005/2006-02", "2005-01-01", "2006-02-28", "2005-12-31", "2006-02-01"),
    # level 1: open end
    Example("1985-04-12/..", "1985-04-12", None, "1985-04-12", None),
    Example("1985-04/..", "1985-04-01", None, "1985-04-30", None),
    Example("1985/..", "1985-01-01", None, "1985-12-31", None),
    # level 1: open and unknown start
    Example("../1985-04-12", None, "1985-04-12", "1985-04-12", "1985-04-12"),
    Example("../1985-04", None, "1985-04-30", "1985-04-30", "1985-04-01"),
    Example("../1985", None, "1985-12-31", "1985-12-31", "1985-01-01"),
    Example("/1985-04-12", None, "1985-04-12", "1985-04-12", "1985-04-12"),
    Example("/1985-04", None, "1985-04-30", "1985-04-30", "1985-04-01"),
    Example("/1985", None, "1985-12-31", "1985-12-31", "1985-01-01"),
    # level 1: unknown end
    Example("1985-04-12/", "1985-04-12", None, "1985-04-12", "1985-04-12"),
    Example("1985-04/", "1985-04-01", None, "1985-04-30", "1985-04-01"),
    Example("1985/", "1985-01-01", None, "1985-12-31", "1985-01-01"),
    # level 1: qualified ends
    Example("1984~/2004-06", "1984-01-01", "2004-06-30", "1984-12-31", "2004-06-01"),
    Example("1984/2004-06~", "1984-01-01", "2004-06-30", "1984-12-31", "2004-06-01"),
    Example("1984~/2004~", "1984-01-01", "2004-12-31", "1984-12-31", "2004-01-01"),
    Example("1984?/2004%", "1984-01-01", "2004-12-31", "1984-12-31", "2004-01-01"),
    Example("1984-06?/2004-08?", "1984-06-01", "2004-08-31", "1984-06-30", "2004-08-01"),
    Example("1984-06-02?/2004-08-08~", "1984-06-02", "2004-08-08", "1984-06-02", "2004-08-08"),
    Example("1984-06-02?/", "1984-06-02", None, "1984-06-02", "1984-06-02"),
    # level 2: qualified and unspecified parts
    Example("2004-06-~01/2004-06-~20", "2004-06-01", "2004-06-20", "2004-06-01", "2004-06-20"),
    Example("2004-06-XX/2004-07-03", "2004-06-01", "2004-07-03", "2004-06-30", "2004-07-03"),
]

DATE_TIMES = [
    ("1985-04-12T23:20:30", at("1985-04-12T23:20:30")),
    ("1985-04-12T23:20:30Z", at("1985-04-12T23:20:30")),
    ("1985-04-12T23:20:30-04", at("1985-04-13T03:20:30")),
    ("1985-04-12T23:20:30+04:30", at("1985-04-12T18:50:30")),
]

ALL_MEMBERS = [
    ("{1667,1668,1670..1672}", [("1667-01-01", "1667-12-31"), ("1668-01-01", "1668-12-31")]
     + [(f"{year}-01-01", f"{year}-12-31") for year in (1670, 1671, 1672)]),
    ("{1960,1961-12}", [("1960-01-01", "1960-12-31"), ("1961-12-01", "1961-12-31")]),
    ("{..1984}", [(None, "1984-12-31")]),
]  # fmt: skip

LEFT_OUT = [
    # level 1: long and negative years
    ("Y170000002", 0, "four digits"),
    ("Y-170000002", 0, "four digits"),
    ("-1985", 0, "Negative"),
    # level 2: exponential years, significant digits
    ("Y-17E7", 0, "four digits"),
    ("1950S2", 4, "Significant"),
    ("Y171010000S3", 0, "four digits"),
    ("Y3388E2S3", 0, "four digits"),
    # level 2: seasons of one hemisphere
    *((f"2001-{season}", 5, "hemisphere") for season in range(25, 33)),
]


def days(first: str | None, last: str | None) -> Span:
    return Span(at(first), last_of(last))


@pytest.mark.parametrize("example", DATES, ids=lambda example: example.text)
def test_a_date_of_the_specification_begins_within_its_days_and_never_surely_ends(example: Example) -> None:
    expected = days(example.first, example.last)
    date = parse(example.text)
    assert span(date) == expected
    assert state_bounds(date, "..") == Bounds(expected.earliest, expected.latest, FOREVER, FOREVER)
    assert state_bounds(date, None) == Bounds(expected.earliest, expected.latest, expected.earliest, FOREVER)


@pytest.mark.parametrize("example", INTERVALS, ids=lambda example: example.text)
def test_an_interval_of_the_specification_has_its_four_bounds(example: Example) -> None:
    whole = days(example.first, example.last)
    date = parse(example.text)
    assert span(date) == whole
    end = FOREVER if example.last is None else whole.latest + 1
    end_first = FOREVER if example.end_first is None else at(example.end_first)
    assert state_bounds(date, None) == Bounds(whole.earliest, last_of(example.start_last), end_first, end)


@pytest.mark.parametrize(("text", "instant"), DATE_TIMES)
def test_a_date_time_of_the_specification_is_one_instant(text: str, instant: int) -> None:
    date = parse(text)
    assert date.kind == "instant"
    assert span(date) == Span(instant, instant)
    assert state_bounds(parse("1985-04-01"), date) == Bounds(at("1985-04-01"), at("1985-04-02") - 1, instant, instant)


@pytest.mark.parametrize(("text", "expected"), ALL_MEMBERS)
def test_a_set_of_the_specification_has_its_members(text: str, expected: list[tuple[str | None, str | None]]) -> None:
    assert members(parse(text)) == tuple(days(first, last) for first, last in expected)
    whole = days(expected[0][0], expected[-1][1])
    assert state_bounds(parse(text), None) == Bounds(whole.earliest, whole.latest, whole.earliest, whole.latest + 1)


@pytest.mark.parametrize(("text", "offset", "reason"), LEFT_OUT)
def test_an_example_of_a_feature_left_out_is_refused_by_name(text: str, offset: int, reason: str) -> None:
    with pytest.raises(UnreadableDate, match=reason) as refusal:
        parse(text)
    assert refusal.value.offset == offset


@pytest.mark.parametrize("example", [*DATES, *INTERVALS], ids=lambda example: example.text)
def test_qualifiers_of_the_specification_are_flags_and_move_no_day(example: Example) -> None:
    date = parse(example.text)
    bare = parse(example.text.translate(str.maketrans("", "", "?~%")))
    assert span(date) == span(bare)
    assert date.approximate == any(mark in example.text for mark in "~%")
    assert date.uncertain == any(mark in example.text for mark in "?%")
    assert not bare.approximate
    assert not bare.uncertain


def test_a_day_has_86_400_million_microseconds() -> None:
    assert span(parse("1970-01-01")) == Span(0, DAY - 1)
