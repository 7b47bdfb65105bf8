"""Drafts of the wizard, and the moves of orders that somebody watches."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # The document is text: what was typed may hold a NUL, which jsonb does not take.
    op.execute("""
        CREATE TABLE draft (
            id uuid PRIMARY KEY,
            reseller text NOT NULL,
            version int NOT NULL DEFAULT 1,
            by text NOT NULL,
            document text NOT NULL,
            state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'created', 'finished', 'abandoned')),
            order_id uuid UNIQUE,
            created_at timestamptz NOT NULL DEFAULT now(),
            changed_at timestamptz NOT NULL DEFAULT now()
        )""")
    op.execute("CREATE INDEX draft_reseller ON draft (reseller, id)")
    op.execute("CREATE INDEX draft_untouched ON draft (changed_at) WHERE state IN ('open', 'abandoned')")
    # One partition's consumer writes an order's moves, so their ids rise in the order in which they can be read.
    op.execute("""
        CREATE TABLE order_move (
            reseller text NOT NULL,
            order_id uuid NOT NULL,
            id bigint GENERATED ALWAYS AS IDENTITY,
            step text NOT NULL,
            what text NOT NULL,
            note text NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (reseller, order_id, id)
        )""")


def downgrade() -> None:
    op.execute("DROP TABLE order_move, draft")
