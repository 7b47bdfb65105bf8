"""What is forgotten after a while is found by its age."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute("CREATE INDEX order_move_at ON order_move (at)")
    op.execute("CREATE INDEX draft_ordered ON draft (changed_at) WHERE state IN ('created', 'finished')")
    op.execute("""
        CREATE INDEX draft_with_pin ON draft (changed_at)
        WHERE state IN ('created', 'finished') AND document LIKE '%"sealed_pin":"%'""")


def downgrade() -> None:
    op.execute("DROP INDEX order_move_at, draft_ordered, draft_with_pin")
