"""Sagas, the catalogue of service types, and services."""

from alembic import op

from patchbay_chassis import journal, saga_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    journal.create(op)
    saga_tables.create(op)
    op.execute("""
        CREATE TABLE service_type (
            id text PRIMARY KEY,
            name text NOT NULL,
            description text NOT NULL,
            least_numbers int NOT NULL DEFAULT 0 CHECK (least_numbers >= 0),
            most_numbers int NOT NULL CHECK (most_numbers >= least_numbers),
            settings_schema json NOT NULL,
            terms text NOT NULL DEFAULT '',
            changed_at timestamptz NOT NULL DEFAULT now()
        )""")
    # `state` says what holds, `verb` what is still to be done on the network; the partial index covers only that.
    op.execute("""
        CREATE TABLE service (
            id uuid PRIMARY KEY,
            order_id uuid NOT NULL,
            line smallint NOT NULL,
            siblings int NOT NULL,
            reseller text NOT NULL,
            customer_id uuid NOT NULL,
            service_type text NOT NULL,
            price_list text NOT NULL,
            numbers bigint[] NOT NULL,
            settings text NOT NULL,
            state text NOT NULL DEFAULT 'planned'
                CHECK (state IN ('planned', 'active', 'refused', 'withdrawn')),
            verb text CHECK (verb IN ('activate', 'withdraw')),
            due timestamptz NOT NULL DEFAULT now(),
            tries int NOT NULL DEFAULT 0,
            detail text NOT NULL DEFAULT '',
            created_at timestamptz NOT NULL DEFAULT now()
        ) WITH (fillfactor = 60)""")
    op.execute("CREATE INDEX service_order ON service (order_id)")
    op.execute("CREATE INDEX service_to_do ON service (order_id) WHERE verb IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP TABLE service, service_type, saga, journal")
