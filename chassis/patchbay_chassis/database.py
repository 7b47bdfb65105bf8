"""The service's own database: how connections are made, and which errors are outages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakSet

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

# Classes of SQLSTATE that say nothing about the data: connection, roll-back (deadlock), resources, operator, system.
OUTAGE = ("08", "40", "53", "55", "57", "58")


def connect(url: str, name: str, *, connections: int = 4) -> AsyncEngine:
    """An engine for `postgresql+asyncpg://…`. A transaction that idles (a frozen process) is ended by the server."""
    return create_async_engine(
        url,
        pool_size=connections,
        max_overflow=connections,
        pool_pre_ping=False,
        hide_parameters=True,  # errors are logged and put into dead letters; what people sent us is not
        connect_args={
            "timeout": 10,
            "command_timeout": 60,
            "server_settings": {
                "application_name": name,
                "idle_in_transaction_session_timeout": "10000",
                "jit": "off",
            },
        },
    )


def is_outage(error: BaseException) -> bool:
    """Whether the same work may succeed later with nothing changed in it."""
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None) or ""
        return error.connection_invalidated or isinstance(error, InterfaceError) or state.startswith(OUTAGE)
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(OUTAGE)  # raised while connecting, before SQLAlchemy wraps errors
    return isinstance(error, OSError | asyncio.TimeoutError | asyncpg.InterfaceError | PoolTimeout)


class Held:
    """One connection kept for one loop: no check-out and no reset per transaction; a broken one is replaced."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None
        _held.add(self)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A transaction on the kept connection: committed at the end, rolled back when the block raises."""
        if self._connection is None:
            self._connection = await self._engine.connect()
        try:
            async with self._connection.begin():
                yield self._connection
        except BaseException as error:
            if is_outage(error) or isinstance(error, asyncio.CancelledError):
                await self.close(broken=True)
            raise

    async def close(self, *, broken: bool = False) -> None:
        """Give the connection back, or throw it away."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            if broken:
                await connection.invalidate()
            await connection.close()
        except Exception as error:
            if not is_outage(error):
                raise


_held: WeakSet[Held] = WeakSet()


async def give_back() -> None:
    """Close every kept connection, when no loop uses them any more."""
    for held in list(_held):
        await held.close()
