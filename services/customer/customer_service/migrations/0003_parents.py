"""Resellers below resellers."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE reseller ADD COLUMN parent text REFERENCES reseller CHECK (parent <> id)")


def downgrade() -> None:
    op.execute("ALTER TABLE reseller DROP COLUMN parent")
