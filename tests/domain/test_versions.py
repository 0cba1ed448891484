"""Seconds as HTTP writes them, which version is known by one, and from where to where merged relationships count."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.edtf import FOREVER
from service.domain.versions import (
    Merge,
    Stretch,
    UnreadableSecond,
    Version,
    chosen,
    imf_fixdate,
    iso_second,
    read_imf_fixdate,
    second_of,
    stretches_of,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
instants = st.datetimes(datetime(1000, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: (at - EPOCH) // timedelta(microseconds=1)
)


@given(instants)
def test_a_second_is_written_as_the_standard_library_writes_it_and_read_back_cut_never_rounded(us: int) -> None:
    text = imf_fixdate(us)
    at = (EPOCH + timedelta(microseconds=us)).replace(microsecond=0)
    assert text == format_datetime(at, usegmt=True)
    assert parsedate_to_datetime(text) == at
    assert read_imf_fixdate(text) == second_of(us) <= us
    assert iso_second(us) == f"{at:%Y-%m-%dT%H:%M:%S}Z"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2007-05-31T20:35:00Z",
        "Thu, 31 May 2007 20:35:00",
        "Thu, 31 May 2007 20:35:00 UTC",
        "Thu, 31 May 2007 20:35:00 +0000",
        "Thu, 31 May 2007 20:35 GMT",
        "Thu, 1 May 2007 20:35:00 GMT",
        "thu, 31 may 2007 20:35:00 gmt",
        "Thursday, 31-May-07 20:35:00 GMT",
        "Thu May 31 20:35:00 2007",
        "Thu, 31 Feb 2007 20:35:00 GMT",
        "Thu, 31 May 2007 24:00:00 GMT",
        "Thu, 31 May 2007 20:35:60 GMT",
        "Thu, 31 May 0000 20:35:00 GMT",
        "Xyz, 31 May 2007 20:35:00 GMT",
        "Thu, ٣1 May 2007 20:35:00 GMT",
        "Thu, 31 May 2007 20:35:00 GMT\n",
        "Thu, 31 May 2007 20:35:00 GMT, Thu, 31 May 2007 20:35:00 GMT",
    ],
)
def test_anything_but_that_form_is_refused_and_the_form_is_shown(text: str) -> None:
    with pytest.raises(UnreadableSecond, match="Thu, 31 May 2007 20:35:00 GMT"):
        read_imf_fixdate(text)


def test_a_wrong_day_of_the_week_and_a_leap_second_are_taken() -> None:
    assert read_imf_fixdate("Mon, 31 May 2007 20:35:00 GMT") == read_imf_fixdate("Thu, 31 May 2007 20:35:00 GMT")
    assert imf_fixdate(read_imf_fixdate("Sat, 31 Dec 2016 23:59:60 GMT")) == "Sat, 31 Dec 2016 23:59:59 GMT"


@st.composite
def histories(draw: st.DrawFn) -> list[Version]:
    """Some in one second, and some at the edges of seconds."""
    at, found = draw(st.integers(-5, 5)) * SECOND, []
    for position in range(1, draw(st.integers(1, 12)) + 1):
        at += draw(st.sampled_from([1, 2, SECOND - 1, SECOND, SECOND + 1]) | st.integers(1, 3 * SECOND))
        found.append(Version(position, position, at))
    return found


@given(histories())
def test_fed_back_the_time_of_a_version_gives_it_or_the_last_in_the_same_second(versions: list[Version]) -> None:
    for one in versions:
        again = chosen(versions, read_imf_fixdate(imf_fixdate(one.recorded_at)))
        same_second = [other for other in versions if second_of(other.recorded_at) == second_of(one.recorded_at)]
        assert again == same_second[-1]


@given(histories(), st.integers(-10, 50))
def test_the_version_of_a_second_is_the_last_that_is_no_later_and_never_none(
    versions: list[Version], seconds: int
) -> None:
    asked = seconds * SECOND
    found = chosen(versions, asked)
    no_later = [one for one in versions if second_of(one.recorded_at) <= asked]
    assert found == (no_later[-1] if no_later else versions[0])
    assert chosen(versions, None) == versions[-1]


def test_without_merges_only_its_own_events_count() -> None:
    assert stretches_of("pak--tur", []) == (Stretch("pak--tur"),)
    assert stretches_of("pak--tur", [Merge("aze", "geo", 3, FOREVER)]) == (Stretch("pak--tur"),)


def test_a_merged_relationship_counts_from_its_merge_on_until_that_is_taken_back() -> None:
    assert stretches_of("pak--tur", [Merge("paf", "pak", 5, FOREVER)]) == (
        Stretch("pak--tur"),
        Stretch("paf--tur", 4, FOREVER),
    )
    assert stretches_of("pak--tur", [Merge("paf", "pak", 5, 9), Merge("paf", "pak", 12, FOREVER)]) == (
        Stretch("pak--tur"),
        Stretch("paf--tur", 4, 8),
        Stretch("paf--tur", 11, FOREVER),
    )


def test_a_merge_that_was_only_confirmed_counts_without_a_gap() -> None:
    assert stretches_of("pak--tur", [Merge("paf", "pak", 5, 9), Merge("paf", "pak", 9, FOREVER)]) == (
        Stretch("pak--tur"),
        Stretch("paf--tur", 4, FOREVER),
    )


def test_merges_of_both_members_count_together_where_both_hold() -> None:
    merges = [Merge("paf", "pak", 5, FOREVER), Merge("tuaf", "tur", 8, FOREVER)]
    assert stretches_of("pak--tur", merges) == (
        Stretch("pak--tur"),
        Stretch("paf--tur", 4, FOREVER),
        Stretch("paf--tuaf", 7, FOREVER),
        Stretch("pak--tuaf", 7, FOREVER),
    )
