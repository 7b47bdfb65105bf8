"""What orders that wait for numbers are to become, and whether they did."""

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE order_amendment (
            reseller text NOT NULL,
            order_id uuid NOT NULL,
            id uuid NOT NULL,
            by text NOT NULL,
            asked_at timestamptz NOT NULL,
            wanted text NOT NULL,
            document text NOT NULL,
            state text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'done', 'refused')),
            reason text,
            detail text,
            PRIMARY KEY (reseller, order_id, id)
        )""")


def downgrade() -> None:
    op.execute("DROP TABLE order_amendment")
