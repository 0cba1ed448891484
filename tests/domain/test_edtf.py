"""What dates mean: certainty, the four bounds, zones, sets, refusals, and the properties that hold of every date."""

import calendar
import datetime as dt
import itertools
import pathlib
import pickle
import re
from typing import Literal

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from service.domain.edtf import (
    BEGINNING,
    FOREVER,
    Bounds,
    Edtf,
    ImpossiblePeriod,
    Span,
    UnknownZone,
    UnreadableDate,
    certainty,
    day,
    members,
    occurrence_bounds,
    parse,
    span,
    state_bounds,
)
from service.domain.spans import DAY

End = Literal["..", ""] | str | None


def at(text: str | None) -> int:
    """The instant of a day's beginning or of a UTC date-time, read by the standard library; None: BEGINNING."""
    if text is None:
        return BEGINNING
    moment = dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def last_of(text: str | None) -> int:
    """The last microsecond of a day; None: FOREVER."""
    return FOREVER if text is None else at(text) + DAY - 1


def state(occurred: str, until: End = None, tz: str = "UTC") -> Bounds:
    end: Edtf | Literal["..", ""] | None
    if until is None:
        end = None
    elif until == "..":
        end = ".."
    else:
        end = parse(until) if until else ""
    return state_bounds(parse(occurred), end, tz)


def refusal(text: str) -> UnreadableDate:
    with pytest.raises(UnreadableDate) as caught:
        parse(text)
    return caught.value


# What a question answers, rule 1


def test_what_was_acquired_in_2021_is_possible_until_the_last_microsecond_of_the_year_and_certain_from_it() -> None:
    acquired = occurrence_bounds(parse("2021"))
    assert certainty(acquired, at("2021-01-01") - 1) is None
    assert certainty(acquired, at("2021-01-01")) == "possible"
    assert certainty(acquired, last_of("2021-06-01")) == "possible"
    assert certainty(acquired, at("2021-12-31T23:59:59")) == "possible"
    assert certainty(acquired, last_of("2021-12-31")) == "certain"
    assert certainty(acquired, last_of("2999-12-31")) == "certain"


def test_what_happened_on_a_day_is_possible_at_noon_and_certain_as_of_that_date() -> None:
    delivered = occurrence_bounds(parse("2023-05-03"))
    assert certainty(delivered, at("2023-05-03T12:00:00")) == "possible"
    assert certainty(delivered, last_of("2023-05-03")) == "certain"
    assert certainty(delivered, last_of("2023-05-02")) is None


def test_a_state_of_2021_until_2023_is_certain_between_and_possible_in_its_last_year() -> None:
    held = state("2021", "2023")
    assert certainty(held, last_of("2022-06-01")) == "certain"
    assert certainty(held, last_of("2021-06-01")) == "possible"
    assert certainty(held, at("2023-01-01") - 1) == "certain"
    assert certainty(held, at("2023-01-01")) == "possible"
    assert certainty(held, last_of("2023-01-01")) == "possible"
    assert certainty(held, last_of("2023-12-31")) == "possible"
    assert certainty(held, last_of("2024-01-01")) is None
    assert certainty(held, at("2024-01-01")) is None


def test_an_open_end_makes_certain_and_an_unknown_or_absent_end_never_does() -> None:
    later = at("2500-01-01")
    assert certainty(state("2018", ".."), later) == "certain"
    assert certainty(state("2018", ""), later) == "possible"
    assert certainty(state("2018", None), later) == "possible"
    assert certainty(state("2018/.."), later) == "certain"
    assert certainty(state("2018/"), later) == "possible"


def test_an_unknown_start_is_possible_at_any_time_before_the_end() -> None:
    for text in ("/2018", "../2018"):
        bounds = state(text)
        assert bounds == Bounds(BEGINNING, last_of("2018-12-31"), at("2018-01-01"), at("2019-01-01"))
        assert certainty(bounds, at("0500-01-01")) == "possible"
        assert certainty(bounds, at("2019-01-01")) is None


