"""What the tables say and an index does not show yet: which blocks have changed since, and which numbers have come free
or were taken in between."""

from collections.abc import Collection, Sequence
from typing import Any

from numbers_service.changes import Changes
from numbers_service.matching import AREAS, AREAS_OF, LOOKS, PAGE
from numbers_service.model import Criteria
from patchbay_chassis.database import Connection

# However the prefix is read: a block too many costs nothing.
_VERSIONS = f"""
    SELECT DISTINCT block.first, block.version
    FROM unnest($4::text[]) AS way(reading)
    CROSS JOIN LATERAL ({AREAS_OF.replace("$4", "way.reading")}) a JOIN block ON block.first = a.block"""  # noqa: S608 - text of this program
# What this transaction freed is counted in its block at the end alone, and what is over when it is swept up.
_CAME_FREE = """
    SELECT f.e164, b.country, b.trunk,
           (SELECT ARRAY[o.grade, o.reason] FROM override o WHERE o.e164 = f.e164) AS override
    FROM ((SELECT e164 FROM number WHERE held_until < now() ORDER BY held_until LIMIT $4)
          UNION SELECT unnest($3::bigint[])) f
    CROSS JOIN LATERAL place(f.e164) p JOIN block b ON b.first = p.block
    LEFT JOIN number n ON n.e164 = f.e164
    WHERE p.pool = $1 AND p.owner = $2 AND p.span IS NULL
      AND (n.e164 IS NULL OR greatest(n.held_until, n.rests_until) < now()
           AND NOT (p.lent IS NOT NULL AND (n.state = 'quarantined' OR n.rests_until IS NOT NULL)))"""
_TAKEN = "SELECT e164 FROM number WHERE e164 = ANY($1::bigint[])"


async def versions(db: Connection, criteria: Criteria) -> Sequence[Any]:
    """The blocks in which numbers of that pool may match, as far as one looks: first number and version."""
    prefix = criteria.filter.prefix
    ways = ["e164"] if prefix.startswith("+") else ["home", "national"]
    return await db.fetch(_VERSIONS, criteria.pool, criteria.owner, prefix.removeprefix("+"), ways, 0, AREAS * LOOKS)


async def came_free(db: Connection, criteria: Criteria) -> Sequence[Any]:
    """Numbers of that pool that are free, and not yet counted as such: each with what a filter asks."""
    return await db.fetch(_CAME_FREE, criteria.pool, criteria.owner, db.gather(Changes).came_free(), PAGE)


async def taken(db: Connection, numbers: Collection[int]) -> set[int]:
    """Those that are not free any more, or that came free just now."""
    return {row.e164 for row in await db.fetch(_TAKEN, list(numbers))} if numbers else set()
