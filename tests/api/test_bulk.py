"""Lines over HTTP: as many as there are, each told that is refused, at constant memory, for whoever reads how."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from service.domain.refusals import Unavailable
from service.history import bulk
from service.history.bulk import BATCH, LONGEST_LINE
from tests.api.conftest import SAMPLE, STATE, Api, encoded, faults, note
from tests.api.documented import validator

pytestmark = pytest.mark.anyio
EVENTS = f"{SAMPLE}/events"
HERE = f"{STATE}/events"
LINES = {"Content-Type": "application/x-ndjson"}
Told = tuple[dict[int, dict[str, Any]], dict[str, Any]]


def body(*events: dict[str, Any] | bytes) -> bytes:
    return b"".join((event if isinstance(event, bytes) else encoded(event)) + b"\n" for event in events)


async def send(api: Api, *events: dict[str, Any] | bytes, to: str = EVENTS, **more: Any) -> httpx.Response:
    headers = {**LINES, **more.pop("headers", {})}
    return await api.send("POST", to, api.admin, content=body(*events), headers=headers, **more)


def told(answer: httpx.Response) -> Told:
    """Each line's, by number, and the summary."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].split(";")[0] == "application/x-ndjson"
    *lines, last = (msgspec.json.decode(line) for line in answer.content.splitlines())
    for line in lines:
        validator("/components/schemas/Line").validate(line)
    validator("/components/schemas/BulkEnd").validate(last)
    return {line["line"]: line for line in lines}, last["summary"]


def counted(answer: httpx.Response) -> tuple[int, int, int, int]:
    summary = told(answer)[1]
    return summary["lines"], summary["recorded"], summary["repeated"], summary["refused"]


def wrong(answer: httpx.Response) -> dict[int, list[tuple[str, str]]]:
    """(pointer, code) of each fault, by line."""
    return {
        number: [(error["pointer"], error["code"]) for error in line["errors"]]
        for number, line in told(answer)[0].items()
    }


async def test_what_is_refused_is_told_and_the_rest_is_recorded(api: Api) -> None:
    head = await api.head()
    answer = await send(
        api, note("a"), b"{nonsense", note("b", occurred="2015-02-29"), b"", note("c"), note("d", claim="tb2-acquired")
    )
    assert wrong(answer) == {
        2: [("", "malformed-json")],
        3: [("/occurred", "unreadable-date")],
        6: [("/claim", "claim-exists")],
    }
    assert counted(answer) == (5, 2, 0, 3)
    assert told(answer)[1]["position"] == head + 2 == await api.head()
    assert answer.headers["cache-control"] == "no-store"


async def test_the_same_lines_again_are_repeats(api: Api) -> None:
    await send(api, note("a"), note("b"))
    again = await send(api, note("a"), note("b"))
    assert counted(again) == (2, 0, 2, 0)
    assert "position" not in told(again)[1]


async def test_every_line_is_told_on_wish(api: Api) -> None:
    answer = await send(api, note("a"), b"{", note("b"), to=f"{EVENTS}?results=all")
    lines, _ = told(answer)
    assert {number: line["status"] for number, line in lines.items()} == {1: "recorded", 2: "refused", 3: "recorded"}
    assert (lines[3]["id"], lines[3]["claim"], lines[3]["position"]) == ("b", "b", await api.head())


@pytest.mark.parametrize("results", ["refused", "all"])
async def test_all_stops_at_a_refused_line_on_wish(api: Api, results: str) -> None:
    answer = await send(api, note("a"), b"{", note("b"), to=f"{EVENTS}?on_error=stop&results={results}")
    lines, summary = told(answer)
    assert (summary["stopped"], summary["recorded"], lines[2]["status"]) == (True, 1, "refused")
    assert (await api.get(f"{SAMPLE}/events/b")).status_code == 404


async def test_no_lines_are_an_empty_answer(api: Api) -> None:
    assert counted(await send(api)) == (0, 0, 0, 0)


async def test_lines_may_be_more_than_a_body_of_json(api: Api) -> None:
    async def large() -> AsyncIterator[bytes]:
        yield body(note("a"))
        for _ in range(25):
            yield b" " * 500_000 + b"\n"
        yield body(note("b"))

    answer = await api.send("POST", EVENTS, api.admin, content=large(), headers=LINES)
    assert counted(answer) == (2, 2, 0, 0)


