"""How long `tarih serve` takes to its first answer where its data are, beside PostgreSQL's own start there."""

import http.client
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.children import Child, Failed, free_port
from benchmarks.ground import Ground
from benchmarks.protocol import Json, figures
from benchmarks.results import Line, Scale, Target, compared, field, interleaved
from service.embedded.cluster import Place, place_of
from service.embedded.server import OPTIONS

TARGET = Target(3, at_most=True, absolute="s")
PATIENCE = 120.0


def started(ground: Ground, scale: Scale) -> Iterator[Line]:
    folder, port = ground.folder / "started", free_port()
    environment = {"TARIH_DATA_DIR": str(folder), "TARIH_PORT": str(port), "TARIH_LOG_LEVEL": "WARNING"}

    def ours(_seconds: float = 0, _most: int = 0) -> Json:
        begun = time.perf_counter()
        server = ground.child("service", "serve", piped=False, **environment)
        try:
            _wait_until_ready(server, port)
            return figures(time.perf_counter() - begun, [], done=1)
        finally:
            server.stop()

    def postgres(_seconds: float, _most: int) -> Json:
        place = place_of(folder.absolute())
        begun = time.perf_counter()
        place.run("pg_ctl", "start", "-w", *_options(place))
        try:
            return figures(time.perf_counter() - begun, [], done=1)
        finally:
            place.run("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(place.cluster))

    try:
        ours()  # makes the folder
        own, bare = interleaved(scale, ours, postgres)
    finally:
        _remove_cluster(folder / "postgres")
    what = "`tarih serve` with its data there, to the first 200 of /health/ready"
    yield compared(what, own, "pg_ctl start -w", bare, by=field("seconds"), unit="s", target=TARGET)


def _wait_until_ready(server: Child, port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == http.client.OK:
                return
        except (OSError, http.client.HTTPException):
            if not server.runs:
                break
        finally:
            connection.close()
        time.sleep(0.01)
    raise Failed("`tarih serve` did not become ready")


def _options(place: Place) -> list[str]:
    # Its own folder is the only one where its user may surely write.
    settings = OPTIONS | {"unix_socket_directories": str(place.cluster)}
    given = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    return ["-D", str(place.cluster), "-l", str(place.cluster / "pg_ctl.log"), "-o", given]


def _remove_cluster(cluster: Path) -> None:
    if cluster.is_symlink():  # root's server user could not reach our folder
        shutil.rmtree(cluster.resolve().parent, ignore_errors=True)
