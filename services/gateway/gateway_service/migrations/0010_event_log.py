"""The log of public events: what happened to whose orders, in an order in which nothing is ever added before what could
be read."""

from alembic import op

from gateway_service import event_pages

revision = "0010"
down_revision = "0009"

# `turn` is the transaction's id (ADR 37), `position` the place within it. A body is kept as the bytes that are told.
_CREATE = (
    "CREATE SEQUENCE event_position",
    # By how much turns are ahead of this server's transaction ids: 0 until a dump is restored into another server.
    "CREATE TABLE event_shift (ahead bigint NOT NULL)",
    "INSERT INTO event_shift VALUES (0)",
    # Of this transaction; and the lowest of all that have not ended.
    "CREATE FUNCTION event_turn() RETURNS bigint STABLE LANGUAGE sql AS"
    " 'SELECT pg_current_xact_id()::text::bigint + ahead FROM event_shift'",
    "CREATE FUNCTION event_open() RETURNS bigint STABLE LANGUAGE sql AS"
    " 'SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + ahead FROM event_shift'",
    """
    CREATE TABLE event_log (
        turn bigint NOT NULL,
        position bigint NOT NULL DEFAULT nextval('event_position'),
        reseller text NOT NULL,
        id uuid NOT NULL,
        type text NOT NULL,
        at timestamptz NOT NULL,
        order_id uuid,
        batch_id uuid,
        body bytea NOT NULL
    ) PARTITION BY RANGE (at)""",
    "CREATE INDEX event_log_order ON event_log (turn, position)",
    "CREATE INDEX event_log_reseller ON event_log (reseller, turn, position)",
    "CREATE INDEX event_log_of_order ON event_log (order_id) WHERE order_id IS NOT NULL",
    "CREATE INDEX event_log_of_batch ON event_log (batch_id, turn, position) WHERE batch_id IS NOT NULL",
)


def upgrade() -> None:
    for statement in _CREATE:
        op.execute(statement)
    event_pages.create(op)


def downgrade() -> None:
    op.execute("DROP FUNCTION event_turn, event_open")
    op.execute("DROP TABLE event_log, event_shift")
    op.execute("DROP SEQUENCE event_position")
