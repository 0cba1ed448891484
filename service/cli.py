"""The commands of ``tarih``; a new command is a function here, and its work a module below."""

import os

import click

from service.settings import Settings, UnreadableSetting, from_environment
from service.telemetry import configure_logging

# What a command needs is imported in it: the document needs no PostgreSQL, and migrating no web server.


def _settings() -> Settings:
    try:
        settings = from_environment(os.environ)
    except UnreadableSetting as error:
        raise click.ClickException(str(error)) from None
    configure_logging(settings.log_level)
    return settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Tarih: dated, sourced events about relationships, answered as of any day."""


@main.command()
def serve() -> None:
    """Serve the API, with an embedded PostgreSQL unless TARIH_DATABASE_URL names one."""
    settings = _settings()
    from service.cluster import Unusable
    from service.serving import CannotServe
    from service.serving import serve as run
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
def openapi() -> None:
    """Print the API's OpenAPI document."""
    from service.app import openapi_document

    click.echo(openapi_document(), nl=False)
