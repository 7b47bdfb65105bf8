"""Services are found by what they are, and each change of one is a row: its history, and what it has to do on the
network."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # `made_with`: the numbers that it was created with, where they have changed since. A planned service is in none of
    # the indexes: so each costs one entry, made when the network has answered.
    op.execute("""
        ALTER TABLE service
            ADD COLUMN version int NOT NULL DEFAULT 1,
            ADD COLUMN type_version int,
            ADD COLUMN changing uuid,
            ADD COLUMN next_price_list text,
            ADD COLUMN next_from date,
            ADD COLUMN made_with bigint[],
            ADD CHECK ((next_price_list IS NULL) = (next_from IS NULL)),
            DROP CONSTRAINT service_state_check,
            ADD CONSTRAINT service_state_check
                CHECK (state IN ('planned', 'active', 'suspended', 'ended', 'refused', 'withdrawn'))""")
    for name, columns, which in (
        ("service_of_reseller", "reseller", "state <> 'planned'"),
        ("service_of_type", "reseller, service_type", "state <> 'planned'"),
        ("service_of_customer", "customer_id", "state <> 'planned'"),
        ("service_in_state", "reseller, state", "state NOT IN ('planned', 'active')"),
    ):
        op.execute(f"CREATE INDEX {name} ON service ({columns}, created_at DESC, id DESC) WHERE {which}")
    op.execute("""
        CREATE TABLE service_number (
            reseller text NOT NULL,
            e164 bigint NOT NULL,
            service_id uuid NOT NULL,
            PRIMARY KEY (reseller, e164, service_id)
        )""")
    op.execute("INSERT INTO service_number SELECT reseller, unnest(numbers), id FROM service ORDER BY 1, 2")
    # `before` and `after` are for people; `plan` is what the service will be; `verb`, `numbers` and `settings` are for
    # the network, and `back` says that it is to take back what it may have done.
    op.execute("""
        CREATE TABLE service_change (
            order_id uuid PRIMARY KEY,
            service_id uuid NOT NULL,
            reseller text NOT NULL,
            kind text NOT NULL,
            outcome text NOT NULL DEFAULT 'under_way' CHECK (outcome IN ('under_way', 'done', 'refused', 'failed')),
            detail text NOT NULL DEFAULT '',
            by text NOT NULL,
            why text NOT NULL,
            before text NOT NULL,
            after text NOT NULL,
            plan text,
            asked_at timestamptz NOT NULL DEFAULT now(),
            ended_at timestamptz,
            verb text CHECK (verb IN ('change', 'suspend', 'resume', 'withdraw', 'activate')),
            back boolean NOT NULL DEFAULT false,
            numbers bigint[] NOT NULL DEFAULT '{}',
            settings text NOT NULL DEFAULT '',
            due timestamptz NOT NULL DEFAULT now(),
            tries int NOT NULL DEFAULT 0,
            taken_by text,
            reply text NOT NULL DEFAULT ''
        )""")
    op.execute("CREATE INDEX service_change_of_service ON service_change (service_id, asked_at DESC, order_id DESC)")
    op.execute("CREATE INDEX service_change_to_do ON service_change (due) WHERE verb IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP TABLE service_change, service_number")
    op.execute("DROP INDEX service_of_reseller, service_of_type, service_of_customer, service_in_state")
    op.execute("""
        UPDATE service SET state = CASE state WHEN 'suspended' THEN 'active' WHEN 'ended' THEN 'withdrawn' ELSE state END
        WHERE state IN ('suspended', 'ended')""")
    op.execute("""
        ALTER TABLE service
            DROP COLUMN version, DROP COLUMN type_version, DROP COLUMN changing, DROP COLUMN next_price_list,
            DROP COLUMN next_from, DROP COLUMN made_with, DROP CONSTRAINT service_state_check,
            ADD CONSTRAINT service_state_check CHECK (state IN ('planned', 'active', 'refused', 'withdrawn'))""")
