"""${message}."""

from migrations import sql

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One sentence: what the schema can do afterwards."""
    sql.run_file("${up_revision}_name.up.sql")


def downgrade() -> None:
    """For development; refuse where events would be lost."""
    sql.run_file("${up_revision}_name.down.sql")
