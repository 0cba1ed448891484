"""The append function again, with fewer and cheaper statements."""

from migrations import sql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql.run_file("0004_append.up.sql")


def downgrade() -> None:
    sql.run_file("0004_append.down.sql")
