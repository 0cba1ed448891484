"""Who made a key, and who took it back."""

from migrations import sql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql.run_file("0007_the_keys.up.sql")


def downgrade() -> None:
    sql.run_file("0007_the_keys.down.sql")
