"""Timelines in the formats of the catalogue, over HTTP: their addresses, validators, pages, order, and retractions."""

import re
from typing import Any
from xml.etree import ElementTree

import httpx
import icalendar
import pytest

from service.feeds import CATALOGUE, Format
from tests.api.conftest import SAMPLE, STATE, Api, note
from tests.api.test_timelines import changed, ids, parameters_at_fault, told

pytestmark = pytest.mark.anyio
TIMELINE = f"{STATE}/timeline"
EVERY = pytest.mark.parametrize("format_", CATALOGUE, ids=lambda one: one.name)
BY_DATE = [format_ for format_ in CATALOGUE if not format_.newest_first]
NEWEST_FIRST = [format_ for format_ in CATALOGUE if format_.newest_first]
ATOM = {"a": "http://www.w3.org/2005/Atom", "at": "http://purl.org/atompub/tombstones/1.0", "t": "urn:tarih:timeline"}
SOURCE = {"publisher": "Dawn", "published": "2025-12-06"}


def of(format_: Format, query: str = "", timeline: str = TIMELINE) -> str:
    return f"{timeline}.{format_.extension}{query}"


async def asked(api: Api, path: str, **headers: str) -> httpx.Response:
    answer = await api.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


async def entries(api: Api, query: str = "", timeline: str = TIMELINE) -> list[str]:
    """Of all pages of a JSON Feed: claims' ids, and of what was withdrawn with a minus before it."""
    found: list[str] = []
    way_on: str | None = f"{timeline}.jsonfeed{query}"
    while way_on is not None:
        page = (await asked(api, way_on)).json()
        found += [
            f"-{one['_tarih_retracts']['claim']}" if "_tarih_retracts" in one else one["_tarih"]["claim"]
            for one in page["items"]
        ]
        way_on = page.get("next_url")
    return found


async def events(api: Api, query: str = "") -> dict[str, Any]:
    calendar = icalendar.Calendar.from_ical((await asked(api, f"{TIMELINE}.ics{query}")).content)
    return {str(event["X-TARIH-CLAIM"]): event for event in calendar.walk("VEVENT")}


@EVERY
async def test_a_format_is_had_by_its_extension_and_by_accept(shared: Api, format_: Format) -> None:
    by_extension = await asked(shared, of(format_, "?known_position=51"))
    by_accept = await asked(shared, f"{TIMELINE}?known_position=51", accept=f"{format_.media_type}, */*;q=0.1")
    assert by_extension.headers["content-type"].split(";")[0] == format_.media_type
    assert by_accept.content == by_extension.content
    for name in ("etag", "cache-control", "content-location", "content-type", "vary", "tarih-revision", "tarih-epoch"):
        assert by_accept.headers[name] == by_extension.headers[name]
    assert f"timeline.{format_.extension}?" in by_accept.headers["content-location"]


async def test_who_accepts_anything_is_told_our_own_form_and_who_accepts_none_is_refused(shared: Api) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
    for accept in ("*/*", "application/json", browser, "application/*"):
        assert (await asked(shared, TIMELINE, accept=accept)).headers["content-type"] == "application/json"
    reader = "application/rss+xml, application/atom+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.7"
    assert (await asked(shared, TIMELINE, accept=reader)).headers["content-type"] == "application/atom+xml"
    answer = await shared.get(TIMELINE, headers={"accept": "image/png"})
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (406, "not-acceptable")
    assert "text/calendar" in answer.json()["detail"]


