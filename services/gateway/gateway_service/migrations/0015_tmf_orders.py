"""What was ordered over the TM Forum API, as it was sent."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    # `became`: by item the order that it is carried out by, or the state that it was brought to by hand. `waits`: somebody
    # has to carry something out by hand. `open`: its end was not told yet.
    op.execute("""
        CREATE TABLE tmf_order (
            reseller text NOT NULL,
            id uuid NOT NULL,
            sent text NOT NULL,
            became text NOT NULL,
            external_id text,
            waits boolean NOT NULL,
            open boolean NOT NULL DEFAULT true,
            version int NOT NULL DEFAULT 1,
            ordered_at timestamptz NOT NULL,
            started_at timestamptz,
            ended_at timestamptz,
            PRIMARY KEY (reseller, id)
        )""")
    op.execute("CREATE INDEX tmf_order_external ON tmf_order (reseller, external_id) WHERE external_id IS NOT NULL")
    op.execute("CREATE INDEX tmf_order_open ON tmf_order (id) WHERE open")
    op.execute("CREATE INDEX tmf_order_waits ON tmf_order (reseller, id) WHERE waits")


def downgrade() -> None:
    op.execute("DROP TABLE tmf_order")
