"""Loading a CSV list while it comes: batch by batch, each in a transaction of its own; the rows that are not loaded are
kept with their reasons. What is loaded stays, and the same list again loads what is missing."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import Any, Literal

from starlette.requests import ClientDisconnect, Request

from numbers_service import inventory_log, lists, loading
from numbers_service.hundreds import ROWS, Gathered
from numbers_service.inventory_log import Reason
from numbers_service.listing import LISTS, List
from numbers_service.lists import Header, Refused
from patchbay_chassis.database import Connection, discreet, is_outage
from patchbay_chassis.envelope import mint
from patchbay_chassis.log import log
from patchbay_chassis.service import Running
from patchbay_chassis.streamed import Line, lines
from patchbay_contracts.inventory import Kind
from patchbay_contracts.inventory_answers import Progress
from patchbay_contracts.v1.blocks import Range

_BEGIN = "INSERT INTO load (id, who, why, kind, state) VALUES ($1, $2, $3, $4, 'loading')"
_SO_FAR = """
    UPDATE load SET state = $2, rows = $3, loaded = $4, there_already = $5, refused = $6, progress_at = now()
    WHERE id = $1"""
_REFUSED = """
    INSERT INTO load_refused (load, row, content, reason)
    SELECT $1, w.row, w.content, w.reason FROM unnest($2::int[], $3::text[], $4::text[]) AS w(row, content, reason)
    ORDER BY w.row"""


async def begin(running: Running, request: Request, kind: Kind, reason: Reason) -> "Loading":
    """Read the header of the list in the request's body. Raises Problem."""
    coming = _one_by_one(request)
    header = lists.header(kind, await anext(coming, None))
    loading_ = Loading(running, header, coming, reason)
    async with running.database.transaction() as db:
        await db.execute(_BEGIN, loading_.id, reason.who, reason.why, kind)
    return loading_


async def _one_by_one(request: Request) -> AsyncGenerator[Line]:
    async for found in lines(request, lists.MOST_LINE_BYTES):
        for line in found:
            yield line


class Loading:
    """One list on its way in."""

    def __init__(self, running: Running, header: Header, coming: AsyncIterator[Line], reason: Reason) -> None:
        self.id = mint()
        self._running, self._header, self._coming, self._reason = running, header, coming, reason
        self._list: List = LISTS[header.kind]()
        self._refused: list[Refused] = []
        self._so_far = Progress(load=self.id, state="loading")

    async def progress(self) -> AsyncGenerator[bytes]:
        """Take in the list: a line for each batch, and one at the end."""
        state: Literal["done", "cut_off", "stopped"] = "done"
        detail = ""
        try:
            async for line in self._coming:
                if line.number > lists.MOST_LINES:
                    rest = f"load the rest, from line {line.number} on, as another one"
                    state, detail = "stopped", f"a list has {lists.MOST_LINES} lines at the most: {rest}"
                    break
                self._take(line)
                if said := await self._commit():
                    yield said
            if said := await self._commit(at_the_end=True):
                yield said
        except ClientDisconnect:
            state, detail = "cut_off", "the list did not come whole: load it again"
        except Exception as error:
            state, detail = "stopped", "the database cannot be reached: load the same list again"
            if not is_outage(error):
                log.error("load.failed", load=str(self.id), exc_info=discreet(error))
                detail = "this is a fault of ours, and was noted"
        yield await self._end(state, detail)

    def _take(self, line: Line) -> None:
        """Read a row; an empty one is none."""
        if line.content is not None and not line.content.strip():
            return
        listed = self._header.read(line)
        refused = listed if isinstance(listed, Refused) else self._list.add(listed)
        if refused is not None:
            self._refused.append(refused)

    async def _commit(self, *, at_the_end: bool = False) -> bytes:
        """Load what is due now; how far the load is then, if anything was."""
        part = self._list.due(at_the_end)
        if part or len(self._refused) >= ROWS or (at_the_end and self._refused):
            return await self._load(part)
        return b""

    async def _load(self, part: Mapping[Any, Any]) -> bytes:
        """One part and all rows that are refused by now, together with how far the load is then."""
        self._so_far = await self._running.turns.carry_out(lambda turn: self._further(turn.db, part))
        self._refused = []
        return _line(self._so_far)

    async def _further(self, db: Connection, part: Mapping[Any, Any]) -> Progress:
        gathered = await self._list.gather(db, part) if part else Gathered()
        blocks = list(gathered.blocks)
        loaded, there_already, new = 0, gathered.there_already, list[Range]()
        for block, outcome in zip(blocks, await loading.load(db, blocks) if blocks else [], strict=True):
            if outcome == "loaded":
                loaded += len(gathered.blocks[block])
                new.append((block.first, block.last))
            elif outcome == "there_already":
                there_already += len(gathered.blocks[block])
            else:
                gathered.refuse(gathered.blocks[block], str(outcome))
        refused = self._refused + gathered.refused
        so_far = self._with(loaded, there_already, len(refused))
        await self._keep(db, refused, so_far)
        if loaded:
            detail = {"load": str(self.id), "kind": self._header.kind, "rows_loaded": so_far.loaded}
            await inventory_log.note(db, self._reason, "list loaded", detail, about=new, entry=self.id)
        return so_far

    def _with(self, loaded: int, there_already: int, refused: int) -> Progress:
        so_far = self._so_far
        return so_far.model_copy(
            update={
                "rows": so_far.rows + loaded + there_already + refused,
                "loaded": so_far.loaded + loaded,
                "there_already": so_far.there_already + there_already,
                "refused": so_far.refused + refused,
            }
        )

    async def _keep(self, db: Connection, refused: Sequence[Refused], so_far: Progress) -> None:
        if refused:
            await db.execute(_REFUSED, self.id, *map(list, zip(*refused, strict=True)))
        counts = (so_far.rows, so_far.loaded, so_far.there_already, so_far.refused)
        await db.execute(_SO_FAR, self.id, so_far.state, *counts)

    async def _end(self, state: Literal["done", "cut_off", "stopped"], detail: str) -> bytes:
        """The last line. How far the load came is kept already, if the database is away now."""
        ended = self._so_far.model_copy(update={"state": state, "detail": detail})
        try:
            async with self._running.database.transaction() as db:
                await self._keep(db, (), ended)
        except Exception as error:
            if not is_outage(error):
                raise
        return _line(ended)


def _line(progress: Progress) -> bytes:
    return progress.model_dump_json().encode() + b"\n"
