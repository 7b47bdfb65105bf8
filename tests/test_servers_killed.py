"""Kafka or Postgres dies under load and comes back: every service finds its way by itself, and nothing is lost."""

import asyncio
from collections.abc import Iterator

import pytest

from patchbay_local.processes import PROCESSES
from tests.documents import line, load, order
from tests.suite import Suite

LOAD = 200
pytestmark = pytest.mark.timeout(240)


@pytest.fixture(autouse=True)
def nobody_gives_up(own_suite: Suite) -> Iterator[None]:
    """No process ends because of a server that is away: here is no supervisor to start it again."""
    before = {name: own_suite.stack.pid(name) for name in PROCESSES}
    yield
    assert all(own_suite.stack.is_running(name) for name in PROCESSES)
    assert {name: own_suite.stack.pid(name) for name in PROCESSES} == before


@pytest.mark.parametrize("server", ["kafka", "postgres"])
async def test_a_server_that_is_killed_under_load_loses_nothing(own_suite: Suite, server: str) -> None:
    documents, before = load(LOAD), await own_suite.handled("provisioning")
    offering = asyncio.create_task(own_suite.offer(documents))
    await own_suite.is_at_work("provisioning", before)
    await asyncio.to_thread(own_suite.stack.kill, server)
    own_suite.stack.start(server)
    await asyncio.to_thread(own_suite.stack.wait_ready, server)
    confirmed = await offering
    assert confirmed
    await own_suite.balanced()
    await own_suite.once_each(confirmed, documents)
    assert (await own_suite.ended(order(line())))["state"] == "completed"


async def test_orders_are_accepted_while_kafka_is_away_and_carried_when_it_is_back(own_suite: Suite) -> None:
    await asyncio.to_thread(own_suite.stack.kill, "kafka")
    documents = load(20)
    confirmed = await own_suite.offer(documents)
    assert len(confirmed) == len(documents)
    own_suite.stack.start("kafka")
    await asyncio.to_thread(own_suite.stack.wait_ready, "kafka")
    await own_suite.balanced()
    await own_suite.once_each(confirmed, documents)


async def test_without_its_database_the_gateway_says_so_and_recovers(own_suite: Suite) -> None:
    await asyncio.to_thread(own_suite.stack.kill, "postgres")
    async with own_suite.client() as client:
        answer = await client.post("/v1/orders", json=order(line()))
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    own_suite.stack.start("postgres")
    await asyncio.to_thread(own_suite.stack.wait_ready, "postgres")
    assert (await own_suite.ended(order(line())))["state"] == "completed"
    await own_suite.balanced()
