"""Changes of services say which warnings were put aside for them, and why."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("ALTER TABLE service_change ADD COLUMN waived text")


def downgrade() -> None:
    op.execute("ALTER TABLE service_change DROP COLUMN waived")
