"""Delivers to webhooks: each is held by one replica at a time, with a lease. Who dies leaves them to the others.

At least once: what was sent and not recorded is sent again, under the same id.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID
from weakref import WeakSet

from gateway_service import (
    event_bodies,
    event_queries,
    events_tail,
    metrics,
    webhook_holding,
    webhook_notices,
    webhook_queries,
    webhook_secrets,
)
from gateway_service.events_tail import tail_of
from gateway_service.settings import Settings, settings
from gateway_service.webhook_holding import Delivered
from gateway_service.webhook_notices import Notice
from gateway_service.webhook_runner import Runner, Secret, hook_of
from gateway_service.webhook_sending import Sender
from patchbay_chassis.database import Database, Held, is_outage
from patchbay_chassis.log import log
from patchbay_chassis.service import Running

ROUND = 1.0
"""Seconds between two looks at who holds what, and at what is due again."""
RECORD = 0.1
"""Seconds for which outcomes are gathered."""
AT_ONCE = 500
PARTING = 3.0
"""Seconds for deliveries under way when the process is to end."""

_all: WeakSet["Deliveries"] = WeakSet()


def look() -> None:
    """A webhook was changed by this process."""
    for deliveries in _all:
        deliveries.look()


async def webhooks(running: Running) -> None:
    """Deliver, until the process ends."""
    told = settings()
    await Deliveries(running.database, told, told.replica).run()


class Deliveries:
    """The webhooks that this replica holds."""

    def __init__(self, database: Database, settings: Settings, holder: str) -> None:
        self._tail = tail_of(database)
        self._held = Held(database)
        self._recording = Held(database)
        self._settings = settings
        self._holder = holder
        self._sender = Sender(settings.webhook_limit)
        self._connections = asyncio.Semaphore(settings.webhook_connections)
        self._runners: dict[UUID, tuple[Runner, asyncio.Task[None]]] = {}
        self._outcomes: dict[tuple[UUID, UUID], Delivered] = {}
        self._told: dict[UUID, Runner] = {}
        self._looks = asyncio.Event()
        self._one = asyncio.Lock()
        _all.add(self)

    def look(self) -> None:
        """Go round now."""
        self._looks.set()

    async def run(self) -> None:
        """Until it is cancelled."""
        async with self._sender:
            recording = asyncio.create_task(self._record_on())
            try:
                while True:
                    await self._guarded(self._round())
                    if recording.done():
                        recording.result()
                    with suppress(TimeoutError):
                        async with asyncio.timeout(ROUND):
                            await self._looks.wait()
                    self._looks.clear()
            finally:
                await self._part(recording)

    async def _part(self, recording: asyncio.Task[None]) -> None:
        """Let what is under way end, record it, and leave the webhooks to others."""
        runners = [runner for runner, _ in self._runners.values()]
        with suppress(TimeoutError):
            async with asyncio.timeout(PARTING):
                for _, task in self._runners.values():
                    task.remove_done_callback(self._failed)
                await asyncio.gather(*(runner.settle() for runner in runners))
        for _, task in self._runners.values():
            task.cancel()
        recording.cancel()
        with suppress(Exception):
            await self._record()
            async with self._held.transaction() as db:
                await webhook_holding.release(db, self._holder)
        await self._held.close()
        await self._recording.close()

    async def _guarded(self, doing: Awaitable[None]) -> None:
        try:
            await doing
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("webhooks.delayed", error=repr(error))

    async def _round(self) -> None:
        """Take what nobody holds, let go what is somebody else's or was changed, and try again what is due."""
        await self._record()
        async with self._held.transaction() as db:
            held = await webhook_holding.held(db, self._holder, list(self._runners), self._settings.webhook_lease)
            for id_, (runner, task) in list(self._runners.items()):
                if task.done() and (error := task.exception()) is not None and not is_outage(error):
                    raise error
                if task.done() or held.get(id_) != runner.hook.progress.run:
                    self._let_go(id_)
            rows = await webhook_holding.claim(
                db, self._holder, list(self._runners), self._settings.webhook_lease, AT_ONCE
            )
            secrets: dict[UUID, list[Secret]] = {row.id: [] for row in rows}
            for row in await webhook_queries.secrets(db, list(secrets)) if rows else ():
                if (secret := webhook_secrets.unseal(row.sealed, row.webhook_id)) is not None:
                    secrets[row.webhook_id].append(Secret(secret, row.ends_at))
        for row in rows:
            runner = Runner(
                hook_of(row, tuple(secrets[row.id])), self._sender, self._connections, self._settings, self._note
            )
            task = asyncio.create_task(runner.run(self._tail), name="webhook")
            task.add_done_callback(self._failed)
            self._runners[row.id] = runner, task
        if len(rows) == AT_ONCE:
            self.look()
        await self._try_again()

    def _let_go(self, id_: UUID) -> None:
        _, task = self._runners.pop(id_)
        task.cancel()
        self._told.pop(id_, None)

    def _failed(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self.look()

    async def _try_again(self) -> None:
        ready = [id_ for id_, (runner, _) in self._runners.items() if runner.has_room]
        if not ready:
            return
        async with self._held.transaction() as db:
            rows = await webhook_holding.due(db, ready, AT_ONCE)
            columns = ([row[name] for row in rows] for name in ("turn", "position", "at"))
            told = {one.place: one for one in await event_queries.told(db, *columns)}
            for row in rows:
                if (row.turn, row.position) not in told:
                    await webhook_holding.lost(db, row.webhook_id, row.event_id)
        for row in rows:
            event, held = told.get(event_queries.Place(row.turn, row.position)), self._runners.get(row.webhook_id)
            if event is not None and held is not None:
                held[0].try_again(event, row.attempts, row.first_at)

    def _note(self, runner: Runner, delivered: Delivered) -> None:
        metrics.deliveries.labels(delivered.state).inc()
        self._outcomes[delivered.webhook_id, delivered.event_id] = delivered
        self._told[runner.hook.id] = runner

    async def _record_on(self) -> None:
        while True:
            await asyncio.sleep(RECORD)
            await self._guarded(self._record())

    async def _record(self) -> None:
        """Record what came of deliveries since the last time, and disable what has to be."""
        async with self._one:
            if self._told:
                await self._record_all()

    async def _record_all(self) -> None:
        outcomes, told = self._outcomes, self._told
        self._outcomes, self._told = {}, {}
        # Read together with the outcomes: a place must not be ahead of what is recorded.
        progress = sorted((runner.progress for runner in told.values()), key=lambda one: one.id.int)
        recovered = [runner for runner in told.values() if runner.recovered]
        disabled = [runner for runner in told.values() if runner.disabled]
        try:
            async with self._recording.transaction() as db:
                delivered = [outcomes[key] for key in sorted(outcomes, key=lambda key: (key[0].int, key[1].int))]
                await webhook_holding.record(db, self._holder, delivered, progress)
                if recovered:
                    await webhook_holding.try_at_once(db, [runner.hook.id for runner in recovered])
                for runner in disabled:
                    hook, why = runner.hook, runner.disabled
                    if await webhook_holding.disable(db, self._holder, hook.id, hook.progress.run, why):
                        data = {"webhook_id": hook.id, "url": hook.url, "reason": why}
                        event = event_bodies.event("webhook.disabled", hook.reseller, datetime.now(UTC), data)
                        notice = Notice(event.id, hook.id, hook.reseller, hook.url, why, event.at)
                        await webhook_notices.note(db, notice)
                        await event_queries.append(db, [event])
                        db.after_commit(events_tail.look)
        except BaseException:
            self._outcomes = outcomes | self._outcomes
            self._told = told | self._told
            raise
        for runner in recovered:
            runner.recovered = False
        for runner in disabled:
            log.info("webhook.disabled", webhook=str(runner.hook.id), reason=runner.disabled)
            if self._runners.get(runner.hook.id, (None,))[0] is runner:
                self._let_go(runner.hook.id)
