"""What a key may be used for. Those that are there keep orders, and get numbers."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE reseller_key ADD COLUMN scopes text[] NOT NULL DEFAULT '{orders,numbers}'
            CHECK (scopes <@ '{orders,numbers,inventory}')""")


def downgrade() -> None:
    op.execute("ALTER TABLE reseller_key DROP COLUMN scopes")
