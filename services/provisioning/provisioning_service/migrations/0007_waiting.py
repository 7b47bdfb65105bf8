"""Orders that wait for their start."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE waiting_order (
            order_id uuid PRIMARY KEY,
            reseller text NOT NULL,
            starts_at timestamptz NOT NULL,
            placed text NOT NULL
        )""")
    op.execute("CREATE INDEX waiting_order_start ON waiting_order (starts_at)")


def downgrade() -> None:
    op.execute("DROP TABLE waiting_order")
