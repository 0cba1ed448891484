"""What questions across relationships look up: contents by platform, units by whole, relationships by member."""

from migrations import sql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql.run_file("0006_the_across.up.sql")


def downgrade() -> None:
    sql.run_file("0006_the_across.down.sql")
