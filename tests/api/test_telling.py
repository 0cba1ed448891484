"""What the log says of requests: one line each, with its request id, and nothing that is not for everybody."""

import asyncio
import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

from service.domain.refusals import Unavailable
from service.store.log import Log
from service.telemetry import JsonFormatter, TextFormatter
from tests.api.conftest import SAMPLE, STATE, Api, note

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Lines:
    """What was logged, as programs read it."""

    def __init__(self) -> None:
        self.stream = StringIO()

    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def last(self) -> dict[str, Any]:
        return self.all()[-1]


@pytest.fixture
def lines() -> Iterator[Lines]:
    lines = Lines()
    handler = logging.StreamHandler(lines.stream)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("service")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield lines
    logger.removeHandler(handler)
    logger.setLevel(before)


async def test_a_request_is_one_line_that_names_its_route_status_and_time(shared: Api, lines: Lines) -> None:
    headers = {"X-Request-Id": "mine:1", "Traceparent": TRACE}
    answer = await shared.get(f"{STATE}?valid_at=2024-06-30", headers=headers)
    assert answer.headers["x-request-id"] == "mine:1"
    assert answer.headers["traceparent"] == TRACE
    [line] = lines.all()
    assert 0 < line.pop("seconds") < 10
    assert line.pop("time").endswith("Z")
    assert line.pop("message").startswith("GET /v1/ledgers/{ledger}/relationships/{relationship} 200 in ")
    assert line == {
        "level": "INFO", "logger": "service.requests", "request_id": "mine:1",
        "trace_id": "0af7651916cd43dd8448eb211c80319c", "method": "GET", "status": 200,
        "route": "/v1/ledgers/{ledger}/relationships/{relationship}", "ledger": "drones",
    }  # fmt: skip


async def test_an_answer_from_memory_is_told_of_like_any_other(shared: Api, lines: Lines) -> None:
    for _ in range(2):
        answer = await shared.get(f"{STATE}?valid_at=2023-06-30&known_position=51", headers={"X-Request-Id": "again"})
        assert answer.headers["x-request-id"] == "again"
    first, second = lines.all()
    for line in (first, second):
        del line["time"], line["seconds"], line["message"]
    assert first == second


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "ä", "a\tb", "{}"])
async def test_an_id_that_is_not_fit_to_be_logged_is_replaced(shared: Api, lines: Lines, given: str) -> None:
    answer = await shared.get("/problems", headers=[(b"x-request-id", given.encode())])
    assert answer.headers["x-request-id"] == lines.last()["request_id"] != given
    assert len(answer.headers["x-request-id"]) == 36


@pytest.mark.parametrize(
    "given",
    ["", "00-0-0-0", TRACE + "0", "ff" + TRACE[2:], TRACE.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32),
     TRACE.replace("b7ad6b7169203331", "0" * 16), TRACE.upper()],
)  # fmt: skip
async def test_a_traceparent_that_is_none_is_left_out(shared: Api, lines: Lines, given: str) -> None:
    answer = await shared.get("/problems", headers={"Traceparent": given})
    assert "traceparent" not in answer.headers
    assert "trace_id" not in lines.last()


async def test_no_line_names_a_private_ledger_a_key_or_what_was_sent(api: Api, lines: Lines) -> None:
    assert (await api.put("/v1/ledgers/hidden", {"title": "Hidden", "public_read": False})).status_code == 201
    assert (await api.append(note("veiled", title="Unsaid"), to="/v1/ledgers/hidden/events")).status_code == 201
    assert (await api.get("/v1/ledgers/hidden/relationships/pak--tur", api.admin)).status_code == 200
    assert (await api.get("/v1/ledgers/hidden/claims/veiled")).status_code == 404
    assert (await api.get("/v1/ledgers/hidden/claims?q=unsaid", "tarih_nobodys")).status_code == 401
    said = lines.stream.getvalue()
    assert len(lines.all()) == 5
    for secret in ("hidden", "veiled", "Unsaid", "unsaid", "pak--tur", api.admin, "nobodys", "Bearer"):
        assert secret not in said


async def test_the_level_says_whose_fault_it_was(api: Api, lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    await api.get(f"{STATE}?valid_at=never")
    assert (lines.last()["level"], lines.last()["status"]) == ("INFO", 400)
    await api.get("/health/live")
    assert len(lines.all()) == 1, "what machines ask every few seconds is told only to those who look for everything"

    def away(_: Log) -> None:
        raise Unavailable("the database is not available: TimeoutError")

    monkeypatch.setattr(Log, "connection", away)
    answer = await api.get("/v1/ledgers/drones/claims/akinci-delivered")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert (lines.last()["level"], lines.last()["status"]) == ("WARNING", 503)
    assert lines.last()["message"].endswith(": the database is not available: TimeoutError")

    def broken(_: Log) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(Log, "connection", broken)
    assert (await api.get("/v1/ledgers/drones/claims/akinci-delivered")).status_code == 500
    assert (lines.last()["level"], lines.last()["status"]) == ("ERROR", 500)
    assert lines.last()["exception"].endswith("RuntimeError: unforeseen")


async def test_requests_that_are_answered_side_by_side_keep_their_ids(shared: Api, lines: Lines) -> None:
    async def ask(number: int) -> None:
        path = f"{SAMPLE}/relationships/pak--tur/timeline?valid_at=2024-06-{number:02}"
        answer = await shared.get(path, headers={"X-Request-Id": f"n{number}", "Traceparent": TRACE})
        assert answer.headers["x-request-id"] == f"n{number}"

    async with asyncio.TaskGroup() as group:
        for number in range(1, 21):
            group.create_task(ask(number))
    assert {line["request_id"] for line in lines.all()} == {f"n{number}" for number in range(1, 21)}


async def test_what_records_for_many_says_no_single_requests_id(
    api: Api, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_: object) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr("service.store.group_commit.append", failing)
    await api.append(note("lost"))
    by_logger = {line["logger"]: line for line in lines.all()}
    assert "request_id" not in by_logger["service.store.group_commit"]
    assert by_logger["service.requests"]["status"] == 503


def test_a_line_for_people_has_the_same_in_words() -> None:
    record = logging.LogRecord("service.requests", logging.INFO, "", 0, "GET %s 200 in 1.0 ms", ("/docs",), None)
    record.created, record.msecs = 0.0, 0.0
    line = TextFormatter().format(record)
    assert line.startswith("1970-01-01T00:00:00.000Z INFO service.requests ")
    assert line.endswith("GET /docs 200 in 1.0 ms")
