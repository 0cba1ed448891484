"""Addresses and headers: strict parameters, one address for each relationship, validators, HEAD, CORS, request ids."""

import pytest

from service.api import problems
from service.domain.refusals import Refusal
from tests.api.conftest import SAMPLE, STATE, Api, note

pytestmark = pytest.mark.anyio
READ = [
    "/",
    "/docs",
    "/openapi.json",
    "/problems",
    "/problems/invalid",
    "/health/live",
    "/health/ready",
    "/favicon.ico",
    "/v1/ledgers",
    SAMPLE,
    f"{SAMPLE}/types",
    f"{SAMPLE}/types/acquisition",
    f"{SAMPLE}/events/tb2-acquired",
    f"{SAMPLE}/claims/tb2-acquired?valid_at=2024-06-30&known_position=51",
    f"{SAMPLE}/claims/tb2-acquired/history?known_position=51",
    f"{STATE}?valid_at=2024-06-30&known_position=51",
    f"{SAMPLE}/relationships/tur--pak?valid_at=2024-06-30",
    f"{STATE}?valid_at=soon",
    f"{SAMPLE}/nothing",
    "/v1/ledgers/absent",
]


@pytest.mark.parametrize("path", READ)
async def test_head_says_what_get_says_without_the_body(shared: Api, path: str) -> None:
    headers = {"X-Request-Id": "the-same"}
    get, head = [await shared.send(method, path, headers=headers) for method in ("GET", "HEAD")]
    assert head.content == b""
    assert head.status_code == get.status_code
    varying = {"server-timing"}
    assert {k: v for k, v in head.headers.items() if k not in varying} == {
        k: v for k, v in get.headers.items() if k not in varying
    }


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("valid_at=2024", "valid_at"),
        ("valid_at=2024-06", "valid_at"),
        ("valid_at=2025-02-30", "valid_at"),
        ("valid_at=2024-06-30T12:00:00", "valid_at"),
        ("valid_at=2024-06-30T12:00:00+02:00", "valid_at"),
        ("valid_at=", "valid_at"),
        ("valid_at=0001-01-01", "valid_at"),
        ("known_at=now", "known_at"),
        ("known_at=2999-01-01", "known_at"),
        ("known_position=-1", "known_position"),
        ("known_position=1.0", "known_position"),
        ("known_position=٣", "known_position"),
        ("known_position=3&known_at=2024-01-01", "known_position"),
        ("known_position=0", "known_position"),
        ("reported_by=2024-06-30T12:00:00Z", "reported_by"),
        ("reported_by=2999-01-01", "reported_by"),
        ("certainty=sure", "certainty"),
        ("lang=", "lang"),
        ("lang=Klingonisch!", "lang"),
        ("colour=red", "colour"),
        ("valid_at=2024-06-30&valid_at=2024-06-30", "valid_at"),
        ("v%00=1", "v\0"),
    ],
)
async def test_parameters_that_cannot_be_used_are_400_and_named(shared: Api, query: str, parameter: str) -> None:
    answer = await shared.get(f"{STATE}?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, parameter)
    assert answer.headers["cache-control"] == "no-store"


async def test_a_plus_that_arrived_as_a_space_is_told_how_to_be_written(shared: Api) -> None:
    answer = await shared.get(f"{STATE}?valid_at=2024-06-30T12:00:00+02:00")
    assert "%2B" in answer.json()["detail"]
    right = await shared.state("?valid_at=2024-06-30T12:00:00%2B02:00")
    assert right["as_of"]["valid_at"] == "2024-06-30T10:00:00.000000Z"


async def test_an_unknown_parameter_is_told_the_known_ones_and_all_faults_come_at_once(shared: Api) -> None:
    answer = await shared.get(f"{STATE}?valid=2024-06-30&known_at=x&lang=?")
    errors = answer.json()["errors"]
    assert [error["parameter"] for error in errors] == ["valid", "known_at", "lang"]
    assert "`valid_at`" in errors[0]["detail"]
    for path in (SAMPLE, f"{SAMPLE}/types", "/v1/ledgers", f"{SAMPLE}/events/tb2-acquired"):
        assert (await shared.get(f"{path}?colour=red")).status_code == 400


@pytest.mark.parametrize("query", ["valid_at=%FF", "%ff=1", "&".join(f"a{n}=1" for n in range(60))])
async def test_a_query_that_is_no_query_is_400(shared: Api, query: str) -> None:
    assert (await shared.get(f"{STATE}?{query}")).status_code == 400


async def test_a_position_beyond_the_head_is_404_and_says_where_the_head_is(shared: Api) -> None:
    head = await shared.head()
    for position in (head + 1, 10**20):
        answer = await shared.get(f"{STATE}?known_position={position}")
        assert (answer.status_code, answer.json()["head"]) == (404, head)
        assert answer.json()["type"].endswith("/problems/beyond-head")


@pytest.mark.parametrize("other", ["tur--pak", "pak--chn--tur"])
async def test_members_out_of_order_are_308_with_the_query_kept(shared: Api, other: str) -> None:
    right = "--".join(sorted(other.split("--")))
    answer = await shared.get(f"{SAMPLE}/relationships/{other}?valid_at=2024-06-30T12:00:00%2B02:00&x=1")
    assert answer.status_code == 308
    base = "http://tarih.test/v1/ledgers/drones/relationships"
    assert answer.headers["location"] == f"{base}/{right}?valid_at=2024-06-30T12:00:00%2B02:00&x=1"
    posted = await shared.append(note("a"), to=f"{SAMPLE}/relationships/{other}/events?dry_run=true")
    assert (posted.status_code, posted.headers["location"]) == (308, f"{base}/{right}/events?dry_run=true")


@pytest.mark.parametrize(
    "name", ["pak", "pak--pak", "PAK--TUR", "pak--", "pak---tur", "a%00--b", "pak--tür", "--".join("abcdefghi")]
)
async def test_what_is_no_relationships_name_is_404_and_says_what_one_is(shared: Api, name: str) -> None:
    answer = await shared.get(f"{SAMPLE}/relationships/{name}")
    assert answer.status_code == 404
    assert "relationship" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path", ["/v1/ledgers/%00", "/v1/ledgers/DRONES", f"{SAMPLE}/events/%00", f"{SAMPLE}/claims/a%20b"]
)
async def test_names_that_nothing_can_have_are_404(shared: Api, path: str) -> None:
    assert (await shared.get(path)).status_code == 404


