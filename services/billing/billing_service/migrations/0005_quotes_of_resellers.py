"""Quotes are listed for their reseller."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("CREATE INDEX quote_of_reseller ON quote (reseller, id DESC)")


def downgrade() -> None:
    op.execute("DROP INDEX quote_of_reseller")
