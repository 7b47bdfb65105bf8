"""Customers are searched, changed and logged; wrong PINs are counted."""

import sqlalchemy as sa
from alembic import op

from customer_service.names import SEPARATOR, lexemes

revision = "0002"
down_revision = "0001"
ROWS = 5_000

_READ = sa.text(
    "SELECT id, reseller, name, email, reference FROM customer WHERE id > CAST(:after AS uuid) ORDER BY id LIMIT :rows"
)
_WRITE = sa.text(
    "UPDATE customer SET words = array_to_tsvector(string_to_array(n.words, :separator))"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:words AS text[])) AS n(id, words) WHERE customer.id = n.id"
)


def upgrade() -> None:
    op.execute(
        "ALTER TABLE customer ADD version int NOT NULL DEFAULT 1, ADD words tsvector NOT NULL DEFAULT ''::tsvector"
    )
    _fill()
    op.execute("CREATE INDEX customer_newest ON customer (reseller, created_at, id)")
    op.execute("CREATE INDEX customer_blocked ON customer (reseller, created_at, id) WHERE state = 'blocked'")
    # What is new waits in a list, which a timer works off (docs/adr/0025): orders do not.
    op.execute(
        "CREATE INDEX customer_words ON customer USING gin (words) WITH (fastupdate = on, gin_pending_list_limit = 32768)"
    )
    op.execute("""
        CREATE TABLE customer_log (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            customer_id uuid NOT NULL REFERENCES customer (id),
            at timestamptz NOT NULL DEFAULT now(),
            by text NOT NULL,
            what text NOT NULL,
            version int NOT NULL,
            changes text NOT NULL DEFAULT '[]',
            why text
        )""")
    op.execute("CREATE INDEX customer_log_newest ON customer_log (customer_id, id)")
    op.execute("""
        CREATE TABLE pin_tries (
            customer_id uuid PRIMARY KEY REFERENCES customer (id),
            wrong int NOT NULL,
            locked_until timestamptz
        )""")


def downgrade() -> None:
    op.execute("DROP TABLE pin_tries, customer_log")
    op.execute("DROP INDEX customer_words, customer_blocked, customer_newest")
    op.execute("ALTER TABLE customer DROP words, DROP version")


def _fill() -> None:
    """Give the customers that are there their words."""
    db, after = op.get_bind(), "00000000-0000-0000-0000-000000000000"
    while rows := db.execute(_READ, {"after": after, "rows": ROWS}).fetchall():
        ids = [row.id for row in rows]
        words = [SEPARATOR.join(lexemes(row.reseller, row.name, row.email, row.reference)) for row in rows]
        db.execute(_WRITE, {"ids": ids, "words": words, "separator": SEPARATOR})
        after = rows[-1].id