async def test_an_answer_that_the_caller_has_is_304_with_the_same_headers(shared: Api) -> None:
    path = f"{STATE}?valid_at=2024-06-30&known_position=51"
    first = await shared.get(path)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    for value in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = await shared.get(path, headers={"If-None-Match": value})
        assert (again.status_code, again.content) == (304, b"")
        for name in ("etag", "cache-control", "vary", "content-location", "tarih-revision", "tarih-epoch"):
            assert again.headers[name] == first.headers[name]
    assert (await shared.get(path, headers={"If-None-Match": '"other"'})).status_code == 200
    assert (await shared.send("HEAD", path, headers={"If-None-Match": tag})).status_code == 304


async def test_how_long_an_answer_may_be_kept(shared: Api) -> None:
    recorded_at = (await shared.get(SAMPLE)).json()["recorded_at"]
    for query, kept in (
        ("?valid_at=2024-06-30", "public, max-age=5, stale-while-revalidate=30"),
        ("?valid_at=2024-06-30&known_position=51", "public, max-age=3600"),
        (f"?known_at={recorded_at}", "public, max-age=3600"),
        ("?valid_at=2024-06-30&known_at=2020-01-01", "public, max-age=3600"),
    ):
        answer = await shared.get(STATE + query)
        assert answer.headers["cache-control"] == kept
        assert answer.headers["vary"] == "Accept, Accept-Encoding, Authorization"
        assert answer.headers["tarih-revision"] == str(answer.json()["as_of"]["revision"])
        assert "db;dur=" in answer.headers["server-timing"]