async def test_a_line_has_a_limit_of_its_own(api: Api) -> None:
    answer = await send(api, note("a", title="x" * LONGEST_LINE), note("b"))
    assert wrong(answer) == {1: [("", "too-long")]}


async def test_what_the_feed_gives_can_be_read_in_again(api: Api) -> None:
    exported = await api.get(EVENTS, headers={"Accept": "application/x-ndjson"})
    lines = exported.content.splitlines()
    again = await api.send("POST", EVENTS, api.admin, content=exported.content, headers=LINES)
    assert counted(again) == (len(lines), 0, len(lines), 0)

    await api.put("/v1/ledgers/copy", {"title": "A copy", "public_read": True})
    copied = await api.send("POST", "/v1/ledgers/copy/events", api.admin, content=exported.content, headers=LINES)
    assert counted(copied) == (len(lines), len(lines), 0, 0)
    copy = await api.get("/v1/ledgers/copy/events", headers={"Accept": "application/x-ndjson"})

    def contents(body: bytes) -> list[Any]:
        return [(one["id"], one["claim"], one["event"]) for one in map(msgspec.json.decode, body.splitlines())]

    assert contents(copy.content) == contents(exported.content)


async def test_faults_of_a_line_of_the_feed_are_named_inside_it(api: Api) -> None:
    def line(id_: str, **fields: Any) -> dict[str, Any]:
        event = {name: value for name, value in note("x").items() if name != "id"}
        return {"id": id_, "position": 7, "event": event | fields}

    await api.append(note("known"))
    answer = await send(
        api,
        line("a", occurred="?"),
        line("b", claim="tb2-acquired"),
        line("c", id="other"),
        line("known", occurred="2023"),
    )
    assert wrong(answer) == {
        1: [("/event/occurred", "unreadable-date")],
        2: [("/event/claim", "claim-exists")],
        3: [("/event/id", "differs")],
        4: [("/id", "event-differs")],
    }


async def test_lines_sent_to_one_relationship_must_each_touch_it(api: Api) -> None:
    parties = [{"actor": "aaa", "role": "side_a"}, {"actor": "bbb", "role": "side_b"}]
    answer = await send(api, note("a"), note("b", parties=parties), note("c"), to=HERE)
    assert wrong(answer) == {2: [("", "outside-relationship")]}
    assert counted(answer) == (3, 2, 0, 1)


async def test_a_type_that_was_added_just_now_is_known(api: Api) -> None:
    await send(api, note("a"))
    await api.put(f"{SAMPLE}/types/visit", {"kind": "occurrence", "title": "Visit", "schema": {"type": "object"}})
    answer = await send(api, note("b", type="visit"), note("c", type="no-such"), note("d", type="visit"))
    assert wrong(answer) == {2: [("/type", "unknown-type")]}


@pytest.mark.parametrize(
    ("query", "headers", "code"),
    [
        ("?dry_run=true", {}, "unusable"),
        ("?results=some", {}, "unreadable"),
        ("?on_error=ignore", {}, "unreadable"),
        ("?atomic=yes", {}, "unreadable"),
        ("?atomic=true&on_error=stop", {}, "unusable"),
        ("?limit=3", {}, "unknown-parameter"),
        ("", {"If-Match": "*"}, "not-here"),
    ],
)
async def test_what_cannot_be_asked_of_lines_is_400(
    shared: Api, query: str, headers: dict[str, str], code: str
) -> None:
    answer = await send(shared, note("a"), to=HERE + query, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)


async def test_what_goes_with_lines_is_400_without_them(shared: Api) -> None:
    assert (await shared.append(note("a"), to=f"{EVENTS}?atomic=true")).status_code == 400


async def test_a_compressed_body_of_lines_is_415(shared: Api) -> None:
    assert (await send(shared, note("a"), headers={"Content-Encoding": "gzip"})).status_code == 415


async def test_at_once_all_lines_are_one_batch(api: Api) -> None:
    head = await api.head()
    answer = await send(api, note("a"), b"", note("b"), to=f"{EVENTS}?atomic=true&results=all")
    lines, summary = told(answer)
    assert {number: line["position"] for number, line in lines.items()} == {1: head + 1, 3: head + 2}
    assert (summary["recorded"], summary["position"]) == (2, head + 2)
    one, other = [(await api.get(f"{SAMPLE}/events/{id_}")).json() for id_ in "ab"]
    assert one["recorded_at"] == other["recorded_at"]
    assert counted(await send(api, note("a"), note("b"), to=f"{EVENTS}?atomic=true")) == (2, 0, 2, 0)


