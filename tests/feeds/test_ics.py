"""The calendar, read back by another's library: dates, statuses, folding, escaping, retractions."""

from typing import Any

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.feeds.ics import OCTETS, line, text
from service.feeds.markup import fit
from tests.feeds.telling import ADDRESSES, FORMATS, HOSTILE, frame_of, hostile, lasting, page_for, saying, told
from tests.projections.histories import History


def events(history: History, **more: Any) -> dict[str, Any]:
    calendar = icalendar.Calendar.from_ical(told(history, "ics", **more))
    assert calendar.errors == []
    return {str(event["X-TARIH-CLAIM"]): event for event in calendar.walk("VEVENT")}


def everything(history: History, valid: str = "2024-06-30") -> dict[str, Any]:
    """What is known to the year, and less, too."""
    page = page_for(history, FORMATS["csv"], valid)
    calendar = icalendar.Calendar.from_ical(
        FORMATS["ics"].whole(frame_of(page, FORMATS["ics"]), bytes(FORMATS["ics"].body(page)))
    )
    return {str(event["X-TARIH-CLAIM"]): event for event in calendar.walk("VEVENT")}


def days(event: Any) -> tuple[str, str | None]:
    return event["DTSTART"].dt.isoformat(), event["DTEND"].dt.isoformat() if "DTEND" in event else None


def test_a_day_and_a_month_are_all_day_events_whose_end_is_the_day_after() -> None:
    found = events(saying("2024-05-03", "2024-05", "2024-02", "9998-12-31"))
    assert days(found["c0"]) == ("2024-05-03", "2024-05-04")
    assert days(found["c1"]) == ("2024-05-01", "2024-06-01")
    assert days(found["c2"]) == ("2024-02-01", "2024-03-01")
    assert days(found["c3"]) == ("9998-12-31", "9999-01-01")
    assert {event["TRANSP"] for event in found.values()} == {"TRANSPARENT"}


def test_what_is_known_only_to_the_year_is_left_out_unless_asked_for() -> None:
    history = saying("2024", "2024-21", "202X", "[2018..2025]", "2024-05-03")
    assert events(history).keys() == {"c4"}
    assert days(everything(history)["c0"]) == ("2024-01-01", "2025-01-01")


def test_an_instant_has_its_time() -> None:
    event = events(saying("2024-05-03T14:00:05+03:00"))["c0"]
    assert days(event) == ("2024-05-03T11:00:05+00:00", None)


def test_days_are_those_of_the_zone_that_they_were_given_in() -> None:
    assert days(events(saying("2024-05-03", tz="Asia/Karachi"))["c0"]) == ("2024-05-03", "2024-05-04")


@pytest.mark.parametrize(
    ("occurred", "until", "found"),
    [
        ("2024-05-03", "2024-06", ("2024-05-03", "2024-07-01")),
        ("2024-05-03", "2024-05-03", ("2024-05-03", "2024-05-04")),
        ("2024-05-03", "2024-05-05T00:00:00Z", ("2024-05-03", "2024-05-05")),
        ("2024-05-03", "..", ("2024-05-03", None)),
        ("2024-05-03", "", ("2024-05-03", None)),
        ("2024-05-03", None, ("2024-05-03", None)),
    ],
)
def test_a_state_lasts_to_its_end_and_stands_on_its_first_day_where_that_is_not_known(
    occurred: str, until: str | None, found: tuple[str, str | None]
) -> None:
    event = events(lasting((occurred, until)))["s0"]
    assert days(event) == found
    assert str(event["X-EDTF"]) == occurred
    assert ("X-EDTF-UNTIL" in event) is (until not in ("", None))


@pytest.mark.parametrize(
    ("date", "status"),
    [("2024-05-03", "CONFIRMED"), ("2024-05-03~", "TENTATIVE"), ("2024-05-03?", "TENTATIVE"), ("2024-05", "TENTATIVE")],
)
def test_what_is_not_sure_is_tentative(date: str, status: str) -> None:
    assert events(saying(date))["c0"]["STATUS"] == status


