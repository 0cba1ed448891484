"""A pgbouncer in transaction mode before a database of the tests, with fewer sessions than the service connects for."""

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from tests.conftest import Database
from tests.serving import until

SESSIONS = 3
PROGRAM = shutil.which("pgbouncer", path=os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin")))
CONFIGURATION = """
[databases]
{name} = {server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {sessions}
server_login_retry = 1
"""
MOST_STATEMENTS = "max_prepared_statements = {most}\n"


def version() -> tuple[int, ...]:
    """Of the program, which must be there."""
    assert PROGRAM is not None
    said = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"PgBouncer (\d+)\.(\d+)", said)
    assert found, said
    return int(found[1]), int(found[2])


class Pgbouncer:
    """``database``, for the service's login, at ``url``."""

    def __init__(self, folder: Path, database: Database, port: int, statements: int | None) -> None:
        """``statements`` are how many it keeps for each client; None where it does not know of them."""
        url = urlsplit(database.service_url)
        options = dict(parse_qsl(url.query))
        server = {
            "host": options.get("host") or url.hostname,
            "port": options.get("port") or url.port or 5432,
            "user": options.get("user") or url.username,
            "password": options.get("password") or url.password,
        }
        socket = Path(str(server["host"]))
        self._user = socket.owner() if socket.is_dir() else "nobody"
        told = " ".join(f"{name}='{value}'" for name, value in server.items() if value)
        text = CONFIGURATION.format(name=database.name, server=told, port=port, sessions=SESSIONS)
        self.statements = statements
        self.configuration = folder / "pgbouncer.ini"
        self.configuration.write_text(text + ("" if statements is None else MOST_STATEMENTS.format(most=statements)))
        self.url = f"postgresql://{server['user']}@127.0.0.1:{port}/{database.name}"
        self.output = folder / "pgbouncer.log"
        self.start()

    def start(self) -> None:
        """Returns once it listens."""
        assert PROGRAM is not None
        refused_to_root = [f"--user={self._user}"] if os.geteuid() == 0 else []
        before = self._listened()
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [PROGRAM, *refused_to_root, str(self.configuration)], stdout=output, stderr=output
            )
        until(lambda: self._listened() > before or self.process.poll() is not None, 20)
        assert self.process.poll() is None, self.output.read_text()

    def _listened(self) -> int:
        return self.output.read_text().count("process up") if self.output.exists() else 0

    def end(self) -> None:
        """At once, as where its machine is lost."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)
