"""Answers that are kept by client and Idempotency-Key."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    # `request` is a keyed hash; `answer` is sealed, because some say a secret once. `made` is the id of what the call
    # makes, so that a call which is done again after a crash makes the same.
    op.execute("""
        CREATE TABLE replay (
            client text NOT NULL,
            key text NOT NULL,
            request bytea NOT NULL,
            made uuid NOT NULL,
            answer bytea,
            started_at timestamptz NOT NULL DEFAULT now(),
            at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (client, key)
        )""")
    op.execute("CREATE INDEX replay_at ON replay (at)")


def downgrade() -> None:
    op.execute("DROP TABLE replay")
