"""Price lists, accounts and charges."""

from alembic import op

from patchbay_chassis import journal, undone

revision = "0001"
down_revision = None


def upgrade() -> None:
    journal.create(op)
    undone.create(op)
    op.execute("""
        CREATE TABLE price_list (
            id text PRIMARY KEY,
            reseller text,
            name text NOT NULL,
            currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
            valid_from date NOT NULL,
            valid_to date CHECK (valid_to >= valid_from)
        )""")
    # `grade` '' is the service itself.
    op.execute("""
        CREATE TABLE price (
            price_list text NOT NULL REFERENCES price_list,
            service_type text NOT NULL,
            grade text NOT NULL DEFAULT '',
            setup numeric(14, 4) NOT NULL CHECK (setup >= 0),
            monthly numeric(14, 4) NOT NULL CHECK (monthly >= 0),
            PRIMARY KEY (price_list, service_type, grade)
        )""")
    op.execute("""
        CREATE TABLE account (
            customer_id uuid PRIMARY KEY,
            reseller text NOT NULL,
            state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'blocked')),
            opened_at timestamptz NOT NULL DEFAULT now()
        )""")
    # No indexed column changes when a charge starts or is voided, so both are HOT updates.
    op.execute("""
        CREATE TABLE charge (
            order_id uuid NOT NULL,
            position smallint NOT NULL,
            line smallint NOT NULL,
            reseller text NOT NULL,
            customer_id uuid NOT NULL,
            service_type text NOT NULL,
            grade text NOT NULL,
            numbers bigint[] NOT NULL,
            quantity int NOT NULL CHECK (quantity >= 0),
            setup numeric(14, 4) NOT NULL,
            monthly numeric(14, 4) NOT NULL,
            currency text NOT NULL,
            state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'active', 'void')),
            starts_at timestamptz,
            PRIMARY KEY (order_id, position)
        ) WITH (fillfactor = 80)""")


def downgrade() -> None:
    op.execute("DROP TABLE charge, account, price, price_list, undone, journal")
