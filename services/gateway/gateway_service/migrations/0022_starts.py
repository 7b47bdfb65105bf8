"""Orders that wait for their start, and when that is."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN starts_at timestamptz")
    _states("'accepted', 'waiting', 'delayed', 'stuck', 'completed', 'failed'")
    op.execute("CREATE INDEX orders_waiting ON orders (reseller, id) WHERE state = 'waiting'")


def downgrade() -> None:
    op.execute("DROP INDEX orders_waiting")
    op.execute("UPDATE orders SET state = 'accepted' WHERE state = 'waiting'")
    _states("'accepted', 'delayed', 'stuck', 'completed', 'failed'")
    op.execute("ALTER TABLE orders DROP COLUMN starts_at")


def _states(states: str) -> None:
    """What is there is not looked at: it satisfies the one as well as the other."""
    op.execute("ALTER TABLE orders DROP CONSTRAINT orders_state_check")
    op.execute(f"ALTER TABLE orders ADD CONSTRAINT orders_state_check CHECK (state IN ({states})) NOT VALID")
