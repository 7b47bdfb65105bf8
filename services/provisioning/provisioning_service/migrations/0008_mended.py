"""What operators did about stuck orders is written down."""

from alembic import op

from patchbay_chassis import mending

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    mending.create(op)


def downgrade() -> None:
    op.execute("DROP TABLE saga_mended")
