"""Idempotency keys by age, so that old ones are forgotten without a look at the others."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("CREATE INDEX idempotency_at ON idempotency (at)")


def downgrade() -> None:
    op.execute("DROP INDEX idempotency_at")