# Ends


@pytest.mark.parametrize(("occurred", "until"), [("2018", "2025"), ("2018", ".."), ("2018", ""), ("2018-06", "2018")])
def test_an_interval_is_the_same_as_a_start_and_an_until(occurred: str, until: str) -> None:
    assert state(f"{occurred}/{until}") == state(occurred, until)


def test_a_state_known_to_last_through_a_day_ends_with_the_instant_after_it() -> None:
    bounds = state("2025-06-01", "2026-01-01T00:00:00Z")
    assert bounds == Bounds(at("2025-06-01"), last_of("2025-06-01"), at("2026-01-01"), at("2026-01-01"))
    assert certainty(bounds, last_of("2025-12-31")) == "certain"
    assert certainty(bounds, at("2026-01-01")) is None


def test_no_end_is_earlier_than_the_earliest_start() -> None:
    assert state("2018-06", "2018").ends_earliest == at("2018-06-01")
    assert state("2018-06", "[..2020]") == Bounds(
        at("2018-06-01"), last_of("2018-06-30"), at("2018-06-01"), at("2021-01-01")
    )
    assert state("2018", "[2020..]") == Bounds(at("2018-01-01"), last_of("2018-12-31"), at("2020-01-01"), FOREVER)


@pytest.mark.parametrize("until", ["2017", "2017-12-31", "2018-05-31", "2018-06-01T00:00:00Z", "[2010,2012..2015]"])
def test_an_end_that_is_certainly_not_after_the_start_is_impossible(until: str) -> None:
    with pytest.raises(ImpossiblePeriod, match="not after the start") as caught:
        state("2018-06", until)
    assert until in caught.value.reason


@pytest.mark.parametrize("until", ["2020", "..", ""])
def test_an_interval_with_an_until_has_two_ends_and_is_impossible(until: str) -> None:
    with pytest.raises(ImpossiblePeriod, match="end already"):
        state("2018/2020", until)


def test_an_until_that_is_an_interval_is_impossible() -> None:
    with pytest.raises(ImpossiblePeriod, match="interval"):
        state("2018", "2019/2020")


def test_the_end_of_a_state_may_be_in_the_period_it_began_in() -> None:
    assert state("2018/2018") == Bounds(at("2018-01-01"), last_of("2018-12-31"), at("2018-01-01"), at("2019-01-01"))
    assert state("2018/2018-03").ends_latest == at("2018-04-01")


# Sets


def test_a_set_or_an_interval_of_an_occurrence_is_complete_by_its_last_end() -> None:
    for text in ("{2022,2023,2024}", "2022/2024", "[2022..2024]", "{2022..2024}", "[2024,2022]"):
        bounds = occurrence_bounds(parse(text))
        assert bounds == Bounds(at("2022-01-01"), last_of("2024-12-31"), FOREVER, FOREVER)
    assert occurrence_bounds(parse("2018/..")) == Bounds(at("2018-01-01"), FOREVER, FOREVER, FOREVER)
    assert occurrence_bounds(parse("/2018")) == Bounds(BEGINNING, last_of("2018-12-31"), FOREVER, FOREVER)


def test_a_set_of_all_members_as_a_state_is_never_more_than_possible() -> None:
    assert state("{2022,2024}") == Bounds(at("2022-01-01"), last_of("2024-12-31"), at("2022-01-01"), at("2025-01-01"))
    for until in ("", "..", "2026"):
        bounds = state("{2022,2024}", until)
        assert bounds.ends_earliest == bounds.starts_earliest


