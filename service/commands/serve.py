"""The life of a serving process, from an empty folder to the last request: the steps of ``tarih serve``, in order."""

import asyncio
import gc
import http.client
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import asyncpg
import click
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

import migrations
from service import metrics_port
from service.api.quotas import Quotas
from service.commands import first_start
from service.domain.refusals import Unavailable
from service.embedded.server import Embedded, hold
from service.processes import die_with_parent, ignore_ending, tell_to_end
from service.settings import QUOTAS, Settings
from service.telemetry import logging_configuration

EXAMPLE = "/v1/ledgers/drones/relationships/pak--tur?valid_at=2024-06-30"
LAST_REQUESTS = 5  # seconds that requests have to end once the service is told to stop
MOST_CONNECTIONS = 4096  # of one worker: more than it lets follow, so that others are answered too
OTHER_FILES = 256  # of a worker, besides its connections
IDLE = 30_000  # ms that a connection may take for the head of its next request
YOUNG = 20_000  # objects, net, that are made between two looks for cycles of them: requests leave next to none
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class CannotServe(Exception):
    """The service cannot start; the message says why and what to do."""


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM, then stop all that was started; a second signal cuts that short.

    Raises CannotServe and cluster.Unusable before anything is left running, SystemExit(1) when the workers fail.
    """
    _on_signals(_leave)
    for name, url in (("TARIH_OWNER_URL", settings.owner_url), ("TARIH_DIRECT_URL", settings.direct_url)):
        if url and not settings.database_url:
            raise CannotServe(f"{name} is set without TARIH_DATABASE_URL, the address of the service's own login")
    data_dir = settings.data_dir.absolute()
    held = None if settings.database_url else hold(data_dir)
    _refuse_a_taken_port(settings.host, settings.port, "TARIH_HOST or TARIH_PORT")
    if settings.metrics_port is not None:
        _refuse_a_taken_port(settings.metrics_host, settings.metrics_port, "TARIH_METRICS_HOST or TARIH_METRICS_PORT")
    if settings.traces and not _can_trace():
        raise CannotServe("TARIH_TRACES is 1, but OpenTelemetry is not installed: install tarih[otel]")
    embedded = None if settings.database_url else Embedded.start(data_dir)
    try:
        service_url = _prepared(settings, embedded)
        if embedded is not None:
            embedded.keep(data_dir)
        founded = _founded(settings, settings.direct_url or service_url, data_dir)
        _work(settings, service_url, data_dir, founded)
    finally:
        if embedded is not None:
            _on_signals(lambda *_: embedded.hurry())
            embedded.stop()
        if held is not None:
            held.close()


def _prepared(settings: Settings, embedded: Embedded | None) -> str:
    """Migrate, where we have the owner's address, and return the service's; raises CannotServe."""
    owner_url = embedded.owner_url if embedded else settings.owner_url
    service_url = embedded.service_url if embedded else settings.database_url or ""
    try:
        current = asyncio.run(migrations.is_current(owner_url or settings.direct_url or service_url))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CannotServe(f"cannot reach PostgreSQL: {error}") from None
    if not current and owner_url is None:
        raise CannotServe(
            f"the database is not at revision {migrations.head()}, or this login may not see its revision; "
            "run `tarih migrate` with TARIH_OWNER_URL, or set TARIH_OWNER_URL here too"
        )
    if not current and owner_url:
        from migrations import running  # seconds, that most starts do not need

        running.upgrade(owner_url)
    if embedded is not None:
        embedded.admit_service()
    return service_url


def _founded(settings: Settings, service_url: str, data_dir: Path) -> first_start.Founded:
    try:
        return asyncio.run(first_start.found(service_url, data_dir, allow_owner=settings.allow_owner))
    except Unavailable as error:
        raise CannotServe(f"{error}; TARIH_DATABASE_URL must be the server that takes writes") from None


def _work(settings: Settings, service_url: str, data_dir: Path, founded: first_start.Founded) -> None:
    """Run the workers until a signal; SystemExit(1) if they end by themselves."""
    # Workers read their settings from the environment, and have no use for the owner's login.
    os.environ |= {"TARIH_DATABASE_URL": service_url, "TARIH_DATA_DIR": str(data_dir)}
    os.environ.pop("TARIH_OWNER_URL", None)
    Quotas.lay_out(data_dir / QUOTAS)
    workers = Workers(
        "service.app:create",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        loop=Loops.uvloop,
        factory=True,
        log_access=False,
        log_level=LogLevels.debug if settings.log_level == "DEBUG" else LogLevels.warning,
        log_dictconfig=logging_configuration(settings.log_level, settings.log_format),
        websockets=False,
        # With both versions, a connection that says nothing would be kept for ever; browsers speak HTTP/2 over TLS
        # only, which is a proxy's work.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=IDLE),
        backpressure=MOST_CONNECTIONS,
        workers_kill_timeout=LAST_REQUESTS,
    )
    workers.drain = settings.drain
    if settings.metrics_port is not None:
        metrics_port.export(settings.metrics_host, settings.metrics_port)
    _allow_open_files()
    threading.Thread(target=_announce, args=(settings, founded, workers), daemon=True).start()
    try:
        workers.serve(target_loader=load_application, wrap_loader=False)
    except SystemExit:
        if not workers.interrupt_signal:
            raise
        # Ctrl-C reaches the workers too; that they end then is no failure.


def _allow_open_files() -> None:
    """As many as the machine lets us: each connection is one, and the usual limit is less than we take."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


