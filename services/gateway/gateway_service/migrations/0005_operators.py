"""Operators of the site, who they may act for, their sessions, and what was changed about them."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # Without a password somebody can sign in over OpenID Connect alone.
    op.execute("""
        CREATE TABLE operator (
            id uuid PRIMARY KEY,
            email text NOT NULL UNIQUE CHECK (email = lower(email)),
            name text NOT NULL,
            password_hash text,
            roles text[] NOT NULL CHECK (roles <@ '{operator,inventory,billing,administrator}'),
            resellers text[] NOT NULL,
            state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'blocked')),
            version int NOT NULL DEFAULT 1,
            created_at timestamptz NOT NULL DEFAULT now()
        )""")
    # The id is the hash of what the browser has: who reads the table cannot be anybody.
    op.execute("""
        CREATE TABLE session (
            id bytea PRIMARY KEY,
            operator_id uuid NOT NULL REFERENCES operator ON DELETE CASCADE,
            csrf bytea NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            seen_at timestamptz NOT NULL DEFAULT now(),
            expires_at timestamptz NOT NULL,
            address text NOT NULL,
            agent text NOT NULL
        ) WITH (fillfactor = 70)""")
    op.execute("CREATE INDEX session_operator ON session (operator_id)")
    op.execute("CREATE INDEX session_expires ON session (expires_at)")
    op.execute("""
        CREATE TABLE operator_change (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            operator_id uuid NOT NULL REFERENCES operator ON DELETE CASCADE,
            at timestamptz NOT NULL DEFAULT now(),
            by text NOT NULL,
            what text NOT NULL,
            detail text NOT NULL DEFAULT ''
        )""")
    op.execute("CREATE INDEX operator_change_operator ON operator_change (operator_id, id)")


def downgrade() -> None:
    op.execute("DROP TABLE operator_change, session, operator")
