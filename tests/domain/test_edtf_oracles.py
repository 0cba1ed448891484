"""Our reader of dates against two others, `edtf` and `edtf-validate`, where those are right.

`edtf` 5.0.2 raises AttributeError on some dates and gives wrong bounds to many, so it is asked only for days, months,
years, seasons, X from the right and intervals of dates. `edtf-validate` 2.0.0 is asked at levels 0 and 1. We differ
from it on purpose where `DIFFERENCES` says, and it refuses some of level 1 (`ACCEPTED_BY_US_ALONE`: a qualified
season or X, an X beside an open end, an end of the year in which it began), so what it refuses is compared only for
`simple` texts.
"""

import calendar
import datetime as dt
import re
import warnings

import pytest
from edtf import parse_edtf
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.edtf import UnreadableDate, day, parse, span

with warnings.catch_warnings():  # it builds its grammar on import, with names that pyparsing has since renamed
    warnings.simplefilter("ignore", DeprecationWarning)
    from edtf_validate import valid_edtf

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

DIFFERENCES = {
    # text it holds valid: (where we stop, part of the reason)
    "-1985": (0, "Negative"),
    "-0004-03-15": (0, "Negative"),
    "-1000/2000": (0, "Negative"),
    "Y170000002": (0, "four digits"),
    "0000": (0, "0002 to 9998"),
    "0001-05": (0, "0002 to 9998"),
    "9999-12-31": (0, "0002 to 9998"),
    "2015-02-29": (8, "no day 29"),
    "2015-02-29~": (8, "no day 29"),
    "2018-06-01T24:00:00": (11, "next day"),
    "2018-06T10:00:00": (7, "full date"),
    "2018T10:00:00Z": (4, "full date"),
    "/..": (1, "date at one end"),
    "../": (3, "date at one end"),
    "../..": (3, "date at one end"),
}
ACCEPTED_BY_US_ALONE = [
    *("2001-21~", "201X?", "2004-XX~", "1985-04-XX%", "201X/..", "../20XX", "/1985-XX-XX"),
    *("1900-02/1900", "1900-02-03/1900-02"),
    *("2018-06-01T10:00:00+00:00", "2018-06-01T10:00:00-00:00", "2018-06-01T10:00:00+14:30"),
]


def is_valid_to_them(text: str) -> bool:
    return bool(valid_edtf.conformsLevel1(text) and ("/" not in text or valid_edtf.is_valid_interval(text)))


def is_valid_to_us(text: str) -> bool:
    try:
        parse(text)
    except UnreadableDate:
        return False
    return True


def days_to_them(text: str) -> tuple[str, str]:
    date = parse_edtf(text)
    first, last = (dt.date(*bound[:3]).isoformat() for bound in (date.lower_strict(), date.upper_strict()))
    return first, last


def days_to_us(text: str) -> tuple[str, str]:
    whole = span(parse(text))
    return day(whole.earliest), day(whole.latest)


@st.composite
def real_dates(draw: st.DrawFn) -> str:
    year = f"{draw(st.one_of(st.integers(1900, 2030), st.integers(2, 9998))):04}"
    month = draw(st.integers(1, 12))
    number = draw(st.integers(1, calendar.monthrange(int(year), month)[1]))
    forms = [year, f"{year}-{month:02}", f"{year}-{month:02}-{number:02}"]
    text: str = draw(st.sampled_from([*forms, forms[-1]]))
    return text


@st.composite
def open_dates(draw: st.DrawFn) -> str:
    year = f"{draw(st.integers(1000, 9989)):04}"
    month = f"{draw(st.integers(1, 12)):02}"
    return draw(st.sampled_from([f"{year[:3]}X", f"{year[:2]}XX", f"{year}-XX", f"{year}-{month}-XX", f"{year}-XX-XX"]))


@st.composite
def simple_dates(draw: st.DrawFn) -> str:
    """Four, two and two digits, real or not."""
    year = draw(st.one_of(st.integers(1900, 2030), st.integers(2, 9998)))
    month = draw(st.one_of(st.integers(1, 12), st.integers(0, 20)))
    number = draw(st.one_of(st.integers(1, 31), st.integers(28, 33), st.just(0)))
    text = draw(st.sampled_from([f"{year:04}", f"{year:04}-{month:02}", f"{year:04}-{month:02}-{number:02}"]))
    return text + draw(st.sampled_from(["", "", "?", "~", "%"]))


