"""Choosing "n that match" from the authority's own tables: candidates, which are then held like named numbers.

This is the slower way: what a prefix alone does not tell is found by looking at free numbers one by one, a bounded
number of them. Where the inventory is in memory, an index chooses instead.
"""

import random
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, Protocol

from numbers_service import rules
from numbers_service.changes import Changes
from numbers_service.filters import matcher, only_prefix
from numbers_service.grading import Override
from numbers_service.model import Criteria
from patchbay_chassis.database import Connection

AREAS = 200
"""Blocks and lent ranges that one look goes through at the most."""
PAGE = 2_000
"""Free numbers that one look brings, where they have to be looked at one by one."""
LOOKS = 25
"""Looks for one wish. What is not found by then counts as not there."""


class Wanted(NamedTuple):
    """So many numbers by these criteria, of which so few are enough; with method `run`, so many in a row."""

    criteria: Criteria
    many: int
    enough: int


class Choose(Protocol):
    """Chooses what is worth trying to hold."""

    async def candidates(self, db: Connection, wanted: Sequence[Wanted]) -> list[list[int]]:
        """For each wish numbers that match and were free when last seen, up to `many`, no number for two of them; for
        a run either a whole run or nothing."""

    def tried(self, numbers: Collection[int]) -> None:
        """These are about to be held: not to be chosen at once by anybody else here."""


# A prefix is read as the number's own digits, with the trunk digit as those behind the calling code, or as national
# digits. A block is longer than the prefix, shorter, or neither: what both have in common is looked at.
_READ = """
    CROSS JOIN LATERAL (
        SELECT CASE WHEN $4 = 'national' THEN b.country || $3::text
                    WHEN $4 = 'home' AND b.trunk <> '' AND starts_with($3, b.trunk)
                    THEN b.country || substr($3, length(b.trunk) + 1) ELSE $3 END AS prefix) p
    CROSS JOIN LATERAL (
        SELECT rpad(p.prefix, length(b.first::text), '0')::bigint AS first,
               rpad(p.prefix, length(b.first::text), '9')::bigint AS last
        WHERE length(p.prefix) <= length(b.first::text)) r"""
AREAS_OF = f"""
    (SELECT b.first AS block, b.country, b.trunk, greatest(b.first, r.first, $5::bigint + 1) AS first,
            least(b.last, r.last) AS last, $5 < b.first AND r.first <= b.first AND b.last <= r.last AS whole
     FROM block b {_READ}
     WHERE b.pool = $1 AND b.owner = $2 AND b.full_since IS NULL
       AND b.last > $5 AND b.first <= r.last AND b.last >= greatest(r.first, $5 + 1)
     ORDER BY b.first LIMIT $6)
    UNION ALL
    (SELECT b.first, b.country, b.trunk, greatest(l.first, r.first, $5 + 1), least(l.last, r.last), false
     FROM lent l
     CROSS JOIN LATERAL (
         SELECT first, country, trunk FROM block WHERE first <= l.first ORDER BY first DESC LIMIT 1) b {_READ}
     WHERE l.pool = $1 AND l.owner = $2 AND l.last > $5 AND l.first <= r.last AND l.last >= greatest(r.first, $5 + 1)
     ORDER BY l.first LIMIT $6)"""
"""Where a pool's numbers with a prefix lie: parts of blocks, and lent ranges."""
# The inner limit keeps a block that is mostly taken from costing more.
_FREE = f"""
    SELECT areas.*, free.e164,
           (SELECT ARRAY[o.grade, o.reason] FROM override o WHERE o.e164 = free.e164) AS override
    FROM ({AREAS_OF} ORDER BY first LIMIT $6) areas
    LEFT JOIN LATERAL (
        SELECT g.e164 FROM generate_series(areas.first, areas.last) AS g(e164) CROSS JOIN LATERAL place(g.e164) p
        WHERE p.pool = $1 AND p.owner = $2 AND p.span IS NULL
          AND NOT EXISTS (SELECT FROM number n WHERE n.e164 = g.e164
                          AND (coalesce(greatest(n.held_until, n.rests_until) >= now(), true)
                               OR p.lent IS NOT NULL AND (n.state = 'quarantined' OR n.rests_until IS NOT NULL)))
        LIMIT $7) free ON true
    ORDER BY areas.first LIMIT $6 + $7"""
# Whether any block, of whichever pool and however full, has numbers that the prefix is read as.
_KNOWN = f"""
    SELECT EXISTS (
        SELECT FROM (VALUES ($1::text, $2::text)) AS asked(digits, reading) CROSS JOIN block b
        {_READ.replace("$3", "asked.digits").replace("$4", "asked.reading")}
        WHERE b.first <= r.last AND b.last >= r.first)"""
