"""Whether lines of a completed order were refused."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN partly boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    op.execute("ALTER TABLE orders DROP COLUMN partly")
