"""SQL of batches: their lines, and how many are in which state. Each statement names the reseller."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from patchbay_chassis.database import Connection, affected

Kind = Literal["ndjson", "csv"]

# The head of a CSV is its first line, and nothing is to be decided about it.
_BEGIN = """
    INSERT INTO batch (reseller, id, kind, through) VALUES ($1, $2, $3, CASE $3 WHEN 'csv' THEN 1 ELSE 0 END)
    ON CONFLICT DO NOTHING"""
_KIND = "SELECT kind FROM batch WHERE reseller = $1 AND id = $2"
_STANDING = "SELECT through, writes FROM batch WHERE reseller = $1 AND id = $2"
_LOCKED = f"{_STANDING} FOR UPDATE"
_KNOWN = """
    SELECT position, mark, order_id, refusal FROM batch_line
    WHERE reseller = $1 AND batch_id = $2 AND position = ANY($3::int[])"""
# A line that made an order stays as it is; one that was refused may be corrected.
_KEEP = """
    WITH kept AS (
        INSERT INTO batch_line (reseller, batch_id, position, mark, order_id, refusal)
        SELECT $1, $2, l.* FROM unnest($3::int[], $4::bytea[], $5::uuid[], $6::text[]) AS l
        ON CONFLICT (reseller, batch_id, position) DO UPDATE
        SET mark = excluded.mark, order_id = excluded.order_id, refusal = excluded.refusal
        WHERE batch_line.order_id IS NULL),
    counted AS (
        INSERT INTO batch_change (reseller, batch_id, state, lines)
        SELECT $1, $2, c.* FROM unnest($7::text[], $8::int[]) AS c)
    UPDATE batch SET through = greatest(through, $9), writes = writes + 1, changed_at = now()
    WHERE reseller = $1 AND id = $2"""
_COUNTS = """
    SELECT batch_id, state, sum(lines)::int AS lines FROM (
        SELECT batch_id, state, lines FROM batch_count WHERE reseller = $1 AND batch_id = ANY($2::uuid[])
        UNION ALL
        SELECT batch_id, state, lines FROM batch_change WHERE reseller = $1 AND batch_id = ANY($2::uuid[])) AS c
    GROUP BY batch_id, state"""
# Of all resellers: what is gathered stays with the reseller whose it was.
_GATHER = """
    WITH gathered AS (
        DELETE FROM batch_change WHERE ctid = ANY(ARRAY(
            SELECT ctid FROM batch_change LIMIT $1 FOR UPDATE SKIP LOCKED))
        RETURNING reseller, batch_id, state, lines)
    INSERT INTO batch_count (reseller, batch_id, state, lines)
    SELECT reseller, batch_id, state, sum(lines) FROM gathered GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (reseller, batch_id, state) DO UPDATE SET lines = batch_count.lines + excluded.lines"""
_ONE = "SELECT id, kind, created_at, changed_at, through FROM batch WHERE reseller = $1 AND id = $2"
_PAGE = """
    SELECT id, kind, created_at, changed_at, through FROM batch
    WHERE reseller = $1 AND (created_at, id) < ($2, $3) ORDER BY created_at DESC, id DESC LIMIT $4"""
_RESULTS = """
    SELECT l.position, l.refusal, o.id, o.reference, o.state, o.event
    FROM batch_line l LEFT JOIN orders o ON o.reseller = l.reseller AND o.id = l.order_id
    WHERE l.reseller = $1 AND l.batch_id = $2 AND l.position > $3 ORDER BY l.position LIMIT $4"""


class Standing(NamedTuple):
    """How far a batch is decided, and how often it was written to."""

    through: int
    writes: int


class KeptLine(NamedTuple):
    """A line as it is kept: the hash of what was sent, and the order that it made or why it made none."""

    mark: bytes
    order_id: UUID | None
    refusal: str | None


async def begin(db: Connection, reseller: str, id_: UUID, kind: Kind) -> Kind:
    """Begin the batch, unless it has begun; what it consists of."""
    await db.execute(_BEGIN, reseller, id_, kind)
    found: Kind = await db.fetchval(_KIND, reseller, id_)
    return found


async def standing(db: Connection, reseller: str, id_: UUID, *, lock: bool = False) -> Standing:
    """How far it is; with `lock` nobody else takes it further before this transaction has ended."""
    row = await db.fetchrow(_LOCKED if lock else _STANDING, reseller, id_)
    if row is None:
        raise LookupError(f"batch {id_} has not begun")
    return Standing(row.through, row.writes)


async def known(db: Connection, reseller: str, id_: UUID, positions: Sequence[int]) -> dict[int, KeptLine]:
    """Those of these lines that are kept."""
    rows = await db.fetch(_KNOWN, reseller, id_, positions)
    return {row.position: KeptLine(row.mark, row.order_id, row.refusal) for row in rows}


async def keep(
    db: Connection,
    reseller: str,
    id_: UUID,
    lines: Mapping[int, KeptLine],
    *,
    changes: Mapping[str, int],
    through: int,
) -> None:
    """Keep what was decided about these lines, and by how much the counts change."""
    changed = {state: by for state, by in changes.items() if by}
    kept = lines.values()
    await db.execute(
        _KEEP,
        reseller,
        id_,
        list(lines),
        [one.mark for one in kept],
        [one.order_id for one in kept],
        [one.refusal for one in kept],
        list(changed),
        list(changed.values()),
        through,
    )


async def one(db: Connection, reseller: str, id_: UUID) -> Any | None:
    """One batch of that reseller, or None."""
    return await db.fetchrow(_ONE, reseller, id_)


async def page(db: Connection, reseller: str, before: tuple[datetime, UUID], limit: int) -> Sequence[Any]:
    """Batches of that reseller that are older, newest first."""
    return await db.fetch(_PAGE, reseller, *before, limit)


async def counts(db: Connection, reseller: str, ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """How many lines of each batch are in which state, however many lines it has."""
    found: dict[UUID, dict[str, int]] = {id_: {} for id_ in ids}
    for row in await db.fetch(_COUNTS, reseller, list(ids)):
        found[row.batch_id][row.state] = row.lines
    return found


async def results(db: Connection, reseller: str, id_: UUID, after: int, limit: int) -> Sequence[Any]:
    """Lines of a batch behind that position, with what became of them."""
    return await db.fetch(_RESULTS, reseller, id_, after, limit)


async def gather(db: Connection, most: int) -> int:
    """Put changes of counts to the counts; how many counts that touched."""
    return affected(await db.execute(_GATHER, most))
