"""Services that exist elsewhere are kept record of."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("ALTER TABLE service ADD COLUMN taken_in boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    op.execute("DELETE FROM service_number USING service WHERE service.id = service_id AND taken_in")
    op.execute("DELETE FROM service WHERE taken_in")
    op.execute("ALTER TABLE service DROP COLUMN taken_in")
