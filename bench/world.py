"""A suite of the bench's own: the local runtime in a folder that is gone afterwards, with numbers enough."""

import contextlib
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from patchbay_local.processes import SERVICES
from patchbay_local.runtime import Runtime
from patchbay_local.state import ROOT

FIRST_NUMBER = 4_430_000_000_000
BLOCK = 10_000
BLOCKS = 500
"""Five million numbers: enough for every run, and as many blocks as a reseller of some size has."""

AT_ONCE = 100


@dataclass(frozen=True)
class World:
    """What is running: the gateway's URL, the servers, the databases by service, and process ids by name."""

    runtime: Runtime
    url: str
    api_key: str
    inventory_key: str
    kafka: str
    postgres: str

    def database(self, service: str) -> str:
        """The administrator's URL of a service's database."""
        return f"{self.postgres}/patchbay_{service}"

    def databases(self) -> dict[str, str]:
        """All of them, as SQLAlchemy wants them."""
        return {s: self.database(s).replace("postgresql://", "postgresql+asyncpg://") for s in SERVICES}

    def pids(self) -> dict[str, int]:
        """The running processes."""
        return {name: one["pid"] for name, one in self.runtime.supervision.processes().items() if one["pid"]}


@contextlib.contextmanager
def world(folder: str) -> Iterator[World]:
    """Start a suite, and leave nothing of it."""
    runtime = Runtime(Path(ROOT / folder))
    say("starting Kafka, PostgreSQL and the services ...")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            runtime.up()
        state = runtime.state
        yield World(
            runtime,
            runtime.url("gateway"),
            state.get("api_key") or "",
            state.get("inventory_key") or "",
            state.get("kafka_address") or "",
            state.get("postgres_url") or "",
        )
    finally:
        with contextlib.redirect_stdout(io.StringIO()):
            runtime.down(wipe=True)


async def load_blocks(world: World, many: int = BLOCKS) -> None:
    """The numbers that the load orders, as an inventory manager loads them: so that every index hears of them."""
    firsts = [FIRST_NUMBER + n * BLOCK for n in range(many)]
    home = {"size": BLOCK, "country": "44", "trunk": "0", "area": "Bench", "pool": "public"}
    headers = {"X-API-Key": world.inventory_key}
    async with aiohttp.ClientSession(world.url, headers=headers, raise_for_status=True) as gateway:
        for at in range(0, many, AT_ONCE):
            blocks = [{"first": f"+{first}", **home} for first in firsts[at : at + AT_ONCE]]
            async with gateway.post("/v1/inventory/blocks", json={"why": "bench", "blocks": blocks}) as answer:
                await answer.read()


def say(text: str) -> None:
    """Tell what is going on; what is measured goes to standard output."""
    print(text, file=sys.stderr, flush=True)
