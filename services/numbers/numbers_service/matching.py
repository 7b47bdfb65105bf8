"""Choosing "n that match": candidates from blocks that are not full, in bounded rounds, held like named numbers."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from numbers_service import queries
from numbers_service.model import Criteria, Search, Taker
from patchbay_chassis.database import Connection

ROUNDS = 3
"""Another replica may take what we looked at; after so many rounds there is too little to go on."""
SPARE = 20
"""Candidates beyond what is wanted, so that one round usually does."""
BLOCKS = 200
"""Blocks that one look goes through at the most."""

# A prefix means either the number's own digits or, with the trunk digit, those behind the calling code. A block is
# longer than the prefix, shorter, or neither: the ranges must overlap, and the numbers are cut to the prefix.
# A number is taken while its row is live; the inner limit keeps a block that is mostly taken from costing more.
_CANDIDATES = """
    WITH blocks AS (
        SELECT b.first, b.last, p.prefix FROM block b
        CROSS JOIN LATERAL (
            SELECT CASE WHEN b.trunk <> '' AND starts_with($1::text, b.trunk)
                        THEN b.country || substr($1::text, length(b.trunk) + 1) ELSE $1::text END AS prefix) p
        WHERE b.pool = $2 AND b.owner = $3 AND b.full_since IS NULL
          AND (starts_with(b.first::text, p.prefix) OR starts_with(b.last::text, p.prefix)
               OR starts_with(p.prefix, left(b.first::text, -length((b.last - b.first)::text))))
        ORDER BY b.first LIMIT $4)
    SELECT blocks.first, free.e164 FROM blocks
    LEFT JOIN LATERAL (
        SELECT e164 FROM generate_series(blocks.first, blocks.last) AS g(e164)
        WHERE starts_with(e164::text, blocks.prefix)
          AND NOT EXISTS (SELECT FROM number n WHERE n.e164 = g.e164
                          AND (n.held_until IS NULL OR n.held_until >= now()))
        LIMIT $5) free ON true
    LIMIT $6"""
_FULL = """
    WITH mine AS (SELECT first FROM block WHERE first = ANY($1::bigint[]) ORDER BY first FOR UPDATE)
    UPDATE block SET full_since = now() FROM mine WHERE block.first = mine.first
      AND NOT EXISTS (SELECT FROM generate_series(block.first, block.last) AS g(e164)
                      WHERE NOT EXISTS (SELECT FROM number n WHERE n.e164 = g.e164))"""


async def hold(db: Connection, searches: Sequence[Search], hold_for: timedelta) -> dict[int, tuple[Taker, int]]:
    """Hold as many matching numbers as each search wants, or as many as there are; by number: taker and line."""
    got: dict[int, tuple[Taker, int]] = {}
    missing = {at: search.count for at, search in enumerate(searches)}
    for _ in range(ROUNDS):
        wanted = await _choose(db, searches, missing, got)
        if not wanted:
            break
        for number, _, _ in await queries.hold(db, {n: (s.taker, s.line) for n, (_, s) in wanted.items()}, hold_for):
            at, search = wanted[number]
            got[number] = (search.taker, search.line)
            missing[at] -= 1
    return got


async def _choose(
    db: Connection, searches: Sequence[Search], missing: Mapping[int, int], got: Mapping[int, object]
) -> dict[int, tuple[int, Search]]:
    """Candidates for what is still missing; no number for two."""
    together: dict[Criteria, list[int]] = {}
    for at, count in missing.items():
        if count > 0:
            together.setdefault(searches[at].criteria, []).append(at)
    chosen: dict[int, tuple[int, Search]] = {}
    for criteria, wanting in together.items():
        free = iter(await _candidates(db, criteria, sum(missing[at] for at in wanting) + SPARE))
        for at in wanting:
            for _ in range(missing[at]):
                number = next((n for n in free if n not in got and n not in chosen), None)
                if number is None:
                    break
                chosen[number] = (at, searches[at])
    return chosen


async def _candidates(db: Connection, criteria: Criteria, most: int) -> list[int]:
    rows = await db.fetch(_CANDIDATES, criteria.prefix, criteria.pool, criteria.owner, BLOCKS, most, most + BLOCKS)
    empty = [row.first for row in rows if row.e164 is None]
    if empty:
        await db.execute(_FULL, sorted(empty))
    return [row.e164 for row in rows if row.e164 is not None]