@pytest.mark.parametrize(
    ("text", "count", "second"),
    [
        ("{2022..2024}", 3, "2023-01-01"),
        ("{2022-11..2023-02}", 4, "2022-12-01"),
        ("{2024-02-28..2024-03-01}", 3, "2024-02-29"),
        ("{2022-33..2023-34}", 6, "2022-04-01"),
        ("{2022-23..2023-22}", 4, "2022-12-01"),
        ("{2022-37..2022-39}", 3, "2022-05-01"),
        ("{2022-40..2023-41}", 4, "2022-07-01"),
        ("{2024,2022..2023,2022}", 3, "2023-01-01"),
        ("{1000..1999}", 1000, "1001-01-01"),
    ],
)
def test_a_range_in_a_set_of_all_members_is_listed_at_its_precision(text: str, count: int, second: str) -> None:
    listed = members(parse(text))
    assert len(listed) == count
    assert listed[1].earliest == at(second)
    assert all(one.latest < following.earliest for one, following in itertools.pairwise(listed))


def test_only_a_set_of_all_members_has_members() -> None:
    for text in ("2022", "[2022,2023]", "2022/2024", "2022-01-01T00:00:00Z"):
        assert members(parse(text)) == ()


# Zones


def test_days_are_those_of_the_zone_where_one_is_given() -> None:
    assert span(parse("2021-06-01"), "Europe/Istanbul") == Span(
        at("2021-05-31T21:00:00"), at("2021-06-01T21:00:00") - 1
    )
    assert span(parse("2021"), "Asia/Karachi") == Span(at("2020-12-31T19:00:00"), at("2021-12-31T19:00:00") - 1)
    assert state("2018", "2018", "Asia/Karachi").ends_latest == at("2018-12-31T19:00:00")


@pytest.mark.parametrize(
    ("zone", "date", "first", "end"),
    [
        # a midnight skipped: the first instant that exists
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00", "2018-11-05T02:00:00"),
        ("America/Sao_Paulo", "2018-11-03", "2018-11-03T03:00:00", "2018-11-04T03:00:00"),
        # a gap from 23:30 to 00:30
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30:00", "1919-04-01T04:00:00"),
        ("America/Toronto", "1919-03-30", "1919-03-30T05:00:00", "1919-03-31T04:30:00"),
        # midnight strikes twice, the clock goes back from 01:00 to it
        ("America/Havana", "2021-11-07", "2021-11-07T04:00:00", "2021-11-08T05:00:00"),
        ("America/Havana", "2021-11-06", "2021-11-06T04:00:00", "2021-11-07T04:00:00"),
        # the clock goes back from 00:01 to 23:01: the old day comes again
        ("America/St_Johns", "2006-10-29", "2006-10-29T02:30:00", "2006-10-30T03:30:00"),
        ("America/St_Johns", "2006-10-28", "2006-10-28T02:30:00", "2006-10-29T03:30:00"),
    ],
)
def test_a_local_day_runs_from_its_first_to_its_last_instant(zone: str, date: str, first: str, end: str) -> None:
    assert span(parse(date), zone) == Span(at(first), at(end) - 1)


def test_a_day_that_a_zone_never_had_is_the_instant_at_which_it_was_skipped() -> None:
    skipped = at("2011-12-30T10:00:00")
    assert span(parse("2011-12-30"), "Pacific/Apia") == Span(skipped, skipped)
    assert span(parse("2011-12-29"), "Pacific/Apia").latest == skipped - 1
    assert span(parse("2011-12-31"), "Pacific/Apia").earliest == skipped


def test_a_date_time_without_a_zone_is_local_and_with_one_is_not() -> None:
    local, absolute = parse("2021-06-01T12:00:00"), parse("2021-06-01T12:00:00+05:00")
    assert span(local).earliest == at("2021-06-01T12:00:00")
    assert span(local, "Europe/Istanbul").earliest == at("2021-06-01T09:00:00")
    assert span(absolute, "Europe/Istanbul") == span(absolute) == Span(*[at("2021-06-01T07:00:00")] * 2)
    assert span(parse("2018-11-04T00:30:00"), "America/Sao_Paulo").earliest == at("2018-11-04T03:30:00")
    assert span(parse("2021-11-07T00:30:00"), "America/Havana").earliest == at("2021-11-07T04:30:00")


NO_ZONES = (
    "|Mars/Olympus|utc|America|localtime|../../etc/passwd|/etc/localtime|"
    "UTC\n|UTC\0|\ud800|right/UTC|posixrules|zone.tab|+03:00|Türkiye"
)