_SOMEWHERE = f"""
    SELECT first + floor(random() * (last - first + 1))::bigint - 1 FROM ({AREAS_OF}) a ORDER BY random() LIMIT 1
    """


class FromTables:
    """Chooses from the tables. `random` is uniform over what is looked at from a place at random on."""

    def tried(self, numbers: Collection[int]) -> None:
        """The tables show themselves what was taken."""

    async def candidates(self, db: Connection, wanted: Sequence[Wanted]) -> list[list[int]]:
        await rules.heed(db)
        given: set[int] = set()
        chosen = []
        for criteria, count, _enough in wanted:
            look = _Looks(db, criteria, count + len(given) if only_prefix(criteria.filter) else PAGE)
            match criteria.filter.method:
                case "random":
                    found = await _at_random(look, count, given)
                case "run":
                    found = await _run(look, count, criteria.filter.aligned, given)
                case _:
                    found = await _lowest(look, count, given)
            given.update(found)
            chosen.append(found)
        return chosen


async def _lowest(look: "_Looks", count: int, given: Collection[int]) -> list[int]:
    found: list[int] = []
    while len(found) < count and look.on:
        found += [n for n in await look.further() if n not in given]
    return found[:count]


async def _run(look: "_Looks", count: int, aligned: int, given: Collection[int]) -> list[int]:
    run: list[int] = []
    while look.on:
        for number in await look.further():
            if number in given:
                continue
            if run and number == run[-1] + 1:
                run.append(number)
            else:
                run = [number]
            while run and run[0] % aligned:
                del run[0]
            if len(run) == count:
                return run
    return []


async def _at_random(look: "_Looks", count: int, given: Collection[int]) -> list[int]:
    start = await look.begin_anywhere()
    seen = await look.to_the_end()
    look.begin_at(0, start)
    seen += await look.to_the_end()
    free = [n for n in seen if n not in given]
    return random.sample(free, min(count, len(free)))


class _Looks:
    """Goes through the free numbers that match, ascending, page by page; `on` while there may be more."""

    def __init__(self, db: Connection, criteria: Criteria, page: int) -> None:
        prefix = criteria.filter.prefix
        self._reading = (prefix[1:], "e164") if prefix.startswith("+") else (prefix, "home")
        self._db, self._criteria, self._page = db, criteria, page
        self._matches = matcher(criteria.filter)
        self._left = LOOKS
        self.begin_at(0)

    def begin_at(self, after: int, until: int | None = None) -> None:
        """Go on behind that number, up to the other."""
        self._after, self._until = after, until
        self.on = self._left > 0

    async def begin_anywhere(self) -> int:
        """Begin behind a number at random."""
        criteria = self._criteria
        at = await self._db.fetchval(_SOMEWHERE, criteria.pool, criteria.owner, *self._reading, 0, AREAS)
        self.begin_at(at or 0)
        return at or 0

    async def further(self) -> list[int]:
        """The numbers of the next page that match."""
        rows = await self._rows()
        if not rows and self._left == LOOKS and await self._is_national():
            self._reading = (self._reading[0], "national")
            rows = await self._rows()
        self._left -= 1
        free = [row for row in rows if row.e164 is not None][: self._page]
        if len(free) == self._page:
            self._after = free[-1].e164
        elif rows:
            self._after = rows[-1].last
        seen_all = len(free) < self._page and len({row.first for row in rows}) < AREAS
        self.on = self._left > 0 and not seen_all and (self._until is None or self._after < self._until)
        return [row.e164 for row in free if self._is_wanted(row)]

    async def _is_national(self) -> bool:
        """Whether the prefix is read as national digits, since nothing in the inventory begins with it otherwise. What
        is free in this pool does not matter: the index reads it so too."""
        digits, reading = self._reading
        return reading == "home" and digits != "" and not await self._db.fetchval(_KNOWN, digits, reading)

    async def to_the_end(self) -> list[int]:
        """All further numbers that match, as far as the looks go."""
        seen: list[int] = []
        while self.on:
            seen += await self.further()
        return seen

    def _is_wanted(self, row: Any) -> bool:
        override = Override(*row.override) if row.override else None
        in_reach = self._until is None or row.e164 <= self._until
        return in_reach and self._matches(row.e164, row.country, row.trunk, override)

    async def _rows(self) -> Sequence[Any]:
        criteria = self._criteria
        rows = await self._db.fetch(
            _FREE, criteria.pool, criteria.owner, *self._reading, self._after, AREAS, self._page
        )
        if empty := [row.block for row in rows if row.e164 is None and row.whole]:
            self._db.gather(Changes).full(empty)
        return rows
