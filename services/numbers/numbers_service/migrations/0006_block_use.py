"""How each block is used, as it was last counted in the round of checks: pools are added up from it."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE block_use (
            first bigint PRIMARY KEY,
            held int NOT NULL,
            assigned int NOT NULL,
            quarantined int NOT NULL,
            at timestamptz NOT NULL DEFAULT now()
        )""")


def downgrade() -> None:
    op.execute("DROP TABLE block_use")