@pytest.mark.parametrize("tz", [*NO_ZONES.split("|"), "A" * 300, "A/" * 30 + "A"])
def test_an_unknown_zone_is_said_to_be_unknown(tz: str) -> None:
    for text in ("2021", "2021-06-01T12:00:00Z", "../2021", "{2021}"):
        with pytest.raises(UnknownZone, match="IANA") as caught:
            span(parse(text), tz)
        assert caught.value.tz == tz


ZONES = [
    *("UTC", "Europe/Istanbul", "Asia/Karachi", "America/Sao_Paulo", "America/St_Johns", "Pacific/Apia"),
    *("America/Toronto", "America/Havana", "Africa/Monrovia", "Asia/Manila", "America/Juneau"),
    *("Australia/Lord_Howe", "Pacific/Kwajalein", "Antarctica/Troll"),
]


@given(st.dates(dt.date(1840, 1, 1), dt.date(2040, 12, 31)), st.sampled_from(ZONES), st.integers(0, 86_399))
@settings(max_examples=300, deadline=None)
@example(dt.date(2006, 10, 28), "America/St_Johns", 86_399)
@example(dt.date(1867, 10, 18), "America/Juneau", 0)
@example(dt.date(1844, 12, 31), "Asia/Manila", 0)
def test_every_instant_that_a_local_clock_shows_on_a_day_lies_in_its_span(date: dt.date, tz: str, wall: int) -> None:
    whole = span(parse(date.isoformat()), tz)
    assert whole.earliest <= whole.latest
    clock = f"{date}T{dt.time.min.replace(hour=wall // 3600, minute=wall // 60 % 60, second=wall % 60)}"
    shown = span(parse(clock), tz).earliest
    following = span(parse((date + dt.timedelta(1)).isoformat()), tz)
    assert whole.earliest <= shown <= max(whole.latest, following.latest)
    assert following.earliest <= whole.latest + 1, "no instant is in no day"


# Refusals

