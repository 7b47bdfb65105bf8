"""How many orders are under way: the measure by which new ones wait outside, and each reseller's share of the room."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from math import ceil

from gateway_service import queries
from gateway_service.aside import Aside
from patchbay_chassis.database import Database

FRESH_FOR = 0.5
"""Seconds between counts; what this process accepts in between is added. For as long again the last count holds while
the next is made, so that nobody waits for it."""
WANTS_FOR = 2.0
"""Seconds for which a reseller counts as one who orders, after its last call."""
NEWCOMER = 16
"""One part in so many of the room stays free for a reseller who has nothing under way yet."""
PATIENCE = 2.0
"""Seconds that a bulk waits for room before it is told to begin later."""
LONGEST, USUAL = 30, 5
"""Seconds that a caller is asked to wait before it calls again: at the most, and while no order ends."""


def share(most: int, open_: Mapping[str, int], reseller: str) -> int:
    """How many orders the reseller may have under way: as many as there is room for beside the others. Each of those
    keeps room for twice what it has and a newcomer's part, up to an equal share; nobody has less than that."""
    others = [orders for other, orders in open_.items() if other != reseller]
    newcomer = most // NEWCOMER
    equal = max(1, (most - newcomer) // (len(others) + 1))
    return max(equal, most - newcomer - sum(min(equal, 2 * orders + newcomer) for orders in others))


class Crowd:
    """Counts open orders, cheaply: by a partial index that holds no others, and not at every look."""

    def __init__(self, database: Database, most: int) -> None:
        self._database = database
        self._most = most
        self._open: dict[str, int] = {}
        self._meanwhile = Counter[str]()
        self._wanting: dict[str, float] = {}
        self._ended_per_s = 0.0
        self._counted_at = -2 * FRESH_FOR
        self._counting = asyncio.Lock()
        self._aside = Aside()

    def came(self, reseller: str, orders: int) -> None:
        """So many were accepted here."""
        self._open[reseller] = self._open.get(reseller, 0) + orders
        self._meanwhile[reseller] += orders

    async def is_full(self, reseller: str) -> bool:
        """Whether another order of that reseller should wait."""
        now = time.monotonic()
        self._wanting[reseller] = now
        age = now - self._counted_at
        if age >= 2 * FRESH_FOR:
            await self._count()
        elif age >= FRESH_FOR and not self._counting.locked():
            self._aside.do(self._count(), "crowd.count")
        return self._beyond(reseller) > 0

    async def stays_full(self, reseller: str) -> bool:
        """Whether it is full for longer than a moment."""
        until = time.monotonic() + PATIENCE
        while await self.is_full(reseller):
            if time.monotonic() >= until:
                return True
            await asyncio.sleep(0.05)
        return False

    async def wait(self, reseller: str) -> None:
        """Return when there is room."""
        while await self.is_full(reseller):  # noqa: ASYNC110 - the room is made by other processes
            await asyncio.sleep(0.05)

    def again_in(self, reseller: str) -> int:
        """Seconds after which there is room, as fast as orders end now."""
        if not self._ended_per_s:
            return USUAL
        return min(LONGEST, max(1, ceil(self._beyond(reseller) / self._ended_per_s)))

    def _beyond(self, reseller: str) -> int:
        """How many orders have to end before another one of that reseller may come."""
        wanting = dict.fromkeys(self._wanting, 0) | {r: orders for r, orders in self._open.items() if orders}
        mine = self._open.get(reseller, 0)
        of_all = sum(self._open.values()) - self._most
        return 1 + max(of_all, mine - share(self._most, wanting, reseller))

    async def _count(self) -> None:
        async with self._counting:
            now = time.monotonic()
            if now - self._counted_at < FRESH_FOR:
                return
            before, self._meanwhile = sum(self._open.values()), Counter[str]()
            async with self._database.connection() as db:
                counted = await queries.open_orders(db)
            self._open = dict(self._meanwhile + Counter(counted))
            ended = max(0, before - sum(self._open.values()))
            self._ended_per_s = ended / max(FRESH_FOR, min(now - self._counted_at, LONGEST))
            self._counted_at = now
            self._wanting = {r: at for r, at in self._wanting.items() if now - at < WANTS_FOR}