class Workers(MPServer):
    """Granian's processes: told that the end comes, then to end; a second signal waits for nothing."""

    drain = 0

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        """The first signal lets whoever sends requests here know, in good time; the next one ends all at once."""
        if self.interrupt_signal:
            for worker in self.wrks:
                worker.kill()  # type: ignore[no-untyped-call]
        elif self.drain:
            self._tell_workers()
            timer = threading.Timer(self.drain, self._end)
            timer.daemon = True
            timer.start()
            self.drain = 0
        else:
            self._end()

    def _end(self) -> None:
        """Whoever follows first, then the workers, as soon as the requests have their answers."""
        self._tell_workers()
        super().signal_handler_interrupt()  # type: ignore[no-untyped-call]

    def _tell_workers(self) -> None:
        for worker in self.wrks:
            tell_to_end(worker.inner.pid)


def load_application() -> Callable[..., Any]:
    """What a worker runs first: tie its life to ours, then build the application."""
    die_with_parent()
    ignore_ending()
    from service.app import create  # only a worker needs it

    application = create()
    _leave_to_itself()
    return application


def _leave_to_itself() -> None:
    """What is loaded by now stays for good, and is not looked through again and again for what could be freed."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])


def _announce(settings: Settings, founded: first_start.Founded, workers: Workers) -> None:
    """Say where to look, as soon as there is an answer; from then on a worker that fails is replaced."""
    anywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared with, not bound to
    host = anywhere.get(settings.host, settings.host)
    while not _answers(host, settings.port):
        time.sleep(0.02)
    workers.respawn_failed_workers = True
    base = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    click.echo(
        f"Tarih serves at {base}/\n"
        f"  documentation  {base}/docs\n"
        f"  try            curl '{base}{EXAMPLE}'\n"
        f"  to write       the admin key is in {founded.admin_key_file}"
    )
    sys.stdout.flush()


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def _refuse_a_taken_port(host: str, port: int, variables: str) -> None:
    """Raise CannotServe if somebody listens there. Granian would share the port with another granian."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CannotServe(f"cannot listen on {host}, port {port}: {error.strerror}; set {variables}") from None


def _can_trace() -> bool:
    try:
        wanted = ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http")
        return all(find_spec(name) is not None for name in wanted)
    except ModuleNotFoundError:  # not even what these stand in
        return False


def _on_signals(handler: Callable[[int, FrameType | None], object]) -> None:
    for number in SIGNALS:
        signal.signal(number, handler)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """A signal before the service serves: nothing to end gracefully."""
    raise SystemExit(0)
