"""Whose customer an order is for, as far as that is known; orders by customer, by reference, and those that failed."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN customer_id uuid")
    op.execute("""
        UPDATE orders SET customer_id = coalesce(event::json ->> 'customer_id', document::json #>> '{customer,id}')::uuid
        WHERE state = 'completed' OR document::json #>> '{customer,kind}' = 'existing'""")
    op.execute("CREATE INDEX orders_customer ON orders (customer_id, id) WHERE customer_id IS NOT NULL")
    op.execute("CREATE INDEX orders_reference ON orders (reference, id) WHERE reference IS NOT NULL")
    # What failed is rare among what ended.
    op.execute("CREATE INDEX orders_failed ON orders (reseller, id) WHERE state = 'failed'")


def downgrade() -> None:
    op.execute("DROP INDEX orders_failed, orders_reference, orders_customer")
    op.execute("ALTER TABLE orders DROP COLUMN customer_id")
