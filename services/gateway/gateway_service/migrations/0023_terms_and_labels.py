"""Labels of orders, and references that only one order of a reseller has."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN labels jsonb")
    op.execute("""
        CREATE TABLE unique_reference (
            reseller text NOT NULL,
            reference text NOT NULL,
            order_id uuid NOT NULL,
            PRIMARY KEY (reseller, reference)
        )""")


def downgrade() -> None:
    op.execute("DROP TABLE unique_reference")
    op.execute("ALTER TABLE orders DROP COLUMN labels")
