"""The tables of sagas, for migrations of the service that owns some."""

from patchbay_chassis.undone import Operations


def create(op: Operations) -> None:
    """The table, for the first migration of the service that owns a saga.

    Only the end of a saga touches an indexed column (`open`), so every move before it is a HOT update; the
    partial index stays as small as the number of open sagas. `facts` are lines of a type and a message, `log` is a
    line for each moment; both are only ever added to.
    """
    op.execute(
        "CREATE TABLE saga (id uuid PRIMARY KEY, reseller text NOT NULL, name text NOT NULL, version int NOT NULL,"
        " status text NOT NULL, open boolean NOT NULL DEFAULT true, due timestamptz, state text NOT NULL,"
        " facts text NOT NULL, log text NOT NULL,"
        " begun_at timestamptz NOT NULL DEFAULT now(), moved_at timestamptz NOT NULL DEFAULT now())"
        " WITH (fillfactor = 60)"
    )
    op.execute("CREATE INDEX saga_open ON saga (id) WHERE open")


def split(op: Operations) -> None:
    """For the second migration: what grows has a table of its own, a row for each move. A saga's own row stays short,
    so its four or five versions fit into one page; with facts and log in it, they were half of all that was written.
    `moves` counts, so that a move that somebody else made meanwhile is noticed."""
    op.execute("ALTER TABLE saga ADD COLUMN moves int NOT NULL DEFAULT 0")
    op.execute(
        "CREATE TABLE saga_move (saga uuid NOT NULL, move int NOT NULL, facts text NOT NULL, log text NOT NULL,"
        " PRIMARY KEY (saga, move))"
    )
    op.execute("INSERT INTO saga_move (saga, move, facts, log) SELECT id, 0, facts, log FROM saga")
    op.execute("ALTER TABLE saga DROP COLUMN facts, DROP COLUMN log")
    op.execute("ALTER TABLE saga SET (fillfactor = 50)")


def wait(op: Operations) -> None:
    """Sagas that wait, and when they are asked again. They are not open: so they cost those nothing that are."""
    op.execute("CREATE TABLE saga_waiting (saga uuid PRIMARY KEY, due timestamptz NOT NULL)")
    op.execute("CREATE INDEX saga_waiting_due ON saga_waiting (due)")


def unite(op: Operations) -> None:
    """Takes `split` back."""
    op.execute("ALTER TABLE saga ADD COLUMN facts text NOT NULL DEFAULT '', ADD COLUMN log text NOT NULL DEFAULT ''")
    op.execute(
        "UPDATE saga SET facts = m.facts, log = m.log FROM (SELECT saga, string_agg(facts, '' ORDER BY move) AS facts,"
        " string_agg(log, '' ORDER BY move) AS log FROM saga_move GROUP BY saga) m WHERE m.saga = saga.id"
    )
    op.execute("DROP TABLE saga_move")
    op.execute("ALTER TABLE saga DROP COLUMN moves, ALTER facts DROP DEFAULT, ALTER log DROP DEFAULT")
    op.execute("ALTER TABLE saga SET (fillfactor = 60)")
