"""Orders in bulk: NDJSON in, one NDJSON line out for each line in, streamed, accepted in micro-batches."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

import orjson
from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request

from gateway_service import queries, refusals
from gateway_service.accepting import Accepted, accepted
from gateway_service.crowd import Crowd
from gateway_service.keys import Caller
from gateway_service.settings import Settings
from patchbay_chassis.bodies import check_depth, too_large
from patchbay_chassis.database import discreet, is_outage
from patchbay_chassis.log import log
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_chassis.streamed import Line, lines
from patchbay_contracts.order import OrderDocument

CHUNKS = 16
"""So many pieces of the stream are read ahead; then the caller waits."""


class Bulk:
    """One bulk request: what has come while the last batch was accepted is the next batch."""

    def __init__(self, running: Running, crowd: Crowd, settings: Settings, caller: Caller, trace: str) -> None:
        self._running = running
        self._crowd = crowd
        self._settings = settings
        self._caller = caller
        self._trace = trace

    async def results(self, request: Request) -> AsyncGenerator[bytes]:
        """The result lines, batch by batch."""
        queue: asyncio.Queue[list[Line] | None] = asyncio.Queue(CHUNKS)
        reading = asyncio.create_task(self._read(request, queue))
        try:
            async for batch in self._batches(queue):
                await self._room()
                yield await self._accept(batch)
            await reading
        finally:
            reading.cancel()

    async def _read(self, request: Request, queue: asyncio.Queue[list[Line] | None]) -> None:
        """A last line needs no line break, but a whole stream."""
        try:
            async for found in lines(request, self._settings.most_body_bytes):
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
            await self._crowd.wait()
        except Exception as error:
            if not is_outage(error):
                raise

    async def _batches(self, queue: asyncio.Queue[list[Line] | None]) -> AsyncIterator[list[Line]]:
        loop, most = asyncio.get_running_loop(), self._settings.bulk_lines
        found = await queue.get()
        while found is not None:
            batch, until = found, loop.time() + self._settings.bulk_gather_ms / 1000
            found = []
            while found is not None and len(batch) < most:
                try:
                    async with asyncio.timeout_at(until):
                        found = await queue.get()
                except TimeoutError:
                    break
                batch = batch + (found or [])
            for at in range(0, len(batch), most):
                yield batch[at : at + most]
            if found is not None:
                found = await queue.get()

    async def _accept(self, batch: Sequence[Line]) -> bytes:
        """One transaction, one journal row and one fsync for all the good lines; each bad one refused alone."""
        now = datetime.now(UTC)
        answers: dict[int, Accepted | Problem] = {}
        for line in batch:
            if line.content is None or line.content.strip():
                answers[line.number] = self._read_line(line.content, now)
        orders = [order for order in answers.values() if isinstance(order, Accepted)]
        failed = await self._store(orders) if orders else {}
        return b"".join(_result(n, failed.get(a.id, a) if isinstance(a, Accepted) else a) for n, a in answers.items())

    def _read_line(self, content: bytes | None, now: datetime) -> Accepted | Problem:
        if content is None:
            return too_large(self._settings.most_body_bytes, "order")
        try:
            check_depth(content, "order")
            return accepted(OrderDocument.model_validate_json(content), self._caller.reseller, now)
        except ValidationError as error:
            return refusals.invalid(error)
        except Problem as problem:
            return problem

    async def _store(self, orders: Sequence[Accepted]) -> dict[UUID, Problem]:
        """Store and place them; what is wrong with those that were not, by their ids."""
        try:
            async with self._running.turn() as turn:
                await queries.accept(turn.db, self._caller.reseller, orders)
                turn.say(*(order.placed for order in orders), trace=self._trace)
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
            detail = "This is a fault of ours, and was noted. The order was not accepted."
            return {orders[0].id: Problem(500, "Something broke", detail)}
        self._crowd.came(len(orders))
        return {}


def _result(number: int, answer: Accepted | Problem) -> bytes:
    if isinstance(answer, Accepted):
        return b'{"line":%d,"id":"%s","state":"accepted"}\n' % (number, str(answer.id).encode())
    return orjson.dumps({"line": number, "error": answer.body}) + b"\n"
