"""What a line of the log or a span belongs to: the request; and spans, where somebody collects them.

``tracer`` is None unless the roof has started one (see ``telemetry.start_traces``): then nothing here costs more than a
look at it. Names of ledgers, keys and contents never go into a span.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.trace import SpanContext, Tracer

request: ContextVar[str | None] = ContextVar("request", default=None)
"""The id of the request that is answered; None in what belongs to no single one."""
trace: ContextVar[str | None] = ContextVar("trace", default=None)
"""The id of the trace that it is part of, if the caller named one."""

ledger: ContextVar[str | None] = ContextVar("ledger", default=None)
"""The ledger that it is about, where anybody may know of it."""

tracer: "Tracer | None" = None
_NOTHING = nullcontext()


def start(with_: "Tracer | None") -> None:
    """From now on spans go to that tracer; to none, where it is None."""
    global tracer
    tracer = with_


def here() -> "SpanContext | None":
    """The span that is open in this task, to be linked to."""
    if tracer is None:
        return None
    from opentelemetry.trace import get_current_span

    return get_current_span().get_span_context()


@contextmanager
def served(method: str, traceparent: str) -> Iterator[Callable[[str, int], None]]:
    """The span of one request, below the caller's; what it yields is told the route and the status at the end."""
    from opentelemetry.trace import SpanKind, Status, StatusCode
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    assert tracer is not None, "it is asked for only where somebody collects spans"  # noqa: S101
    above = TraceContextTextMapPropagator().extract({"traceparent": traceparent}) if traceparent else None
    kind, attributes = SpanKind.SERVER, {"http.request.method": method}
    with tracer.start_as_current_span(method, above, kind, attributes, record_exception=False) as span:

        def end(route: str, status: int) -> None:
            span.update_name(f"{method} {route}" if route else method)
            span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", status)
            if status >= 500:
                span.set_status(Status(StatusCode.ERROR))

        yield end


def group(events: int, callers: "Iterable[SpanContext | None]") -> AbstractContextManager[Any]:
    """The span of one group commit, which belongs to all whose events it records: it is linked to each."""
    if tracer is None:
        return _NOTHING
    from opentelemetry.trace import Link

    links = [Link(caller) for caller in callers if caller is not None and caller.is_valid]
    return tracer.start_as_current_span("group commit", links=links, attributes={"tarih.events": events})


def asked(names: Mapping[str, str]) -> Callable[[Any], None]:
    """A listener for a connection's queries: a span each, named as ``names`` has it by the statement's text."""
    from opentelemetry.trace import SpanKind, Status, StatusCode

    def one(query: Any) -> None:
        if tracer is None:
            return
        name = names.get(query.query, "SQL")
        end = time.time_ns()
        span = tracer.start_span(
            name,
            kind=SpanKind.CLIENT,
            start_time=end - int(query.elapsed * 1e9),
            attributes={"db.system.name": "postgresql", "db.query.summary": name},
        )
        if query.exception is not None:
            span.set_attribute("error.type", type(query.exception).__name__)
            span.set_status(Status(StatusCode.ERROR))
        span.end(end)

    return one
