"""When a load last came further; and what drafts and baskets hold, by reseller."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE load ADD COLUMN progress_at timestamptz")
    op.execute("UPDATE load SET progress_at = at")
    op.execute("ALTER TABLE load ALTER COLUMN progress_at SET NOT NULL, ALTER COLUMN progress_at SET DEFAULT now()")
    op.execute("CREATE INDEX load_progress_at ON load (progress_at)")
    # Orders' holds are many and not in it.
    op.execute("""
        CREATE INDEX number_draft ON number (reseller, held_until) WHERE state = 'held' AND owner_kind <> 'order'""")


def downgrade() -> None:
    op.execute("DROP INDEX number_draft, load_progress_at")
    op.execute("ALTER TABLE load DROP COLUMN progress_at")