async def test_the_same_instant_may_be_known_as_of_now_and_is_not_final(shared: Api) -> None:
    now = (await shared.state())["as_of"]["known_at"]
    answer = await shared.get(f"{STATE}?known_at={now}")
    assert (answer.json()["as_of"]["final"], "max-age=5" in answer.headers["cache-control"]) == (False, True)


async def test_other_methods_are_405_and_told_which_there_are(shared: Api) -> None:
    for method, path, allow in (
        ("DELETE", SAMPLE, "GET, HEAD, OPTIONS, PUT"),
        ("PATCH", f"{SAMPLE}/events/tb2-acquired", "GET, HEAD, OPTIONS"),
        ("DELETE", f"{SAMPLE}/events", "GET, HEAD, OPTIONS, POST"),
        ("POST", STATE, "GET, HEAD, OPTIONS"),
        ("TRACE", "/", "GET, HEAD, OPTIONS"),
    ):
        answer = await shared.send(method, path)
        assert (answer.status_code, answer.headers.get("allow")) == (405, allow), method
        assert answer.headers["content-type"] == "application/problem+json"


async def test_any_site_may_read_what_anyone_may_read(shared: Api) -> None:
    asked = await shared.send(
        "OPTIONS", STATE, headers={"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    )
    assert (asked.status_code, asked.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert asked.headers["access-control-allow-origin"] == "*"
    assert "If-None-Match" in asked.headers["access-control-allow-headers"]
    assert asked.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    for path in (STATE, f"{SAMPLE}/nothing"):
        answer = await shared.get(path, headers={"Origin": "https://example.org"})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "ETag" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-origin" not in (await shared.get(SAMPLE, shared.admin)).headers
    assert "access-control-allow-origin" not in (await shared.append(note("a"), key=None)).headers
    assert (await shared.send("OPTIONS", SAMPLE)).headers["allow"] == "GET, HEAD, OPTIONS, PUT"


async def test_a_request_id_and_a_trace_are_taken_over_and_sent_back(shared: Api) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    id_ = "18cea55a-19ad-4208-805d-071014cf1497"
    answer = await shared.get("/nothing", headers={"X-Request-Id": id_, "traceparent": trace})
    assert (answer.headers["x-request-id"], answer.headers["traceparent"]) == (id_, trace)
    assert answer.json()["instance"] == f"urn:uuid:{id_}"
    one, other = [await shared.get("/nothing", headers={"X-Request-Id": "job-7"}) for _ in range(2)]
    assert one.headers["x-request-id"] == "job-7"
    assert one.json()["instance"] == other.json()["instance"]
    for id_ in ("two words", "x" * 200, "<b>"):
        answer = await shared.get("/nothing", headers={"X-Request-Id": id_, "traceparent": "here"})
        assert answer.headers["x-request-id"] != id_
        assert answer.json()["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
        assert "traceparent" not in answer.headers


async def test_a_problem_is_explained_at_its_own_address(shared: Api) -> None:
    for path in ("/nothing", f"{STATE}?colour=red", f"{STATE}?known_position=99999"):
        problem = (await shared.get(path)).json()
        kind = (await shared.get(problem["type"])).json()
        assert (kind["title"], kind["status"]) == (problem["title"], problem["status"])
        page = await shared.get(problem["type"], headers={"Accept": "text/html,*/*;q=0.8"})
        assert page.headers["content-type"].startswith("text/html")
    assert (await shared.get("/problems/none")).status_code == 404


async def test_a_host_that_is_none_is_400(shared: Api) -> None:
    answer = await shared.get("/", headers={"Host": "a b"})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-request")


def test_every_refusal_has_a_line_in_the_table() -> None:
    waiting, found = [Refusal], set()
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            found.add(kind)
    lines = set(problems.TABLE) - {Exception}
    assert [kind.__name__ for kind in found if lines.isdisjoint(kind.__mro__)] == []


def test_every_kind_of_problem_is_told_apart() -> None:
    assert len({kind.slug for kind in problems.KINDS}) == len(problems.KINDS)
    assert len({kind.title for kind in problems.KINDS}) == len(problems.KINDS)
