"""Webhooks among replicas and over time: secrets that overlap, what is delivered again, who holds which webhook."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from gateway_service.settings import settings
from gateway_service.webhook_delivering import Deliveries
from patchbay_chassis.testing import eventually

from .conftest import Gateway
from .receiving import delivering, hang, listening, reasons, receiving, until, webhook
from .telling import replay, told

pytestmark = pytest.mark.usefixtures("in_house")


async def test_both_secrets_sign_while_they_overlap_and_one_afterwards(gateway: Gateway) -> None:
    async with receiving() as receiver, delivering(gateway):
        made = await webhook(gateway, receiver.url)
        path = made["links"]["self"]
        rotated = (await gateway.client.post(f"{path}/rotate", json={"overlap_hours": 1})).json()
        await told(gateway, "a")
        (one,) = await receiver.has(1)
        for secret in (made["secret"], rotated["secret"]):
            assert one.verified(secret)["id"] == one.id
        last = (await gateway.client.post(f"{path}/rotate", json={"overlap_hours": 0})).json()
        await gateway.do("UPDATE webhook_secret SET ends_at = now() - interval '1 s' WHERE ends_at IS NOT NULL")
        await gateway.do("UPDATE webhook SET run = run + 1")
        answer = await gateway.client.post(f"{path}/test")
        assert answer.json()["delivered"]
        tested = (await receiver.has(2))[1]
        assert len(tested.headers["webhook-signature"].split(" ")) == 1
        assert tested.verified(last["secret"])["type"] == "webhook.test"


async def test_what_was_delivered_can_be_delivered_again_alone_or_all_of_it(gateway: Gateway) -> None:
    async with receiving() as receiver, delivering(gateway):
        made = await webhook(gateway, receiver.url)
        path, began = made["links"]["self"], datetime.now(UTC)
        await told(gateway, "a", "b")
        got = await receiver.has(2)
        await until(gateway, made["links"]["deliveries"], lambda page: len(page["deliveries"]) == 2)
        answer = await gateway.client.post(f"{path}/deliveries/{got[0].id}/redeliver")
        assert answer.status_code == 202
        assert (await receiver.has(3))[2].body == got[0].body
        answer = await gateway.client.post(f"{path}/redeliver", json={"since": began.isoformat()})
        assert answer.status_code == 202
        assert sorted(reasons((await receiver.has(5))[3:])) == ["a", "b"]
        for since, status in ((began - timedelta(days=31), 422), (began + timedelta(hours=1), 202)):
            answer = await gateway.client.post(f"{path}/redeliver", json={"since": since.isoformat()})
            assert answer.status_code == status
        assert (await gateway.client.post(f"{path}/deliveries/{uuid4()}/redeliver")).status_code == 404


async def test_a_replica_that_dies_in_the_midst_loses_nothing_and_doubles_only_by_id(gateway: Gateway) -> None:
    names = [f"{at:02}" for at in range(30)]
    async with receiving() as receiver:
        await webhook(gateway, receiver.url)
        killed = Deliveries(gateway.database, settings(), "1")
        dies = asyncio.Event()

        async def record(*_: object) -> None:  # dead: nothing of it is ever recorded
            dies.set()
            await asyncio.Event().wait()

        killed._record_all = record  # type: ignore[method-assign]
        task = asyncio.create_task(killed.run())
        await told(gateway, *names[:20])
        await receiver.has(5)
        for _, running in killed._runners.values():
            running.cancel()
        killed._part = _nothing  # type: ignore[assignment,method-assign]
        task.cancel()
        await asyncio.wait({task})
        await killed._held.close()
        before = len(receiver.got)
        async with delivering(gateway):  # the same replica, back again
            await told(gateway, *names[20:])
            async with asyncio.timeout(20):
                while set(reasons(receiver.got[before:])) != set(names):
                    await receiver.has(len(receiver.got) + 1)
    bodies = {one.id: one.body for one in receiver.got}
    assert len(bodies) == 30
    assert all(one.body == bodies[one.id] for one in receiver.got)


async def _nothing(*_: object) -> None: ...


async def test_one_replica_holds_a_webhook_and_another_takes_it_over(gateway: Gateway) -> None:
    async with receiving() as receiver:
        made = await webhook(gateway, receiver.url)
        async with delivering(gateway, "1"):
            await told(gateway, "a")
            await receiver.has(1)
            await until(gateway, made["links"]["deliveries"], lambda page: bool(page["deliveries"]))
            async with delivering(gateway, "2") as second:
                await told(gateway, "b")
                await receiver.has(2)
                assert second._runners == {}
                # The first is taken for dead: frozen, it would not renew its lease either.
                await gateway.do("UPDATE webhook SET holder = 'dead', leased_until = now() - interval '1 s'")
                second.look()

                async def taken_over() -> bool:
                    return bool(second._runners) or await _holder(gateway) == "1"

                await eventually(taken_over)
                await told(gateway, "c")
                async with asyncio.timeout(20):
                    while "c" not in reasons(receiver.got):
                        await receiver.has(len(receiver.got) + 1)
        assert await _holder(gateway) == ""
        assert set(reasons(receiver.got)) == {"a", "b", "c"}


async def _holder(gateway: Gateway) -> str:
    ((holder,),) = await gateway.rows("SELECT holder FROM webhook")
    return str(holder)


async def test_dead_targets_do_not_keep_the_others_waiting(gateway: Gateway) -> None:
    """Each dead one has one delivery under way at the most, and has none while it rests."""
    async with receiving() as receiver, listening(hang) as dead, delivering(gateway) as deliveries:
        for at in range(20):
            await webhook(gateway, f"{dead}/{at}")
        await webhook(gateway, receiver.url)
        await told(gateway, *(f"{at}" for at in range(60)))
        await receiver.has(60)
        under_way = [len(runner._tasks) for runner, _ in deliveries._runners.values()]
        assert sum(under_way) <= 20 + settings().webhook_at_once


async def test_a_deleted_webhook_gets_nothing_more(gateway: Gateway) -> None:
    async with receiving() as receiver, receiving() as other, delivering(gateway) as deliveries:
        made = await webhook(gateway, receiver.url)
        await webhook(gateway, other.url)
        await told(gateway, "a")
        await receiver.has(1)
        await other.has(1)
        assert (await gateway.client.delete(made["links"]["self"])).status_code == 204
        assert (await gateway.client.delete(made["links"]["self"])).status_code == 404

        async def given_up() -> bool:
            return len(deliveries._runners) == 1

        await eventually(given_up)
        await told(gateway, "b")
        await other.has(2)
        assert len((await replay(gateway))["events"]) == 2
        assert len(receiver.got) == 1
