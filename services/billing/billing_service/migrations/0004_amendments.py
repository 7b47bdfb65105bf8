"""Charges are a ledger: what a change of a service ends is charged again with the opposite quantity."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE charge ADD COLUMN service_id uuid, DROP CONSTRAINT charge_quantity_check")
    op.execute("ALTER TABLE charge ADD CHECK (quantity >= 0 OR service_id IS NOT NULL)")
    op.execute("CREATE INDEX charge_of_change ON charge (service_id) WHERE service_id IS NOT NULL")


def downgrade() -> None:
    op.execute("DELETE FROM charge WHERE service_id IS NOT NULL")
    op.execute("ALTER TABLE charge DROP COLUMN service_id, ADD CHECK (quantity >= 0)")
