"""The same searches in PostgreSQL: a table of free numbers, with the indexes and the queries that a skilled person
would write. It is asked for the rows alone, not for the totals that the index gives with them."""

import asyncio
import re
import struct
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from typing import Any

import asyncpg
import numpy as np

from bench.search_data import BLOCK, POOLS, SLOT, Inventory, Numbers, grades
from bench.search_oracle import DIGITS
from bench.world import say
from numbers_service.grading import GRADES
from numbers_service.index import Index, Wanted, cursor

LIMIT = 5.0
"""Seconds that one query may take. What takes longer counts as so long."""
PATIENCE = 12.0
"""Seconds for all queries of one shape, after which as many count as there were."""

TABLES = (
    'CREATE TABLE free_number (e164 bigint, owner smallint, grade smallint, national text COLLATE "C")',
    "CREATE TABLE thousand (n integer PRIMARY KEY, first bigint)",
)
INDEXES = (
    "CREATE UNIQUE INDEX ON free_number (e164)",
    "CREATE INDEX ON free_number (owner, e164)",
    "CREATE INDEX ON free_number (owner, grade, e164)",
    "CREATE INDEX ON free_number (reverse(national) text_pattern_ops)",
)
TRIGRAMS = ("CREATE EXTENSION pg_trgm", "CREATE INDEX ON free_number USING gin (national gin_trgm_ops)")

# Any number of any thousand comes alike often; those that do not match are thrown away. Exact for what is not rare.
_ANYWHERE = """
    SELECT f.e164 FROM (SELECT DISTINCT (random() * {thousands})::integer AS n, (random() * 999)::integer AS at
                        FROM generate_series(1, {tries})) drawn
    JOIN thousand t USING (n) JOIN free_number f ON f.e164 = t.first + drawn.at
    WHERE {where} LIMIT {count}"""
_RUN = """
    SELECT e164 FROM (SELECT e164, lead(e164, {count} - 1) OVER (ORDER BY e164) AS last FROM free_number
                      WHERE {where}) w
    WHERE last = e164 + {count} - 1 AND e164 % {aligned} = 0 ORDER BY e164 LIMIT 1"""

_COPIED = np.dtype([
    ("columns", ">i2"), ("l1", ">i4"), ("e164", ">i8"), ("l2", ">i4"), ("owner", ">i2"), ("l3", ">i4"),
    ("grade", ">i2"), ("l4", ">i4"), ("national", f"S{DIGITS}"),
])  # fmt: skip
_BEGINS = b"PGCOPY\n\xff\r\n\0" + bytes(8)


class Beside:
    """A database with an inventory's free numbers."""

    def __init__(self, admin: str, name: str, db: asyncpg.Connection, thousands: int, *, trigrams: bool) -> None:
        self._admin, self._name, self._db = admin, name, db
        self._thousands = thousands
        self.trigrams = trigrams

    @classmethod
    async def made(cls, admin: str, inventory: Inventory) -> "Beside":
        """Load and index an inventory. Without the extension pg_trgm its index is left out."""
        began, name = time.perf_counter(), f"search_{inventory.size}"
        db = await asyncpg.connect(f"{admin}/postgres")
        await db.execute(f"CREATE DATABASE {name}")
        await db.close()
        db = await asyncpg.connect(f"{admin}/{name}")
        await db.execute("SET synchronous_commit = off; SET maintenance_work_mem = '1GB'; SET work_mem = '64MB'")
        for statement in TABLES:
            await db.execute(statement)
        for rows in _rows(inventory):
            await db.copy_to_table("free_number", source=_pieces(rows), format="binary")
        firsts = (inventory.slots[:, None] + np.arange(0, SLOT, BLOCK)).reshape(-1).tolist()
        await db.copy_records_to_table("thousand", records=list(enumerate(firsts)))
        for statement in INDEXES:
            await db.execute(statement, timeout=None)
        try:
            for statement in TRIGRAMS:
                await db.execute(statement, timeout=None)
            trigrams = True
        except asyncpg.UndefinedFileError:
            trigrams = False
        await db.execute("VACUUM (FREEZE, ANALYZE)", timeout=None)
        await db.execute(
            f"SET jit = off; SET plan_cache_mode = force_custom_plan; SET statement_timeout = {LIMIT:.0f}000"
        )
        say(f"  PostgreSQL has them after {time.perf_counter() - began:.0f} s{'' if trigrams else ', without pg_trgm'}")
        return cls(admin, name, db, len(firsts), trigrams=trigrams)

    async def timed(self, searches: Sequence[Wanted]) -> list[float]:
        """Milliseconds of each, the first one once more beforehand: as many as patience allows."""
        found: list[float] = []
        began = time.perf_counter()
        for one in (searches[0], *searches):
            started = time.perf_counter()
            with suppress(asyncpg.QueryCanceledError):
                await self._db.fetch(self.query(one))
            found.append((time.perf_counter() - started) * 1000)
            if time.perf_counter() - began > PATIENCE:
                break
        return found[1:] or found

    async def check(self, index: Index, wanted: Wanted) -> None:
        """Raises AssertionError if it finds other numbers than the index, unless it takes too long to find any."""
        with suppress(asyncpg.QueryCanceledError):
            theirs = [row[0] for row in await self._db.fetch(self.query(wanted))]
            ours = index.search(wanted).numbers.tolist()
            if wanted.method == "random":
                theirs, ours = [len(theirs)], [len(ours)]
            assert theirs == (ours[:1] if wanted.method == "run" else ours), f"{wanted}: PostgreSQL finds {theirs}"

    def query(self, wanted: Wanted) -> str:
        """The search in SQL. All in it are digits and names of our own."""
        where = " AND ".join(_conditions(wanted))
        match wanted.method:
            case "run":
                return _RUN.format(count=wanted.count, where=where, aligned=wanted.aligned)
            case "random" if not wanted.prefix:
                tries = wanted.count * 6
                return _ANYWHERE.format(thousands=self._thousands - 1, tries=tries, where=where, count=wanted.count)
            case "random":
                return f"SELECT e164 FROM free_number WHERE {where} ORDER BY random() LIMIT {wanted.count}"
            case _:
                return f"SELECT e164 FROM free_number WHERE {where} ORDER BY e164 LIMIT {wanted.count}"

    async def close(self) -> None:
        """Drop the database, which may be large."""
        await self._db.close()
        db = await asyncpg.connect(f"{self._admin}/postgres")
        await db.execute(f"DROP DATABASE {self._name}")
        await db.close()


