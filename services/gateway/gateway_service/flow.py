"""Bodies on their way through the gateway, in both directions at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

from starlette.requests import ClientDisconnect

T = TypeVar("T")


class Flow:
    """A time limit that begins anew with each piece, whichever way it goes."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._clock: asyncio.Timeout | None = None
        self._cut_off = False

    async def sent(self, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The pieces of what the caller sends."""
        try:
            async for piece in body:
                if self._clock is not None:
                    self._clock.reschedule(asyncio.get_running_loop().time() + self._limit)
                yield piece
        except ClientDisconnect:
            self._cut_off = True
            raise

    async def moving(self, awaited: Awaitable[T]) -> T:
        """What is awaited, while something moves. Raises TimeoutError."""
        async with asyncio.timeout(self._limit) as clock:
            self._clock = clock
            try:
                return await awaited
            finally:
                self._clock = None

    def check(self) -> None:
        """Raises ClientDisconnect when it was the caller who went away."""
        if self._cut_off:
            raise ClientDisconnect
