"""Rights of the service's login to remove derived rows that no event accounts for."""

from migrations import sql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql.run_file("0002_the_derived.up.sql")


def downgrade() -> None:
    sql.run_file("0002_the_derived.down.sql")
