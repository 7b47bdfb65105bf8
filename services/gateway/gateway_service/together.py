"""Single orders that come at the same time are stored together: one transaction and one fsync for many requests.

Nobody waits for company: what comes while others are being stored is stored next.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from gateway_service import preview_queries, queries, references, replays
from gateway_service.accepting import Accepted, Key
from patchbay_chassis.database import is_outage
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running

MOST = 1_000
"""Orders in one transaction."""


class Posted(NamedTuple):
    """An order as it was posted: under a key, in a trace."""

    reseller: str
    order: Accepted
    key: Key | None
    trace: str


class Together:
    """Stores and places the orders of a process."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._waiting: list[tuple[Posted, asyncio.Future[UUID]]] = []
        self._storing: asyncio.Task[None] | None = None

    async def place(self, posted: Posted) -> UUID:
        """Return when it is stored: its id, or under a key that was used before the id of the order that it made then.
        Raises Problem 422 if that was another one, and 409 if its reference is to be its own and another has it."""
        placed = asyncio.get_running_loop().create_future()
        self._waiting.append((posted, placed))
        if self._storing is None or self._storing.done():
            self._storing = asyncio.create_task(self._store_what_waits())
        found: UUID = await placed
        return found

    async def _store_what_waits(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            for (_, placed), outcome in zip(some, await self._outcomes([posted for posted, _ in some]), strict=True):
                if placed.done():  # whoever asked has gone
                    continue
                if isinstance(outcome, UUID):
                    placed.set_result(outcome)
                else:
                    placed.set_exception(outcome)

    async def _outcomes(self, some: Sequence[Posted]) -> Sequence[UUID | Exception]:
        """Of each. What the database will not have is found by halves, and the others do not suffer for it."""
        try:
            return await self._stored(some)
        except Exception as error:
            if len(some) == 1 or is_outage(error):
                return [error] * len(some)
            middle = len(some) // 2
            return [*await self._outcomes(some[:middle]), *await self._outcomes(some[middle:])]

    async def _stored(self, some: Sequence[Posted]) -> Sequence[UUID | Problem]:
        keyed = [(one.reseller, one.key, one.order.id) for one in some if one.key is not None]
        outcomes: dict[UUID, UUID | Problem] = {}
        async with self._running.turn() as turn:
            new = await queries.remember_many(turn.db, keyed) if keyed else frozenset[UUID]()
            again = [one for one in keyed if one[2] not in new]
            known = await queries.remembered_many(turn.db, again) if again else {}
            for _, key, id_ in again:
                request, made = known[id_]
                outcomes[id_] = made if key.is_of(request) else replays.used_for_something_else()
            fresh = [one for one in some if one.order.id not in outcomes]
            for reseller in dict.fromkeys(one.reseller for one in fresh):
                orders = [one.order for one in fresh if one.reseller == reseller]
                if taken := await references.claim(turn.db, reseller, orders):
                    raise next(iter(taken.values()))  # nothing of it stays; the others are stored without it then
                await queries.accept(turn.db, reseller, orders)
                await preview_queries.tell(turn.db, reseller, orders)
            for one in fresh:
                turn.say(one.order.placed, trace=one.trace)
            if fresh:
                self._running.crash("accepting_http")
        return [outcomes.get(one.order.id, one.order.id) for one in some]
