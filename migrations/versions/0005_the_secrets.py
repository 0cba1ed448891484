"""What the service signs with: made here, at random, so that all its processes share it without being told."""

from migrations import sql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql.run_file("0005_the_secrets.up.sql")


def downgrade() -> None:
    sql.run_file("0005_the_secrets.down.sql")
