"""The journal, the pings and the sagas."""

from alembic import op

from patchbay_chassis import journal, undone, walker

revision = "0001"
down_revision = None


def upgrade() -> None:
    journal.create(op)
    undone.create(op)
    walker.create(op)
    walker.split(op)
    op.execute("CREATE TABLE ping (n bigserial, id uuid NOT NULL, word text NOT NULL, CHECK (word <> 'forbidden'))")


def downgrade() -> None:
    op.execute("DROP TABLE ping, saga_move, saga, undone, journal")
