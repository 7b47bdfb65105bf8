"""Orders of the TM Forum API are found by their attributes."""

from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    # `terms`: a number for each attribute and its value, once an order shows the same from then on; none where there are too
    # many of them. `dated`: its orderDate. Orders that ended before this get theirs little by little.
    op.execute("ALTER TABLE tmf_order ADD COLUMN terms bigint[], ADD COLUMN dated timestamptz")
    op.execute("CREATE INDEX tmf_order_terms ON tmf_order USING gin (terms)")
    op.execute("CREATE INDEX tmf_order_dated ON tmf_order (reseller, dated) WHERE dated IS NOT NULL")
    op.execute("CREATE INDEX tmf_order_unread ON tmf_order (reseller, id) WHERE coalesce(terms, '{}') = '{}'")
    op.execute("CREATE INDEX tmf_order_behind ON tmf_order (id) WHERE terms IS NULL AND NOT open")


def downgrade() -> None:
    op.execute("DROP INDEX tmf_order_behind, tmf_order_unread, tmf_order_dated, tmf_order_terms")
    op.execute("ALTER TABLE tmf_order DROP COLUMN terms, DROP COLUMN dated")
