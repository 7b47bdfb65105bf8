"""Who wanted which order back, and why."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE order_cancel (
            reseller text NOT NULL,
            order_id uuid NOT NULL,
            by text NOT NULL,
            why text NOT NULL,
            asked_at timestamptz NOT NULL,
            PRIMARY KEY (reseller, order_id)
        )""")


def downgrade() -> None:
    op.execute("DROP TABLE order_cancel")