async def test_at_once_nothing_is_recorded_where_one_line_is_at_fault(api: Api) -> None:
    head = await api.head()
    invalid = await send(api, note("a"), b"", note("b", occurred="?"), b"{", to=f"{EVENTS}?atomic=true")
    assert invalid.status_code == 422
    assert [(error["pointer"], error["line"]) for error in invalid.json()["errors"]] == [
        ("/events/1/occurred", 3),
        ("/events/2", 4),
    ]
    conflict = await send(api, note("a"), b"", note("b", claim="tb2-acquired"), to=f"{EVENTS}?atomic=true")
    assert (conflict.status_code, faults(conflict)) == (409, [("/events/1/claim", "claim-exists")])
    assert conflict.json()["errors"][0]["line"] == 3
    parties = [{"actor": "aaa", "role": "side_a"}, {"actor": "bbb", "role": "side_b"}]
    outside = await send(api, note("a"), note("b", parties=parties), to=f"{HERE}?atomic=true")
    assert (outside.status_code, faults(outside)) == (422, [("/events/1", "outside-relationship")])
    assert (await send(api, to=f"{EVENTS}?atomic=true")).status_code == 422
    assert await api.head() == head


async def test_at_once_a_precondition_holds_for_all(api: Api) -> None:
    revision = (await api.state())["as_of"]["revision"]
    stale = await send(api, note("a"), to=f"{HERE}?atomic=true", headers={"If-Match": '"r1"'})
    assert (stale.status_code, stale.json()["revision"]) == (412, revision)
    good = await send(api, note("a"), to=f"{HERE}?atomic=true", headers={"If-Match": f'"r{revision}"'})
    assert (good.status_code, good.headers["etag"]) == (200, f'"r{revision + 1}"')


async def test_at_once_it_can_be_tried(api: Api) -> None:
    head = await api.head()
    to = f"{EVENTS}?atomic=true&dry_run=true"
    assert (await send(api, note("a"), note("b"), to=to)).json()["events"] == 2
    assert (await send(api, note("a", claim="tb2-acquired"), to=to)).status_code == 409
    assert await api.head() == head


async def test_at_once_there_is_a_limit(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    head = await api.head()
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 2)
    assert (await send(api, note("a"), note("b"), note("c"), to=f"{EVENTS}?atomic=true")).status_code == 413
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 100)
    monkeypatch.setattr(bulk, "LARGEST_AT_ONCE", 300)
    assert (await send(api, note("a"), note("b"), note("c"), to=f"{EVENTS}?atomic=true")).status_code == 413
    assert await api.head() == head


@pytest.fixture
def failing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store takes one batch, and no more."""
    append, calls = api.log.append, iter(range(1000))

    async def once(*given: Any) -> Any:
        if next(calls):
            raise Unavailable("the database is not available")
        return await append(*given)

    monkeypatch.setattr(api.log, "append", once)


@pytest.mark.usefixtures("failing")
async def test_a_store_that_fails_in_the_midst_is_503_and_says_how_far_it_came(api: Api) -> None:
    lines = [note(f"n{number}") for number in range(BATCH + 10)]
    answer = await send(api, *lines)
    assert (answer.status_code, answer.json()["recorded"]) == (503, BATCH)
    assert f"{BATCH} lines are recorded" in answer.json()["detail"]
    assert answer.headers["retry-after"]


@pytest.mark.usefixtures("failing")
async def test_where_part_of_the_answer_is_sent_its_last_line_says_so(api: Api) -> None:
    lines = [note(f"n{number}") for number in range(BATCH + 10)]
    answer = await send(api, *lines, to=f"{EVENTS}?results=all")
    last = msgspec.json.decode(answer.content.splitlines()[-1])
    validator("/components/schemas/BulkCut").validate(last)
    assert (answer.status_code, last["problem"]["status"], last["problem"]["recorded"]) == (200, 503, BATCH)
    assert len(answer.content.splitlines()) == BATCH + 1
