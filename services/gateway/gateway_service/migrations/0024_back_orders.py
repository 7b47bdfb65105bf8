"""Orders that wait for numbers."""

from alembic import op

revision = "0024"
down_revision = "0025"  # it came first
BEFORE = "'accepted', 'waiting', 'delayed', 'stuck', 'completed', 'failed'"


def upgrade() -> None:
    _states(f"{BEFORE}, 'back_ordered'")
    op.execute("CREATE INDEX orders_back_ordered ON orders (reseller, id) WHERE state = 'back_ordered'")


def downgrade() -> None:
    op.execute("DROP INDEX orders_back_ordered")
    op.execute("UPDATE orders SET state = 'accepted' WHERE state = 'back_ordered'")
    _states(BEFORE)


def _states(states: str) -> None:
    """What is there is not looked at: it satisfies the one as well as the other."""
    op.execute("ALTER TABLE orders DROP CONSTRAINT orders_state_check")
    op.execute(f"ALTER TABLE orders ADD CONSTRAINT orders_state_check CHECK (state IN ({states})) NOT VALID")
