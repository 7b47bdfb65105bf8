"""Versions of price lists, quotes, what charges were priced by, credit limits, and who changed what and why."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # What is there becomes version 1, published.
    op.execute("ALTER TABLE price DROP CONSTRAINT price_price_list_fkey, DROP CONSTRAINT price_pkey")
    op.execute("""
        ALTER TABLE price_list
            DROP CONSTRAINT price_list_pkey,
            ADD version int NOT NULL DEFAULT 1 CHECK (version > 0),
            ADD tax_note text NOT NULL DEFAULT '',
            ADD state text NOT NULL DEFAULT 'published' CHECK (state IN ('draft', 'published')),
            ADD revision int NOT NULL DEFAULT 0,
            ADD changed_at timestamptz,
            ADD changed_by text,
            ADD why text,
            ALTER valid_from DROP NOT NULL,
            ADD CHECK (state = 'draft' OR valid_from IS NOT NULL),
            ADD PRIMARY KEY (id, version)""")
    op.execute("CREATE UNIQUE INDEX price_list_one_draft ON price_list (id) WHERE state = 'draft'")
    op.execute("""
        ALTER TABLE price
            ADD version int NOT NULL DEFAULT 1,
            ADD PRIMARY KEY (price_list, version, service_type, grade),
            ADD FOREIGN KEY (price_list, version) REFERENCES price_list""")
    # `lines` are what was shown, in JSON: the prices that an order is charged by.
    op.execute("""
        CREATE TABLE quote (
            id uuid PRIMARY KEY,
            reseller text NOT NULL,
            owner_kind text NOT NULL CHECK (owner_kind IN ('draft', 'customer')),
            owner_id uuid NOT NULL,
            quoted_at timestamptz NOT NULL,
            locked_until timestamptz NOT NULL,
            used_by uuid,
            lines text NOT NULL
        )""")
    op.execute("CREATE INDEX quote_used_by ON quote (used_by) WHERE used_by IS NOT NULL")
    op.execute("CREATE INDEX quote_unused ON quote (locked_until) WHERE used_by IS NULL")
    # Neither what an order was priced by nor its customer changes, so a charge's start stays a HOT update.
    op.execute("ALTER TABLE charge ADD price_list text, ADD version int")
    # One entry an order: its other charges are found by their key.
    op.execute("CREATE INDEX charge_of_customer ON charge (customer_id) WHERE position = 0")
    op.execute("""
        ALTER TABLE account
            ADD credit_limit numeric(18, 4) CHECK (credit_limit >= 0),
            ADD credit_currency text,
            ADD CHECK ((credit_limit IS NULL) = (credit_currency IS NULL))""")
    op.execute("""
        CREATE TABLE audit (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            at timestamptz NOT NULL DEFAULT now(),
            by text NOT NULL,
            subject text NOT NULL,
            action text NOT NULL,
            why text NOT NULL
        )""")
    op.execute("CREATE INDEX audit_of_subject ON audit (subject, id)")


def downgrade() -> None:
    op.execute("DROP TABLE audit, quote")
    op.execute("ALTER TABLE account DROP credit_limit, DROP credit_currency")
    op.execute("DROP INDEX charge_of_customer")
    op.execute("ALTER TABLE charge DROP price_list, DROP version")
    # Of each list the version stays that was published last.
    op.execute("ALTER TABLE price DROP CONSTRAINT price_price_list_version_fkey, DROP CONSTRAINT price_pkey")
    op.execute("""
        DELETE FROM price_list l WHERE state = 'draft' OR EXISTS (
            SELECT FROM price_list n WHERE n.id = l.id AND n.version > l.version AND n.state = 'published')""")
    op.execute("""
        DELETE FROM price p WHERE NOT EXISTS (
            SELECT FROM price_list l WHERE l.id = p.price_list AND l.version = p.version)""")
    op.execute("DROP INDEX price_list_one_draft")
    op.execute("""
        ALTER TABLE price_list
            DROP CONSTRAINT price_list_pkey, DROP version, DROP tax_note, DROP state, DROP revision,
            DROP changed_at, DROP changed_by, DROP why, ALTER valid_from SET NOT NULL, ADD PRIMARY KEY (id)""")
    op.execute("""
        ALTER TABLE price DROP version, ADD PRIMARY KEY (price_list, service_type, grade),
            ADD FOREIGN KEY (price_list) REFERENCES price_list""")
