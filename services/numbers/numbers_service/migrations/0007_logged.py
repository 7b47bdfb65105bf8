"""Which numbers an entry of the inventory's log is about, all of them: an entry shows the first ranges alone."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE logged (
            entry uuid NOT NULL REFERENCES inventory_log ON DELETE CASCADE,
            first bigint NOT NULL,
            last bigint NOT NULL CHECK (last >= first)
        )""")
    op.execute("CREATE INDEX logged_numbers ON logged USING gist (int8range(first, last, '[]'))")
    op.execute("""
        INSERT INTO logged (entry, first, last)
        SELECT id, (r->>0)::bigint, (r->>1)::bigint
        FROM inventory_log CROSS JOIN LATERAL jsonb_array_elements(coalesce(detail->'ranges', '[]')) AS r
        UNION ALL
        SELECT id, b.first, b.last
        FROM inventory_log CROSS JOIN LATERAL jsonb_array_elements_text(coalesce(detail->'blocks', '[]')) AS t
        JOIN block b ON b.first = t::bigint""")


def downgrade() -> None:
    op.execute("DROP TABLE logged")
