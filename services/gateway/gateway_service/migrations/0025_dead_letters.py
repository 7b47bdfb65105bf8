"""Dead letters of all services as they lie in their topics, and who replayed which of them and why."""

from alembic import op

revision = "0025"
down_revision = "0023"


def upgrade() -> None:
    # `origin_*` is where the record was; `headers` are packed, for their names and values may be anything.
    op.execute("""
        CREATE TABLE dead_letter (
            id uuid PRIMARY KEY,
            at timestamptz NOT NULL,
            service text NOT NULL,
            reason text NOT NULL,
            detail text NOT NULL,
            origin_topic text NOT NULL,
            origin_partition int,
            origin_offset bigint,
            key bytea,
            type text NOT NULL,
            message_id text NOT NULL,
            headers bytea NOT NULL,
            body bytea,
            size bigint NOT NULL,
            cut text[] NOT NULL,
            replay_of uuid,
            times int NOT NULL
        )""")
    op.execute("CREATE INDEX dead_letter_replay_of ON dead_letter (replay_of) WHERE replay_of IS NOT NULL")
    op.execute("""
        CREATE TABLE dead_letter_replay (
            id uuid PRIMARY KEY,
            letter uuid NOT NULL,
            by text NOT NULL,
            reason text NOT NULL,
            forced boolean NOT NULL,
            at timestamptz NOT NULL
        )""")
    op.execute("CREATE INDEX dead_letter_replay_letter ON dead_letter_replay (letter)")


def downgrade() -> None:
    op.execute("DROP TABLE dead_letter_replay, dead_letter")
