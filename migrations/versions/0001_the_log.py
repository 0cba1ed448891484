"""The log: ledgers, events, what they touch, and the one function that appends."""

from migrations import sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql.run_file("0001_tables.up.sql")
    sql.run_file("0001_append.up.sql")
    sql.run_file("0001_rights.up.sql")


def downgrade() -> None:
    sql.run_file("0001_the_log.down.sql")
