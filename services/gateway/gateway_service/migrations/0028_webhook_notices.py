"""Webhooks that were disabled, and of which their resellers are still to be written to."""

from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE webhook_notice (
            event_id uuid PRIMARY KEY,
            webhook_id uuid NOT NULL,
            reseller text NOT NULL,
            url text NOT NULL,
            reason text NOT NULL,
            at timestamptz NOT NULL,
            due timestamptz NOT NULL DEFAULT now()
        )""")


def downgrade() -> None:
    op.execute("DROP TABLE webhook_notice")