@EVERY
async def test_head_if_none_match_and_an_address_for_ever_work_as_for_the_timeline_itself(
    shared: Api, format_: Format
) -> None:
    answer = await asked(shared, of(format_, "?valid_at=2024-06-30&type=order,delivery&limit=2&lang=tr"))
    assert "stale-while-revalidate" in answer.headers["cache-control"]
    assert answer.headers["access-control-allow-origin"] == "*"
    pinned = await asked(shared, answer.headers["content-location"])
    assert "immutable" in pinned.headers["cache-control"]
    assert pinned.headers["content-location"] == answer.headers["content-location"]
    again = await shared.get(answer.headers["content-location"], headers={"if-none-match": pinned.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = await shared.send("HEAD", of(format_, "?known_position=51"))
    whole = await asked(shared, of(format_, "?known_position=51"))
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", whole.headers["etag"])
    assert head.headers["content-length"] == whole.headers["content-length"]
    other = await shared.get(changed(answer.headers["content-location"], v="99.99.00000000"))
    assert other.status_code == 404


@EVERY
async def test_asked_again_it_is_the_same_until_something_is_recorded(api: Api, format_: Format) -> None:
    first = await asked(api, of(format_))
    again = await api.get(of(format_), headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    await api.append(note("new", occurred="2016-05-03", title="New"))
    after = await asked(api, of(format_))
    assert after.headers["etag"] != first.headers["etag"]
    # What is known of an old position has not changed.
    before = await asked(api, first.headers["content-location"])
    assert b"claims/new" not in before.content


@EVERY
async def test_the_members_may_stand_in_any_order_and_the_query_is_kept(shared: Api, format_: Format) -> None:
    answer = await shared.get(of(format_, "?lang=tr").replace("pak--tur", "tur--pak"))
    assert answer.status_code == 308
    assert answer.headers["location"].endswith(of(format_, "?lang=tr"))


@EVERY
async def test_an_actor_has_a_timeline_in_every_format(shared: Api, format_: Format) -> None:
    of_pakistan = f"{SAMPLE}/actors/pak/timeline"
    answer = await asked(shared, of(format_, "?min_precision=any&limit=5000", of_pakistan))
    assert "tarih-revision" not in answer.headers
    told_ = ids(await told(shared, "?limit=1000", of_pakistan))
    found = set(re.findall(r"[\w-]+", answer.text.replace("\r\n ", "")))
    assert set(told_) <= found


@EVERY
async def test_what_a_feed_does_not_know_is_refused(shared: Api, format_: Format) -> None:
    for query, name in (("bucket=year", "bucket"), ("max_items=3", "max_items"), ("limit=5001", "limit")):
        assert parameters_at_fault(await shared.get(of(format_, f"?{query}"))) == [name]
    for query in ("min_precision=week", "lang=tr_TR", "valid_at=2024", "from=2024-13", "group_by=colour"):
        assert (await shared.get(of(format_, f"?{query}"))).status_code == 400, query


@EVERY
async def test_a_ledger_that_may_not_be_read_has_no_feeds(api: Api, format_: Format) -> None:
    await api.put("/v1/ledgers/secret", {"title": "Secret", "public_read": False})
    address = of(format_).replace("/drones/", "/secret/")
    nothing = await api.get(of(format_).replace("/drones/", "/nothing/"))
    assert (await api.get(address)).status_code == nothing.status_code == 404
    answer = await api.get(address, api.admin)
    assert answer.status_code == 200
    assert answer.headers["cache-control"].startswith("private")


@pytest.mark.parametrize("format_", BY_DATE, ids=lambda one: one.name)
async def test_pages_by_date_join_to_the_timeline(api: Api, format_: Format) -> None:
    every = ids(await told(api))
    pages = [await asked(api, of(format_, "?limit=5&min_precision=any"))]
    await api.append(note("meanwhile", occurred="2016-05-03"))
    while "link" in pages[-1].headers:
        assert 'rel="next"' in pages[-1].headers["link"]
        pages.append(await asked(api, pages[-1].headers["link"].partition("<")[2].partition(">")[0]))
    found = [one for page in pages for one in _ids(format_, page)]
    assert found == every
    assert {page.headers["cache-control"] for page in pages[1:]} == {"public, max-age=3600"}


def _ids(format_: Format, page: httpx.Response) -> list[str]:
    patterns = {
        "timelinejs": r'"unique_id":"([a-z][\w-]*)"',
        "vis": r'"id":"([\w-]+)","content":"[^"]*","title"',
        "ics": r"X-TARIH-CLAIM:([\w-]+)",
        "jsonld": r'"id":"[^"]*/claims/([\w-]+)"',
        "csv": r"(?m)^([a-z][\w-]*),[\w-]+,\d+,",
    }
    return re.findall(patterns[format_.name], page.text.replace("\r\n ", ""))


async def test_followers_are_told_first_what_was_last_acted_on(api: Api) -> None:
    everything = await entries(api)
    assert set(everything) == set(ids(await told(api)))
    await api.append(note("old", occurred="1999", title="Long ago"))
    assert (await entries(api))[0] == "old"
    await api.append({"action": "confirm", "claim": "tb2-acquired", "sources": [SOURCE]})
    assert (await entries(api))[:2] == ["tb2-acquired", "old"]
    await api.append(note("corrected", action="correct", claim="old", occurred="2000", title="Not so long ago"))
    assert (await entries(api))[:2] == ["old", "tb2-acquired"]
    assert sorted(await entries(api, "?limit=3")) == sorted([*everything, "old"])


async def test_pages_of_what_was_last_acted_on_stand_at_one_point(api: Api) -> None:
    every = await entries(api)
    first = (await asked(api, f"{TIMELINE}.atom?limit=4")).content
    await api.append({"action": "confirm", "claim": every[-1], "sources": [SOURCE]}, note("meanwhile"))
    found, page = [], ElementTree.fromstring(first)
    while True:
        assert page.findtext("a:id", namespaces=ATOM) == f"http://tarih.test{TIMELINE}.atom"
        found += [one.get("id") for one in page.findall("a:entry/t:claim", ATOM)]
        way_on = page.find("a:link[@rel='next']", ATOM)
        if way_on is None:
            break
        page = ElementTree.fromstring((await asked(api, way_on.get("href") or "")).content)
    assert found == every


async def test_a_retraction_is_told_to_those_who_follow(api: Api) -> None:
    await api.append(note("told", occurred="2024-05-03", title="A school opens", sources=[SOURCE]))
    await api.append({"action": "retract", "id": "gone", "claim": "told", "by": "curator", "reason": "Another school"})
    await api.append(note("after", occurred="2024-05-04"))
    assert (await entries(api))[:2] == ["after", "-told"]
    feed = ElementTree.fromstring((await asked(api, f"{TIMELINE}.atom")).content)
    [tombstone] = feed.findall("at:deleted-entry", ATOM)
    claim, event = (f"http://tarih.test{SAMPLE}/{one}" for one in ("claims/told", "events/gone"))
    entry = next(one for one in feed.findall("a:entry", ATOM) if one.findtext("a:id", namespaces=ATOM) == event)
    assert tombstone.get("ref") == claim
    assert tombstone.get("when") == entry.findtext("a:updated", namespaces=ATOM)
    assert entry.findtext("a:title", namespaces=ATOM) == "Retracted: A school opens"
    assert "Another school" in (entry.findtext("a:content", namespaces=ATOM) or "")
    calendar = await events(api)
    assert calendar["told"]["STATUS"] == "CANCELLED"
    assert "Another school" in calendar["told"]["COMMENT"]
    assert calendar["after"]["STATUS"] == "CONFIRMED"
    for format_ in BY_DATE:
        if format_.name != "ics":
            assert "A school opens" not in (await asked(api, of(format_))).text
    await api.append({"action": "reinstate", "claim": "told"})
    assert (await entries(api))[:2] == ["told", "after"]
    assert (await events(api))["told"]["STATUS"] == "CONFIRMED"


async def test_a_retraction_is_told_only_where_the_claim_was_asked_for(api: Api) -> None:
    await api.append(note("told", occurred="2024-05-03"), note("told-2", occurred="2024-05", tags=["x"]))
    for claim in ("told", "told-2"):
        await api.append({"action": "retract", "claim": claim, "by": "curator", "reason": "A mistake"})
    assert (await entries(api, "?type=note"))[:2] == ["-told-2", "-told"]
    assert (await entries(api, "?certainty=certain&standing=reported"))[:2] == ["-told-2", "-told"]
    assert await entries(api, "?tag=x") == ["-told-2"]
    assert await entries(api, "?type=delivery&from=2030") == []
    assert (await events(api, "?min_precision=day&type=note")).keys() == {"told"}
    assert (await events(api, "?type=note")).keys() == {"told", "told-2"}


async def test_a_calendar_has_the_last_hundred_retractions_and_on_its_first_page_only(api: Api) -> None:
    claims = [f"n{number}" for number in range(103)]
    await api.append(*(note(claim, occurred="2024-05-03", tags=["many"]) for claim in claims))
    gone = [{"action": "retract", "claim": claim, "by": "curator", "reason": "x"} for claim in claims[:101]]
    for one in gone:
        await api.append(one)
    calendar = await events(api, "?tag=many")
    cancelled = {claim for claim, event in calendar.items() if event["STATUS"] == "CANCELLED"}
    assert cancelled == set(claims[1:101])
    assert calendar.keys() - cancelled == set(claims[101:])
    first = await asked(api, f"{TIMELINE}.ics?tag=many&limit=1")
    second = await asked(api, first.headers["link"].partition("<")[2].partition(">")[0])
    assert (first.text.count("BEGIN:VEVENT"), second.text.count("BEGIN:VEVENT")) == (101, 1)


async def test_a_reported_day_cuts_what_followers_are_told(api: Api) -> None:
    await api.append(note("early", sources=[{"publisher": "A", "published": "2024-01-01"}]))
    await api.append(note("late", sources=[{"publisher": "A", "published": "2025-01-01"}]))
    by_source = {"publisher": "A", "published": "2024-06-01"}
    await api.append(
        {"action": "retract", "claim": "early", "by": "source", "reason": "withdrawn", "sources": [by_source]}
    )
    assert await entries(api, "?type=note&reported_by=2024-03-01") == ["early"]
    assert await entries(api, "?type=note&reported_by=2024-12-31") == ["-early"]
    assert await entries(api, "?type=note&reported_by=2025-12-31") == ["-early", "late"]
    assert (await events(api, "?type=note&min_precision=any&reported_by=2024-12-31"))["early"]["STATUS"] == "CANCELLED"


async def test_a_calendar_event_keeps_its_uid_and_its_sequence_grows(api: Api) -> None:
    await api.append(note("told", occurred="2024-05-03", title="First"))
    first = (await events(api))["told"]
    await api.append(note("corrected", action="correct", claim="told", occurred="2024-05-04", title="Second"))
    second = (await events(api))["told"]
    await api.append({"action": "retract", "claim": "told", "by": "curator", "reason": "A mistake"})
    third = (await events(api))["told"]
    assert first["UID"] == second["UID"] == third["UID"] == f"http://tarih.test{SAMPLE}/claims/told"
    assert first["SEQUENCE"] < second["SEQUENCE"] < third["SEQUENCE"]
    assert first["LAST-MODIFIED"].dt <= second["LAST-MODIFIED"].dt <= third["LAST-MODIFIED"].dt
    assert second["DTSTART"].dt.isoformat() == "2024-05-04"


async def test_how_precisely_a_date_must_be_known_is_asked_of_any_form(shared: Api) -> None:
    everything = await told(shared)
    days = await told(shared, "?min_precision=day")
    assert 0 < len(days["items"]) < len(everything["items"])
    assert all(len(one["occurred"]["edtf"]) == 10 for one in days["items"])
    assert ids(await told(shared, "?min_precision=any")) == ids(everything)
    assert (await events(shared)).keys() == set(ids(await told(shared, "?min_precision=month")))
    assert (await events(shared, "?min_precision=any")).keys() == set(ids(everything))


async def test_points_and_windows_are_those_of_the_timeline(shared: Api) -> None:
    query = "valid_at=2023-06-30&known_position=51&from=2021&to=2023&type=order,delivery&platform=tb2&min_precision=any"
    wanted = ids(await told(shared, f"?{query}"))
    assert wanted
    for format_ in BY_DATE:
        assert _ids(format_, await asked(shared, of(format_, f"?{query}"))) == wanted, format_.name
    assert sorted(await entries(shared, f"?{query}")) == sorted(wanted)
    answer = await asked(shared, f"{TIMELINE}.atom?{query}")
    assert "as of June 30, 2023, as known on" in answer.text
    assert "<subtitle>" not in (await asked(shared, f"{TIMELINE}.atom")).text


async def test_what_has_no_group_and_what_has_several_stand_in_vis_timeline(api: Api) -> None:
    await api.append(note("none"), note("two", tags=["x", "y"]))
    feed = (await asked(api, f"{TIMELINE}.vis.json?group_by=tag&type=note")).json()
    groups = {one["id"]: one["content"] for one in feed["groups"]}
    assert groups == {"x": "x", "y": "y", ":none": "Other"}
    found = {one["id"]: one["group"] for one in feed["items"]}
    assert found == {"none": ":none", "two": "x", "two:y": "y"}
    turkish = (await asked(api, f"{TIMELINE}.vis.json?group_by=tag&type=note&lang=tr")).json()
    assert "Diğer" in {one["content"] for one in turkish["groups"]}


async def test_a_feed_of_nothing_says_so(shared: Api) -> None:
    nothing = f"{SAMPLE}/relationships/nobody--nothing/timeline"
    for format_ in CATALOGUE:
        answer = await asked(shared, of(format_, timeline=nothing))
        again = await shared.get(of(format_, timeline=nothing), headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304, format_.name
    feed: Any = (await asked(shared, f"{nothing}.timelinejs.json")).json()
    assert feed["events"][0]["text"]["headline"] == "Nothing is recorded of this."
    feed = (await asked(shared, f"{TIMELINE}.timelinejs.json?type=combat-use")).json()
    assert feed["events"][0]["text"]["headline"] == "Nothing recorded lies in what was asked for."


async def test_a_merged_actors_feeds_lead_to_the_survivors(api: Api) -> None:
    await api.append(
        {"action": "assert", "type": "actor-merge", "occurred": "2024",
         "parties": [{"actor": "turkiye", "role": "merged"}, {"actor": "tur", "role": "survivor"}]},
    )  # fmt: skip
    answer = await api.get(f"{SAMPLE}/relationships/pak--turkiye/timeline.ics?lang=tr")
    assert answer.status_code == 308
    assert answer.headers["location"].endswith(f"{TIMELINE}.ics?lang=tr")


async def test_a_cursor_is_of_one_format_only(shared: Api) -> None:
    way_on = (await asked(shared, f"{TIMELINE}.csv?limit=2")).headers["link"].partition("<")[2].partition(">")[0]
    assert (await shared.get(way_on)).status_code == 200
    for other in (way_on.replace(".csv", ".atom"), way_on.replace(".csv", ""), changed(way_on, min_precision="day")):
        assert parameters_at_fault(await shared.get(other)) == ["cursor"], other
