"""The network that services run on. We do not own it: a port, and a simulated network to stand in for it."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from provisioning_service.settings import Settings


@dataclass(frozen=True)
class Job:
    """A service to activate on the network, to change there, to suspend or resume, or to withdraw from it; `tries`
    counts from 1."""

    service_id: UUID
    order_id: UUID
    reseller: str
    verb: Literal["activate", "change", "suspend", "resume", "withdraw"]
    siblings: int
    """How many services the order has."""
    numbers: tuple[int, ...]
    settings: str
    """JSON: `settings`, `settings_by_number`."""
    tries: int


@dataclass(frozen=True)
class Result:
    """What became of a job. `unreachable` may be tried again; `refused` is final."""

    job: Job
    outcome: Literal["done", "refused", "unreachable"]
    detail: str = ""


class Network(Protocol):
    """A switch, or whatever runs services. Every verb is safe to repeat: the service's id tells it is the same."""

    async def carry_out(self, jobs: Sequence[Job]) -> Sequence[Result]:
        """Do the jobs, each on its own; a result per job, in order. Raises OSError if nothing can be reached."""
        ...


class SimulatedNetwork:
    """Stands in for a network: it can refuse numbers, be slow, and be down."""

    def __init__(self, refuses: str = "", delay: float = 0.0, *, down: bool = False) -> None:
        self._refuses = re.compile(refuses) if refuses else None
        self._delay = delay
        self.down = down

    async def carry_out(self, jobs: Sequence[Job]) -> Sequence[Result]:
        """As the port says."""
        if self._delay:
            await asyncio.sleep(self._delay)
        if self.down:
            raise ConnectionError("the simulated network is down")
        return [self._one(job) for job in jobs]

    def _one(self, job: Job) -> Result:
        if job.verb not in ("activate", "change"):
            return Result(job, "done")
        refused = next((n for n in job.numbers if self._refuses and self._refuses.search(str(n))), None)
        if refused is not None:
            return Result(job, "refused", f"the network does not take +{refused}; choose another number")
        return Result(job, "done")


def network(settings: Settings) -> Network:
    """The network that the settings name."""
    return SimulatedNetwork(
        settings.network_refuses, settings.network_delay.total_seconds(), down=settings.network_down
    )
