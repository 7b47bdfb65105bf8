"""Numbers that exist elsewhere are kept record of."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("ALTER TABLE number ADD COLUMN taken_in boolean NOT NULL DEFAULT false")
    # They are few among all that are in service.
    op.execute("CREATE INDEX number_taken_in ON number (reseller, e164) WHERE taken_in")


def downgrade() -> None:
    op.execute("DROP INDEX number_taken_in")
    op.execute("DELETE FROM number WHERE taken_in")
    op.execute("ALTER TABLE number DROP COLUMN taken_in")
