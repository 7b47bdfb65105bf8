"""Holds of drafts that are open in a browser: whoever looks at one is told when a hold is over, or lost.

A process asks once for all drafts that are watched in it, so an open page costs next to nothing.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from uuid import UUID

from gateway_service import draft_queries
from gateway_service.draft import Draft
from gateway_service.upstream import Upstream
from gateway_service.waiting import Waiting
from patchbay_chassis.database import Database, is_outage
from patchbay_chassis.log import log
from patchbay_chassis.problems import Problem
from patchbay_contracts.held_numbers import AllMissed, MissedQuery, ThoughtHeld
from patchbay_contracts.numbers import HoldOwner
from patchbay_contracts.words import E164

EVERY, LATER = 2.0, 10.0
"""Seconds between two looks, and after one that failed."""
HEARTBEAT = 10.0
"""Seconds after which something is sent though nothing happened, so that nobody in between takes it for dead."""
AT_ONCE, MOST_NUMBERS = 100, 20_000
"""Drafts that are asked about at once, and their numbers."""

Missing = Mapping[E164, bool]
"""Numbers that a draft does not hold any more; by each, whether somebody else has it."""
_NOTHING: Missing = {}


class HoldsWatch:
    """Looks again and again while anybody watches."""

    def __init__(self, database: Database, upstream: Upstream) -> None:
        self._database, self._upstream = database, upstream
        self._waiting = Waiting[UUID]()
        self._seen = dict[UUID, Draft]()
        self._missing = dict[UUID, Missing]()
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    async def close(self) -> None:
        """End what is watched."""
        self._closed = True
        self._waiting.wake_all()
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def follow(self, id_: UUID) -> AsyncGenerator[Missing | None]:
        """What the draft misses, whenever that changes; at first, if it misses anything. None once in `HEARTBEAT`
        seconds in which nothing changed."""
        told = _NOTHING
        with self._watches(id_) as woken:
            while not self._closed:
                woken.clear()
                if (now := self._missing.get(id_, _NOTHING)) != told:
                    told = now
                    yield now
                    continue
                if self._looking is not None and self._looking.done():
                    self._looking.result()
                try:
                    async with asyncio.timeout(HEARTBEAT):
                        await woken.wait()
                except TimeoutError:
                    yield None

    async def missed_by(self, draft: Draft) -> Missing:
        """What the draft misses at this moment: what all of them missed was asked up to `EVERY` seconds ago, and a hold
        may have been renewed since."""
        return (await self._asked([draft])).get(draft.id, _NOTHING)

    @contextmanager
    def _watches(self, id_: UUID) -> Iterator[asyncio.Event]:
        try:
            with self._waiting.waits(id_) as woken:
                if self._looking is None or self._looking.done():
                    self._looking = asyncio.create_task(self._look(), name="holds")
                yield woken
        finally:
            if id_ not in self._waiting.keys:
                self._seen.pop(id_, None)
                self._missing.pop(id_, None)

    async def _look(self) -> None:
        """Through outages, until nobody watches."""
        while self._waiting.keys:
            pause = EVERY
            try:
                missing = await self._missed()
            except Exception as error:
                if not isinstance(error, Problem) and not is_outage(error):
                    raise
                log.warning("holds.delayed", error=repr(error))
                pause = LATER
            else:
                for id_ in self._waiting.keys:
                    if self._missing.get(id_, _NOTHING) != (now := missing.get(id_, _NOTHING)):
                        self._missing[id_] = now
                        self._waiting.wake(id_)
            await asyncio.sleep(pause)

    async def _missed(self) -> Mapping[UUID, Missing]:
        """By the draft, what it misses now."""
        watched = {id_: self._seen[id_].changed_at if id_ in self._seen else None for id_ in self._waiting.keys}
        async with self._database.connection() as db:
            seen = self._seen | {draft.id: draft for draft in await draft_queries.otherwise(db, watched)}
        self._seen = {id_: draft for id_, draft in seen.items() if id_ in self._waiting.keys}
        return await self._asked(
            draft for id_ in watched if (draft := self._seen.get(id_)) is not None and draft.state == "open"
        )

    async def _asked(self, drafts: Iterable[Draft]) -> Mapping[UUID, Missing]:
        thought = [
            ThoughtHeld(reseller=one.reseller, owner=HoldOwner(kind="draft", id=one.id), numbers=one.document.numbers)
            for one in drafts
            if one.document.numbers
        ]
        missing = defaultdict[UUID, dict[E164, bool]](dict)
        for some in _pieces(thought):
            query = MissedQuery(holds=some)
            answer = await self._upstream.ask("numbers", "/holds/missed", query)
            for one in AllMissed.model_validate_json(answer).numbers:
                missing[one.owner.id][one.e164] = one.taken
        return missing


def _pieces(thought: Iterable[ThoughtHeld]) -> Iterator[tuple[ThoughtHeld, ...]]:
    piece, numbers = list[ThoughtHeld](), 0
    for one in thought:
        if piece and (len(piece) == AT_ONCE or numbers + len(one.numbers) > MOST_NUMBERS):
            yield tuple(piece)
            piece, numbers = [], 0
        piece.append(one)
        numbers += len(one.numbers)
    if piece:
        yield tuple(piece)
