"""The index in a process of the authority: read from its own tables, and level with what all processes say."""

from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from numbers_service import handlers, picture, rules
from numbers_service.choosing import FromIndex
from numbers_service.search.replica import Replica
from numbers_service.search.source import Page
from numbers_service.settings import settings
from patchbay_chassis.database import Connection, Database, is_outage
from patchbay_chassis.follow import Follower
from patchbay_chassis.service import Running
from patchbay_contracts.v1.blocks import CHANGES, BlockStated, GradesDeclared

AT_ONCE = 10
CONNECTIONS = 2
"""Its own: whoever holds another may wait for what is read here."""


class OwnTables:
    """The truth about blocks, for whoever has the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def blocks(self, after: int, most: int) -> Page:
        """A few at once, as one snapshot shows them: each takes milliseconds, and others have their turn between."""
        most = min(most, AT_ONCE)
        async with self._reading() as db:
            blocks = await picture.states(db, after, most)
        return Page(blocks=tuple(blocks), next=blocks[-1].block if len(blocks) == most else None)

    async def block(self, first: int) -> BlockStated | None:
        """One block."""
        async with self._reading() as db:
            return next((one.stated() for one in await picture.of(db, [first])), None)

    async def grades(self) -> GradesDeclared:
        """What was declared last."""
        async with self._reading() as db:
            return await rules.current(db)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Connection]:
        try:
            async with self._database.connection() as db:
                yield db
        except Exception as error:
            if is_outage(error):
                raise ConnectionError(f"the tables could not be read: {error!r}") from error
            raise


def beside(_: Running) -> Coroutine[Any, Any, None] | None:
    """What keeps the index, if there is to be one; numbers are chosen from it then."""
    if settings().choose == "tables":
        return None
    database = Database(settings().database, f"numbers-index-{settings().replica}", connections=CONNECTIONS)
    replica = Replica(OwnTables(database), Follower(CHANGES, settings()))
    handlers.choose = FromIndex(replica, handlers.choose, settings().index_bound)
    return _kept(replica, database)


async def _kept(replica: Replica, database: Database) -> None:
    try:
        await replica.run()
    finally:
        await database.close()
