"""How fast numbers are held, durably, by the authority's own statement; and four clients that want numbers of one hot
prefix, beside those that a skilled person would write for PostgreSQL alone.

Held is what is committed with `fsync` and `synchronous_commit` on, with what is said about it in the journal.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, nullcontext
from datetime import timedelta
from random import Random

import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bench.search_data import BLOCK, PUBLIC
from numbers_service import queries
from numbers_service.grading import DEFAULT
from numbers_service.index import BlockState, Index, Wanted
from numbers_service.model import Claim, Taker
from numbers_service.search import translating
from patchbay_chassis import journal, migrate
from patchbay_chassis.database import Database
from patchbay_chassis.envelope import enclose, mint, moment, new_trace
from patchbay_contracts.v1.blocks import BlockChanged

KEEP = timedelta(minutes=30)
SECONDS = 8.0
CLIENTS, BATCH = 6, 100
RIVALS, FEW = 4, 10
FIRST = 441_217_000_000
HOT_BLOCKS = 1_000
"""Of 1,000 numbers each, all with the hot prefix."""
COLD_BLOCKS = 1_000
"""Of 10,000 numbers each. In half of them batches are held, in the others numbers are in service already."""
IN_SERVICE = 500_000
WINDOW = 1_000
"""A client picks within so many of the lowest: more than twice what all hold until its replica knows."""
LAG = 0.05
"""Seconds until a replica knows of a hold."""

COLD = FIRST + HOT_BLOCKS * BLOCK

_BLOCKS = """
    INSERT INTO block (first, last, country, trunk, area, pool, owner)
    SELECT $1 + n * $2, $1 + n * $2 + $2 - 1, '44', '0', 'Birmingham', 'public', ''
    FROM generate_series(0::bigint, $3 - 1) AS n"""

# What is in service already, so that PostgreSQL plans as it does in a house that has been open for long.
_IN_SERVICE = """
    INSERT INTO number (e164, state, owner, line, reseller)
    SELECT $1 + n * $2 / $3, 'assigned', gen_random_uuid(), 0, 'acme' FROM generate_series(0::bigint, $3 - 1) AS n"""

_RIVAL = (
    "CREATE TABLE rival (e164 bigint PRIMARY KEY, state text NOT NULL DEFAULT 'free', owner uuid,"
    " held_until timestamptz)",
    f"INSERT INTO rival SELECT generate_series({FIRST}::bigint, {FIRST + HOT_BLOCKS * BLOCK - 1})",
    "CREATE INDEX ON rival (e164) WHERE state = 'free'",
    "VACUUM ANALYZE rival",
)
_SKIP_LOCKED = f"""
    WITH chosen AS (
        SELECT e164 FROM rival WHERE state = 'free' AND e164 BETWEEN {FIRST} AND {FIRST + HOT_BLOCKS * BLOCK - 1}
        ORDER BY e164 LIMIT {FEW} FOR UPDATE SKIP LOCKED)
    UPDATE rival SET state = 'held', owner = $1, held_until = now() + interval '30 minutes'
    FROM chosen WHERE rival.e164 = chosen.e164 RETURNING rival.e164"""


async def figures(admin: str, seconds: float = SECONDS) -> dict[str, float]:
    """Both, on one server."""
    url = await _made(admin)
    database = Database(url, "bench", connections=CLIENTS)
    await _warm(database)
    held = await _together(seconds, CLIENTS, _Batches(database).hold)
    ours, rivals = _Hot(database), await _Rivals.made(url)
    found: dict[str, float] = {"holds_per_s": round(held)}
    for condition in ("", "_beside_a_report"):
        async with _reported(url) if condition else nullcontext():
            won = await _together(seconds, RIVALS, ours.hold)
            theirs = await _together(seconds, RIVALS, rivals.hold)
        found |= {f"hot{condition}_per_s": round(won), f"hot{condition}_skip_locked_per_s": round(theirs),
                  f"hot{condition}_ratio": round(won / theirs, 2)}  # fmt: skip
    await rivals.close()
    await database.close()
    return found | {"hot_tried_per_won": round(ours.tried / max(1, ours.won), 3)}


@asynccontextmanager
async def _reported(url: str) -> AsyncIterator[None]:
    """Somebody reads long in one snapshot, as a report or a backup does: what was replaced since is not cleared up."""
    db = await asyncpg.connect(url)
    async with db.transaction(isolation="repeatable_read", readonly=True):
        await db.fetch("SELECT FROM rival LIMIT 1")
        yield
    await db.close()


async def _made(admin: str) -> str:
    db = await asyncpg.connect(f"{admin}/postgres")
    await db.execute("CREATE DATABASE holds")
    await db.close()
    url = f"{admin}/holds"
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"), poolclass=NullPool)
    async with engine.begin() as db_:
        await db_.run_sync(migrate.upgrade, "numbers_service")
    await engine.dispose()
    db = await asyncpg.connect(url)
    await db.execute(_BLOCKS, FIRST, BLOCK, HOT_BLOCKS)
    await db.execute(_BLOCKS, COLD, 10 * BLOCK, COLD_BLOCKS)
    await db.execute(_IN_SERVICE, COLD + COLD_BLOCKS * 5 * BLOCK, COLD_BLOCKS * 5 * BLOCK, IN_SERVICE)
    await db.execute("VACUUM ANALYZE")
    for statement in _RIVAL:
        await db.execute(statement)
    await db.close()
    return url


async def _together(seconds: float, clients: int, hold: Callable[[int], Awaitable[int]]) -> float:
    """Numbers a second that so many clients hold, each at it all the time."""
    ends = time.perf_counter() + seconds

    async def one(client: int) -> int:
        held = 0
        while time.perf_counter() < ends:
            held += await hold(client)
        return held

    began = time.perf_counter()
    held = await asyncio.gather(*map(one, range(clients)))
    return sum(held) / (time.perf_counter() - began)


async def _held(database: Database, numbers: Iterable[int]) -> tuple[list[int], list[BlockChanged]]:
    """Hold them for a draft as the authority does: what was won, and what that says about blocks."""
    claims = dict.fromkeys(numbers, Claim(Taker(mint(), "acme", kind="draft")))
    async with database.transaction() as db:
        won = await queries.hold(db, claims, KEEP)
        said = await db.close_up()
        if said:
            await journal.note_unsent(db, mint(), enclose(said, new_trace(), moment()))
    return [one.e164 for one in won], [one for one in said if isinstance(one, BlockChanged)]


class _Batches:
    """Each client holds hundreds of neighbours, in blocks of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._next = [COLD + client * 80 * 10 * BLOCK for client in range(CLIENTS)]

    async def hold(self, client: int) -> int:
        first = self._next[client]
        self._next[client] += BATCH
        won, _ = await _held(self._database, range(first, first + BATCH))
        assert len(won) == BATCH
        return BATCH


