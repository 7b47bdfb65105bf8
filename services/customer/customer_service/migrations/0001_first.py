"""Resellers, customers, and whom else to notify."""

from alembic import op

from patchbay_chassis import journal, undone

revision = "0001"
down_revision = None


def upgrade() -> None:
    journal.create(op)
    undone.create(op)
    op.execute("""
        CREATE TABLE reseller (
            id text PRIMARY KEY,
            name text NOT NULL,
            email text NOT NULL,
            state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'blocked'))
        )""")
    # `others` are contacts and suppliers as [{kind, name, email}]: read and written with their customer only.
    op.execute("""
        CREATE TABLE customer (
            id uuid PRIMARY KEY,
            reseller text NOT NULL,
            order_id uuid,
            name text NOT NULL,
            email text NOT NULL,
            pin_hash bytea NOT NULL,
            address text,
            phone text,
            reference text,
            others text NOT NULL DEFAULT '[]',
            state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'blocked', 'withdrawn')),
            created_at timestamptz NOT NULL DEFAULT now()
        )""")
    op.execute(
        "CREATE UNIQUE INDEX customer_reference ON customer (reseller, reference)"
        " WHERE reference IS NOT NULL AND state <> 'withdrawn'"
    )


def downgrade() -> None:
    op.execute("DROP TABLE customer, reseller, undone, journal")
