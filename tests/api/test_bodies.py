"""Bodies that nobody should send: each is refused with a problem, and none of them brings the service down."""

import pytest

from tests.api.conftest import SAMPLE, Api, encoded, faults, note

pytestmark = pytest.mark.anyio
EVENTS = f"{SAMPLE}/events"
JSON = {"Content-Type": "application/json"}
BATCH = encoded({"events": [note("a", title="TITLE")]})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{}{}",
        b'{"events":[\xff]}',
        BATCH.replace(b"TITLE", b"\xff\xfe"),
        BATCH.replace(b"TITLE", b"\xed\xa0\x80"),
        b"\xef\xbb\xbf" + BATCH,
        BATCH.decode().encode("utf-16"),
        b'{"events":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"events":[NaN]}',
        b"'single'",
    ],
    ids=range(11),
)
async def test_what_is_no_json_is_400(shared: Api, body: bytes) -> None:
    answer = await shared.send("POST", EVENTS, shared.admin, content=body, headers=JSON)
    assert (answer.status_code, faults(answer)) == (400, [("", "malformed-json")])


@pytest.mark.parametrize("body", [b"[]", b"null", b"7", b'"events"', b"{}", b'{"events":{}}', b'{"events":[]}'])
async def test_json_that_is_no_batch_is_422(shared: Api, body: bytes) -> None:
    answer = await shared.send("POST", EVENTS, shared.admin, content=body, headers=JSON)
    assert answer.status_code == 422
    assert faults(answer)


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        (b'"TITLE"', b'"\\u0000"', "/events/0/title"),
        (b'"TITLE"', b'"a\\u0000b"', "/events/0/title"),
        (b'"TITLE"', b"1" * 5_000, "/events/0/title"),
        (b'"TITLE"', b"1e999", "/events/0/title"),
        (b'"TITLE"', b'"' + b"x" * 100_000 + b'"', "/events/0/title"),
        (b'"2024"', b'"' + b"2" * 100_000 + b'"', "/events/0/occurred"),
        (b'"note"', b'"report","data":{"topic":"\\u0000"}', "/events/0/data/topic"),
        (b'"note"', b'"report","data":{"topic":' + b"[" * 500 + b"]" * 500 + b"}", "/events/0/data/topic"),
        (b'"note"', b'"assessment","data":{"rank":' + b"9" * 400 + b"}", "/events/0/data/rank"),
    ],
    ids=range(9),
)
async def test_values_that_cannot_be_kept_are_422_and_named(shared: Api, old: bytes, new: bytes, pointer: str) -> None:
    body = BATCH.replace(old, new)
    answer = await shared.send("POST", EVENTS, shared.admin, content=body, headers=JSON)
    assert answer.status_code == 422, answer.text
    assert pointer in [found for found, _ in faults(answer)]


async def test_a_lone_surrogate_is_refused(shared: Api) -> None:
    body = BATCH.replace(b"TITLE", b"\\ud800")
    answer = await shared.send("POST", EVENTS, shared.admin, content=body, headers=JSON)
    assert answer.status_code in (400, 422)
    assert faults(answer)[0][1] == "malformed-json"


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/xml", "application/x-www-form-urlencoded", "application/json; charset=latin-1"],
)
async def test_a_body_that_is_not_called_json_is_415(shared: Api, content_type: str) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = await shared.send("POST", EVENTS, shared.admin, content=BATCH, headers=headers)
    assert answer.status_code == 415
    assert answer.headers["accept"].split(", ") == [
        "application/json",
        "application/x-ndjson",
        "application/cloudevents+json",
        "application/cloudevents-batch+json",
    ]


async def test_a_compressed_body_is_415(shared: Api) -> None:
    headers = {**JSON, "Content-Encoding": "gzip"}
    assert (await shared.send("POST", EVENTS, shared.admin, content=BATCH, headers=headers)).status_code == 415


async def test_json_may_say_that_it_is_utf_8(api: Api) -> None:
    headers = {"Content-Type": 'Application/JSON; charset="UTF-8"'}
    assert (await api.send("POST", EVENTS, api.admin, content=BATCH, headers=headers)).status_code == 201


async def test_a_body_that_is_too_large_is_413(shared: Api) -> None:
    answer = await shared.send("POST", EVENTS, shared.admin, content=b" " * 10_000_001, headers=JSON)
    assert answer.status_code == 413


async def test_more_than_ten_thousand_events_are_422(shared: Api) -> None:
    body = b'{"events":[' + b",".join([b"{}"] * 10_001) + b"]}"
    answer = await shared.send("POST", EVENTS, shared.admin, content=body, headers=JSON)
    assert (answer.status_code, faults(answer)) == (422, [("/events", "invalid")])
