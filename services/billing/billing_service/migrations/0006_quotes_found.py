"""Quotes are found by whom they are for, and by their price lists."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("CREATE INDEX quote_by_owner ON quote (owner_id, id DESC)")
    op.execute("""
        CREATE TABLE quote_by_list (
            reseller text NOT NULL,
            price_list text NOT NULL,
            quote uuid NOT NULL REFERENCES quote ON DELETE CASCADE,
            PRIMARY KEY (reseller, price_list, quote)
        )""")
    op.execute("CREATE INDEX quote_by_list_quote ON quote_by_list (quote)")
    op.execute("""
        INSERT INTO quote_by_list SELECT DISTINCT reseller, line ->> 'price_list', id
        FROM quote CROSS JOIN json_array_elements(lines::json) AS line""")


def downgrade() -> None:
    op.execute("DROP TABLE quote_by_list")
    op.execute("DROP INDEX quote_by_owner")
