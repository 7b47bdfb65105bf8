"""How many orders are under way: the measure by which new ones wait outside."""

import asyncio
import time

from gateway_service import queries
from patchbay_chassis.database import Database

FRESH_FOR = 0.5
"""Seconds between counts; what this process accepts in between is added."""


class Crowd:
    """Counts open orders, cheaply: by a partial index that holds no others, and not at every look."""

    def __init__(self, database: Database, most: int) -> None:
        self._database = database
        self._most = most
        self._open = 0
        self._counted_at = -FRESH_FOR
        self._counting = asyncio.Lock()

    def came(self, orders: int) -> None:
        """So many were accepted here."""
        self._open += orders

    async def is_full(self) -> bool:
        """Whether another order should wait."""
        async with self._counting:
            if time.monotonic() - self._counted_at >= FRESH_FOR:
                async with self._database.connection() as db:
                    self._open = await queries.open_orders(db)
                self._counted_at = time.monotonic()
        return self._open >= self._most

    async def wait(self) -> None:
        """Return when there is room."""
        while await self.is_full():  # noqa: ASYNC110 - the room is made by other processes
            await asyncio.sleep(0.05)
