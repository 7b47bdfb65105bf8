"""An order makes services, or it is a change of one."""

from alembic import op

revision = "0007"
down_revision = "0005"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN kind text NOT NULL DEFAULT 'order' CHECK (kind IN ('order', 'change'))")


def downgrade() -> None:
    op.execute("DELETE FROM orders WHERE kind = 'change'")
    op.execute("ALTER TABLE orders DROP COLUMN kind")