REFUSED = [
    ("", 0, "missing"),
    ("..", 0, "until"),
    ("2015-02-29", 8, "no day 29"),
    ("1900-02-29", 8, "no day 29"),
    ("2018-04-31", 8, "no day 31"),
    ("2018-06-00", 8, "no day 00"),
    ("2018-06-32", 8, "no day 32"),
    ("2018-13", 5, "months are 01-12"),
    ("2018-00", 5, "months are 01-12|months run from"),
    ("2018-20", 5, "months are 01-12"),
    ("2018-42", 5, "months are 01-12"),
    ("2018-99", 5, "months are 01-12"),
    ("2018-25", 5, "hemisphere"),
    ("2018-32", 5, "hemisphere"),
    ("2018-21-05", 7, "no days"),
    ("2018-06-0a", 9, "YYYY-MM-DD"),
    ("2018-06-0", 9, "too soon"),
    ("2018-06-", 8, "too soon"),
    ("2018-0", 6, "too soon"),
    ("2018-", 5, "too soon"),
    ("201", 3, "too soon"),
    ("20180601", 4, "hyphens"),
    ("2018-0601", 7, "hyphens"),
    ("2018-06-011", 10, "hyphens"),
    ("20185", 4, "hyphens"),
    ("0000", 0, "0002 to 9998"),
    ("0001-12-31", 0, "0002 to 9998"),
    ("9999", 0, "0002 to 9998"),
    ("-0044-03-15", 0, "Negative"),
    ("-", 0, "Negative"),
    ("Y12018", 0, "four digits"),
    ("y12018", 0, "four digits"),
    ("2018E3", 4, "four digits"),
    ("1950S2", 4, "Significant"),
    ("2018-02-3X", 8, "no day 3X"),
    ("2018-06-4X", 8, "no day 4X"),
    ("2018-2X", 5, "no month 2X"),
    ("2018-3X-01", 5, "no month 3X"),
    ("XXX1-02-29", 8, "no day 29"),
    ("XXXX-02-30", 8, "no day 30"),
    ("199x", 3, "upper-case"),
    ("199u", 3, "older draft"),
    ("2018?~", 5, "one qualifier"),
    ("2018??", 5, "one qualifier"),
    ("?", 1, "too soon"),
    (" 2018", 0, "no spaces"),
    ("2018 ", 4, "no spaces"),
    ("20 18", 2, "no spaces"),
    ("2018-06-01 10:00:00", 10, "no spaces"),
    ("2018\n", 4, "line ends"),
    ("2018-06-01T10:00:00Z\n", 20, "line ends|hh:mm:ss"),
    ("2018/2019\n", 9, "line ends"),
    ("[2018]\n", 6, "Nothing may follow"),
    ("[2018, 2019]", 6, "no spaces"),
    ("2018\u00a0", 4, "no spaces"),
    ("201\uff18", 3, "ASCII"),
    ("\u0662\u0660\u0661\u0668", 0, "ASCII"),
    ("2018\u201306", 4, "ASCII"),
    ("2018\ud800", 4, "ASCII"),
    ("2018\0", 4, "YYYY"),
    ("2018-06-01T24:00:00", 11, "next day"),
    ("2018-06-01T25:00:00Z", 11, "00 to 23"),
    ("2018-06-01T10:60:00Z", 14, "Minutes"),
    ("2016-12-31T23:59:60Z", 17, "leap seconds"),
    ("2018-06-01T10:00:00.5Z", 19, "Fractions"),
    ("2018-06-01T10:00Z", 16, "hh:mm:ss"),
    ("2018-06-01T10", 13, "hh:mm:ss"),
    ("2018-06-01T", 11, "hh:mm:ss"),
    ("2018-06-01T10:00:00+", 20, "difference"),
    ("2018-06-01T10:00:00+24:00", 20, "-23:59 to"),
    ("2018-06-01T10:00:00+03:60", 23, "-23:59 to"),
    ("2018-06-01T10:00:00+0300", 22, "difference"),
    ("2018-06-01T10:00:00z", 19, "upper-case"),
    ("2018-06-01t10:00:00", 10, "upper-case"),
    ("2018-06-31T10:00:00", 8, "no day 31"),
    ("9999-06-01T10:00:00", 0, "0002 to 9998"),
    ("2018-06T10:00:00", 7, "full date"),
    ("2018-06-XXT10:00:00", 10, "full date"),
    ("2018-06-01~T10:00:00", 11, "full date"),
    ("2018-06-01T10:00:00Z?", 20, "hh:mm:ss"),
    ("2018-06-01Z", 10, "zone needs"),
    ("/", 1, "date at one end"),
    ("/..", 1, "date at one end"),
    ("../", 3, "date at one end"),
    ("../..", 3, "date at one end"),
    ("2018/2017", 5, "ends before"),
    ("2018-06/2018-05-31", 8, "ends before"),
    ("201X/2009", 5, "ends before"),
    ("2018/2019/2020", 9, "one slash"),
    ("2018/2019-13", 10, "months are 01-12"),
    ("2018/...", 7, "start/end"),
    ("2018//2019", 5, "one slash"),
    ("2018-06-01/2018-06-01T10:00:00", 21, "`until`"),
    ("2018-06-01T10:00:00Z/..", 10, "`until`"),
    ("2018/[2019,2020]", 5, "stands alone"),
    ("{2018,2019}/2020", 11, "Nothing may follow"),
    ("2018..2019", 4, "start/end"),
    ("..2019", 0, "start/end"),
    ("2018,2019", 4, "one of them"),
    ("2018]", 4, "closes that none opened"),
    ("[]", 1, "too soon"),
    ("{}", 1, "too soon"),
    ("[", 1, "too soon"),
    ("[2018", 5, "not closed"),
    ("{2018,2019", 10, "not closed"),
    ("[2018}", 5, "matches its first"),
    ("[2018]x", 6, "Nothing may follow"),
    ("[2018,]", 6, "too soon"),
    ("[,2018]", 1, "too soon"),
    ("[2018,,2019]", 6, "too soon"),
    ("[..]", 3, "one end"),
    ("[2018..,2020]", 7, "last of its set"),
    ("[2020,..2018]", 6, "first of its set"),
    ("[2018..2017]", 7, "ends before"),
    ("{2018..2017}", 7, "ends before"),
    ("[2018...2019]", 7, "two dots"),
    ("[2018..2019..2020]", 11, "two dots"),
    ("[2018.2019]", 5, "two dots"),
    ("[2018,[2019]]", 6, "nested"),
    ("{[2018],2019}", 1, "nested"),
    ("[2018/2019]", 5, "interval cannot stand in a set"),
    ("{2018/2019,2020}", 5, "interval cannot stand in a set"),
    ("[2018-06-01T10:00:00Z]", 11, "`until`"),
    ("[2018,2019-02-29]", 14, "no day 29"),
    ("{1000..2000}", 7, "at most 1000"),
    ("{1000..1999,2005..2006}", 18, "at most 1000"),
    ("{0002-01-01..9998-12-31}", 13, "at most 1000"),
    ("{201X..2024}", 7, "X leaves it open"),
    ("{2022..2023-05}", 7, "alike"),
    ("{2022-33..2022-22}", 10, "alike|ends before"),
    ("9" * 501, 500, "at most 500"),
    ("[" + "2018," * 100 + "2018]", 500, "at most 500"),
]