def test_what_is_denied_or_expected_is_tentative_and_its_summary_says_so() -> None:
    history = saying("2024-05-03")
    history.record("deny", "c0", published="2024-06-01")
    history.say("hope", "agreement", "2025-05-03", "tur party, pak party", action="expect", title="Hope")
    found = events(history)
    assert str(found["c0"]["SUMMARY"]) == "Denied: Agreement 0 (May 3, 2024)"
    assert str(found["hope"]["SUMMARY"]) == "Expected: Hope (May 3, 2025)"
    assert {event["STATUS"] for event in found.values()} == {"TENTATIVE"}
    turkish = events(history, lang="tr")
    assert str(turkish["c0"]["SUMMARY"]) == "Yalanlandı: Agreement 0 (3 Mayıs 2024)"


def test_what_was_withdrawn_is_cancelled_under_the_same_uid_with_a_greater_sequence() -> None:
    history = saying("2024-05-03")
    before = events(history)["c0"]
    history.record("retract", "c0", by="curator", reason="A mistake; of ours, indeed")
    after = events(history)["c0"]
    assert (before["STATUS"], after["STATUS"]) == ("CONFIRMED", "CANCELLED")
    assert before["UID"] == after["UID"] == ADDRESSES.claim("c0")
    assert before["SEQUENCE"] < after["SEQUENCE"]
    assert str(after["COMMENT"]) == "Withdrawn as a mistake of this record. A mistake; of ours, indeed"
    assert "X-TARIH-STANDING" not in after
    assert days(after) == days(before)


def test_the_same_is_the_same_whenever_it_is_asked_and_times_are_those_of_recording() -> None:
    history = saying("2024-05-03")
    event = events(history)["c0"]
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt
    assert event["DTSTAMP"].dt.isoformat() == "2026-01-04T00:00:00+00:00"
    assert told(history, "ics") == told(history, "ics")


def test_every_line_has_at_most_75_octets_and_ends_with_crlf() -> None:
    for lang in ("en", "tr"):
        feed = told(hostile(), "ics", lang=lang)
        lines = feed.split(b"\r\n")
        assert lines.pop() == b""
        assert max(map(len, lines)) <= OCTETS
        for one in lines:
            assert one.decode()  # no character is cut in two
            assert b"\n" not in one
            assert b"\r" not in one


def test_no_text_makes_a_line_of_its_own() -> None:
    found = events(hostile())
    for event in found.values():
        assert "X-EVIL" not in event
    assert found.keys() == {f"h{number}" for number in range(8)}
    # The address of a source is a URI, as ASCII.
    assert str(found["h0"]["URL"]).isascii()
    assert "<" not in str(found["h0"]["URL"])
    assert fit(HOSTILE.replace("\x00", "")).replace("\n", " ") in str(found["h0"]["SUMMARY"])


@given(st.text(max_size=400))
def test_any_text_is_read_back_as_it_was(value: str) -> None:
    value = fit(value)
    whole = b"".join(
        (
            b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:x\r\nDTSTAMP:20240101T000000Z\r\n",
            text("SUMMARY", value),
            b"END:VEVENT\r\nEND:VCALENDAR\r\n",
        )
    )
    [event] = icalendar.Calendar.from_ical(whole).walk("VEVENT")
    assert str(event["SUMMARY"]) == value


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=300))
def test_a_folded_line_is_whole_again_when_it_is_unfolded(value: str) -> None:
    folded = line("X", value)
    assert folded.replace(b"\r\n ", b"") == f"X:{value}\r\n".encode()
    assert all(len(part) <= OCTETS for part in folded.split(b"\r\n"))


def test_the_calendar_says_what_it_is_of_where_it_is_and_how_often_to_look() -> None:
    calendar = icalendar.Calendar.from_ical(told(saying("2024-05-03"), "ics", point="as of June 30, 2024"))
    assert str(calendar["NAME"]) == str(calendar["X-WR-CALNAME"]) == "Timeline: Pakistan – Türkiye"
    assert str(calendar["DESCRIPTION"]) == "as of June 30, 2024"
    assert str(calendar["SOURCE"]) == f"{ADDRESSES.of_subject}/timeline.ics"
    assert (str(calendar["VERSION"]), str(calendar["CALSCALE"])) == ("2.0", "GREGORIAN")
    empty = icalendar.Calendar.from_ical(told(History(), "ics"))
    assert empty.walk("VEVENT") == []
