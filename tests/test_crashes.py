"""A service dies at a named point in the middle of its work, is started again, and the books balance.

The orders are offered while it dies, three in ten of them to be refused.
"""

import asyncio

import pytest

from patchbay_local.processes import SERVICES
from tests.documents import line, load, order
from tests.suite import Suite, eventually

LOAD = 200
ANSWERING = ("customer", "numbers", "billing", "provisioning")
"""Those whose batches say something; what the gateway says has no batch behind it, and the notifier says nothing."""

MATRIX = [
    *((service, point) for service in SERVICES for point in ("before_commit", "after_commit", "after_acks")),
    *((service, "after_some_acks") for service in (*ANSWERING, "gateway")),
    ("gateway", "accepting_http"),
    ("provisioning", "after_errand"),
    ("notifier", "after_errand"),
]


@pytest.mark.parametrize(("service", "point"), MATRIX)
async def test_a_service_that_dies_loses_and_doubles_nothing(suite: Suite, service: str, point: str) -> None:
    await suite.restart(service, PATCHBAY_CRASH_AT=f"{point}:{1 if point == 'after_errand' else 3}")
    documents = load(LOAD)
    offering = asyncio.create_task(suite.offer(documents))
    await suite.died(service)
    await suite.restart(service)
    confirmed = await offering
    assert confirmed or service == "gateway"
    await suite.balanced()
    await suite.once_each(confirmed, documents)


async def test_a_gateway_that_dies_while_it_sends_again_loses_and_doubles_nothing(suite: Suite) -> None:
    await suite.restart("gateway", PATCHBAY_CRASH_AT="after_some_acks")
    documents = load(LOAD)
    confirmed = await suite.offer(documents)
    await suite.died("gateway")
    suite.start("gateway", PATCHBAY_CRASH_AT="sweeping")
    await suite.died("gateway")
    await suite.restart("gateway")
    await suite.balanced()
    await suite.once_each(confirmed, documents)


async def test_provisioning_that_dies_while_it_looks_after_late_orders_loses_and_doubles_nothing(suite: Suite) -> None:
    suite.stack.freeze("numbers")
    await suite.restart("provisioning", PATCHBAY_CRASH_AT="sweeping:2", PATCHBAY_PATIENCE="0.01")
    documents = load(LOAD)
    confirmed = await suite.offer(documents)
    await suite.died("provisioning")
    suite.stack.thaw("numbers")
    await suite.restart("provisioning")
    await suite.balanced()
    await suite.once_each(confirmed, documents)
    assert len(confirmed) == LOAD


async def test_a_mail_that_goes_out_twice_around_a_crash_can_be_told_by_its_message_id(suite: Suite) -> None:
    await suite.restart("notifier", PATCHBAY_CRASH_AT="after_errand")
    document = order(line(), notify=["customer"])
    id_ = await suite.place(document)
    await suite.died("notifier")
    await suite.restart("notifier")

    async def sent() -> list[str]:
        rows = await suite.rows("notifier", "SELECT state FROM mail WHERE order_id = $1::text::uuid", id_)
        return [row["state"] for row in rows if row["state"] == "sent"]

    assert await eventually(sent) == ["sent"]
    first, second = await suite.mails(document["customer"]["email"])
    assert first["message_id"] == second["message_id"]
    await suite.balanced()