@pytest.mark.parametrize(("text", "offset", "reason"), REFUSED, ids=lambda value: repr(value)[:40])
def test_what_is_no_date_is_refused_with_the_place_and_the_reason(text: str, offset: int, reason: str) -> None:
    refused = refusal(text)
    assert refused.offset == offset
    assert re.search(reason, refused.reason)
    assert refused.text == text
    assert refused.reason.endswith(".")
    str(refused).encode()


def test_a_refusal_survives_pickling() -> None:
    refused = pickle.loads(pickle.dumps(refusal("2018-13")))  # noqa: S301 - our own bytes
    assert (refused.text, refused.offset) == ("2018-13", 5)
    assert refused.reason == refusal("2018-13").reason


def in_the_first_column(heading: str) -> list[str]:
    page = pathlib.Path(__file__).parents[2].joinpath("docs", "dates.md").read_text("utf-8")
    rows = page.split(f"\n## {heading}\n")[1].split("\n## ")[0].splitlines()
    return [text for row in rows if row.startswith("| `") for text in re.findall("`([^`]*)`", row.split(" | ")[0])]


def test_the_page_on_dates_lists_what_is_accepted_and_what_is_refused() -> None:
    accepted, refused = in_the_first_column("What to write"), in_the_first_column("What is refused, and why")
    assert len(accepted) > 20
    assert len(refused) > 30
    for text in accepted:
        parse(text)
    for text in refused:
        refusal(text)


def test_what_was_read_once_is_kept_but_not_the_long_lists_of_sets() -> None:
    assert parse("2018-06-01") is parse("2018-06-01")
    assert parse("{1000..1999}") is not parse("{1000..1999}")


# Properties

years = st.one_of(st.integers(1800, 2100), st.integers(2, 9998))
qualifier = st.sampled_from(["", "", "", "?", "~", "%"])


@st.composite
def concrete(draw: st.DrawFn) -> str:
    year = f"{draw(years):04}"
    kind = draw(st.sampled_from(["year", "month", "day", "grouping"]))
    if kind == "year":
        return year
    if kind == "grouping":
        return f"{year}-{draw(st.sampled_from([*range(21, 25), *range(33, 42)]))}"
    month = draw(st.integers(1, 12))
    if kind == "month":
        return f"{year}-{month:02}"
    return f"{year}-{month:02}-{draw(st.integers(1, calendar.monthrange(int(year), month)[1])):02}"


