"""A service stands still for longer than its session lasts and wakes up as if nothing had been: it doubles nothing."""

import asyncio

import pytest

from patchbay_local.processes import SERVICES
from tests.documents import load
from tests.suite import Suite

LOAD = 150


@pytest.mark.parametrize("service", SERVICES)
async def test_a_frozen_service_wakes_up_and_goes_on(suite: Suite, service: str) -> None:
    documents, before = load(LOAD), await suite.handled(service)
    offering = asyncio.create_task(suite.offer(documents))
    await suite.is_at_work(service, before)
    suite.stack.freeze(service)
    await suite.has_members(service, 0)
    suite.stack.thaw(service)
    confirmed = await offering
    await suite.balanced()
    await suite.once_each(confirmed, documents)
    assert len(confirmed) == LOAD


@pytest.mark.parametrize("service", SERVICES)
async def test_of_two_replicas_one_freezes_and_the_other_carries_its_work(suite: Suite, service: str) -> None:
    documents, before = load(LOAD), await suite.handled(service)
    suite.start(service, "2")
    await suite.ready(service, "2")
    await suite.has_members(service, 2)
    offering = asyncio.create_task(suite.offer(documents, replica="2" if service == "gateway" else "1"))
    await suite.is_at_work(service, before)
    suite.stack.freeze(service)
    confirmed = await offering
    await suite.has_members(service, 1)
    await suite.balanced()
    suite.stack.thaw(service)
    await suite.has_members(service, 2)
    later = load(LOAD)
    confirmed += await suite.offer(later)
    await suite.balanced()
    await suite.once_each(confirmed, documents + later)
    assert len(confirmed) == 2 * LOAD
