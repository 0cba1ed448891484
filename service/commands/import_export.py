"""The commands that bring files into a ledger, and a ledger into a file: ``tarih import``, ``tarih export``."""

import asyncio
import os
import sys
from pathlib import Path
from typing import BinaryIO, TextIO

import click

from service.commands.database import CannotRun, database

# What a command needs is imported in it, as in cli.py.


@click.command("import")
@click.argument("format_", metavar="FORMAT")
@click.argument("file", type=click.File("rb"))
@click.option("--ledger", required=True, help="The ledger to import into; it is made, private, if there is none.")
@click.option("--reported", metavar="DAY", help="The day on which the file was made, if the file does not say so.")
@click.option("--mapping", metavar="NAME|FILE", help="Of a table: a shipped mapping, or a TOML file of your own.")
@click.option("--aliases", type=click.File(encoding="utf-8"), help="A TOML file that says whom names mean.")
@click.option(
    "--party", "parties", metavar="ACTOR:ROLE", multiple=True, help="Whom it is about, if the file names nobody."
)
@click.option("--type", "type_", help="What its events are, if the file does not say so.")
@click.option("--dry-run", is_flag=True, help="Say what would be recorded, and record nothing.")
@click.option("--retract-missing", is_flag=True, help="Retract what a whole register no longer has.")
@click.option("--refused", type=click.Path(dir_okay=False, path_type=Path), help="Where refused rows go.")
@click.option("--title", help="Of a ledger that is made.")
@click.option("--public", is_flag=True, help="Anyone may read a ledger that is made.")
@click.option(
    "--verbatim", is_flag=True, help="An export of Tarih's, word for word, into an empty ledger; by the owner."
)
@click.option("--checkpoint", metavar="DIGEST", help="With --verbatim: the digest that the ledger must have.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def import_(
    *,
    format_: str,
    file: BinaryIO,
    ledger: str,
    reported: str | None,
    mapping: str | None,
    aliases: TextIO | None,
    parties: tuple[str, ...],
    type_: str | None,
    dry_run: bool,
    retract_missing: bool,
    refused: Path | None,
    title: str | None,
    public: bool,
    verbatim: bool,
    checkpoint: str | None,
    as_json: bool,
) -> None:
    """Import a register or another file; run again, it adds nothing, and goes on where it was cut off.

    FORMAT is sipri, table, timelinejs, cloudevents or ndjson. FILE may be compressed by gzip; - is the standard
    input. Rows that are refused go, with their line and the reason, to the file --refused, or to one beside you that
    is called like FILE.
    """
    if verbatim:
        _restore(format_, file, ledger, checkpoint)
        return
    import msgspec

    from service import importing
    from service.commands import imports
    from service.domain.refusals import Refusal
    from service.store.pool import UnsafeLogin

    name = Path(file.name).name if file is not sys.stdin.buffer else "stdin"
    try:
        asked = imports.Asked(
            format=format_,
            ledger=ledger,
            reported=reported,
            mapping=_mapping(mapping),
            aliases=None if aliases is None else aliases.read(),
            parties=tuple(_party(one) for one in parties),
            type=type_,
            dry_run=dry_run,
            retract_missing=retract_missing,
            title=title,
            public=public,
        )
        with database() as url:
            size = os.fstat(file.fileno()).st_size if file.seekable() else None
            where = refused or Path(f"{name}.refused.ndjson")
            report = asyncio.run(imports.load(url, asked, file, size, where))
    except (imports.UnknownFormat, importing.Unreadable, importing.CannotTell, UnsafeLogin, Refusal) as error:
        raise CannotRun(str(error)) from None
    except UnicodeDecodeError as error:
        raise CannotRun(f"a mapping and a file of aliases are UTF-8: {error}") from None
    if as_json:
        click.echo(msgspec.json.encode(report))
    else:
        click.echo("\n".join(report.lines()))
        if report.rows_refused:
            click.echo(f"what was refused, and why: {where}")


def _mapping(given: str | None) -> str | None:
    """The text of a file, or what it is called."""
    if given is None or not Path(given).is_file():
        return given
    return Path(given).read_text(encoding="utf-8")


def _party(text: str) -> tuple[str, str]:
    """Raises CannotRun."""
    actor, _, role = text.partition(":")
    if not actor or not role:
        raise CannotRun(f"--party is {text!r}; it is an actor and its role, such as pak:recipient")
    return actor, role


def _restore(format_: str, file: BinaryIO, ledger: str, checkpoint: str | None) -> None:
    from service.commands import exports
    from service.importers.reading import Unreadable
    from service.store.exported import NotAnExport
    from service.store.restoring import CannotRestore

    if format_ != "ndjson":
        raise CannotRun("--verbatim takes an export of Tarih's: the format is ndjson")
    with database(owner=True) as url:
        try:
            done = asyncio.run(exports.read(url, ledger, file, checkpoint))
        except (NotAnExport, CannotRestore, Unreadable) as error:
            raise CannotRun(f"nothing is restored: {error}") from None
    click.echo(f"{done.ledger} is restored up to position {done.position}, digest sha256:{done.digest}, and is sound")


@click.command("export")
@click.option("--ledger", required=True, help="The ledger to write out.")
@click.option(
    "--file", type=click.Path(dir_okay=False, path_type=Path), help="Where to; the standard output if left out."
)
def export(*, ledger: str, file: Path | None) -> None:
    """Write a ledger out whole, as it stands now, while others read and append.

    In it are the ledger's title and access, its own types, and every event with its position, time, id, author and
    bytes; not the keys, which are the service's, not Idempotency-Keys, and not what follows from the events.
    """
    from service.commands import exports
    from service.domain.refusals import NotFound

    with database() as url:
        try:
            asyncio.run(exports.write(url, ledger, file))
        except NotFound as error:
            raise CannotRun(str(error)) from None
