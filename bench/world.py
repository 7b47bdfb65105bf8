"""A suite of the bench's own: the local runtime in a folder that is gone afterwards, with numbers enough."""

import contextlib
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from patchbay_local.processes import SERVICES
from patchbay_local.runtime import Runtime
from patchbay_local.state import ROOT

FIRST_NUMBER = 4_430_000_000_000
BLOCK = 10_000
BLOCKS = 500
"""Five million numbers: enough for every run, and as many blocks as a reseller of some size has."""

_BLOCKS = (
    "INSERT INTO block (first, last, country, trunk, area, pool, owner)"
    " SELECT $1 + n * $2, $1 + n * $2 + $2 - 1, '44', '0', 'Bench', 'public', ''"
    " FROM generate_series(0::bigint, $3 - 1) AS n ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True)
class World:
    """What is running: the gateway's URL, the servers, the databases by service, and process ids by name."""

    runtime: Runtime
    url: str
    api_key: str
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
            state.get("kafka_address") or "",
            state.get("postgres_url") or "",
        )
    finally:
        with contextlib.redirect_stdout(io.StringIO()):
            runtime.down(wipe=True)


async def load_blocks(world: World) -> None:
    """The numbers that the load orders."""
    db = await asyncpg.connect(world.database("numbers"))
    await db.execute(_BLOCKS, FIRST_NUMBER, BLOCK, BLOCKS)
    await db.close()


def say(text: str) -> None:
    """Tell what is going on; what is measured goes to standard output."""
    print(text, file=sys.stderr, flush=True)
