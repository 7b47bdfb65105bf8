"""A move of an order is noted once, whoever notes it."""

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.execute("""
        DELETE FROM order_move m USING order_move o
        WHERE (m.reseller, m.order_id, m.at, m.step, m.what) = (o.reseller, o.order_id, o.at, o.step, o.what)
            AND m.id > o.id""")
    op.execute("CREATE UNIQUE INDEX order_move_once ON order_move (reseller, order_id, at, step, what)")


def downgrade() -> None:
    op.execute("DROP INDEX order_move_once")
