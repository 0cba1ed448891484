"""What this process counts, for Prometheus; a new metric is a line here and a row in ``docs/operations.md``.

With several processes, or a port of its own for figures, the roof names a folder in ``PROMETHEUS_MULTIPROC_DIR`` before
anything here is imported; then each process counts in files there, and whoever is asked adds them up.
"""

import os
import struct
import time
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

MEDIA_TYPE = "text/plain; version=0.0.4"
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
AGAIN = 10
"""Times that files are read which are just being made."""
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384)

disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()


def _counter(name: str, says: str, *labels: str) -> Counter:
    return Counter(f"tarih_{name}", says, labels, registry=REGISTRY)


def _histogram(name: str, says: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
    return Histogram(f"tarih_{name}", says, labels, buckets=buckets, registry=REGISTRY)


def _of_all(name: str, says: str, *labels: str) -> Gauge:
    """What the processes have together."""
    return Gauge(f"tarih_{name}", says, labels, registry=REGISTRY, multiprocess_mode="livesum")


def _worst(name: str, says: str) -> Gauge:
    """The highest that any process has."""
    return Gauge(f"tarih_{name}", says, registry=REGISTRY, multiprocess_mode="livemax")


def _newest(name: str, says: str) -> Gauge:
    """What is the same for all, as one of them saw it last."""
    return Gauge(f"tarih_{name}", says, registry=REGISTRY, multiprocess_mode="livemostrecent")


REQUESTS = _counter("requests", "Requests answered.", "method", "route", "status")
REQUEST_SECONDS = _histogram(
    "request_seconds", "From a request's first line to the end of its answer; not of live streams.", SECONDS, "route"
)
REQUESTS_OPEN = _of_all("requests_open", "Requests being answered, live streams among them.")

APPENDS = _counter("appends", "Requests to record, by what became of them.", "outcome")
EVENTS = _counter("events_recorded", "Events recorded by this service.")
GROUP_EVENTS = _histogram("group_events", "Events of one group commit.", SIZES)
GROUP_REQUESTS = _histogram("group_requests", "Requests of one group commit.", SIZES)
GROUP_SECONDS = _histogram("group_seconds", "One group commit in the database.", SECONDS)
QUEUE_SECONDS = _histogram("queue_seconds", "How long the first of a group had waited for its turn.", SECONDS)
QUEUE_EVENTS = _of_all("queue_events", "Events that wait to be recorded.")

POOL_USED = _of_all("pool_used", "Connections to the database that are in use.")
POOL_IDLE = _of_all("pool_idle", "Connections to the database that are open and idle.")
POOL_MOST = _of_all("pool_most", "Connections to the database that there may be.")
POOL_SECONDS = _histogram("pool_wait_seconds", "Waits of more than a millisecond for a connection.", SECONDS)
FAILURES = _counter("database_failures", "Questions that the database did not answer, by why.", "error")
DATABASE_UP = _newest("database_up", "1 where the database answered the last look, 0 where it did not.")
LISTENING = _of_all("listening", "Processes whose connection for hints of new events stands.")

REPLICA_ANSWERS = _counter("replica_answers", "Questions that replicas answered.")
REPLICAS_LEFT_OUT = _worst("replicas_left_out", "Replicas that are not asked: they do not answer, or are none.")

LEDGERS = _newest("ledgers", "Ledgers there are.")
POSITIONS = _newest("positions", "The sum of all ledgers' head positions: events recorded by anyone.")
CLOCK_BEHIND = _newest(
    "clock_behind_seconds",
    "How far the database's clock lies behind the last recorded instant of any ledger: it was set back.",
)

FOLLOWERS = _of_all("followers", "Live streams that are open.")
FOLLOWER_LAG = _worst("follower_lag_events", "How many events the follower furthest behind has still to get.")
HEAD_LAG = _worst("head_lag_events", "Events recorded in followed ledgers that this service has not heard of yet.")
LET_GO = _counter("followers_let_go", "Streams ended because their reader took nothing.")
WATCHED = _of_all("answers_followed", "Different answers that are followed.")
TOLD_SECONDS = _histogram("answer_lag_seconds", "From hearing of an event to having a followed answer anew.", SECONDS)

HITS = _counter("cache_hits", "Answers found in memory.", "cache")
MISSES = _counter("cache_misses", "Answers that had to be made.", "cache")
CACHE_BYTES = _of_all("cache_bytes", "Bytes that answers take in memory.", "cache")

MEMORY = _of_all("memory_bytes", "Memory that the serving processes hold (their resident sets).")
LOOP_SECONDS = _histogram("loop_lag_seconds", "How late a process came to what was due, once a second.", SECONDS)
UP = _of_all("processes", "Processes that answer requests.")


def rendered() -> bytes:
    """All figures of all processes, in Prometheus' text format. It may take some milliseconds."""
    folder = os.environ.get(FOLDER)
    if folder is None:
        return generate_latest(REGISTRY)
    _forget_the_dead(Path(folder))
    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    for attempt in range(AGAIN):
        try:
            return generate_latest(registry)
        except struct.error:  # a process has made a file, and has not yet written how long it is
            time.sleep(0.01 * attempt)
    return generate_latest(registry)


def _forget_the_dead(folder: Path) -> None:
    """What a process has at a time ends with it; what it has counted stays."""
    for pid in {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_live*.db")}:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            with suppress(FileNotFoundError):  # another was first
                mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
        except PermissionError:
            continue
