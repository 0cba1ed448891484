"""The commands of ``tarih``; a new command is a function here, and its work a module in ``commands/``."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TextIO

import click

from service.commands import import_export
from service.commands.database import CannotRun
from service.commands.database import database as _database
from service.commands.database import settings as _settings

# What a command needs is imported in it: the document needs no PostgreSQL, and migrating no web server.


class AnotherPast(click.ClickException):
    """What is followed is no longer the ledger that it was."""

    exit_code = 3


def _progress() -> Callable[[str, int, int], None]:
    """A line on the terminal that says how far it is and how fast; nothing where nobody looks."""
    began = time.monotonic()

    def show(what: str, done: int, of: int) -> None:
        rate = done / max(time.monotonic() - began, 1e-9)
        share = 100 * done // max(of, 1)
        click.echo(f"\r{what}: {done:,} of {of:,} events ({share} %), {rate:,.0f} a second \x1b[K", nl=False, err=True)

    return show if sys.stderr.isatty() else lambda what, done, of: None


def _end_of_progress() -> None:
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Tarih: dated, sourced events about relationships, answered as of any day."""


main.add_command(import_export.import_)
main.add_command(import_export.export)


@main.command()
def serve() -> None:
    """Serve the API, with an embedded PostgreSQL unless TARIH_DATABASE_URL names one."""
    settings = _settings()
    from service.telemetry import figures_shared

    several = settings.workers > 1 or settings.metrics_port is not None
    with figures_shared() if several else nullcontext():
        from service.commands.serve import CannotServe
        from service.commands.serve import serve as run
        from service.embedded.cluster import Unusable
        from service.store.pool import UnsafeLogin

        try:
            run(settings)
        except (CannotServe, Unusable, UnsafeLogin) as error:
            raise click.ClickException(str(error)) from None


@main.command()
@click.option("--sql", is_flag=True, help="Print the SQL for an empty database instead of running it.")
def migrate(*, sql: bool) -> None:
    """Bring the database at TARIH_OWNER_URL up to date."""
    settings = _settings()
    from migrations import running

    if sql:
        running.print_sql()
    elif settings.owner_url is None:
        raise click.ClickException(
            "TARIH_OWNER_URL is not set: migrating needs the address of the database's owner "
            "(the embedded PostgreSQL is migrated by `tarih serve`)"
        )
    else:
        running.upgrade(settings.owner_url)


@main.command()
@click.option("--shards", type=click.IntRange(1, 1024), help="Parts of each table; for good. Left out: 32.")
def shard(*, shards: int | None) -> None:
    """Spread the database at TARIH_OWNER_URL, a Citus coordinator's, over the cluster by ledger."""
    settings = _settings()
    if settings.owner_url is None:
        raise click.ClickException("TARIH_OWNER_URL is not set: spreading needs the address of the database's owner")
    import asyncpg

    from migrations import sharding

    try:
        spread = sharding.shard(settings.owner_url, shards or sharding.SHARDS)
    except sharding.CannotShard as error:
        raise click.ClickException(str(error)) from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise click.ClickException(f"{error}" or type(error).__name__) from None
    for what, tables in (("by ledger", spread.by_ledger), ("on every node", spread.on_every_node)):
        click.echo(f"{what}: {', '.join(tables) or 'nothing new'}")
    if spread.missing:
        raise click.ClickException(
            "logins lack their rights on nodes; as a superuser run\n" + "\n".join(spread.missing)
        )


@main.command()
def openapi() -> None:
    """Print the API's OpenAPI document."""
    from service.app import openapi_document

    click.echo(openapi_document(), nl=False)


