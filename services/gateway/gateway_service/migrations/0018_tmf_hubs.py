"""Who is told over the TM Forum API of what happens, and where."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE tmf_hub (
            reseller text NOT NULL,
            id uuid NOT NULL,
            api text NOT NULL,
            callback text NOT NULL,
            query text NOT NULL,
            types text[] NOT NULL,
            PRIMARY KEY (reseller, id)
        )""")
    op.execute("CREATE INDEX tmf_hub_callback ON tmf_hub (reseller, callback)")


def downgrade() -> None:
    op.execute("DROP TABLE tmf_hub")
