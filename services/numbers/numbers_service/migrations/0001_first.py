"""Blocks, and the numbers in them that are not free."""

from alembic import op

from patchbay_chassis import journal, undone

revision = "0001"
down_revision = None


def upgrade() -> None:
    journal.create(op)
    undone.create(op)
    # `owner` is '' for the public pool, else the reseller or the customer that may draw from the block.
    # `country` is the calling code and `trunk` the home prefix, so that 0121 finds +44121.
    op.execute("""
        CREATE TABLE block (
            first bigint PRIMARY KEY,
            last bigint NOT NULL CHECK (last >= first),
            country text NOT NULL,
            trunk text NOT NULL,
            area text NOT NULL,
            pool text NOT NULL CHECK (pool IN ('public', 'reseller', 'customer')),
            owner text NOT NULL,
            full_since timestamptz,
            CHECK ((pool = 'public') = (owner = ''))
        )""")
    op.execute("CREATE INDEX block_pool ON block (pool, owner, first) WHERE full_since IS NULL")
    # A number without a row is free. The partial index finds holds and quarantines that are over; it costs the
    # assignment its HOT update, which is little beside a scan of all assigned numbers every half minute.
    op.execute("""
        CREATE TABLE number (
            e164 bigint PRIMARY KEY,
            state text NOT NULL CHECK (state IN ('held', 'assigned', 'quarantined')),
            owner uuid NOT NULL,
            line smallint NOT NULL,
            reseller text NOT NULL,
            held_until timestamptz,
            since timestamptz NOT NULL DEFAULT now(),
            CHECK ((state = 'assigned') = (held_until IS NULL))
        ) WITH (fillfactor = 70)""")
    op.execute("CREATE INDEX number_owner ON number (owner)")
    op.execute("CREATE INDEX number_held_until ON number (held_until) WHERE held_until IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP TABLE number, block, undone, journal")
