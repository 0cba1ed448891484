"""An index of what was retracted, by timeline: those who follow one are told of the last of it."""

from migrations import sql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql.run_file("0008_the_retractions.up.sql")


def downgrade() -> None:
    sql.run_file("0008_the_retractions.down.sql")
