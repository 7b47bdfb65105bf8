"""The journal, the pings and the sagas."""

from alembic import op

from patchbay_chassis import journal, saga_tables, undone

revision = "0001"
down_revision = None


def upgrade() -> None:
    journal.create(op)
    undone.create(op)
    saga_tables.create(op)
    saga_tables.split(op)
    op.execute("CREATE TABLE ping (n bigserial, id uuid NOT NULL, word text NOT NULL, CHECK (word <> 'forbidden'))")


def downgrade() -> None:
    op.execute("DROP TABLE ping, saga_move, saga, undone, journal")