@st.composite
def masked(draw: st.DrawFn) -> str:
    """A date with any of its digits X, but not those of a grouping; one real date matches at least."""
    text = draw(concrete())
    maskable = [place for place, char in enumerate(text) if char.isdigit()]
    if len(text) == 7 and int(text[5:]) > 12:
        maskable = maskable[:4]
    hidden = draw(st.sets(st.sampled_from(maskable)))
    return "".join("X" if place in hidden else char for place, char in enumerate(text))


@st.composite
def qualified(draw: st.DrawFn) -> str:
    return "-".join(
        draw(qualifier) + part if draw(st.booleans()) else part + draw(qualifier) for part in draw(masked()).split("-")
    )


@st.composite
def intervals(draw: st.DrawFn) -> str:
    start, end = draw(qualified()), draw(qualified())
    if span(parse(start)).earliest > span(parse(end)).latest:
        start, end = end, start
    left, right = draw(st.sampled_from([(start, end), (start, ".."), (start, ""), ("..", end), ("", end)]))
    return f"{left}/{right}"


@st.composite
def sets(draw: st.DrawFn) -> str:
    items = draw(st.lists(qualified(), min_size=1, max_size=6))
    if draw(st.booleans()):
        items[0] = ".." + items[0]
    if draw(st.booleans()) and (len(items) > 1 or not items[0].startswith("..")):
        items[-1] += ".."
    return draw(st.sampled_from(["[%s]", "{%s}"])) % ",".join(items)


valid = st.one_of(qualified(), intervals(), sets())
nearly_valid = st.text(alphabet="0123456789X-/.?~%[]{},T:Z+ 2018", max_size=30)


def read(text: str) -> Edtf | UnreadableDate:
    try:
        return parse(text)
    except UnreadableDate as refused:
        return refused


@given(st.one_of(st.text(), nearly_valid, st.text(st.characters(categories=["Cs", "Nd", "Zs", "Cc"]))))
@settings(max_examples=400, deadline=None)
def test_reading_any_text_gives_a_date_or_a_refusal_with_its_place(text: str) -> None:
    outcome = read(text)
    assert outcome.text == text
    if isinstance(outcome, UnreadableDate):
        assert 0 <= outcome.offset <= len(text)
        assert outcome.reason
    else:
        assert re.fullmatch(r"[0-9X/.?~%\[\]{},TZ:+-]+", text)


@given(valid, st.integers(0, 40), st.characters())
@settings(max_examples=100, deadline=None)
def test_one_wrong_character_gives_a_date_or_a_refusal_with_its_place(text: str, place: int, wrong: str) -> None:
    changed = text[:place] + wrong + text[place + 1 :]
    outcome = read(changed)
    assert outcome.text == changed
    if isinstance(outcome, UnreadableDate):
        assert 0 <= outcome.offset <= len(changed)


@given(valid)
@settings(max_examples=90, deadline=None)
def test_a_valid_text_is_kept_and_its_bounds_are_in_order(text: str) -> None:
    date = parse(text)
    assert date.text == text
    assert hash(date) == hash(parse(text))
    whole = span(date)
    assert whole.earliest <= whole.latest
    for bounds in (occurrence_bounds(date), state_bounds(date, None)):
        assert (bounds.starts_earliest, bounds.starts_latest) <= (whole.latest, whole.latest)
        assert bounds.starts_earliest == whole.earliest
        assert bounds.starts_earliest <= bounds.starts_latest
        assert bounds.starts_earliest <= bounds.ends_earliest <= bounds.ends_latest


@given(masked(), st.data())
@settings(max_examples=90, deadline=None)
def test_widening_a_digit_never_narrows_the_span(text: str, data: st.DataObject) -> None:
    is_grouping = len(text) == 7 and "X" not in text[5:] and int(text[5:]) > 12
    digits = [place for place, char in enumerate(text) if char.isdigit() and not (is_grouping and place > 4)]
    assume(digits)
    place = data.draw(st.sampled_from(digits))
    narrow, wide = span(parse(text)), span(parse(text[:place] + "X" + text[place + 1 :]))
    assert wide.earliest <= narrow.earliest
    assert narrow.latest <= wide.latest


