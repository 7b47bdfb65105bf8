"""Mails that operators ask for, templates, who bounced. An order may write to an address for several purposes."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # What an order writes by itself has the defaults, so queueing it costs no further values.
    op.execute("""
        ALTER TABLE mail
            ADD COLUMN purpose text NOT NULL DEFAULT 'order_ended',
            ADD COLUMN said_by text NOT NULL DEFAULT '',
            ADD COLUMN customer_id uuid,
            ADD COLUMN facts_digest bytea,
            ADD COLUMN sending int NOT NULL DEFAULT 1,
            ADD COLUMN again_at timestamptz,
            DROP CONSTRAINT mail_pkey,
            DROP CONSTRAINT mail_kind_check,
            DROP CONSTRAINT mail_outcome_check,
            ADD CONSTRAINT mail_kind_check CHECK (kind IN ('customer', 'reseller', 'supplier', 'contact', 'own')),
            ADD CONSTRAINT mail_outcome_check CHECK (outcome IN ('completed', 'failed', 'asked'))""")
    op.execute("CREATE UNIQUE INDEX mail_once ON mail (order_id, lower(recipient), purpose)")
    op.execute("CREATE INDEX mail_asked ON mail (order_id, recipient) WHERE state = 'queued' AND said_by <> ''")
    op.execute("CREATE INDEX mail_newest ON mail (reseller, asked_at, order_id)")
    op.execute("CREATE INDEX mail_customer ON mail (customer_id, asked_at) WHERE customer_id IS NOT NULL")
    op.execute("ALTER TABLE delivery ADD COLUMN purpose text NOT NULL DEFAULT 'order_ended'")
    op.execute("""
        CREATE TABLE mail_facts (
            order_id uuid NOT NULL,
            digest bytea NOT NULL,
            facts text NOT NULL,
            PRIMARY KEY (order_id, digest)
        )""")
    op.execute("""
        CREATE TABLE sent_again (
            request uuid PRIMARY KEY,
            order_id uuid NOT NULL,
            recipient text NOT NULL,
            purpose text NOT NULL,
            said_by text NOT NULL,
            why text NOT NULL,
            at timestamptz NOT NULL DEFAULT now()
        )""")
    op.execute("CREATE INDEX sent_again_mail ON sent_again (order_id)")
    op.execute("""
        CREATE TABLE bounced (
            reseller text NOT NULL,
            address text NOT NULL,
            at timestamptz NOT NULL DEFAULT now(),
            reply text NOT NULL,
            PRIMARY KEY (reseller, address)
        )""")
    # '' stands for the house, for every kind, for every service type; no subject says that it was withdrawn.
    op.execute("""
        CREATE TABLE template (
            reseller text NOT NULL,
            purpose text NOT NULL,
            kind text NOT NULL,
            service_type text NOT NULL,
            language text NOT NULL,
            version int NOT NULL,
            subject text,
            body text,
            html bool NOT NULL,
            said_by text NOT NULL,
            why text NOT NULL,
            at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (reseller, purpose, kind, service_type, language, version)
        )""")


def downgrade() -> None:
    op.execute("DROP TABLE template, bounced, sent_again, mail_facts")
    op.execute("DELETE FROM delivery WHERE purpose <> 'order_ended'")
    op.execute("ALTER TABLE delivery DROP COLUMN purpose")
    op.execute("DELETE FROM mail WHERE purpose <> 'order_ended'")
    op.execute("DROP INDEX mail_once, mail_asked, mail_newest, mail_customer")
    op.execute("""
        ALTER TABLE mail
            DROP COLUMN purpose, DROP COLUMN said_by, DROP COLUMN customer_id, DROP COLUMN facts_digest,
            DROP COLUMN sending, DROP COLUMN again_at,
            DROP CONSTRAINT mail_kind_check,
            DROP CONSTRAINT mail_outcome_check,
            ADD CONSTRAINT mail_kind_check CHECK (kind IN ('customer', 'reseller', 'supplier', 'contact')),
            ADD CONSTRAINT mail_outcome_check CHECK (outcome IN ('completed', 'failed')),
            ADD PRIMARY KEY (order_id, recipient)""")
