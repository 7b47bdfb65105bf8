"""The audit trail: every write over the API and the site, who sent it, from where, to which route, and how it ended.

A request is one row, however many orders it brings. Rows are gathered and written together a moment later, so that no
request waits for its own; what a process gathered when it is killed is lost, which is a tenth of a second's writes.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from fastapi.routing import iter_route_contexts
from starlette.types import Scope

from gateway_service import audit_queries
from gateway_service.keys import Caller
from patchbay_chassis.database import Database
from patchbay_chassis.envelope import mint
from patchbay_chassis.log import log

GATHER = 0.1
"""Seconds."""
MOST = 50_000
"""So many rows wait while the database is away; then the oldest are dropped, and the log says so."""
SEPARATOR = "\x1f"


class Trail:
    """Gathers rows, and writes them down."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows: list[tuple[float, Scope, int, bytes]] = []
        self._writing: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    def note(self, scope: Scope, status: int, location: bytes) -> None:
        """A write has been answered."""
        self._rows.append((time.time(), scope, status, location))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._rows:
            if not self._closing.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), GATHER)
            rows, self._rows = self._rows, []
            try:
                async with self._database.transaction() as db:
                    await audit_queries.note(db, [_row(*row) for row in rows])
            except Exception as error:
                log.warning("audit.delayed", rows=len(rows), error=repr(error))
                self._rows = rows + self._rows
                if self._closing.is_set():
                    log.error("audit.lost", rows=len(self._rows))
                    return
                if len(self._rows) > MOST:
                    log.error("audit.lost", rows=len(self._rows) - MOST)
                    del self._rows[:-MOST]
                await asyncio.sleep(1)

    async def written(self) -> None:
        """Return when all that was noted is written down."""
        while self._writing is not None and not self._writing.done():
            await asyncio.wait([self._writing])

    async def close(self) -> None:
        """Write down what is left."""
        self._closing.set()
        if self._writing is not None:
            await self._writing


def _row(at: float, scope: Scope, status: int, location: bytes) -> tuple[Any, ...]:
    """One write as it is written down."""
    state = scope["state"]
    caller: Caller | None = state.get("caller")
    session = state.get("session")
    if caller is not None:
        reseller, client, by = caller.reseller, caller.id, caller.by
    else:
        operator = session.operator if session is not None else None
        own: tuple[str, ...] = (operator.resellers or ()) if operator is not None else ()
        # Of several resellers nobody here knows which one it was for: only the house may see it.
        reseller = own[0] if len(own) == 1 else ""
        client, by = "", operator.by if operator is not None else ""
    route, places = _route(scope)
    subjects = [str(value) for value in places.values()]
    if location.startswith(b"/"):
        subjects.append(location.decode("latin-1").partition("?")[0].rpartition("/")[2])
    written = SEPARATOR.join(dict.fromkeys(subjects))[:1000].replace("\0", "")
    address = scope["client"][0] if scope.get("client") else ""
    moment = datetime.fromtimestamp(at, UTC)
    return mint(), moment, reseller, client, by, address, scope["method"], route[:200], written, status


def _route(scope: Scope) -> tuple[str, Mapping[str, Any]]:
    """Its template, and what the path has in its places. What was answered in front of all routes, such as a call that
    came again, is looked for among them only here."""
    path: str = scope["path"].replace("\0", "")
    if "endpoint" in scope:
        return getattr(scope.get("route"), "path", path), scope.get("path_params", {})
    for one in iter_route_contexts(scope["app"].routes):
        if scope["method"] in (one.methods or ()) and (found := one.path_regex.match(path)):
            return str(one.path), found.groupdict()
    return path, {}