class _Hot:
    """Each client searches its replica, which knows of holds after a while, and holds what it picks from a window."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._dice = Random(1)
        self._index = Index(DEFAULT)
        firsts = range(FIRST, FIRST + HOT_BLOCKS * BLOCK, BLOCK)
        self._index.put_many(
            BlockState(n, n + BLOCK - 1, "44", "0", "", 1, {PUBLIC: [(n, n + BLOCK - 1)]}) for n in firsts
        )
        self.tried = self.won = 0

    async def hold(self, _: int) -> int:
        found = self._index.search(Wanted(count=WINDOW, prefix="0121 7")).numbers
        start = self._dice.randrange(len(found) - FEW)
        won, said = await _held(self._database, found[start : start + FEW].tolist())
        asyncio.get_running_loop().call_later(LAG, self._know, said)
        self.tried += FEW
        self.won += len(won)
        return len(won)

    def _know(self, said: Sequence[BlockChanged]) -> None:
        for one in said:
            self._index.change(translating.change(one))


class _Rivals:
    """Each client takes the lowest that no other is just taking: FOR UPDATE SKIP LOCKED on a table of free numbers."""

    def __init__(self, connections: Sequence[asyncpg.Connection]) -> None:
        self._connections = connections

    @classmethod
    async def made(cls, url: str) -> "_Rivals":
        return cls([await asyncpg.connect(url) for _ in range(RIVALS)])

    async def hold(self, client: int) -> int:
        return len(await self._connections[client].fetch(_SKIP_LOCKED, mint()))

    async def close(self) -> None:
        for one in self._connections:
            await one.close()


async def _warm(database: Database) -> None:
    """A few holds beyond all others, so that connections and plans are there."""
    last = COLD + (COLD_BLOCKS // 2 - 1) * 10 * BLOCK
    await asyncio.gather(*(_held(database, range(last + n * 100, last + n * 100 + 10)) for n in range(CLIENTS)))
