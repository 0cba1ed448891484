"""How the service tells what it does: the form of its log, and where traces go; read by the roof."""

import logging.config
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import msgspec

from service import traces

_ENCODER = msgspec.json.Encoder(enc_hook=str)
LAST_SPANS = 2000
"""Milliseconds that spans have to be sent, once the service ends."""


@lru_cache(maxsize=2)
def _second(since_1970: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(since_1970))


def _time(record: logging.LogRecord) -> str:
    """In UTC, as everywhere else."""
    return f"{_second(int(record.created))}.{int(record.msecs):03}Z"


class TextFormatter(logging.Formatter):
    """A line for people, with the request that it belongs to."""

    def format(self, record: logging.LogRecord) -> str:
        request = traces.request.get()
        about = "" if request is None else f"[{request}] "
        line = f"{_time(record)} {record.levelname} {record.name} {about}{record.getMessage()}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(logging.Formatter):
    """A line for programs: one JSON object, whatever the message holds."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (request := traces.request.get()) is not None:
            line["request_id"] = request
        if (trace := traces.trace.get()) is not None:
            line["trace_id"] = trace
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _ENCODER.encode(line).decode()


def logging_configuration(level: str, form: str = "text") -> dict[str, Any]:
    """For ``logging.config.dictConfig``: one line an event, to standard error, from ``level`` up."""
    quiet = "DEBUG" if level == "DEBUG" else "WARNING"  # libraries that tell of each of their steps
    libraries = ("_granian", "alembic", "asyncio", "httpx", "sqlalchemy")
    told_by_us = ("asyncpg", "opentelemetry")  # that something is away, and whenever it is tried again
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": JsonFormatter if form == "json" else TextFormatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
        "root": {"level": level, "handlers": ["stderr"]},
        "loggers": {name: {"level": quiet} for name in libraries} | {name: {"level": "ERROR"} for name in told_by_us},
    }


def configure_logging(level: str, form: str = "text") -> None:
    """Log from ``level`` up, in this process."""
    logging.config.dictConfig(logging_configuration(level, form))
    # What no line of ours says need not be found out for each of them; logging's documentation names these switches.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


@contextmanager
def figures_shared() -> Iterator[None]:
    """Have this process and its children count in one folder. Around the import of everything that counts."""
    folder = tempfile.mkdtemp(prefix="tarih-figures-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start_traces(name: str = "tarih") -> Callable[[], None]:
    """Send spans of a service of that name by OTLP, as the variables OTEL_* say; returns what sends the last of them.

    To be called in each process that answers, after its start: a thread sends them. Needs the extra ``otel``.
    """
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    traces.start(provider.get_tracer("tarih"))

    def end() -> None:
        traces.start(None)
        provider.force_flush(LAST_SPANS)

    return end
