"""How the machine is: how far services and read models are behind, who runs, how long steps take. Found out when
somebody looks, and remembered for a moment: many who look cost no more than one."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from gateway_service import dead_letters, steps
from gateway_service.upstream import Upstream
from patchbay_chassis.lag import Behind, Look, look
from patchbay_chassis.log import log
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_contracts.topics import load

FRESH_FOR = 2.0
"""Seconds."""
GROUPS: Mapping[str, Sequence[str]] = {
    service: [name for name, topic in load().items() if service in topic.consumers] for service in dead_letters.SERVICES
} | {dead_letters.GROUP: dead_letters.TOPICS}
"""Consumer groups and what they hear."""
T = TypeVar("T")


class Seen(Generic[T]):
    """What was found out a moment ago; otherwise it is found out now, by one for all."""

    def __init__(self, find_out: Callable[[], Awaitable[T]]) -> None:
        self._find_out = find_out
        self._one = asyncio.Lock()
        self._at = -FRESH_FOR
        self._known: T

    async def __call__(self) -> T:
        """Not older than FRESH_FOR. Raises what finding out raises."""
        async with self._one:
            if time.monotonic() - self._at >= FRESH_FOR:
                self._known = await self._find_out()
                self._at = time.monotonic()
            return self._known


class Machine:
    """One gateway's look at all of it."""

    def __init__(self, running: Running, upstream: Upstream) -> None:
        self._running = running
        self._groups = Seen(self._ask_kafka)
        self._search = Seen(upstream.replicas_now)
        self.steps = Seen(self._steps)

    async def lag(self) -> dict[str, Any]:
        """Groups, and read models. Raises Problem 503 while Kafka cannot be asked."""
        found = await self._groups()
        rows = [_row(one, found.at) for one in found.behind]
        of_orders = [row for row in rows if row["group"] == "gateway"]
        of_the_dead = [row for row in rows if row["group"] == dead_letters.GROUP]
        return {
            "as_of": found.at,
            "groups": rows,
            "read_models": [_summed("orders", of_orders), _summed("dead_letters", of_the_dead)],
        }

    async def replicas(self) -> dict[str, Any]:
        """Processes of the services, and search replicas. Raises Problem 503 while Kafka cannot be asked."""
        found, search = await asyncio.gather(self._groups(), self._search())
        services = [
            {"service": one.group, "replica": one.name, "host": one.host, "partitions": one.partitions}
            for one in found.members
            if one.group != dead_letters.GROUP
        ]
        return {"as_of": datetime.now(UTC), "services": services, "search": search}

    async def _ask_kafka(self) -> Look:
        told = self._running.settings
        try:
            return await look(told.kafka, told.topic_prefix, GROUPS)
        except OSError as error:
            log.warning("machine.kafka_not_asked", error=repr(error))
            detail = "Kafka cannot be asked just now, or knows none of this yet."
            raise Problem(503, "Try again soon", detail, headers={"Retry-After": "1"}) from error

    async def _steps(self) -> dict[str, Any]:
        async with self._running.database.connection() as db:
            return await steps.newest(db)


def _row(one: Behind, now: datetime) -> dict[str, Any]:
    behind = 0 if one.records == 0 else None
    if one.oldest_at is not None:
        behind = max(0, round((now - one.oldest_at).total_seconds() * 1000))
    return {"group": one.group, "topic": one.topic, "records": one.records, "behind_ms": behind}


def _summed(name: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    ages = [row["behind_ms"] for row in rows]
    behind = None if None in ages else max(ages, default=0)
    return {"name": name, "records": sum(row["records"] for row in rows), "behind_ms": behind}
