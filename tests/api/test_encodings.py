"""Answers as gzip: to who takes it, the same in all but length; never what flows or is short."""

import gzip
from collections.abc import AsyncIterator

import httpx
import pytest

from service.api.encodings import LEAST, takes_gzip
from tests.api.conftest import SAMPLE, STATE, Api, running
from tests.conftest import Database

pytestmark = pytest.mark.anyio
POINT = "known_position=40&valid_at=2024-06-30"
LONG = (
    f"{STATE}?{POINT}",
    f"{STATE}/timeline?{POINT}",
    f"{STATE}/timeline.atom?{POINT}",
    f"{STATE}/timeline.ics?known_position=51",
    f"{STATE}/outline?{POINT}",
    f"{STATE}/changes?from=2021-06-01@40&to=2025-12-31@51",
    f"{SAMPLE}/claims?{POINT}",
    f"{SAMPLE}/types",
    "/openapi.json",
    "/docs",
    "/problems",
    "/widget/v1/tarih-timeline.js",
)


@pytest.fixture(scope="module")
async def unread(shared_database: Database, founded: tuple[str, str]) -> AsyncIterator[Api]:
    """Whose answers nobody reads before the test."""
    async with running(shared_database, founded[1]) as api:
        api.client.event_hooks = {}
        yield api


async def raw(api: Api, path: str, accepted: str, method: str = "GET", **headers: str) -> tuple[httpx.Response, bytes]:
    """As it came."""
    given = {"Accept-Encoding": accepted, **headers}
    async with api.client.stream(method, path, headers=given) as answer:
        return answer, b"".join([chunk async for chunk in answer.aiter_raw()])


@pytest.mark.parametrize("path", LONG)
async def test_an_answer_as_gzip_is_the_same_in_all_but_length(unread: Api, path: str) -> None:
    for _ in range(3):  # anew, and kept whole
        plain, body = await raw(unread, path, "identity")
        zipped, packed = await raw(unread, path, "br, gzip")
        assert (plain.status_code, zipped.status_code) == (200, 200)
        assert len(body) >= LEAST, "choose another example"
        assert "content-encoding" not in plain.headers
        assert zipped.headers["content-encoding"] == "gzip"
        assert gzip.decompress(packed) == body
        assert (plain.headers["content-length"], zipped.headers["content-length"]) == (str(len(body)), str(len(packed)))
        assert "Accept-Encoding" in plain.headers["vary"]
        for name in ("etag", "vary", "cache-control", "content-type", "content-location"):
            assert plain.headers.get(name) == zipped.headers.get(name)
        assert plain.headers["etag"].startswith("W/")
        tag = {"If-None-Match": plain.headers["etag"]}
        same, nothing = await raw(unread, path, "gzip", **tag)
        assert (same.status_code, nothing, "content-encoding" in same.headers) == (304, b"", False)
        head, nothing = await raw(unread, path, "gzip", "HEAD")
        assert (head.status_code, nothing, head.headers["content-length"]) == (200, b"", str(len(packed)))


async def test_what_is_short_or_flows_is_sent_as_it_is(unread: Api) -> None:
    short, body = await raw(unread, "/problems/not-found", "gzip", Accept="application/json")
    assert (short.status_code, len(body) < LEAST, "content-encoding" in short.headers) == (200, True, False)
    flowing, _ = await raw(unread, f"{SAMPLE}/events", "gzip", Accept="application/x-ndjson")
    assert (flowing.status_code, "content-encoding" in flowing.headers) == (200, False)
    refused, _ = await raw(unread, f"{STATE}?valid_at=yesterday", "gzip")
    assert (refused.status_code, "content-encoding" in refused.headers) == (400, False)


@pytest.mark.parametrize(
    ("given", "takes"),
    [
        ([], False),
        ([""], False),
        (["identity"], False),
        (["gzip"], True),
        (["br;q=1.0, GZIP;q=0.5"], True),
        (["br", "x-gzip"], True),
        (["gzip;q=0"], False),
        (["gzip; q=0.000"], False),
        (["gzip;q=0.001"], True),
        (["*"], False),
        (["gzipped"], False),
    ],
)
def test_gzip_is_for_who_names_it(given: list[str], *, takes: bool) -> None:
    assert takes_gzip(given) is takes
