"""Orders that wait for numbers."""

from alembic import op

from patchbay_chassis import saga_tables

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    saga_tables.wait(op)


def downgrade() -> None:
    op.execute("DROP TABLE saga_waiting")
