"""What questions as of a point look up: where actors changed, and claims in the order of their dates."""

from migrations import sql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql.run_file("0003_the_reads.up.sql")


def downgrade() -> None:
    sql.run_file("0003_the_reads.down.sql")
