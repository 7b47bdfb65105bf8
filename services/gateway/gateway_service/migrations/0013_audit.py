"""The audit trail: one row for each write over the API and the site."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE audit (
            id uuid PRIMARY KEY,
            at timestamptz NOT NULL,
            reseller text NOT NULL,
            client text NOT NULL,
            by text NOT NULL,
            address text NOT NULL,
            method text NOT NULL,
            route text NOT NULL,
            subjects text[] NOT NULL,
            status smallint NOT NULL
        )""")
    op.execute("CREATE INDEX audit_of ON audit (reseller, id)")
    op.execute("CREATE INDEX audit_at ON audit (at)")


def downgrade() -> None:
    op.execute("DROP TABLE audit")
