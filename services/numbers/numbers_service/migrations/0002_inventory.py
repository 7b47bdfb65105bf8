"""The inventory: versions of blocks, lent ranges, whole ranges in service, grades by hand and by rule, who changed what."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Each change of a block counts its version on, in place: half of each page is room for that. Two blocks that
    # overlap would give a number two pools; where there are such, this stops and names them.
    op.execute("ALTER TABLE block ADD COLUMN version int NOT NULL DEFAULT 1")
    op.execute("ALTER TABLE block SET (fillfactor = 50)")
    op.execute("ALTER TABLE block ADD CONSTRAINT block_alone EXCLUDE USING gist (int8range(first, last, '[]') WITH &&)")
    # A draft's or basket's hold can be taken over by its order. What its last reseller reclaimed while it rested goes
    # back to rest when that hold ends.
    op.execute("""
        ALTER TABLE number
            ADD COLUMN owner_kind text NOT NULL DEFAULT 'order' CHECK (owner_kind IN ('order', 'draft', 'basket')),
            ADD COLUMN rests_until timestamptz""")
    op.execute("""
        CREATE TABLE lent (
            first bigint PRIMARY KEY,
            last bigint NOT NULL CHECK (last >= first),
            pool text NOT NULL CHECK (pool IN ('public', 'reseller', 'customer')),
            owner text NOT NULL,
            since timestamptz NOT NULL DEFAULT now(),
            who text NOT NULL,
            why text NOT NULL,
            CHECK ((pool = 'public') = (owner = '')),
            CONSTRAINT lent_alone EXCLUDE USING gist (int8range(first, last, '[]') WITH &&)
        )""")
    op.execute("CREATE INDEX lent_pool ON lent (pool, owner, first)")
    # A span is numbers of one block and one order; its numbers have no rows.
    op.execute("""
        CREATE TABLE span (
            first bigint PRIMARY KEY,
            last bigint NOT NULL CHECK (last >= first),
            state text NOT NULL CHECK (state IN ('assigned', 'quarantined')),
            owner uuid NOT NULL,
            reseller text NOT NULL,
            held_until timestamptz,
            since timestamptz NOT NULL DEFAULT now(),
            CHECK ((state = 'assigned') = (held_until IS NULL)),
            CONSTRAINT span_alone EXCLUDE USING gist (int8range(first, last, '[]') WITH &&)
        )""")
    op.execute("CREATE INDEX span_owner ON span (owner)")
    op.execute("CREATE INDEX span_held_until ON span (held_until) WHERE held_until IS NOT NULL")
    _grades()
    _records()
    _views()


def _grades() -> None:
    op.execute("""
        CREATE TABLE override (
            e164 bigint PRIMARY KEY,
            grade text NOT NULL CHECK (grade IN ('platinum', 'gold', 'silver', 'bronze', 'standard')),
            reason text NOT NULL,
            who text NOT NULL,
            at timestamptz NOT NULL DEFAULT now()
        )""")
    op.execute("""
        CREATE TABLE grade_rules (
            version int PRIMARY KEY,
            rules jsonb NOT NULL,
            who text NOT NULL,
            why text NOT NULL,
            at timestamptz NOT NULL DEFAULT now()
        )""")


def _records() -> None:
    # Quarantine by pool; a pool without a row has the settings'.
    op.execute("""
        CREATE TABLE pool_rule (
            pool text NOT NULL CHECK (pool IN ('public', 'reseller', 'customer')),
            owner text NOT NULL,
            quarantine interval NOT NULL,
            who text NOT NULL,
            at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (pool, owner)
        )""")
    op.execute("""
        CREATE TABLE inventory_log (
            id uuid PRIMARY KEY,
            at timestamptz NOT NULL DEFAULT now(),
            who text NOT NULL,
            why text NOT NULL,
            what text NOT NULL,
            detail jsonb NOT NULL
        )""")
    op.execute("""
        CREATE TABLE load (
            id uuid PRIMARY KEY,
            at timestamptz NOT NULL DEFAULT now(),
            who text NOT NULL,
            why text NOT NULL,
            kind text NOT NULL,
            state text NOT NULL,
            rows int NOT NULL DEFAULT 0,
            loaded int NOT NULL DEFAULT 0,
            there_already int NOT NULL DEFAULT 0,
            refused int NOT NULL DEFAULT 0
        )""")
    op.execute("""
        CREATE TABLE load_refused (
            load uuid NOT NULL REFERENCES load ON DELETE CASCADE,
            row int NOT NULL,
            content text NOT NULL,
            reason text NOT NULL,
            PRIMARY KEY (load, row)
        )""")
    # How far the round of checks is: the last block that was checked, shared by all replicas.
    op.execute("CREATE TABLE checked (block bigint NOT NULL)")
    op.execute("INSERT INTO checked VALUES (0)")


def _views() -> None:
    # Where a number stands: its block, the most specific pool that may draw from it, and the lent range and the span
    # that it lies in, if any. A number in no block has no row. The planner puts it in place of its call.
    op.execute("""
        CREATE FUNCTION place(bigint) RETURNS TABLE (block bigint, pool text, owner text, lent bigint, span bigint)
        LANGUAGE sql STABLE AS $$
            SELECT b.first, coalesce(l.pool, b.pool), coalesce(l.owner, b.owner), l.first, s.first
            FROM (SELECT first, last, pool, owner FROM block WHERE first <= $1 ORDER BY first DESC LIMIT 1) b
            LEFT JOIN LATERAL (
                SELECT first, last, pool, owner FROM lent WHERE first <= $1 ORDER BY first DESC LIMIT 1
            ) l ON l.last >= $1
            LEFT JOIN LATERAL (SELECT first, last FROM span WHERE first <= $1 ORDER BY first DESC LIMIT 1) s
                ON s.last >= $1
            WHERE b.last >= $1
        $$""")
    # All about a block in one snapshot; `taken` are its numbers that have rows, as bytes, 8 a number.
    op.execute("""
        CREATE VIEW picture AS
        SELECT b.first, b.last, b.version, b.country, b.trunk, b.area, b.pool, b.owner,
            (SELECT string_agg(int8send(e164), '') FROM number WHERE e164 BETWEEN b.first AND b.last) AS taken,
            ARRAY(SELECT ARRAY[first, last] FROM span WHERE first BETWEEN b.first AND b.last) AS spans,
            ARRAY(SELECT ARRAY[first, last] FROM lent WHERE first BETWEEN b.first AND b.last ORDER BY first) AS lent,
            ARRAY(SELECT ARRAY[pool, owner] FROM lent WHERE first BETWEEN b.first AND b.last ORDER BY first) AS lent_to,
            ARRAY(SELECT e164 FROM override WHERE e164 BETWEEN b.first AND b.last ORDER BY e164) AS overridden,
            ARRAY(SELECT ARRAY[grade, reason] FROM override WHERE e164 BETWEEN b.first AND b.last ORDER BY e164)
                AS grades
        FROM block b""")


def downgrade() -> None:
    op.execute("DROP VIEW picture")
    op.execute("DROP FUNCTION place(bigint)")
    op.execute("DROP TABLE checked, load_refused, load, inventory_log, pool_rule, grade_rules, override, span, lent")
    op.execute("ALTER TABLE number DROP COLUMN owner_kind, DROP COLUMN rests_until")
    op.execute("ALTER TABLE block DROP CONSTRAINT block_alone, DROP COLUMN version")
    op.execute("ALTER TABLE block SET (fillfactor = 100)")
