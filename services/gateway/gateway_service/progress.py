"""An order followed step by step: its moves as server-sent events, until it has ended."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any
from uuid import UUID

import orjson

from gateway_service import progress_queries, queries, views
from gateway_service.waiting import Waiting
from patchbay_chassis.database import Connection, Database
from patchbay_chassis.problems import Problem, invalid_parameter

HEARTBEAT = 10.0
"""Seconds after which a line is sent though nothing happened, and the order is looked at."""
LOOK = 1.0
"""Seconds after which an order is looked at that nobody said to watch: its moves wake nobody."""
HEADER = "Last-Event-ID"
END = "end"
"""The id of the last event. Who comes again with it need not come again."""


class Watching:
    """Wakes those who follow an order. One connection of this process listens for all of them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting = Waiting[str]()
        self._listening: Connection | None = None
        self._one = asyncio.Lock()
        self._closed = False

    async def close(self) -> None:
        """Listen no more, and end what is followed."""
        self._closed = True
        self._waiting.wake_all()
        if self._listening is not None:
            self._listening.terminate()

    async def is_over(self, reseller: str, order_id: UUID) -> bool:
        """Whether the order has ended."""
        row = await self._row(reseller, order_id)
        return row is not None and row.ended_at is not None

    async def events(self, reseller: str, order_id: UUID, after: str = "") -> AsyncGenerator[bytes]:
        """The order's moves after the event with the id `after`, and then its end. Raises Problem 404; 422 for an id
        that is none of the order's, and 410 for one behind which some are not kept any more."""
        if await self._row(reseller, order_id) is None:
            raise Problem(404, "No such order", f"You have no order {order_id}.", code="no_such_order")
        return self._events(reseller, order_id, await self._place(reseller, order_id, after) if after else 0)

    async def _place(self, reseller: str, order_id: UUID, after: str) -> int:
        """The move that an event has told."""
        move = int(after) if after.isascii() and after.isdecimal() and len(after) < 19 else None
        if move is not None:
            async with self._database.connection() as db:
                found = await progress_queries.at(db, reseller, order_id, move)
            if found.is_its_own:
                return move
            if found.oldest is None or move < found.oldest:
                remedy = "leave it out to begin with the first that is kept, and read the order to see what you missed"
                fault = {"parameter": HEADER, "message": "what came after it is not kept any more", "remedy": remedy}
                raise Problem(410, "These events are gone", errors=[fault], code="events_gone")
        message, remedy = "not the id of an event of this order", "take it from the last event, or leave it out"
        raise invalid_parameter(HEADER, message, remedy)

    async def _events(self, reseller: str, order_id: UUID, last: int) -> AsyncGenerator[bytes]:
        silent_since = time.monotonic()
        with self._waiting.waits(str(order_id)) as woken:
            while not self._closed:
                woken.clear()
                await self._listen()
                row = await self._row(reseller, order_id)  # before its moves: all of them are there when it has ended
                async with self._database.connection() as db:
                    moves = await progress_queries.moves(db, reseller, order_id, last)
                for move in moves:
                    last = move.id
                    told = {"step": move.step, "what": move.what, "note": move.note, "at": move.at}
                    yield _event(str(move.id), "moved", told)
                if row.ended_at is not None:
                    yield _event(END, "ended", views.whole(row))
                    return
                if moves:
                    silent_since = time.monotonic()
                elif time.monotonic() - silent_since >= HEARTBEAT:
                    silent_since = time.monotonic()
                    yield b": still under way\n\n"
                with suppress(TimeoutError):
                    async with asyncio.timeout(HEARTBEAT if _is_watched(row) else LOOK):
                        await woken.wait()

    async def _row(self, reseller: str, order_id: UUID) -> Any:
        async with self._database.connection() as db:
            return await queries.order(db, reseller, order_id)

    async def _listen(self) -> None:
        async with self._one:
            if self._listening is None or self._listening.is_closed():
                self._listening = await self._database.connect()
                await self._listening.add_listener(progress_queries.CHANNEL, self._wake)

    def _wake(self, _: Any, __: int, ___: str, order_id: object) -> None:
        self._waiting.wake(str(order_id))


def _is_watched(row: Any) -> bool:
    return bool(orjson.loads(row.document).get("watched"))


def _event(id_: str, kind: str, told: Any) -> bytes:
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (id_.encode(), kind.encode(), orjson.dumps(told))
