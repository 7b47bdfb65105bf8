"""The service's own database: connections, transactions, and which errors are outages."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast
from weakref import WeakSet

import asyncpg

from patchbay_chassis.envelope import Said

# Classes of SQLSTATE that say nothing about the data: connection, roll-back (deadlock), resources, operator, system.
OUTAGE = ("08", "40", "53", "55", "57", "58")


class Overtaken(Exception):
    """Another process changed what this transaction relied on: roll back and do the same work again."""


class Row(asyncpg.Record):
    """A row whose columns can be read as attributes too."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


if TYPE_CHECKING:
    _Connection = asyncpg.Connection[Row]
else:  # it is generic for type checkers only
    _Connection = asyncpg.Connection


class Gathered(Protocol):
    """Something that a transaction gathers, to do its work at the end."""

    async def close_up(self, db: "Connection") -> Sequence[Said]:
        """Do it; what that says."""


G = TypeVar("G", bound=Gathered)


class Connection(_Connection):
    """asyncpg's connection, and what its transaction gathers: what is to be said at its end, and done after it."""

    __slots__ = ("_afterwards", "_gathered")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._afterwards: list[Callable[[], None]] = []
        self._gathered: dict[type[Gathered], Gathered] = {}

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call this when the transaction is committed, and not at all if it is rolled back."""
        self._afterwards.append(call)

    def gather(self, kind: type[G]) -> G:
        """This transaction's one `kind`, made when it is first asked for. Whoever handles messages or opens a turn
        calls it when all else is done, so rows that many handlers touch are locked once, in order, and briefly."""
        if kind not in self._gathered:
            self._gathered[kind] = kind()
        return cast(G, self._gathered[kind])

    async def close_up(self) -> list[Said]:
        """Let what was gathered do its work; what that says."""
        gathered, self._gathered = self._gathered, {}
        return [said for one in gathered.values() for said in await one.close_up(self)]

    @asynccontextmanager
    async def committed(self) -> AsyncIterator[None]:
        """A transaction: committed at the end of the block, rolled back when the block raises. Raises Overtaken if it
        came to a lock that it would not wait for."""
        self._afterwards, self._gathered = [], {}
        try:
            async with self.transaction():
                yield
                if self._gathered:
                    raise RuntimeError(f"nobody closes up {[kind.__name__ for kind in self._gathered]}: open a turn")
        except asyncpg.LockNotAvailableError as error:
            raise Overtaken from error
        for call in self._afterwards:
            call()


class Database:
    """Where connections come from: `postgresql+asyncpg://…` or `postgresql://…`, at most `connections` in the pool.

    A transaction that idles (a frozen process) is ended by the server.
    """

    def __init__(self, url: str, name: str, *, connections: int = 8) -> None:
        self._options: dict[str, Any] = {
            "dsn": url.replace("postgresql+asyncpg://", "postgresql://", 1),
            "timeout": 10,
            "command_timeout": 60,
            "connection_class": Connection,
            "record_class": Row,
            "server_settings": {
                "application_name": name,
                "idle_in_transaction_session_timeout": "10000",
                "jit": "off",
                "plan_cache_mode": "force_generic_plan",
            },
        }
        self._most = connections
        self._pool: asyncpg.Pool[Row] | None = None

    async def connect(self) -> Connection:
        """A connection of one's own."""
        return cast(Connection, await asyncpg.connect(**self._options))

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection of the pool, for reading: each statement stands alone."""
        if self._pool is None:
            self._pool = asyncpg.create_pool(**self._options, min_size=0, max_size=self._most, reset=_nothing)
            await self._pool
        async with self._pool.acquire(timeout=10) as db:
            yield cast(Connection, db)  # a proxy that has all that the connection has

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction on a connection of the pool."""
        async with self.connection() as db, db.committed():
            yield db

    async def close(self) -> None:
        """Close the pool."""
        if self._pool is not None:
            await _closed(self._pool)


async def _nothing(_: Any) -> None:
    """Nothing here changes a connection for good, so what asyncpg asks of the server to undo that is saved."""


def affected(status: str) -> int:
    """How many rows a statement changed, from what `execute` returns, such as `INSERT 0 5`."""
    return int(status.rpartition(" ")[2])


def is_outage(error: BaseException) -> bool:
    """Whether the same work may succeed later with nothing changed in it."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(OUTAGE)
    # asyncpg says InternalClientError where a connection was just ended by the server.
    outages = (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError, Overtaken)
    return isinstance(error, outages)


def discreet(error: Exception) -> Exception:
    """The error without the values that it quotes: it is logged and put into dead letters, and they may be secret."""
    if isinstance(error, asyncpg.DataError):
        return ValueError("a value does not fit the type of its column")
    if isinstance(error, asyncpg.PostgresError):
        error.detail = None
    return error


async def _closed(what: "asyncpg.Pool[Row] | Connection") -> None:
    try:
        await asyncio.wait_for(what.close(), 2)
    except Exception as error:
        what.terminate()
        if not is_outage(error):
            raise


class Held:
    """One connection kept for one loop: no check-out per transaction; a broken one is replaced."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        _held.add(self)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction on the kept connection: committed at the end, rolled back when the block raises."""
        if self._connection is None:
            self._connection = await self._database.connect()
        try:
            async with self._connection.committed():
                yield self._connection
        except BaseException as error:
            # After roll-back alone the connection is as good as new.
            if isinstance(error, asyncio.CancelledError) or (is_outage(error) and not isinstance(error, Overtaken)):
                connection, self._connection = self._connection, None
                connection.terminate()
            raise

    async def close(self) -> None:
        """Give the connection back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await _closed(connection)


_held: WeakSet[Held] = WeakSet()


async def give_back() -> None:
    """Close every kept connection, when no loop uses them any more."""
    for held in list(_held):
        await held.close()