@st.composite
def date_times(draw: st.DrawFn) -> str:
    date = draw(st.dates(dt.date(1000, 1, 1), dt.date(9998, 12, 31)))
    clock = ":".join(f"{draw(st.one_of(st.integers(0, top), st.integers(top, top + 2))):02}" for top in (23, 59, 59))
    zones = ["", "", "Z", "+04", "-04:30", "+13:59", "+3", "+04:3", "Z+04:00", "+04:60"]
    return f"{date}T{clock}{draw(st.sampled_from(zones))}"


@st.composite
def damaged(draw: st.DrawFn) -> str:
    text = draw(simple_dates())
    place = draw(st.integers(0, len(text)))
    wrong: str = draw(st.sampled_from([*"019-/ a,.XxZ~?", ""]))
    return text[:place] + wrong + text[place + draw(st.integers(0, 1)) :]


simple = st.one_of(
    simple_dates(),
    st.builds("{}-{}".format, st.integers(1000, 9998), st.integers(20, 24)),
    open_dates(),
    date_times(),
    st.builds("{}/{}".format, simple_dates(), st.one_of(simple_dates(), st.sampled_from(["", ".."]))),
    st.builds("{}/{}".format, st.sampled_from(["", ".."]), simple_dates()),
)


def differs_on_purpose(text: str) -> bool:
    """29 February of a common year, midnight as 24:00:00: the only differences that ``simple`` can write."""
    dates = re.findall(r"([0-9]{4})-02-29", text)
    return "T24:00:00" in text or any(not calendar.isleap(int(year)) for year in dates)


def ends_in_the_period_it_began_in(text: str) -> bool:
    """An interval such as 1900-02/1900, which they read as one that ends on 1900-01-01; 1900-01/1900 is right so."""
    start, _, end = re.sub("[?~%]", "", text).partition("/")
    within = end != "" and start != end and start.startswith(end)
    return within and re.fullmatch("(-01)+", start[len(end) :]) is None


@given(st.one_of(real_dates(), open_dates()))
@settings(max_examples=90, deadline=None)
def test_edtf_gives_a_date_the_same_first_and_last_day(text: str) -> None:
    assert days_to_us(text) == days_to_them(text)


@given(real_dates(), real_dates())
@settings(max_examples=60, deadline=None)
def test_edtf_gives_an_interval_the_same_first_and_last_day(one: str, other: str) -> None:
    start, end = sorted((one, other), key=lambda text: span(parse(text)).earliest)
    assert days_to_us(f"{start}/{end}") == days_to_them(f"{start}/{end}")


@pytest.mark.parametrize("season", ["2001-21", "2001-22", "2001-23"])
def test_edtf_gives_a_season_the_same_first_and_last_day(season: str) -> None:
    assert days_to_us(season) == days_to_them(season)


@given(simple)
@settings(max_examples=220, deadline=None)
def test_edtf_validate_holds_the_same_texts_of_levels_0_and_1_valid(text: str) -> None:
    if differs_on_purpose(text):
        assert not is_valid_to_us(text)
    elif ends_in_the_period_it_began_in(text):
        assert not is_valid_to_them(text)
    else:
        assert is_valid_to_us(text) == is_valid_to_them(text)


@given(damaged())
@settings(max_examples=120, deadline=None)
def test_what_edtf_validate_holds_valid_of_damaged_texts_so_do_we_but_for_the_differences(text: str) -> None:
    if is_valid_to_them(text):
        beyond = text.startswith("-") or "/-" in text or re.search(r"\b(0000|0001|9999)\b", text)
        assert is_valid_to_us(text) or beyond or differs_on_purpose(text)


@pytest.mark.parametrize("text", DIFFERENCES)
def test_each_text_that_only_edtf_validate_accepts_is_refused_with_its_reason(text: str) -> None:
    assert is_valid_to_them(text)
    offset, reason = DIFFERENCES[text]
    with pytest.raises(UnreadableDate, match=reason) as refused:
        parse(text)
    assert refused.value.offset == offset


@pytest.mark.parametrize("text", ACCEPTED_BY_US_ALONE)
def test_each_text_of_level_1_that_edtf_validate_refuses_is_accepted(text: str) -> None:
    assert is_valid_to_us(text)
    assert not is_valid_to_them(text)
