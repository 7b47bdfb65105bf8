"""Mails to send and what became of each try."""

from alembic import op

from patchbay_chassis import journal

revision = "0001"
down_revision = None


def upgrade() -> None:
    journal.create(op)
    # Only mails that are still to be sent are in the partial index, so old ones cost nothing.
    op.execute("""
        CREATE TABLE mail (
            order_id uuid NOT NULL,
            recipient text NOT NULL,
            name text NOT NULL,
            kind text NOT NULL CHECK (kind IN ('customer', 'reseller', 'supplier', 'contact')),
            reseller text NOT NULL,
            outcome text NOT NULL CHECK (outcome IN ('completed', 'failed')),
            facts text NOT NULL,
            state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'failed')),
            due timestamptz NOT NULL DEFAULT now(),
            tries int NOT NULL DEFAULT 0,
            asked_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (order_id, recipient)
        ) WITH (fillfactor = 80)""")
    op.execute("CREATE INDEX mail_queued ON mail (order_id, recipient) WHERE state = 'queued'")
    op.execute("""
        CREATE TABLE delivery (
            order_id uuid NOT NULL,
            recipient text NOT NULL,
            at timestamptz NOT NULL DEFAULT now(),
            outcome text NOT NULL CHECK (outcome IN ('sent', 'delayed', 'failed')),
            reply text NOT NULL
        )""")
    op.execute("CREATE INDEX delivery_mail ON delivery (order_id, recipient)")


def downgrade() -> None:
    op.execute("DROP TABLE delivery, mail, journal")
