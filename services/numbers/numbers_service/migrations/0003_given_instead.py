"""What drafts and baskets were given in place of numbers that they lost."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # So that the same call again takes nothing further. True as long as the owner holds what was given.
    op.execute("""
        CREATE TABLE given_instead (
            reseller text NOT NULL,
            owner uuid NOT NULL,
            owner_kind text NOT NULL CHECK (owner_kind IN ('draft', 'basket')),
            lost bigint NOT NULL,
            given bigint NOT NULL,
            PRIMARY KEY (reseller, owner, owner_kind, lost)
        )""")


def downgrade() -> None:
    op.execute("DROP TABLE given_instead")
