"""Room in each page for the second version of every charge in it: each is written pending, and started soon after."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE charge SET (fillfactor = 50)")


def downgrade() -> None:
    op.execute("ALTER TABLE charge SET (fillfactor = 80)")