def _conditions(wanted: Wanted) -> Iterator[str]:
    yield f"owner = {POOLS.index(wanted.pools[0])}"
    if wanted.prefix:
        digits = wanted.prefix.removeprefix("+")
        rest = 10 ** (DIGITS + 2 - len(digits))
        yield f"e164 BETWEEN {int(digits) * rest} AND {int(digits) * rest + rest - 1}"
    if wanted.grades:
        yield f"grade IN ({', '.join(str(GRADES.index(grade)) for grade in sorted(wanted.grades))})"
    if wanted.in_order:
        yield f"national LIKE '%{'%'.join(wanted.segments)}%'"
    else:
        yield from (f"national LIKE '%{segment}%'" for segment in wanted.segments)
    if wanted.ends_with:
        yield f"reverse(national) LIKE '{wanted.ends_with[::-1]}%'"
    if wanted.pattern:
        pattern = wanted.pattern.replace(" ", "").removeprefix("0")
        head = re.match(r"\d*", pattern)
        if head and head[0]:
            rest = 10 ** (DIGITS - len(head[0]))
            first = int("44" + head[0]) * rest
            yield f"e164 BETWEEN {first} AND {first + rest - 1}"
        yield f"national LIKE '{pattern.replace('*', '%').replace('?', '_')}'"
    if (position := cursor.read(wanted)) is not None:
        yield f"e164 > {position.number}"


def _rows(inventory: Inventory, at_once: int = 100) -> Iterator[bytes]:
    for start in range(0, len(inventory.slots), at_once):
        part = slice(start, start + at_once)
        free = np.unpackbits(inventory.free[part], axis=1, bitorder="little").view(bool).reshape(-1)
        numbers = (inventory.slots[part][:, None] + np.arange(SLOT)).reshape(-1)[free]
        owner = np.repeat(inventory.pool[part].reshape(-1), BLOCK)[free]
        yield _copied(numbers, owner, grades(numbers, inventory.overrides))


def _copied(numbers: Numbers, owner: Any, grade: Any) -> bytes:
    """Rows in PostgreSQL's binary form."""
    rows = np.empty(len(numbers), _COPIED)
    rows["columns"], rows["l1"], rows["l2"], rows["l3"], rows["l4"] = 4, 8, 2, 2, DIGITS
    rows["e164"], rows["owner"], rows["grade"] = numbers, owner, grade
    places = 10 ** np.arange(DIGITS - 1, -1, -1)
    digits = (numbers[:, None] // places % 10 + ord("0")).astype(np.uint8)
    rows["national"] = np.ascontiguousarray(digits).view(f"S{DIGITS}").reshape(-1)
    return _BEGINS + rows.tobytes() + struct.pack(">h", -1)


async def _pieces(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), 1 << 20):
        yield data[at : at + (1 << 20)]
        await asyncio.sleep(0)
