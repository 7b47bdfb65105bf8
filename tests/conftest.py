"""The suite under test: one for the whole run, on the run's servers; a second one that has servers to kill."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from patchbay_local.databases import drop_databases
from patchbay_local.processes import SERVICES
from patchbay_local.stack import Stack
from patchbay_local.waiting import run_async
from tests.documents import BLOCKS
from tests.suite import Suite


async def _add_blocks(url: str) -> None:
    db = await asyncpg.connect(url.replace("+asyncpg", ""))
    await db.executemany(
        "INSERT INTO block (first, last, country, trunk, area, pool, owner)"
        " VALUES ($1, $2, '44', '0', '', 'public', '')",
        [(first, first + size - 1) for first, size in BLOCKS],
    )
    await db.close()


def _running(stack: Stack) -> Iterator[Suite]:
    suite = Suite(stack)
    try:
        stack.prepare()
        run_async(_add_blocks(suite.databases["numbers"]))
        suite.restore()
        yield suite
    finally:
        stack.remove()


@pytest.fixture(scope="session")
def _suite(kafka: str, postgres: str) -> Iterator[Suite]:
    run = f"e2e{uuid4().hex[:8]}"
    folder = Path(tempfile.mkdtemp(prefix="patchbay-e2e-"))
    yield from _running(Stack(folder, kafka, postgres, topic_prefix=f"{run}.", database_prefix=f"{run}_"))
    asyncio.run(drop_databases(postgres, SERVICES, f"{run}_"))


@pytest.fixture
def suite(_suite: Suite) -> Iterator[Suite]:
    """Six services and a search replica over the run's Kafka and Postgres. They live on after the test."""
    yield _suite
    _suite.restore()


@pytest.fixture(scope="module")
def _own() -> Iterator[Suite]:
    folder = Path(tempfile.mkdtemp(prefix="patchbay-own-"))
    folder.chmod(0o711)
    yield from _running(Stack(folder))
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def own_suite(_own: Suite) -> Iterator[Suite]:
    """Six services and a search replica with a Kafka and a Postgres of their own, which a test may kill."""
    yield _own
    _own.restore()
