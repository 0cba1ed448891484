"""Where claims are drawn, in TimelineJS3 and vis-timeline: their traps, by what the feeds hold."""

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.domain.edtf import ImpossiblePeriod, parse, state_bounds
from service.feeds.drawing import cut_at, drawn
from service.projections.clusters import Group
from tests.domain.test_edtf import valid
from tests.feeds.telling import FORMATS, hostile, lasting, page_for, saying, told_as_json
from tests.projections.histories import History

AS_OF = "2024-06-30"


def slides(history: History, day: str = AS_OF) -> dict[str, Any]:
    return {event["unique_id"]: event for event in told_as_json(history, "timelinejs", day)["events"]}


def bars(history: History, day: str = AS_OF) -> dict[str, Any]:
    return {item["id"]: item for item in told_as_json(history, "vis", day)["items"]}


@pytest.mark.parametrize(
    ("date", "slide", "bar"),
    [
        ("2021-05-03", {"year": 2021, "month": 5, "day": 3}, ("2021-05-03", None)),
        ("2021-05", {"year": 2021, "month": 5}, ("2021-05-01", "2021-06-01")),
        ("2021", {"year": 2021}, ("2021-01-01", "2022-01-01")),
        ("2021-12-31", {"year": 2021, "month": 12, "day": 31}, ("2021-12-31", None)),
        ("202X", {"year": 2020}, ("2020-01-01", "2030-01-01")),
        ("[2018..2025]", {"year": 2018}, ("2018-01-01", "2026-01-01")),
        ("{2019,2021-05}", {"year": 2019}, ("2019-01-01", "2021-06-01")),
        ("2021-21", {"year": 2021, "month": 3}, ("2021-03-01", "2021-06-01")),
        ("2021-24", {"year": 2021, "month": 12}, ("2021-12-01", "2022-03-01")),
        ("0044-03-15", {"year": 44, "month": 3, "day": 15}, ("0044-03-15", None)),
        ("9998", {"year": 9998}, ("9998-01-01", "9999-01-01")),
        ("[..2018]", {"year": 2018, "month": 12, "day": 31}, ("2018-12-31", None)),
        ("[2018..]", {"year": 2018}, ("2018-01-01", "2024-07-01")),
        ("[..2018,2020..]", {"year": 2024, "month": 6, "day": 30}, ("2024-06-30", None)),
        (
            "2021-05-03T14:30:05Z",
            {"year": 2021, "month": 5, "day": 3, "hour": 14, "minute": 30, "second": 5},
            ("2021-05-03", None),
        ),
    ],
)
def test_a_date_begins_on_its_earliest_day_as_precisely_as_it_is_known(
    date: str, slide: dict[str, int], bar: tuple[str, str | None]
) -> None:
    event, item = slides(saying(date))["c0"], bars(saying(date))["c0"]
    assert event["start_date"] == slide
    assert "end_date" not in event
    assert (item["start"], item.get("end")) == bar
    assert ("imprecise" in item["className"].split()) is (len(date) != 10 and "T" not in date)


@pytest.mark.parametrize(
    ("occurred", "until", "slide", "bar", "classes"),
    [
        ("2019", "2021-05", ((2019, 1, 1), (2021, 5, 31)), ("2019-01-01", "2021-06-01"), {"imprecise"}),
        ("2019", "2019", ((2019, 1, 1), (2019, 12, 31)), ("2019-01-01", "2020-01-01"), {"imprecise"}),
        ("2019-05-03", "2019-05-03", ((2019, 5, 3), None), ("2019-05-03", None), set()),
        ("2019-05-03", "..", ((2019, 5, 3), (2024, 6, 30)), ("2019-05-03", "2024-07-01"), {"open-end"}),
        ("2019-05-03", "", ((2019, 5, 3), None), ("2019-05-03", "2024-07-01"), {"unknown-end"}),
        ("2019-05-03", None, ((2019, 5, 3), None), ("2019-05-03", "2024-07-01"), {"unknown-end"}),
        ("2024-06-30", "..", ((2024, 6, 30), None), ("2024-06-30", None), {"open-end"}),
        ("2031-05-03", "..", ((2031, 5, 3), None), ("2031-05-03", None), {"open-end"}),
        ("../2018", None, ((2018, 1, 1), (2018, 12, 31)), ("2018-01-01", "2019-01-01"), {"open-start", "imprecise"}),
        ("/2018-05-03", None, ((2018, 5, 3), None), ("2018-05-03", None), {"open-start", "imprecise"}),
        (
            *("[..2018-05-03]", "..", ((2018, 5, 3), (2024, 6, 30)), ("2018-05-03", "2024-07-01")),
            {"open-start", "open-end", "imprecise"},
        ),
        ("2019-05-03", "2021-01-01T00:00:00Z", ((2019, 5, 3), (2020, 12, 31)), ("2019-05-03", "2021-01-01"), set()),
    ],
)
def test_a_state_is_drawn_to_its_end_or_to_the_day_that_is_asked_about(
    occurred: str,
    until: str | None,
    slide: tuple[tuple[int, int, int], tuple[int, int, int] | None],
    bar: tuple[str, str | None],
    classes: set[str],
) -> None:
    history = lasting((occurred, until))
    event, item = slides(history)["s0"], bars(history)["s0"]
    start, end = event["start_date"], event.get("end_date")
    assert (tuple(start.values()), end and tuple(end.values())) == slide
    assert end is None or start.keys() == end.keys()
    assert (item["start"], item.get("end")) == bar
    flags = {"imprecise", "open-start", "open-end", "unknown-end"}
    assert flags & set(item["className"].split()) == classes


