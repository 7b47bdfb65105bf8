"""A saga's moves are counted, and what they add has a table of its own."""

from alembic import op

from patchbay_chassis import walker

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    walker.split(op)


def downgrade() -> None:
    walker.unite(op)
