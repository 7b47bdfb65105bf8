"""How far a reseller's hubs of the TM Forum's inventories were told of what orders made and changed."""

from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE tmf_told (
            reseller text PRIMARY KEY,
            turn bigint NOT NULL,
            position bigint NOT NULL,
            due timestamptz NOT NULL DEFAULT now()
        )""")
    # Who listens already is told from now on.
    op.execute("""
        INSERT INTO tmf_told (reseller, turn, position)
        SELECT DISTINCT reseller, (SELECT event_open()) - 1, 9223372036854775807 FROM tmf_hub
        WHERE api IN ('serviceInventoryManagement', 'resourceInventoryManagement')""")


def downgrade() -> None:
    op.execute("DROP TABLE tmf_told")