def test_what_is_expected_denied_or_certain_has_its_class_and_its_words() -> None:
    history = saying("2021-05-03", "2021-05-03")
    history.record("deny", "c1", published="2024-01-01")
    for claim, window in (("upcoming", "2031"), ("due", "2024"), ("lapsed", "2020")):
        history.say(claim, "agreement", window, "tur party, pak party", action="expect", title=claim.title())
    known = history.question(AS_OF, known="2026-01-01T00:00:00Z")
    assert known.as_of.known is not None
    found = bars(history)
    assert {"type-agreement", "occurrence", "certain", "reported"} <= set(found["c0"]["className"].split())
    assert "denied" in found["c1"]["className"].split()
    assert found["c1"]["content"] == "Denied: Agreement 1"
    for status in ("upcoming", "due", "lapsed"):
        assert {"expectation", status} <= set(found[status]["className"].split())
        assert "certain" not in found[status]["className"].split()
    assert slides(history)["lapsed"]["text"]["headline"] == "Expected, and has not come: Lapsed"


def test_what_is_to_come_is_no_state_of_today() -> None:
    history = History()
    fields: dict[str, Any] = {"data": {"subject": "x"}}
    history.say("talks", "negotiation", "2031/2032", "tur party, pak party", action="expect", **fields)
    assert bars(history)["talks"]["start"] == "2031-01-01"
    assert bars(history)["talks"]["end"] == "2033-01-01"


def test_days_are_those_of_the_zone_that_a_date_was_given_in() -> None:
    history = saying("2021-05-03", tz="Asia/Karachi")
    assert (bars(history)["c0"]["start"], "end" in bars(history)["c0"]) == ("2021-05-03", False)
    assert slides(history)["c0"]["start_date"] == {"year": 2021, "month": 5, "day": 3}


def test_timelinejs_gets_what_it_needs_not_to_fail() -> None:
    for history in (History(), saying("2021"), hostile(), lasting(("2019", "2019"))):
        feed = told_as_json(history, "timelinejs")
        assert feed["scale"] == "human"
        assert feed["events"]
        assert feed["title"]["unique_id"] == ":title"
        ids = [event["unique_id"] for event in feed["events"]]
        assert len(set(ids)) == len(ids)
        assert all(isinstance(one, str) and one for one in ids)
        for event in feed["events"]:
            assert event["autolink"] is False
            for name in ("start_date", "end_date"):
                assert all(type(part) is int for part in event.get(name, {}).values())
            assert event.get("end_date") != event["start_date"]


def test_timelinejs_reads_html_in_headlines_once_and_in_dates_and_groups_twice() -> None:
    event = slides(hostile())["h0"]
    assert "&lt;img" in event["text"]["headline"]
    assert "<img" not in event["text"]["headline"] + event["text"]["text"]
    history = saying("2021")
    format_ = FORMATS["timelinejs"]

    page = page_for(history, format_)
    page.told = [(page.told[0][0], ("g",))]
    page.groups = [Group(id="g", label="<img src=x>", count=1)]
    [told] = msgspec.json.decode(bytes(format_.body(page)))
    assert told["group"] == "&amp;lt;img src=x&amp;gt;"


def test_vis_timeline_gets_what_it_needs_not_to_fail() -> None:
    for history in (History(), saying("2021"), hostile(), lasting(("2019", "2019"), ("../2018", None))):
        feed = told_as_json(history, "vis")
        ids = [item["id"] for item in feed["items"]]
        assert len(set(ids)) == len(ids)
        groups = {group["id"] for group in feed["groups"]}
        for item in feed["items"]:
            assert dt.date.fromisoformat(item["start"]).isoformat() == item["start"]
            assert "end" not in item or item["end"] > item["start"]
            assert item["group"] in groups
            assert "<" not in item["content"]
            assert "<" not in item["title"].replace("<br>", "")
        assert [group["order"] for group in feed["groups"]] == list(range(len(groups)))


@settings(max_examples=300, deadline=None)
@given(
    valid, st.one_of(st.none(), st.just(""), st.just(".."), valid), st.sampled_from([AS_OF, "0500-01-01", "9000-01-01"])
)
def test_whatever_is_accepted_can_be_drawn(occurred: str, until: str | None, day: str) -> None:
    history = saying(occurred)
    if until is None or ("/" not in occurred and possible(occurred, until)):
        more = {} if until is None else {"until": until}
        history.say("s", "negotiation", occurred, "tur party, pak party", data={"subject": "x"}, **more)
    page = page_for(history, FORMATS["vis"], day)
    for entry in [page.entry(*one) for one in page.told]:
        line = drawn(entry, cut_at(entry.told, page.at))
        assert line.first <= line.last
        assert dt.date(1, 12, 1) < line.first
        assert line.last < dt.date(9999, 12, 31)
    for name in ("vis", "timelinejs", "ics"):
        assert bytes(FORMATS[name].body(page))


def possible(occurred: str, until: str) -> bool:
    try:
        state_bounds(parse(occurred), ".." if until == ".." else "" if until == "" else parse(until))
    except ImpossiblePeriod:
        return False
    return True
