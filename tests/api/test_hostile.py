"""Callers who mean harm, over HTTP: nothing they send is a fault of the service, and none of it is half recorded."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import httpx
import icalendar
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from service.api.problems import LARGEST_BODY
from service.domain.shape import MOST_FAULTS
from tests.api.conftest import SAMPLE, STATE, Api, note
from tests.api.documented import DOCUMENT, resolved

pytestmark = pytest.mark.anyio
quickly = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
REFUSED = {400, 401, 404, 405, 406, 409, 410, 412, 413, 415, 422}
GIVEN = {"ledger": "drones", "relationship": "pak--tur", "actor_slug": "pak", "type_name": "note", "slug": "invalid"}


def paths() -> list[str]:
    """Every address that can be read, for something that is there."""
    found = []
    for path, item in DOCUMENT["paths"].items():
        if "get" in item and not path.startswith(("/metrics", "/v1/keys")):
            shown = {one["name"]: str(one["example"]) for one in map(resolved, item.get("parameters", ()))} | GIVEN
            found.append(re.sub(r"\{(\w+)\}", lambda name: shown[name[1]], path))  # noqa: B023 - used at once
    return found


PARAMETERS = sorted(
    {
        resolved(one)["name"]
        for item in DOCUMENT["paths"].values()
        for said in item.values()
        if isinstance(said, dict)
        for one in said.get("parameters", ())
        if resolved(one)["in"] == "query"
    }
)
odd = st.sampled_from(
    ["\0", "%", "%00", "%ff", "'", '"', ";--", "<script>", "\r\n", "\u202e", "\ufeff", "é", "e\u0301", "\U0010ffff"]
)
texts = st.one_of(
    st.text(max_size=40),
    st.lists(odd | st.sampled_from(["2021", "..", "/", "X", "~", "-", "{", "[", "T", "Z", "@", ",", " "])).map("".join),
)
raw = st.binary(max_size=60)


@quickly
@given(st.sampled_from(paths()), st.lists(st.tuples(st.sampled_from(PARAMETERS), texts), max_size=4))
@example(f"{STATE}/timeline", [("from", "2018-XX/2025-12-05"), ("to", "{2021,2022..2024}")])
@example(f"{STATE}/timeline", [("cursor", "A" * 999)])
@example("/v1/ledgers/drones/claims", [("q", "\0"), ("tag", "\0"), ("source", "\0")])
async def test_no_parameter_brings_an_address_down(shared: Api, path: str, asked: list[tuple[str, str]]) -> None:
    answer = await shared.client.get(path, params=tuple(asked))
    assert answer.status_code in REFUSED | {200, 204, 302, 304, 308, 501}


@quickly
@given(st.sampled_from(paths()), raw)
@example(STATE, b"valid_at=2021-06-01&valid_at=2021-06-01")
@example(STATE, b"&".join(b"a%d=1" % n for n in range(51)))
@example(STATE, b"%zz=%zz&\xff=\xff")
async def test_no_query_string_brings_an_address_down(shared: Api, path: str, query: bytes) -> None:
    query = bytes(c for c in query if 32 < c < 127 and c != ord("#"))
    url = httpx.URL(f"http://tarih.test{path}").copy_with(query=query)
    answer = await shared.client.get(url)
    assert answer.status_code in REFUSED | {200, 204, 302, 308, 501}


TIMEGATE = f"{SAMPLE}/timegate/relationships/pak--tur"
HEADERS = (
    *("Accept", "Accept-Datetime", "Accept-Encoding", "Authorization", "Content-Type", "Cookie", "Expect", "Host"),
    *("If-Match", "If-None-Match", "Last-Event-ID", "Origin", "Prefer", "Range", "traceparent", "X-Request-Id"),
)
values = st.binary(max_size=60).map(lambda one: bytes(c for c in one if c not in b"\0\r\n")) | st.sampled_from(
    [b"*", b'"', b'W/"', b"Thu, 31 Feb 2007 20:35:00 GMT", b"Thu, 31 May 2007 20:35:00 GMT", b"text/event-stream;q=0"]
)


@quickly
@given(st.sampled_from(paths()), st.lists(st.tuples(st.sampled_from(HEADERS), values), max_size=4))
@example(
    "/v1/ledgers/drones/timegate/relationships/pak--tur", [("Accept-Datetime", b"Thu, 31 May 9999999 20:35:00 GMT")]
)
@example("/v1/ledgers/drones/timegate/relationships/pak--tur", [("Accept-Datetime", b"Thu, 31 May 0000 20:35:00 GMT")])
@example(STATE, [("Host", b"evil.example\xff")])
async def test_no_header_brings_an_address_down(shared: Api, path: str, given: list[tuple[str, bytes]]) -> None:
    headers = [(name, value) for name, value in given if (name, b"text/event-stream") != (name, value)]
    request = shared.client.build_request("GET", path)
    request.headers = httpx.Headers([*request.headers.raw, *((name.encode(), value) for name, value in headers)])
    if "text/event-stream" in request.headers.get("accept", "") and ";q=0" not in request.headers["accept"]:
        return
    answer = await shared.client.send(request)
    assert answer.status_code in REFUSED | {200, 204, 302, 304, 308}
    for name, value in answer.headers.raw:
        assert not set(b"\r\n\0") & set(value), name


def deep(opening: bytes, closing: bytes, many: int) -> bytes:
    return opening * many + b"1" + closing * many


BODIES = {
    "nothing": b"",
    "a byte order mark": b'\xef\xbb\xbf{"events": []}',
    "UTF-16": '{"events": []}'.encode("utf-16"),
    "half a character": b'{"events": ["\xc3"]}',
    "a surrogate by itself": b'{"events": [{"action": "assert", "title": "\\ud800"}]}',
    "surrogates the wrong way round": b'{"events": [{"action": "assert", "title": "\\udc00\\ud800"}]}',
    "deep arrays": deep(b"[", b"]", 200_000),
    "deep objects": deep(b'{"events":', b"}", 100_000),
    "deep data": b'{"events": [{"action": "assert", "type": "note", "data": ' + deep(b"[", b"]", 5000) + b"}]}",
    "a long number": b'{"events": [' + b"9" * 100_000 + b"]}",
    "no number": b'{"events": [NaN, Infinity, 1e999999]}',
    "an empty event": b'{"events": [{}]}',
    "a long key": b'{"events": [{"' + b"k" * 1_000_000 + b'": 1}]}',
    "many empty events": b'{"events": [' + b"{}," * 9_999 + b"{}]}",
    "too many events": b'{"events": [' + b"{}," * 10_000 + b"{}]}",
    "many parties": json.dumps({"events": [note("p", parties=[1] * 1_000_000)]}).encode(),
    "many unknown fields": b'{"events": [{' + b",".join(b'"f%d":1' % n for n in range(200_000)) + b"}]}",
    "many relationships": json.dumps({"events": [note("r", relationships=["a--b"] * 100_000)]}).encode(),
    "the same key twice": b'{"events": [], "events": []}',
    "too large": b" " * (LARGEST_BODY + 1),
    "NUL in a text": json.dumps({"events": [note("n", title="a\0b")]}).encode(),
    "NUL in an id": json.dumps({"events": [note("n\0")]}).encode(),
    "a NUL": b"\0",
}


@pytest.mark.parametrize("name", BODIES)
async def test_no_body_brings_the_service_down_or_is_half_recorded(shared: Api, name: str) -> None:
    head = await shared.head()
    for path in (f"{SAMPLE}/events", f"{STATE}/events", f"{SAMPLE}/types/visit", "/v1/keys", "/v1/ledgers/new"):
        method = "PUT" if path.endswith(("visit", "new")) else "POST"
        headers = {"Content-Type": "application/json"}
        answer = await shared.send(method, path, shared.admin, content=BODIES[name], headers=headers)
        assert answer.status_code in {400, 413, 422}, path
        assert len(answer.json().get("errors", ())) <= MOST_FAULTS
        assert len(answer.content) < 5_000_000
    assert await shared.head() == head


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
FIELDS = sorted(DOCUMENT["components"]["schemas"]["Assert"]["properties"])
twisted = st.dictionaries(st.sampled_from(FIELDS), anything | texts, max_size=4).map(
    lambda more: note("twisted") | more
)


@quickly
@given(st.lists(twisted | anything, min_size=1, max_size=3))
async def test_no_event_brings_the_service_down_or_is_half_recorded(shared: Api, events: list[Any]) -> None:
    body = json.dumps({"events": events}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    headers = {"Content-Type": "application/json"}
    answer = await shared.send("POST", f"{SAMPLE}/events?dry_run=true", shared.admin, content=body, headers=headers)
    assert answer.status_code in {200, 400, 409, 422}


@quickly
@given(st.lists(raw | twisted.map(lambda event: json.dumps(event).encode()), max_size=5))
@example([b"\xff", b"{", b"[]", b"\0", b"\\"])
async def test_no_line_brings_the_service_down(shared: Api, lines: list[bytes]) -> None:
    headers = {"Content-Type": "application/x-ndjson"}
    body = b"\n".join(lines)
    path = f"{SAMPLE}/events?atomic=true&dry_run=true"
    answer = await shared.send("POST", path, shared.admin, content=body, headers=headers)
    assert answer.status_code in {200, 400, 409, 422}


INJECTED = {
    "sql": "'); DROP TABLE tarih.events; --",
    "html": "</title><script>alert(1)</script><img src=x onerror=alert(2)>",
    "attribute": '" onmouseover="alert(1)',
    "ical": "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil\r\nATTACH:http://evil.example",
    "semicolons": "a;b,c\\n:d",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "header": "a\r\nSet-Cookie: evil=1\r\n\r\n<html>",
    "template": "{{7*7}}${7*7}<%= 7*7 %>",
    "cdata": "]]><!--</script>-->&lt;&#60;",
    "right to left": "\u202eevil\u202c \u0627\u0644\u0642\u0627\u0647\u0631\u0629 \u05e9\u05dc\u05d5\u05dd",
    "decomposed": "Tu\u0308rkiye I\u0307stanbul",
    "emoji": "👩‍👩‍👧‍👦 \U0001f1f9\U0001f1f7",
    "separators": "a\u2028b\u2029c\u0085d\x0be",
}


@pytest.fixture(scope="module")
def hostile() -> list[dict[str, Any]]:
    return [
        note(
            f"hostile-{n}",
            occurred=f"2024-03-{n + 1:02}",
            title=text[:200],
            phrase=text[:200],
            lang="en",
            tags=[],
            sources=[{"publisher": text[:200], "title": text[:200], "url": "https://example.org/a?b=c&d='e'"}],
            data={"text": text},
        )
        for n, text in enumerate(INJECTED.values())
    ]


async def test_what_looks_like_code_is_told_as_text_in_every_form(api: Api, hostile: list[dict[str, Any]]) -> None:
    answer = await api.append(*hostile)
    assert answer.status_code == 201, answer.text
    titles = [unicodedata.normalize("NFC", text)[:200] for text in INJECTED.values()]
    told = [(await api.get(f"{SAMPLE}/events/{event['id']}")).json()["event"]["title"] for event in hostile]
    assert told == titles
    asked = "?from=2024-03&to=2024-03&type=note"
    claims = (await api.get(f"{STATE}/timeline{asked}")).json()["items"]
    assert [item["title"] for item in claims] == titles
    timeline = DOCUMENT["paths"]["/v1/ledgers/{ledger}/relationships/{relationship}/timeline"]["get"]
    forms = timeline["responses"]["200"]["content"]
    for form in forms:
        answer = await api.get(f"{STATE}/timeline{asked}", headers={"Accept": form})
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        for problem in problems_of(form.partition(";")[0], answer.text, len(titles)):
            raise AssertionError(f"{form}: {problem}")
    for path in (f"/embed/drones/pak--tur{asked}", f"/?ledger=drones&relationship=pak--tur&{asked[1:]}"):
        page = await api.get(path.replace("&type=note", "").replace("?type=note", ""))
        if page.status_code == 200:
            assert "<script>alert" not in page.text
            assert "onerror=alert(2)>" not in page.text.replace("&gt;", "")
            assert "script-src" in page.headers["content-security-policy"]


def problems_of(form: str, text: str, many: int) -> Iterator[str]:
    """What a program that reads this form would take for more than text."""
    if form.endswith("json"):
        said = json.loads(text)
        shown = [part for slide in said.get("events", ()) for part in slide.get("text", {}).values()]
        # A JSON Feed's title is text, that of vis-timeline markup.
        names = ("content_html",) if form == "application/feed+json" else ("content", "title")
        shown += [item.get(name, "") for item in said.get("items", ()) for name in names]
        if form != "application/json" and any("<script" in part or "<img src=x" in part for part in shown):
            yield "what is put into a page holds markup"
    elif form == "text/calendar":
        events = icalendar.Calendar.from_ical(text).walk("VEVENT")
        if len(events) != many or any("ATTACH" in event or event["UID"] == "evil" for event in events):
            yield "an event was injected"
        if any(len(line.encode()) > 75 for line in text.split("\r\n")):
            yield "a line is too long"
    elif form == "application/atom+xml":
        entries = ElementTree.fromstring(text).findall("{http://www.w3.org/2005/Atom}entry")
        if len(entries) != many:
            yield "entries are not those there are"
    elif form == "text/csv":
        rows = list(csv.reader(io.StringIO(text)))
        if len(rows) != many + 1 or len({len(row) for row in rows}) != 1:
            yield "rows are not those there are"
        if any(cell.startswith(("=", "@", "+", "\t", "\r")) for row in rows for cell in row):
            yield "a cell begins a formula"


@pytest.mark.parametrize("path", ["/v1/ledgers/{}", "/v1/ledgers/drones/relationships/{}", "/problems/{}", "/{}"])
@pytest.mark.parametrize(
    "segment",
    [
        "%00", "%2e%2e", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%0d%0aset-cookie:%20a=1", "%ff", "%c0%af", "a" * 5000,
        "%F0%9F%92%A5", "pak--tur%00", "'%20OR%201=1--", "%3Cscript%3E", "pak--tur%0a", "..;", "%E2%80%AE",
        "pak--tur%20",
    ],
)  # fmt: skip
async def test_no_path_leads_elsewhere(shared: Api, path: str, segment: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS", "DELETE", "PATCH", "POST", "PUT"):
        answer = await shared.send(method, path.format(segment), content=b"{}")
        assert answer.status_code in REFUSED | {308} | ({200, 204} if method == "OPTIONS" else set())
        assert "set-cookie" not in answer.headers
        for _, value in answer.headers.raw:
            assert not set(b"\r\n\0") & set(value)
