"""Spans of a request, of the group commit that records its events, and of what the database was asked."""

import asyncio
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from service import traces
from tests.api.conftest import STATE, note, running
from tests.conftest import Database

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    traces.start(provider.get_tracer("tests"))
    yield exporter
    traces.start(None)
    provider.shutdown()


def named(spans: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [span for span in spans.get_finished_spans() if span.name == name]


async def test_an_append_is_a_request_a_group_commit_and_what_the_database_was_asked(
    spans: InMemorySpanExporter, own_database: Database, founded: tuple[str, str]
) -> None:
    async with running(own_database, founded[1]) as api:
        headers = {"Traceparent": TRACE}
        answers = await asyncio.gather(
            api.append(note("traced-1"), headers=headers), api.append(note("traced-2"), headers=headers)
        )
        assert [answer.status_code for answer in answers] == [201, 201]
        requests = named(spans, "POST /v1/ledgers/{ledger}/events")
        assert len(requests) == 2
        for span in requests:
            assert span.kind == SpanKind.SERVER
            assert span.context.trace_id == int("0af7651916cd43dd8448eb211c80319c", 16)
            assert span.parent is not None
            assert span.parent.span_id == int("b7ad6b7169203331", 16)
            assert dict(span.attributes or {}) == {
                "http.request.method": "POST", "http.route": "/v1/ledgers/{ledger}/events",
                "http.response.status_code": 201,
            }  # fmt: skip
        groups = named(spans, "group commit")
        linked = {link.context.span_id for group in groups for link in group.links}
        assert linked == {span.context.span_id for span in requests}
        assert sum(int(str((group.attributes or {})["tarih.events"])) for group in groups) == 2
        calls = named(spans, "append") + named(spans, "append_where_it_lies")  # on a cluster
        assert {span.parent.span_id for span in calls if span.parent} == {group.context.span_id for group in groups}
        for span in calls:
            assert span.kind == SpanKind.CLIENT
            assert (span.attributes or {})["db.system.name"] == "postgresql"
            assert span.start_time is not None
            assert span.end_time is not None
            assert span.start_time < span.end_time


async def test_a_question_is_above_what_the_database_is_asked_for_it(
    spans: InMemorySpanExporter, own_database: Database, founded: tuple[str, str]
) -> None:
    async with running(own_database, founded[1]) as api:
        await api.get(STATE)
        [request] = named(spans, "GET /v1/ledgers/{ledger}/relationships/{relationship}")
        below = {
            span.name
            for span in spans.get_finished_spans()
            if span.parent is not None and span.parent.span_id == request.context.span_id
        }
        assert {"ledger", "point"} <= below
        said = str([(span.name, dict(span.attributes or {})) for span in spans.get_finished_spans()])
        assert "pak--tur" not in said
        assert "drones" not in said


async def test_a_request_that_fails_is_an_error_and_a_refused_one_is_not(
    spans: InMemorySpanExporter, own_database: Database, founded: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("unforeseen")

    async with running(own_database, founded[1]) as api:
        await api.get(f"{STATE}?valid_at=never")
        monkeypatch.setattr("service.api.health._health", broken)
        await api.get("/health/live")
    [refused] = named(spans, "GET /v1/ledgers/{ledger}/relationships/{relationship}")
    [failed] = named(spans, "GET /health/live")
    assert refused.status.status_code == StatusCode.UNSET
    assert failed.status.status_code == StatusCode.ERROR


def test_without_a_tracer_nothing_is_loaded_and_nothing_is_made() -> None:
    assert traces.tracer is None
    assert traces.here() is None
    assert traces.group(1, [None]) is traces.group(2, [])
