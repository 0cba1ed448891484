"""Running the migrations: up, down, or as SQL on paper; apart from its package, as alembic is slow to import."""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from migrations import HOME, sharding


def configuration(owner_url: str | None = None) -> Config:
    """Alembic's configuration for these migrations; ``owner_url`` is an address as asyncpg reads it."""
    config = Config()
    config.set_main_option("script_location", str(HOME).replace("%", "%%"))
    config.attributes["owner_url"] = owner_url
    return config


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Bring the database at ``owner_url`` up to ``revision``; safe when several processes do it at once.

    Runs an event loop of its own, so call it where none runs.
    """
    command.upgrade(configuration(owner_url), revision)
    sharding.renew(owner_url)


def downgrade(owner_url: str, revision: str) -> None:
    """Take the database at ``owner_url`` back to ``revision``, for development; refuses where events would be lost."""
    command.downgrade(configuration(owner_url), revision)


def print_sql(revision: str = "head") -> None:
    """Write the SQL that takes an empty database to ``revision`` to standard output; nothing is connected to."""
    command.upgrade(configuration(), revision, sql=True)


def revisions() -> list[str]:
    """Every revision's name, oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()][::-1]
