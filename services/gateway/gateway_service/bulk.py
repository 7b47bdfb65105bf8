"""Orders in bulk: lines in, one NDJSON line out for each order in, streamed, accepted in micro-batches."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from gateway_service import preview_queries, previews, queries, references, refusals
from gateway_service.accepting import Accepted, accepted
from gateway_service.batches import TRIES, Answer, Batch
from gateway_service.crowd import Crowd
from gateway_service.dry_run import Order
from gateway_service.keys import Caller
from gateway_service.order_csv import BadRow
from gateway_service.settings import Settings
from gateway_service.upstream import Upstream
from patchbay_chassis.bodies import check_depth, too_large
from patchbay_chassis.database import Overtaken, discreet, is_outage
from patchbay_chassis.log import log
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_chassis.streamed import Line
from patchbay_contracts.order import OrderDocument

Sent = Line | BadRow
Source = AsyncIterator[list[Line]] | AsyncIterator[list[Line | BadRow]]

CHUNKS = 16
"""So many pieces of the stream are read ahead; then the caller waits."""


class Bulk:
    """One bulk request: what has come while the last batch was accepted is the next batch."""

    def __init__(
        self,
        running: Running,
        crowd: Crowd,
        upstream: Upstream,
        settings: Settings,
        caller: Caller,
        *,
        trace: str,
        batch: Batch | None = None,
    ) -> None:
        self._running = running
        self._crowd = crowd
        self._upstream = upstream
        self._settings = settings
        self._caller = caller
        self._trace = trace
        self._batch = batch
        self._through = 0
        self._is_over = False
        """Nothing more can be accepted: lines behind one that is not decided are not decided either."""

    async def results(self, source: Source, first: int = 1) -> AsyncGenerator[bytes]:
        """The result lines, batch by batch. `first`: the number that the first line has."""
        self._through = first - 1
        queue: asyncio.Queue[Sequence[Sent] | None] = asyncio.Queue(CHUNKS)
        reading = asyncio.create_task(self._read(source, queue))
        try:
            async for batch in self._batches(queue):
                await self._room()
                yield await self._accept(batch)
                if self._is_over:
                    return
            try:
                await reading
            except Problem as problem:
                yield _result(self._through + 1, problem)
        finally:
            reading.cancel()

    async def _read(self, source: Source, queue: asyncio.Queue[Sequence[Sent] | None]) -> None:
        """A last line needs no line break, but a whole stream."""
        try:
            async for found in source:
                await queue.put(found)
        except ClientDisconnect:
            log.info("bulk.cut_off")
        except Exception:
            await queue.put(None)
            raise
        await queue.put(None)

    async def _room(self) -> None:
        """Wait while too many orders are under way. When nobody can tell, each line is answered so."""
        try:
            await self._crowd.wait(self._caller.reseller)
        except Exception as error:
            if not is_outage(error):
                raise

    async def _batches(self, queue: asyncio.Queue[Sequence[Sent] | None]) -> AsyncIterator[list[Sent]]:
        loop, most = asyncio.get_running_loop(), self._settings.bulk_lines
        found = await queue.get()
        while found is not None:
            batch, until = list(found), loop.time() + self._settings.bulk_gather_ms / 1000
            found = []
            while found is not None and len(batch) < most:
                try:
                    async with asyncio.timeout_at(until):
                        found = await queue.get()
                except TimeoutError:
                    break
                batch += found or []
            for at in range(0, len(batch), most):
                yield batch[at : at + most]
            if found is not None:
                found = await queue.get()

    async def _accept(self, batch: Sequence[Sent]) -> bytes:
        """One transaction, one journal row and one fsync for all the good lines; each bad one refused alone."""
        most = self._settings.most_bulk_lines
        if batch[-1].number > most:
            self._is_over = True
            batch = [line for line in batch if line.number <= most]
            too_many = _result(most + 1, refusals.too_long(most))
            return (await self._accept(batch) if batch else b"") + too_many
        lines = [line for line in batch if line.content is None or line.content.strip()]
        first, self._through = self._through + 1, batch[-1].number
        answers = await (self._decide(lines) if self._batch is None else self._resume(self._batch, lines, first))
        return b"".join(_result(line.number, answers[line.number]) for line in lines if line.number in answers)

    async def _decide(self, lines: Sequence[Sent]) -> Mapping[int, Answer]:
        """Without a batch, each line for itself."""
        answers = await self._read_lines(lines)
        orders = [order for order in answers.values() if isinstance(order, Accepted)]
        failed = await self._store(orders) if orders else {}
        return {n: failed.get(a.id, a) if isinstance(a, Accepted) else a for n, a in answers.items()}

    async def _resume(self, batch: Batch, lines: Sequence[Sent], first: int) -> Mapping[int, Answer]:
        """Under a batch, what was decided before is answered as it was. An outage ends the stream."""
        try:
            return await self._decided_once(batch, lines, first)
        except Problem as problem:
            self._is_over = True
            return {lines[0].number if lines else first: problem}
        except Exception as error:
            if not is_outage(error):
                raise
            self._is_over = True
            log.warning("bulk.outage", batch=str(batch.id), lines=len(lines), error=repr(error))
            detail = f"Lines from {first} on may not have been stored. Ask for batch {batch.id} how far it is."
            return dict.fromkeys(
                (line.number for line in lines), Problem(503, "Not accepted for certain", detail, code="uncertain")
            )

    async def _decided_once(self, batch: Batch, lines: Sequence[Sent], first: int) -> dict[int, Answer]:
        for tries in range(1, TRIES + 1):
            known = await batch.known(lines)
            fresh = [line for line in lines if line.number not in known]
            try:
                return known | await self._keep(batch, fresh, first, self._through)
            except Overtaken:
                if tries == TRIES:
                    raise
                await batch.look_again()
        raise AssertionError("the last try returns or raises")

    async def _keep(self, batch: Batch, lines: Sequence[Sent], first: int, through: int) -> dict[int, Answer]:
        """Decide these lines and keep that. What the database will not have is found out line by line."""
        if not lines and through <= batch.through:
            return {}
        decided = await self._read_lines(lines)
        try:
            decided = await batch.keep(lines, decided, first, through)
        except Exception as error:
            if isinstance(error, Problem | Overtaken) or not lines or is_outage(error):
                raise
            if len(lines) > 1:
                middle = len(lines) // 2
                border = lines[middle].number
                before = await self._keep(batch, lines[:middle], first, border - 1)
                return before | await self._keep(batch, lines[middle:], border, through)
            log.error("bulk.failed", batch=str(batch.id), line=lines[0].number, exc_info=discreet(error))
            decided = {lines[0].number: _broken()}
            await batch.keep(lines, decided, first, through)
        self._crowd.came(self._caller.reseller, sum(isinstance(one, Accepted) for one in decided.values()))
        return dict(decided)

    async def _read_lines(self, lines: Sequence[Sent]) -> dict[int, Accepted | Problem]:
        """The orders, and what those are told that name a preview: all of them are looked at together."""
        now, seen = datetime.now(UTC), list[Order]()
        found = {line.number: self._read_line(line, now, seen) for line in lines}
        for order, told in zip(seen, await self._since(seen) if seen else (), strict=True):
            good = found[order.line]
            if isinstance(told, Problem):
                found[order.line] = told
            elif isinstance(good, Accepted):
                found[order.line] = replace(good, told=orjson.dumps(told).decode())
        return found

    async def _since(self, orders: Sequence[Order]) -> Sequence[dict[str, Any] | Problem]:
        """Under a batch, owners that cannot be asked end the stream, so that it can be gone on with."""
        try:
            return await previews.since(self._upstream, self._running.database, self._caller.reseller, orders)
        except Problem as problem:
            if self._batch is not None:
                raise
            return [problem] * len(orders)

    def _read_line(self, line: Sent, now: datetime, seen: list[Order]) -> Accepted | Problem:
        if isinstance(line, BadRow):
            return line.problem
        if (content := line.content) is None:
            return too_large(self._settings.most_body_bytes, "order")
        try:
            check_depth(content, "order")
            document = OrderDocument.model_validate_json(content)
            found = accepted(document, self._caller.reseller, now)
        except ValidationError as error:
            return refusals.invalid(error)
        except Problem as problem:
            return problem
        if document.preview is not None:
            seen.append(Order(line.number, document, len(content)))
        return found

    async def _store(self, orders: Sequence[Accepted]) -> dict[UUID, Problem]:
        """Store and place them; what is wrong with those that were not, by their ids."""
        try:
            async with self._running.turn() as turn:
                taken = await references.claim(turn.db, self._caller.reseller, orders)
                good = [order for order in orders if order.id not in taken]
                await queries.accept(turn.db, self._caller.reseller, good)
                await preview_queries.tell(turn.db, self._caller.reseller, good)
                turn.say(*(order.placed for order in good), trace=self._trace)
                self._running.crash("accepting_http")
        except Exception as error:
            if is_outage(error):
                log.warning("bulk.outage", orders=len(orders), error=repr(error))
                detail = "The order may not have been stored. Look for it by its reference before you send it again."
                return dict.fromkeys(
                    (o.id for o in orders), Problem(503, "Not accepted for certain", detail, code="uncertain")
                )
            if len(orders) > 1:  # one of them is the trouble, and the others shall not suffer for it
                middle = len(orders) // 2
                return await self._store(orders[:middle]) | await self._store(orders[middle:])
            log.error("bulk.failed", order_id=str(orders[0].id), exc_info=discreet(error))
            return {orders[0].id: _broken()}
        self._crowd.came(self._caller.reseller, len(good))
        return dict(taken)


def _broken() -> Problem:
    return Problem(500, "Something broke", "This is a fault of ours, and was noted. The order was not accepted.")


def _result(number: int, answer: Answer) -> bytes:
    if isinstance(answer, Accepted):
        return b'{"line":%d,"id":"%s","state":"accepted"%s}\n' % (number, str(answer.id).encode(), _told(answer.told))
    if isinstance(answer, Problem):
        return orjson.dumps({"line": number, "error": answer.body}) + b"\n"
    if answer.refusal is not None:
        return orjson.dumps({"line": number, "error": orjson.Fragment(answer.refusal), "replayed": True}) + b"\n"
    id_, told = str(answer.order_id).encode(), _told(answer.told)
    return b'{"line":%d,"id":"%s","state":"accepted"%s,"replayed":true}\n' % (number, id_, told)


def _told(told: str | None) -> bytes:
    """What has changed since the preview that the line names."""
    return b"" if told is None else b',"preview":%s' % told.encode()
