"""Keys have an id, an end, a former secret that works for a while after a change, and limits of their own."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    # Those that are there get an id, and so does what the version before adds meanwhile. Which scopes there are is the
    # code's to know: each new one would need a migration before its first key.
    op.execute("""
        ALTER TABLE reseller_key
            ADD COLUMN id text NOT NULL DEFAULT substr(replace(gen_random_uuid()::text, '-', ''), 1, 12),
            ADD COLUMN expires_at timestamptz,
            ADD COLUMN last_used_at timestamptz,
            ADD COLUMN former_hash bytea,
            ADD COLUMN former_until timestamptz,
            ADD COLUMN limits text NOT NULL DEFAULT '',
            ADD COLUMN version int NOT NULL DEFAULT 1,
            DROP CONSTRAINT reseller_key_scopes_check""")
    op.execute("CREATE UNIQUE INDEX reseller_key_id ON reseller_key (id)")
    op.execute("CREATE UNIQUE INDEX reseller_key_former ON reseller_key (former_hash) WHERE former_hash IS NOT NULL")
    op.execute("CREATE INDEX reseller_key_of ON reseller_key (reseller, id)")
    op.execute("""
        CREATE TABLE key_change (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            key_id text NOT NULL,
            reseller text NOT NULL,
            at timestamptz NOT NULL DEFAULT now(),
            by text NOT NULL,
            what text NOT NULL,
            detail text NOT NULL DEFAULT ''
        )""")
    op.execute("CREATE INDEX key_change_of ON key_change (key_id, id)")


def downgrade() -> None:
    op.execute("DROP TABLE key_change")
    op.execute("DROP INDEX reseller_key_id, reseller_key_former, reseller_key_of")
    op.execute(
        "UPDATE reseller_key SET scopes = ARRAY(SELECT s FROM unnest(scopes) AS s "
        "WHERE s IN ('orders', 'numbers', 'inventory'))"
    )
    op.execute("""
        ALTER TABLE reseller_key DROP COLUMN id, DROP COLUMN expires_at, DROP COLUMN last_used_at,
            DROP COLUMN former_hash, DROP COLUMN former_until, DROP COLUMN limits, DROP COLUMN version,
            ADD CONSTRAINT reseller_key_scopes_check CHECK (scopes <@ '{orders,numbers,inventory}')""")
