"""Bulks as batches: what was answered to each line, and how many orders of a batch are in each state."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN batch_id uuid")
    # `through`: every line up to that one is decided. `writes` tells whether somebody else wrote since one looked.
    op.execute("""
        CREATE TABLE batch (
            reseller text NOT NULL,
            id uuid NOT NULL,
            kind text NOT NULL CHECK (kind IN ('ndjson', 'csv')),
            created_at timestamptz NOT NULL DEFAULT now(),
            changed_at timestamptz NOT NULL DEFAULT now(),
            through int NOT NULL DEFAULT 0,
            writes int NOT NULL DEFAULT 0,
            PRIMARY KEY (reseller, id)
        ) WITH (fillfactor = 60)""")
    op.execute("CREATE INDEX batch_newest ON batch (reseller, created_at, id)")
    # `mark` is a keyed hash of the line. Either it made an order, or `refusal` says why not.
    op.execute("""
        CREATE TABLE batch_line (
            reseller text NOT NULL,
            batch_id uuid NOT NULL,
            position int NOT NULL,
            mark bytea NOT NULL,
            order_id uuid,
            refusal text,
            PRIMARY KEY (reseller, batch_id, position),
            CHECK ((order_id IS NULL) <> (refusal IS NULL))
        )""")
    # Changes of the counts are only ever added, so that nobody waits for another; they are gathered now and then.
    op.execute("""
        CREATE TABLE batch_change (
            reseller text NOT NULL,
            batch_id uuid NOT NULL,
            state text NOT NULL,
            lines int NOT NULL
        )""")
    op.execute("CREATE INDEX batch_change_batch ON batch_change (reseller, batch_id)")
    op.execute("""
        CREATE TABLE batch_count (
            reseller text NOT NULL,
            batch_id uuid NOT NULL,
            state text NOT NULL,
            lines int NOT NULL,
            PRIMARY KEY (reseller, batch_id, state)
        ) WITH (fillfactor = 60)""")


def downgrade() -> None:
    op.execute("DROP TABLE batch_count, batch_change, batch_line, batch")
    op.execute("ALTER TABLE orders DROP COLUMN batch_id")
