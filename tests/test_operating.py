"""What whoever runs the service sees from outside: its log, its figures over several processes, its traces."""

import json
import os
import signal
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.request import urlopen

import asyncpg
import pytest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.parser import text_string_to_metric_families

from service.metrics import FOLDER, rendered
from tests.conftest import Database
from tests.faults.clients import Writers
from tests.serving import Serving, free_port, until

HEAD = "/v1/ledgers/drones"


def figures(port: int) -> dict[str, float]:
    """All of them, their labels added up."""
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name] = found.get(sample.name, 0.0) + sample.value
    return found


def children(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def test_figures_are_those_of_all_processes_and_outlast_one_that_dies(data_dir: Path, started: list[Serving]) -> None:
    port, shared = free_port(), data_dir / "shared"
    shared.mkdir()
    environment = {"TARIH_WORKERS": "2", "TARIH_METRICS_PORT": str(port), "TMPDIR": str(shared)}
    serving = Serving(data_dir, free_port(), **environment)
    started.append(serving)
    serving.until_it_answers()
    until(lambda: figures(port)["tarih_processes"] == 2)
    before = figures(port)
    writers = Writers(serving).run_until(100)
    writers.stop()
    after = figures(port)
    recorded = len(writers.acknowledged)
    assert not writers.unanswered
    assert after["tarih_events_recorded_total"] - before["tarih_events_recorded_total"] == recorded
    assert after["tarih_requests_total"] - before["tarih_requests_total"] == recorded
    assert after["tarih_pool_most"] == 20
    until(lambda: figures(port)["tarih_positions"] == 51 + recorded)

    postgres = set(serving.postgres())
    [*_, worker] = sorted(pid for pid in children(serving.process.pid) if pid not in postgres)
    os.kill(worker, signal.SIGKILL)
    until(lambda: worker not in children(serving.process.pid))
    until(lambda: figures(port)["tarih_processes"] == 2 and figures(port)["tarih_pool_most"] == 20)
    assert figures(port)["tarih_events_recorded_total"] == after["tarih_events_recorded_total"]
    assert list(shared.iterdir())
    assert serving.end(signal.SIGTERM) == 0
    assert not list(shared.iterdir())


def test_a_file_of_figures_that_is_just_being_made_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "counter_1.db"
    made.touch()
    monkeypatch.setenv(FOLDER, str(tmp_path))
    with pytest.raises(struct.error):
        MultiProcessCollector.merge([str(made)])  # type: ignore[no-untyped-call]
    writing = threading.Timer(0.05, lambda: made.write_bytes(struct.pack("ii", 8, 0)))
    writing.start()
    assert rendered() == b""
    writing.join()


def test_the_log_is_json_where_that_is_asked_for(data_dir: Path, started: list[Serving]) -> None:
    serving = Serving(data_dir, free_port(), TARIH_LOG_FORMAT="json")
    started.append(serving)
    serving.until_it_answers()
    serving.get(HEAD)
    assert serving.end(signal.SIGTERM) == 0
    lines = [json.loads(line) for line in serving.output.splitlines() if line.startswith("{")]
    [asked] = [line for line in lines if line["logger"] == "service.requests"]
    assert (asked["route"], asked["status"], asked["ledger"]) == ("/v1/ledgers/{ledger}", 200, "drones")
    told = [line for line in serving.output.splitlines() if not line.startswith("{")]
    assert len(told) == 4, "what it says at its start is for whoever started it"


@pytest.mark.parametrize("collector", ["there", "away"])
def test_spans_are_sent_by_otlp_and_whoever_should_take_them_may_be_away(
    data_dir: Path, started: list[Serving], collector: str
) -> None:
    received: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            received.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1] if collector == "there" else free_port()
        endpoint = f"http://127.0.0.1:{port}"
        serving = Serving(data_dir, free_port(), TARIH_TRACES="1", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint)
        started.append(serving)
        serving.until_it_answers()
        serving.get(HEAD)
        assert serving.end(signal.SIGTERM) == 0
        server.shutdown()
    said = b"".join(received)
    assert (b"GET /v1/ledgers/{ledger}" in said) == (collector == "there")


def test_a_taken_port_for_figures_is_refused(data_dir: Path, started: list[Serving]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        serving = Serving(data_dir, free_port(), TARIH_METRICS_PORT=str(taken.getsockname()[1]))
        started.append(serving)
        assert serving.end() == 1
    assert "TARIH_METRICS_PORT" in serving.output


async def test_services_that_start_at_once_on_an_empty_database_all_come_up(
    data_dir: Path, started: list[Serving], empty_database: Database
) -> None:
    urls = {"TARIH_DATABASE_URL": empty_database.service_url, "TARIH_OWNER_URL": empty_database.owner_url}
    started += [Serving(data_dir / str(number), free_port(), **urls) for number in range(3)]
    for serving in started:
        serving.until_it_answers()
    connection = await asyncpg.connect(empty_database.superuser_url)
    assert await connection.fetchval("SELECT max(position) FROM tarih.events") == 51
    assert await connection.fetchval("SELECT count(*) FROM tarih.events") == 51
    assert await connection.fetchval("SELECT count(*) FROM tarih.alembic_version") == 1
    await connection.close()
    for serving in started:
        assert serving.get("/health/ready")
    for serving in started:
        assert serving.end(signal.SIGTERM) == 0, serving.output