@main.command()
@click.option("--ledger", required=True, help="The ledger to read.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def verify(*, ledger: str, as_json: bool) -> None:
    """Read a whole ledger and judge it: 0 where it is sound, 1 where it is damaged, 2 where it cannot be read."""
    import asyncpg
    import msgspec

    from service.domain.refusals import NotFound
    from service.store.verifying import Verdict
    from service.store.verifying import verify as run

    show = _progress()

    async def go(url: str) -> Verdict:
        connection = await asyncpg.connect(url, server_settings={"application_name": "tarih verify", "timezone": "UTC"})
        try:
            return await run(connection, ledger, report=lambda done, of: show("verifying", done, of))
        finally:
            connection.terminate()

    with _database() as url:
        try:
            verdict = asyncio.run(go(url))
        except NotFound as error:
            raise CannotRun(str(error)) from None
    _end_of_progress()
    if as_json:
        click.echo(msgspec.json.encode(verdict))
    else:
        click.echo("\n".join(verdict.lines()))
    sys.exit(0 if verdict.clean else 1)


@main.command()
@click.option("--ledger", required=True, help="The ledger whose derived rows to make again.")
def rebuild(*, ledger: str) -> None:
    """Make what is derived from a ledger's events anew, while others read and append."""
    from service.domain.refusals import NotFound
    from service.store.rebuilding import AlreadyRebuilding
    from service.store.rebuilding import rebuild as run

    show = _progress()

    async def report(what: str, done: int, of: int) -> None:
        show(what, done, of)

    with _database() as url:
        try:
            done = asyncio.run(run(url, ledger, report=report))
        except (NotFound, AlreadyRebuilding) as error:
            raise CannotRun(str(error)) from None
    _end_of_progress()
    click.echo(
        f"{ledger} is rebuilt at position {done.position}, generation {done.generation}: {done.versions} versions "
        f"of claims made; {done.claims_corrected} claims and {done.relationships_corrected} relationships corrected; "
        f"{done.versions_removed} old versions removed"
    )


@main.group()
def keys() -> None:
    """Make, list and revoke keys, with no key but access to the database."""


@keys.command("create")
@click.option("--label", required=True, help="Whose it is, and what for.")
@click.option("--read", multiple=True, metavar="LEDGER", help="It may read this ledger; '*' is every one.")
@click.option("--append", multiple=True, metavar="LEDGER", help="It may append to it, and read it.")
@click.option("--admin", multiple=True, metavar="LEDGER", help="It may all that, and add types and keys.")
@click.option("--expires", metavar="DATE", help="A full date, whose end it is, or an instant; never, if left out.")
def create_key(
    *, label: str, read: Sequence[str], append: Sequence[str], admin: Sequence[str], expires: str | None
) -> None:
    """Make a key and print it; it is shown this once, on standard output, and what is known of it on standard error."""
    from service.commands.keys import CannotGrant, create

    scopes: dict[str, list[str]] = {}
    for right, ledgers in (("read", read), ("append", append), ("admin", admin)):
        for ledger in ledgers:
            scopes.setdefault(ledger, []).append(right)
    with _database() as url:
        try:
            secret, line = asyncio.run(create(url, label, scopes, expires))
        except CannotGrant as error:
            raise CannotRun(str(error)) from None
    click.echo(line, err=True)
    click.echo(secret)


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON, one a line.")
def list_keys(*, as_json: bool) -> None:
    """List the keys there are, with what they may do and when they were last used."""
    import msgspec

    from service.commands.keys import line_of, listed

    with _database() as url:
        found = asyncio.run(listed(url))
    for key in found:
        click.echo(msgspec.json.encode(key) if as_json else line_of(key))


@keys.command("revoke")
@click.argument("key_id")
def revoke_key(*, key_id: str) -> None:
    """Revoke a key, by its id: it opens nothing any more, and what was opened with it ends."""
    from service.commands.keys import CannotGrant, revoke

    with _database() as url:
        try:
            click.echo(asyncio.run(revoke(url, key_id)))
        except CannotGrant as error:
            raise CannotRun(str(error)) from None


@main.command()
@click.option("--ledger", required=True, help="The ledger's name.")
@click.option("--after", default="0", help="A position or a feed id; the ledger's beginning if left out.")
@click.option(
    "--file", type=click.Path(dir_okay=False, path_type=Path), help="Keeps the position; if it is there, begin there."
)
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Where the service is.")
@click.option("--key-file", type=click.File(encoding="ascii"), help="Holds a key that may read, if one is needed.")
@click.option("--type", "type_", help="Only events about claims of this type.")
@click.option("--actor", help="Only events about claims that name this actor.")
@click.option("--relationship", help="Only events that touch this relationship.")
@click.option("--once", is_flag=True, help="End once everything that is there is printed.")
def follow(
    *,
    ledger: str,
    after: str,
    file: Path | None,
    url: str,
    key_file: TextIO | None,
    type_: str | None,
    actor: str | None,
    relationship: str | None,
    once: bool,
) -> None:
    """Print a ledger's events as lines of JSON, and then what comes, through restarts of the service.

    It ends with 0 on SIGINT or SIGTERM, with 3 where the ledger was restored from a backup meanwhile.
    """
    from service.commands import follow as following

    try:
        wanted = following.Wanted(
            url=url,
            ledger=ledger,
            after=after,
            filters=following.filters(type=type_, actor=actor, relationship=relationship),
            key=None if key_file is None else key_file.read().strip(),
            file=file,
            once=once,
        )
        following.follow(wanted, sys.stdout.buffer, lambda words: click.echo(words, err=True))
    except following.AnotherPast as error:
        raise AnotherPast(str(error)) from None
    except following.CannotFollow as error:
        raise click.ClickException(str(error)) from None
    # Whoever read it may be gone, and Python would complain at its end.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
