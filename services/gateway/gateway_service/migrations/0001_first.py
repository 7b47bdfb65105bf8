"""API keys, accepted orders with what became of them, and idempotency keys."""

from alembic import op

from patchbay_chassis import journal

revision = "0001"
down_revision = None


def upgrade() -> None:
    journal.create(op)
    op.execute("""
        CREATE TABLE reseller_key (
            hash bytea PRIMARY KEY,
            reseller text NOT NULL,
            name text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            revoked_at timestamptz
        )""")
    # The key begins with the reseller: whatever is looked up is looked up for one, and pages are ranges of it.
    # `event` is the newest event about the order, without its recipients: from it answers are made.
    op.execute("""
        CREATE TABLE orders (
            reseller text NOT NULL,
            id uuid NOT NULL,
            state text NOT NULL DEFAULT 'accepted'
                CHECK (state IN ('accepted', 'delayed', 'stuck', 'completed', 'failed')),
            reference text,
            document text NOT NULL,
            event text,
            accepted_at timestamptz NOT NULL,
            ended_at timestamptz,
            PRIMARY KEY (reseller, id)
        ) WITH (fillfactor = 60)""")
    op.execute("CREATE INDEX orders_open ON orders (id) WHERE ended_at IS NULL")
    op.execute("""
        CREATE TABLE idempotency (
            reseller text NOT NULL,
            key text NOT NULL,
            request bytea NOT NULL,
            order_id uuid NOT NULL,
            at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (reseller, key)
        )""")


def downgrade() -> None:
    op.execute("DROP TABLE idempotency, orders, reseller_key, journal")
