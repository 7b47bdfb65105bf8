"""One webhook as its holder delivers to it: in the order of the log, several at a time, and at rest while it fails."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from gateway_service.event_queries import Place, Told, Wanted
from gateway_service.events import Cursor
from gateway_service.events_tail import Tail
from gateway_service.settings import Settings
from gateway_service.webhook_holding import Delivered, Progress
from gateway_service.webhook_sending import GONE, Outcome, Sender

HOUR = timedelta(hours=1)
MISSES = 3
"""After so many failures in a row the webhook rests; at once when nothing answers at all."""
HEARTBEAT = 60.0


class Secret(NamedTuple):
    """What is signed with, until it ends."""

    text: str
    ends_at: datetime | None


class Hook(NamedTuple):
    """A webhook as it was claimed."""

    id: UUID
    reseller: str
    url: str
    types: frozenset[str]
    secrets: tuple[Secret, ...]
    progress: Progress


class Attempt(NamedTuple):
    """An event to deliver; `again` if it was tried before, or is asked for once more."""

    told: Told
    again: bool = False
    attempts: int = 0
    first_at: datetime | None = None


class Runner:
    """Delivers until it is cancelled. Outcomes are handed to `record`; with a reason to `disable`, it stops itself."""

    def __init__(
        self,
        hook: Hook,
        sender: Sender,
        connections: asyncio.Semaphore,
        settings: Settings,
        record: Callable[["Runner", Delivered], None],
    ) -> None:
        self.hook = hook
        self.disabled = ""
        """Why nothing may be sent any more."""
        self.recovered = False
        self._sender, self._connections, self._settings, self._record = sender, connections, settings, record
        self._place = hook.progress.place
        self._misses = hook.progress.misses
        self._failing_since = hook.progress.failing_since
        self._rests_until = hook.progress.rests_until
        self._allowed = 1
        self._under_way: deque[Place] = deque()
        self._done: set[Place] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._of_orders: dict[UUID, asyncio.Task[None]] = {}
        self._due: deque[Attempt] = deque()
        self._again: set[UUID] = set()
        self._changed = asyncio.Event()

    @property
    def progress(self) -> Progress:
        """How far it is: all before the place is delivered, or waits in a row of its own."""
        return Progress(
            self.hook.id, self.hook.progress.run, self._place, self._misses, self._failing_since, self._rests_until
        )

    @property
    def has_room(self) -> bool:
        """Whether another delivery may begin now."""
        return not (self.disabled or self._rest() > 0 or len(self._tasks) >= self._allowed)

    async def run(self, tail: Tail) -> None:
        """Deliver what is in the log behind its place, and what comes."""
        after = Cursor(self._place, datetime.now(UTC))
        try:
            with tail.listener(Wanted(self.hook.reseller, self.hook.types)) as listener:
                async for events in tail.follow(listener, after, HEARTBEAT):
                    for told in events:
                        await self._room()
                        self._under_way.append(told.place)
                        self._start(Attempt(told))
                    if not events and not self._under_way and listener.reached is not None:
                        self._place = max(self._place, listener.reached)
        finally:
            for task in self._tasks:
                task.cancel()

    def try_again(self, told: Told, attempts: int, first_at: datetime) -> None:
        """Deliver an event once more, as soon as there is room for it."""
        if told.id not in self._again:
            self._again.add(told.id)
            self._due.append(Attempt(told, True, attempts, first_at))
            self._begin_what_is_due()

    async def settle(self) -> None:
        """Wait for what is under way."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _rest(self) -> float:
        if self._rests_until is None:
            return 0.0
        return (self._rests_until - datetime.now(UTC)).total_seconds()

    async def _room(self) -> None:
        while not self.has_room:
            self._changed.clear()
            rest = self._rest() if len(self._tasks) < self._allowed else 0
            try:
                async with asyncio.timeout(rest if rest > 0 else None):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def _start(self, one: Attempt) -> None:
        order = one.told.order_id
        before = self._of_orders.get(order) if order is not None else None
        task = asyncio.create_task(self._deliver(one, before))
        self._tasks.add(task)
        if order is not None:
            self._of_orders[order] = task
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._begin_what_is_due()
        self._changed.set()
        if not task.cancelled():
            task.result()

    def _begin_what_is_due(self) -> None:
        """Where it rests, what is due is due later too."""
        if self.disabled or self._rest() > 0:
            self._again.difference_update(one.told.id for one in self._due)
            self._due.clear()
        while self._due and self.has_room:
            self._start(self._due.popleft())

    async def _deliver(self, one: Attempt, before: asyncio.Task[None] | None) -> None:
        if before is not None:  # events of one order go out one after the other
            await asyncio.wait({before})
        told = one.told
        async with self._connections:
            now = datetime.now(UTC)
            secrets = [s.text for s in self.hook.secrets if s.ends_at is None or s.ends_at > now]
            if not secrets:
                self.disabled = "its secret cannot be read any more: rotate it"
            outcome = await self._sender.send(self.hook.url, secrets, str(told.id), told.body)
        self._judge(outcome)
        if told.order_id is not None and self._of_orders.get(told.order_id) is asyncio.current_task():
            del self._of_orders[told.order_id]
        if one.again:
            self._again.discard(told.id)
        else:
            self._done.add(told.place)
        while self._under_way and self._under_way[0] in self._done:
            self._place = self._under_way.popleft()
            self._done.discard(self._place)
        self._record(self, self._delivered(one, outcome))

    def _judge(self, outcome: Outcome) -> None:
        """What an outcome says of the webhook as a whole."""
        if outcome.ok:
            self.recovered = self.recovered or self._failing_since is not None
            self._misses, self._failing_since, self._rests_until = 0, None, None
            self._allowed = min(2 * self._allowed, self._settings.webhook_at_once)
            return
        self._misses += 1
        self._allowed = 1
        self._failing_since = self._failing_since or outcome.at
        if outcome.status == GONE:
            self.disabled = "it answered 410: gone"
        elif outcome.at - self._failing_since >= self._settings.webhook_gives_up:
            self.disabled = f"nothing got through since {self._failing_since:%Y-%m-%d %H:%M} UTC: {outcome.error}"
        if self._misses >= MISSES or outcome.status is None:
            pause = max(self._pause(self._misses), min(outcome.again_after or timedelta(0), HOUR))
            self._rests_until = datetime.now(UTC) + pause

    def _delivered(self, one: Attempt, outcome: Outcome) -> Delivered:
        told, attempts = one.told, one.attempts + 1
        first_at = one.first_at or outcome.at
        state, due = "delivered", None
        if not outcome.ok:
            state, due = "waiting", outcome.at + self._pause(attempts)
            if outcome.at - first_at >= self._settings.webhook_gives_up:
                state, due = "failed", None
        return Delivered(
            self.hook.id, told.id, told.at, told.type, *told.place, state, attempts, outcome.status, outcome.took_ms,
            outcome.error, first_at, outcome.at, due,
        )  # fmt: skip

    def _pause(self, times: int) -> timedelta:
        """Growing from failure to failure, with jitter."""
        pause: timedelta = min(self._settings.webhook_pause * 2 ** min(times - 1, 20), HOUR)
        return pause * random.uniform(0.8, 1.2)  # noqa: S311 - jitter


def hook_of(row: Any, secrets: tuple[Secret, ...]) -> Hook:
    """A row as it was claimed."""
    place = Place(row.turn, row.position)
    progress = Progress(row.id, row.run, place, row.misses, row.failing_since, row.rests_until)
    return Hook(row.id, row.reseller, row.url, frozenset(row.types), secrets, progress)
