"""A saga's moves are counted, and what they add has a table of its own. Services know who has them in hand."""

from alembic import op

from patchbay_chassis import saga_tables

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    saga_tables.split(op)
    op.execute("ALTER TABLE service ADD COLUMN taken_by text")


def downgrade() -> None:
    op.execute("ALTER TABLE service DROP COLUMN taken_by")
    saga_tables.unite(op)
