"""Service types have versions, and each change of the catalogue is noted."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE service_type_version (
            service_type text NOT NULL,
            version int NOT NULL CHECK (version > 0),
            revision int NOT NULL DEFAULT 1,
            state text NOT NULL CHECK (state IN ('draft', 'published', 'retired')),
            valid_from date CHECK ((state = 'draft') = (valid_from IS NULL)),
            valid_to date CHECK ((state = 'retired') = (valid_to IS NOT NULL)),
            resellers text[] NOT NULL DEFAULT '{}',
            entry json NOT NULL,
            changed_at timestamptz NOT NULL DEFAULT now(),
            changed_by text NOT NULL,
            PRIMARY KEY (service_type, version)
        )""")
    op.execute("CREATE UNIQUE INDEX service_type_draft ON service_type_version (service_type) WHERE state = 'draft'")
    op.execute("""
        CREATE TABLE catalogue_log (
            id uuid PRIMARY KEY,
            at timestamptz NOT NULL DEFAULT now(),
            by text NOT NULL,
            why text NOT NULL,
            what text NOT NULL CHECK (what IN ('drafted', 'published', 'retired')),
            service_type text NOT NULL,
            version int NOT NULL,
            detail json NOT NULL
        )""")
    op.execute("CREATE INDEX catalogue_log_of_type ON catalogue_log (service_type, id)")
    op.execute("""
        INSERT INTO service_type_version (service_type, version, state, valid_from, entry, changed_at, changed_by)
        SELECT id, 1, 'published', '2000-01-01', json_build_object(
                   'name', name, 'description', description, 'settings_schema', settings_schema,
                   'numbers', json_build_object('least', least_numbers, 'most', most_numbers),
                   'terms', json_build_object('version', '1', 'text', terms)),
               changed_at, 'provisioning'
        FROM service_type""")
    # `service_type` stays: the version before this one reads it while it still runs.


def downgrade() -> None:
    op.execute("""
        CREATE TABLE IF NOT EXISTS service_type (
            id text PRIMARY KEY,
            name text NOT NULL,
            description text NOT NULL,
            least_numbers int NOT NULL DEFAULT 0 CHECK (least_numbers >= 0),
            most_numbers int NOT NULL CHECK (most_numbers >= least_numbers),
            settings_schema json NOT NULL,
            terms text NOT NULL DEFAULT '',
            changed_at timestamptz NOT NULL DEFAULT now()
        )""")
    op.execute("DELETE FROM service_type")
    op.execute("""
        INSERT INTO service_type
        SELECT DISTINCT ON (service_type) service_type, entry ->> 'name', coalesce(entry ->> 'description', ''),
               coalesce((entry -> 'numbers' ->> 'least')::int, 0), (entry -> 'numbers' ->> 'most')::int,
               entry -> 'settings_schema', entry -> 'terms' ->> 'text', changed_at
        FROM service_type_version
        WHERE valid_from <= current_date AND (valid_to IS NULL OR valid_to > current_date)
        ORDER BY service_type, valid_from DESC, version DESC""")
    op.execute("DROP TABLE catalogue_log, service_type_version")
