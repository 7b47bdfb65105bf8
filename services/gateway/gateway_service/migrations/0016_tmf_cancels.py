"""What was asked over the TM Forum API to be cancelled; what its clients say of services and numbers."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE tmf_cancel (
            reseller text NOT NULL,
            id uuid NOT NULL,
            order_id uuid NOT NULL,
            sent text NOT NULL,
            state text NOT NULL CHECK (state IN ('accepted', 'inProgress', 'done', 'terminatedWithError')),
            detail text NOT NULL,
            asked_at timestamptz NOT NULL,
            ended_at timestamptz,
            PRIMARY KEY (reseller, id)
        )""")
    op.execute("CREATE INDEX tmf_cancel_of_order ON tmf_cancel (reseller, order_id) WHERE state = 'inProgress'")
    # `sent`: what was said of a service or a number beside what its owner keeps of it.
    op.execute("""
        CREATE TABLE tmf_record (
            reseller text NOT NULL,
            kind text NOT NULL CHECK (kind IN ('service', 'resource')),
            id text NOT NULL,
            sent text NOT NULL,
            PRIMARY KEY (reseller, kind, id)
        )""")


def downgrade() -> None:
    op.execute("DROP TABLE tmf_record, tmf_cancel")
