"""The feed over HTTP: pages, lines and CloudEvents from a place on; what is live is tested with whole services."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from service.api import feed
from tests.api.conftest import SAMPLE, Api, note
from tests.api.documented import DOCUMENT

pytestmark = pytest.mark.anyio
FEED = f"{SAMPLE}/events"
JSON, NDJSON, SSE = "application/json", "application/x-ndjson", "text/event-stream"
CLOUD_EVENTS = "application/cloudevents-batch+json"


def as_(media_type: str, **more: str) -> dict[str, Any]:
    return {"headers": {"Accept": media_type, **more}}


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def lines(text: str) -> list[dict[str, Any]]:
    *found, rest = text.split("\n")
    assert rest == ""
    return [json.loads(line) for line in found]


async def test_a_page_holds_events_as_they_are_read_one_by_one(shared: Api) -> None:
    page = (await shared.get(f"{FEED}?limit=3")).json()
    for event in page["events"]:
        assert event == (await shared.get(f"{FEED}/{event['id']}")).json()
    assert [event["position"] for event in page["events"]] == [1, 2, 3]


@pytest.mark.parametrize("query", ["", "type=acquisition", "actor=baykar", "relationship=pak--tur", "type=note"])
async def test_pages_one_after_the_other_hold_every_event_once_and_in_order(shared: Api, query: str) -> None:
    whole = lines((await shared.get(f"{FEED}?{query}", **as_(NDJSON))).text)
    found: list[dict[str, Any]] = []
    path: str | None = f"{FEED}?limit=4&{query}"
    while path is not None:
        answer = await shared.get(path)
        page = answer.json()
        found += page["events"]
        assert ("next" in page) == ("link" in answer.headers)
        if "next" in page:
            assert answer.headers["link"] == f'<{page["next"]}>; rel="next"'
        path = path_of(page["next"]) if "next" in page else None
    assert found == whole
    assert page["resume"].endswith(f"-{page['head']}")
    if not query:
        assert [event["position"] for event in found] == list(range(1, page["head"] + 1))


async def test_a_page_says_where_to_go_on_once_there_is_more(api: Api) -> None:
    end = (await api.get(f"{FEED}?after={await api.head()}")).json()
    assert end["events"] == []
    assert "next" not in end
    await api.append(note("new"))
    after = (await api.get(f"{FEED}?after={end['resume']}")).json()
    assert [event["id"] for event in after["events"]] == ["new"]


async def test_what_is_left_out_is_not_looked_at_again(api: Api) -> None:
    page = (await api.get(f"{FEED}?type=visit")).json()
    assert page["events"] == []
    assert page["resume"].endswith(f"-{page['head']}")


async def test_lines_are_everything_up_to_the_head(shared: Api) -> None:
    answer = await shared.get(FEED, **as_(NDJSON))
    head = await shared.head()
    assert [line["position"] for line in lines(answer.text)] == list(range(1, head + 1))
    assert answer.headers["tarih-position"] == str(head)
    few = await shared.get(f"{FEED}?limit=5&after=3", **as_(NDJSON))
    assert [line["position"] for line in lines(few.text)] == [4, 5, 6, 7, 8]
    assert few.headers["tarih-position"] == "8"
    assert few.headers["link"].startswith("<http://tarih.test/v1/ledgers/drones/events?after=")


async def test_many_lines_come_in_chunks(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "CHUNK", 1)
    monkeypatch.setattr("service.store.feed.PAGE", 7)
    answer = await api.get(FEED, **as_(NDJSON))
    assert [line["position"] for line in lines(answer.text)] == list(range(1, await api.head() + 1))


async def test_an_export_that_is_cut_off_says_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    chunks = feed._chunks

    def once(*given: Any) -> list[bytes]:
        api.log.pool.terminate()
        return chunks(*given)

    monkeypatch.setattr(feed, "_chunks", once)
    monkeypatch.setattr("service.store.feed.PAGE", 7)
    *events, problem = lines((await api.get(FEED, **as_(NDJSON))).text)
    assert [event["position"] for event in events] == list(range(1, 8))
    assert problem["type"].endswith("/problems/unavailable")
    assert "position" not in problem


async def test_cloud_events_wrap_the_same_events(shared: Api) -> None:
    page = (await shared.get(f"{FEED}?limit=5&after=20")).json()
    answer = await shared.get(f"{FEED}?limit=5&after=20", **as_(CLOUD_EVENTS))
    assert answer.headers["content-type"] == CLOUD_EVENTS
    assert answer.headers["link"] == f'<{page["next"]}>; rel="next"'
    for event, wrapped in zip(page["events"], answer.json(), strict=True):
        assert wrapped["data"] == event
        assert wrapped["source"] == "http://tarih.test/v1/ledgers/drones"
        assert (wrapped["id"], wrapped["subject"], wrapped["time"]) == (
            event["id"],
            event["claim"],
            event["recorded_at"],
        )
        assert wrapped["type"] == f"tarih.{event['event']['action']}"


async def test_an_event_that_came_as_a_cloud_event_is_given_back_as_what_it_was(api: Api) -> None:
    event = {name: value for name, value in note("unused").items() if name != "id"}
    full = {"source": "https://example.org/a", "id": "7", "time": "2025-12-05T10:00:00+03:00", "subject": "a deal"}
    bare = {"source": "https://example.org/a", "id": "8"}
    head = await api.head()
    for attributes in (full, bare):
        body = json.dumps({"specversion": "1.0", "type": "org.example.seen", "data": event, **attributes})
        headers = {"Content-Type": "application/cloudevents+json"}
        answer = await api.send("POST", FEED, api.admin, content=body, headers=headers)
        assert answer.status_code == 201, answer.text
    first, second = (await api.get(f"{FEED}?after={head}", **as_(CLOUD_EVENTS))).json()
    assert {name: first[name] for name in full} == full
    assert {name: second[name] for name in bare} == bare
    assert (second["subject"], second["time"]) == (second["data"]["claim"], second["data"]["recorded_at"])
    assert first["type"] == second["type"] == "tarih.assert"


async def test_cloud_events_are_what_the_library_reads(shared: Api) -> None:
    answer = await shared.get(FEED, **as_(CLOUD_EVENTS))
    for wrapped in answer.json():
        event = JSONFormat().read(CloudEvent, json.dumps(wrapped))
        assert event.get_id() == wrapped["id"]
        assert event.get_source() == wrapped["source"]
        assert event.get_type() == wrapped["type"]
        assert event.get_data() == wrapped["data"]


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/*", SSE),
        ("application/x-ndjson, application/json;q=0.9", NDJSON),
        ("application/x-ndjson;q=0.5, application/json;q=0.9", JSON),
        ("application/json;q=0, application/*", NDJSON),
        ("text/html, application/xhtml+xml, */*;q=0.8", JSON),
        ("text/event-stream", SSE),
        ("Text/Event-Stream;q=1.0, */*;q=0.1", SSE),
        ("application/cloudevents-batch+json; charset=utf-8", CLOUD_EVENTS),
    ],
)
async def test_the_form_is_the_one_that_is_liked_best(shared: Api, accept: str, form: str) -> None:
    answer = await shared.send("HEAD", FEED, **as_(accept))
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == form


@pytest.mark.parametrize("accept", ["text/csv", "application/json;q=0", "application/json;q=x"])
async def test_a_form_that_is_not_there_is_refused(shared: Api, accept: str) -> None:
    answer = await shared.get(FEED, **as_(accept))
    assert answer.status_code == 406
    assert NDJSON in answer.json()["detail"]


async def test_the_head_of_a_stream_says_that_nobody_may_keep_it(shared: Api) -> None:
    answer = await shared.send("HEAD", FEED, **as_(SSE))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-accel-buffering"] == "no"
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("form", [JSON, NDJSON, CLOUD_EVENTS])
async def test_who_has_it_already_is_told_so(api: Api, form: str) -> None:
    first = await api.get(FEED, **as_(form))
    assert first.headers["cache-control"] == "public, max-age=5, stale-while-revalidate=30"
    tag = first.headers["etag"]
    assert (await api.get(FEED, **as_(form, **{"If-None-Match": tag}))).status_code == 304
    assert (await api.get(f"{FEED}?after=1", **as_(form, **{"If-None-Match": tag}))).status_code == 200
    if form == NDJSON:
        await api.append(note("new"))
        assert (await api.get(FEED, **as_(form, **{"If-None-Match": tag}))).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "after=-1",
        "after=x",
        "after=6fd9d5b3-",
        "after=6FD9D5B3-1",
        "limit=0",
        "limit=1001",
        "limit=ten",
        "type=Note",
        "actor=P%C3%BC",
        "relationship=pak",
        "relationship=pak--pak",
        "since=1",
        "after=1&after=2",
    ],
)
async def test_what_cannot_be_read_is_refused(shared: Api, query: str) -> None:
    answer = await shared.get(f"{FEED}?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0]


async def test_a_stream_has_no_limit_and_reads_its_last_event_id_strictly(shared: Api) -> None:
    limited = await shared.get(f"{FEED}?limit=3", **as_(SSE))
    assert (limited.status_code, limited.json()["errors"][0]["code"]) == (400, "unusable")
    unread = await shared.get(FEED, **as_(SSE, **{"Last-Event-ID": "seven"}))
    assert (unread.status_code, unread.json()["errors"][0]["header"]) == (400, "last-event-id")


async def test_members_out_of_order_are_sent_to_the_one_address(shared: Api) -> None:
    answer = await shared.get(f"{FEED}?relationship=tur--pak&after=3&limit=2")
    assert answer.status_code == 308
    assert (
        answer.headers["location"] == "http://tarih.test/v1/ledgers/drones/events?after=3&limit=2&relationship=pak--tur"
    )


async def test_a_place_beyond_the_head_is_none(api: Api) -> None:
    head = await api.head()
    for form in (JSON, NDJSON, CLOUD_EVENTS, SSE):
        answer = await api.get(f"{FEED}?after={head + 1}", **as_(form))
        assert (answer.status_code, answer.json()["head"]) == (404, head)
    known = (await api.get(f"{FEED}?after={head}")).json()["resume"].partition("-")[0]
    ahead = await api.get(f"{FEED}?after={known}-{head + 1}")
    assert ahead.status_code == 503


async def test_a_place_in_another_epoch_is_gone(api: Api) -> None:
    head = await api.head()
    for headers in (as_(JSON), as_(NDJSON), as_(SSE)):
        answer = await api.get(f"{FEED}?after=00000000-3", **headers)
        assert (answer.status_code, answer.json()["head"]) == (410, head)
        assert answer.json()["type"].endswith("/problems/another-epoch")
    answer = await api.get(f"{FEED}?after=3", **as_(SSE, **{"Last-Event-ID": "00000000-3"}))
    assert answer.status_code == 410, "the place of the last event goes before the one in the address"


async def test_a_feed_that_may_not_be_read_looks_absent(api: Api) -> None:
    await api.put("/v1/ledgers/hidden", {"title": "Hidden", "public_read": False})
    for form in (JSON, NDJSON, SSE):
        hidden = await api.get("/v1/ledgers/hidden/events", **as_(form))
        absent = await api.get("/v1/ledgers/nothing/events", **as_(form))
        assert hidden.status_code == absent.status_code == 404
        assert hidden.json()["detail"].replace("hidden", "nothing") == absent.json()["detail"]
    mine = await api.get("/v1/ledgers/hidden/events", await api.key(hidden="read"))
    assert mine.headers["cache-control"].startswith("private")


async def test_no_more_follow_than_a_process_can_bear(shared: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.api.streams.MOST_FOLLOWERS", 0)
    assert (await shared.get(FEED, **as_(SSE))).status_code == 503


async def test_the_examples_of_the_document_are_what_the_service_answers(shared: Api) -> None:
    content = DOCUMENT["paths"]["/v1/ledgers/{ledger}/events"]["get"]["responses"]["200"]["content"]
    [example] = content[JSON]["examples"].values()
    answer = (await shared.get(f"{FEED}?after=2&limit=2")).json()

    def timeless(page: dict[str, Any]) -> Any:
        return [{name: value for name, value in one.items() if name != "recorded_at"} for one in page["events"]]

    assert timeless(answer) == timeless(example["value"])
    assert answer.keys() == example["value"].keys()