DAYS_OF_TWO_DECADES = [str(dt.date(1990, 1, 1) + dt.timedelta(number)) for number in range(7305)]


@given(st.sampled_from(["199", "200"]), st.sampled_from("5678901X"), st.data())
@settings(max_examples=150, deadline=None)
def test_the_bounds_of_an_open_pattern_are_the_first_and_last_real_day_that_match(
    decade: str, digit: str, data: st.DataObject
) -> None:
    month = "".join(data.draw(st.sampled_from(letters)) for letters in ("01X", "0123456789X"))
    number = "".join(data.draw(st.sampled_from(letters)) for letters in ("0123X", "0123456789X"))
    text = f"{decade}{digit}-{month}-{number}"
    pattern = re.compile(text.replace("X", "[0-9]"))
    matching = [real for real in DAYS_OF_TWO_DECADES if pattern.fullmatch(real)]
    if matching:
        assert span(parse(text)) == Span(at(matching[0]), last_of(matching[-1]))
    else:
        assert refusal(text).offset in {5, 8}


@given(qualified(), qualified())
@settings(max_examples=100, deadline=None)
def test_every_interval_is_its_start_until_its_end(start: str, end: str) -> None:
    if span(parse(start)).earliest > span(parse(end)).latest:
        assert refusal(f"{start}/{end}").offset == len(start) + 1
        with pytest.raises(ImpossiblePeriod):
            state(start, end)
    else:
        assert state(f"{start}/{end}") == state(start, end)
    assert state(f"{start}/..") == state(start, "..")
    assert state(f"{start}/") == state(start, "") == state(start, None)


@given(valid, st.one_of(st.none(), st.just(".."), st.just(""), qualified(), sets()), st.data())
@settings(max_examples=90, deadline=None)
def test_what_is_certain_lies_within_what_is_possible(occurred: str, until: str | None, data: st.DataObject) -> None:
    try:
        bounds = state(occurred, until)
    except ImpossiblePeriod:
        return
    edges = [
        edge + step
        for edge in (bounds.starts_earliest, bounds.starts_latest, bounds.ends_earliest)
        for step in (-1, 0, 1)
    ]
    for instant in [*edges, data.draw(st.integers(at("0002-01-01"), at("9999-01-01")))]:
        answer = certainty(bounds, instant)
        possible = bounds.starts_earliest <= instant < bounds.ends_latest
        assert (answer is not None) == possible
        assert (answer == "certain") == (bounds.starts_latest <= instant < bounds.ends_earliest)
        if answer == "certain":
            assert possible


@given(valid, st.integers(at("0002-01-01"), at("9999-01-01")), st.integers(0, 400 * DAY))
@settings(max_examples=100, deadline=None)
def test_what_has_happened_never_becomes_less_certain(text: str, instant: int, later: int) -> None:
    rank = {None: 0, "possible": 1, "certain": 2}
    bounds = occurrence_bounds(parse(text))
    assert rank[certainty(bounds, instant)] <= rank[certainty(bounds, instant + later)]


# Days


@pytest.mark.parametrize(
    ("us", "expected"), [(0, "1970-01-01"), (-1, "1969-12-31"), (DAY - 1, "1970-01-01"), (DAY, "1970-01-02")]
)
def test_an_instant_has_its_utc_day(us: int, expected: str) -> None:
    assert day(us) == expected
    assert day(at("0002-01-01")) == "0002-01-01"
    assert day(last_of("9998-12-31")) == "9998-12-31"


@pytest.mark.parametrize("us", [BEGINNING, FOREVER])
def test_no_day_is_given_to_what_is_unbounded(us: int) -> None:
    with pytest.raises(ValueError, match="no day"):
        day(us)


def test_bounds_fit_a_bigint_and_leave_room_for_none() -> None:
    whole = span(parse("XXXX"))
    assert -(2**63) == BEGINNING < whole.earliest < whole.latest < FOREVER == 2**63 - 1
