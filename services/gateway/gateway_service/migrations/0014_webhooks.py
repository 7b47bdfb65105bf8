"""Webhooks: where events are sent, up to where each has had them, and what became of each delivery."""

from alembic import op

from gateway_service import event_pages

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    # `turn` and `position`: what is before that place in the log is delivered, or waits in a row of its own. `run`
    # counts changes that its holder has to hear of.
    op.execute("""
        CREATE TABLE webhook (
            id uuid PRIMARY KEY,
            reseller text NOT NULL,
            url text NOT NULL,
            types text[] NOT NULL,
            description text NOT NULL,
            state text NOT NULL DEFAULT 'enabled' CHECK (state IN ('enabled', 'disabled')),
            why text NOT NULL DEFAULT '',
            created_at timestamptz NOT NULL DEFAULT now(),
            turn bigint NOT NULL,
            position bigint NOT NULL,
            run bigint NOT NULL DEFAULT 1,
            holder text NOT NULL DEFAULT '',
            leased_until timestamptz NOT NULL DEFAULT '-infinity',
            misses int NOT NULL DEFAULT 0,
            failing_since timestamptz,
            rests_until timestamptz,
            UNIQUE (reseller, url)
        ) WITH (fillfactor = 60)""")
    op.execute("""
        CREATE TABLE webhook_secret (
            webhook_id uuid NOT NULL REFERENCES webhook ON DELETE CASCADE,
            number int NOT NULL,
            sealed bytea NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            ends_at timestamptz,
            PRIMARY KEY (webhook_id, number)
        )""")
    # `at` is when the event was told: its delivery is kept as long as the event.
    op.execute("""
        CREATE TABLE webhook_delivery (
            webhook_id uuid NOT NULL,
            event_id uuid NOT NULL,
            at timestamptz NOT NULL,
            type text NOT NULL,
            turn bigint NOT NULL,
            position bigint NOT NULL,
            state text NOT NULL CHECK (state IN ('delivered', 'waiting', 'failed')),
            attempts int NOT NULL,
            status int,
            took_ms int NOT NULL,
            error text NOT NULL,
            first_at timestamptz NOT NULL,
            last_at timestamptz NOT NULL,
            due timestamptz,
            PRIMARY KEY (webhook_id, event_id, at)
        ) PARTITION BY RANGE (at)""")
    op.execute("CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, due) WHERE due IS NOT NULL")
    event_pages.create(op, "webhook_delivery", back=31)


def downgrade() -> None:
    op.execute("DROP TABLE webhook_delivery, webhook_secret, webhook")
