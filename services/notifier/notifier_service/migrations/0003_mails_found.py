"""Mails are found that failed, that go to few, or that are about something else than an order's end."""

from alembic import op

revision = "0003"
down_revision = "0002"

FEW = {
    "failed": "state = 'failed'",
    "kind": "kind NOT IN ('customer', 'reseller')",
    "purpose": "purpose <> 'order_ended'",
}


def upgrade() -> None:
    # What an order writes to its customer and reseller is in none of them, so queueing it costs no further entries.
    for name, which in FEW.items():
        columns = "reseller, asked_at" if name == "failed" else f"reseller, {name}, asked_at"
        op.execute(f"CREATE INDEX mail_by_{name} ON mail ({columns}) WHERE {which}")


def downgrade() -> None:
    op.execute(f"DROP INDEX {', '.join(f'mail_by_{name}' for name in FEW)}")
