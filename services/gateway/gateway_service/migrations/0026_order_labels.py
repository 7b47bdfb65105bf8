"""Orders by label: a row for each label, in the order of the orders' ids."""

from alembic import op

revision = "0026"
down_revision = "0024"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE order_label (
            reseller text NOT NULL,
            name text NOT NULL,
            value text NOT NULL,
            order_id uuid NOT NULL,
            PRIMARY KEY (reseller, name, value, order_id)
        )""")
    op.execute("""
        INSERT INTO order_label
        SELECT reseller, label.key, label.value, id FROM orders, jsonb_each_text(labels) AS label
        WHERE labels IS NOT NULL""")


def downgrade() -> None:
    op.execute("DROP TABLE order_label")
