"""What dry runs answered, kept for a day so that an order may name it."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE preview (
            reseller text NOT NULL,
            id uuid NOT NULL,
            made_at timestamptz NOT NULL DEFAULT now(),
            mark bytea NOT NULL,
            answer text NOT NULL,
            PRIMARY KEY (reseller, id)
        )""")
    op.execute("CREATE INDEX preview_age ON preview (made_at)")
    # What had changed when an order that named a preview was accepted, as it was answered.
    op.execute("""
        CREATE TABLE order_preview (
            reseller text NOT NULL,
            order_id uuid NOT NULL,
            told text NOT NULL,
            PRIMARY KEY (reseller, order_id)
        )""")


def downgrade() -> None:
    op.execute("DROP TABLE order_preview, preview")
