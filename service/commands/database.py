"""How commands reach the database: the one that is named, that of a running service, or that of the data folder."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import click

from service.settings import Settings, UnreadableSetting, from_environment
from service.telemetry import configure_logging


class CannotRun(click.ClickException):
    """The command could not do its work, whatever that would have found."""

    exit_code = 2


def settings() -> Settings:
    """Raises ClickException."""
    try:
        found = from_environment(os.environ)
    except UnreadableSetting as error:
        raise click.ClickException(str(error)) from None
    configure_logging(found.log_level)
    return found


@contextmanager
def database(*, owner: bool = False) -> Iterator[str]:
    """The service's address, or the owner's: of the server that is named, of the one that serves the data folder now,
    or of that folder's own, started for as long as the command runs. Raises CannotRun; also where it must be migrated.
    """
    try:
        wanted = settings()
    except click.ClickException as error:
        raise CannotRun(error.message) from None
    import asyncpg

    import migrations
    from service.embedded.cluster import Unusable
    from service.embedded.server import Embedded, hold

    cluster = wanted.data_dir.absolute() / "postgres"
    held, server = None, None
    try:
        if wanted.database_url:
            if owner and not wanted.owner_url:
                raise CannotRun("TARIH_OWNER_URL is not set: this needs the address of the database's owner")
            url = (wanted.owner_url if owner else None) or wanted.direct_url or wanted.database_url
        elif not cluster.exists():
            raise CannotRun(f"there is no database in {wanted.data_dir}; set TARIH_DATABASE_URL or TARIH_DATA_DIR")
        else:
            try:
                held = hold(wanted.data_dir.absolute())
            except Unusable as error:
                url = _running(cluster, "tarih_owner" if owner else "tarih_app") or ""
                if not url:
                    raise CannotRun(f"{error}, or wait until it has started") from None
            else:
                server = Embedded.start(wanted.data_dir)
                url = server.owner_url if owner else server.service_url
        if not asyncio.run(migrations.is_current(url)):
            raise CannotRun("the database is not up to date; run `tarih migrate`, or `tarih serve` once")
        yield url
    except (Unusable, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CannotRun(f"{error}" or type(error).__name__) from None
    finally:
        if server is not None:
            server.stop()
        if held is not None:
            held.close()


def _running(cluster: Path, role: str) -> str | None:
    """Where the server that runs in ``cluster`` listens, as its pid file says; None where it is not ready."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return None
    if len(lines) < 8 or lines[7].strip() != "ready":
        return None
    return f"postgresql://{role}@/tarih?host={quote(lines[4].strip(), safe='')}&port={lines[3].strip()}"
