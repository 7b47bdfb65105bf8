"""Events reach webhooks: signed, byte for byte, again where they failed, whatever targets and replicas do."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from aiohttp import web

from gateway_service.settings import settings
from gateway_service.webhook_delivering import Deliveries

from .conftest import BOREALIS, Gateway
from .receiving import Received, delivering, listening, receiving, until, webhook
from .telling import complete, fail, placed, replay, tell


@pytest.fixture(autouse=True)
def in_house(environment: pytest.MonkeyPatch) -> None:
    """Receivers are on this machine, and nobody waits long."""
    for name, value in {
        "PATCHBAY_WEBHOOK_HTTP": "true",
        "PATCHBAY_WEBHOOK_NETWORKS": "127.0.0.0/8",
        "PATCHBAY_WEBHOOK_PAUSE": "PT0.05S",
        "PATCHBAY_WEBHOOK_LIMIT": "PT0.3S",
    }.items():
        environment.setenv(name, value)
    settings.cache_clear()


async def told(gateway: Gateway, *names: str) -> None:
    async with gateway.database.transaction() as db:
        await tell(db, *names)


def reasons(got: list[Received]) -> list[str]:
    return [one.data["reason"] for one in got]


async def test_what_a_webhook_says_the_replay_says_byte_for_byte_and_it_is_signed(gateway: Gateway) -> None:
    async with receiving() as receiver, delivering(gateway):
        made = await webhook(gateway, receiver.url)
        ids = [await placed(gateway) for _ in range(3)]
        await complete(gateway, *ids[:2])
        await fail(gateway, ids[2])
        got = await receiver.has(3)
        answer = (await gateway.client.get("/v1/events")).content
        for one in got:
            assert one.body in answer
            assert one.verified(made["secret"])["id"] == one.id
        assert {one.data["order_id"] for one in got} == {str(id_) for id_ in ids}
        page = await until(
            gateway,
            made["links"]["deliveries"],
            lambda page: [one["state"] for one in page["deliveries"]] == ["delivered"] * 3,
        )
        assert {(one["attempts"], one["status"]) for one in page["deliveries"]} == {(1, 204)}


async def test_a_webhook_gets_its_types_of_its_reseller_from_when_it_was_made(gateway: Gateway) -> None:
    before, failed, after = [await placed(gateway) for _ in range(3)]
    await fail(gateway, before)
    async with receiving() as receiver, receiving() as other, delivering(gateway):
        await webhook(gateway, receiver.url, types=["order.failed"])
        answer = await gateway.client.post("/v1/webhooks", json={"url": other.url}, headers={"X-API-Key": BOREALIS})
        assert answer.status_code == 201
        await complete(gateway, after)
        await fail(gateway, failed)
        await complete(gateway, theirs := await placed(gateway, BOREALIS), reseller="borealis")
        assert (await receiver.has(1))[0].data["order_id"] == str(failed)
        assert (await other.has(1))[0].data["order_id"] == str(theirs)
        assert (len(receiver.got), len(other.got)) == (1, 1)


async def test_what_fails_is_tried_again_and_holds_back_nothing(gateway: Gateway) -> None:
    seen = set[str]()

    def answers(one: Received) -> web.Response | None:
        first = one.id not in seen
        seen.add(one.id)
        return web.Response(status=500, text="try later") if first and one.data["reason"] == "b" else None

    async with receiving() as receiver, delivering(gateway) as deliveries:
        receiver.answers = answers
        made = await webhook(gateway, receiver.url)
        await told(gateway, "a", "b", "c", "d")
        await receiver.has(4)
        await until(gateway, made["links"]["deliveries"], lambda page: len(page["deliveries"]) == 4)
        deliveries.look()
        got = await receiver.has(5)
        assert sorted(reasons(got)) == ["a", "b", "b", "c", "d"]
        again = [one for one in got if one.data["reason"] == "b"]
        assert (again[0].id, again[0].body) == (again[1].id, again[1].body)
        page = await until(
            gateway,
            made["links"]["deliveries"],
            lambda page: {one["state"] for one in page["deliveries"]} == {"delivered"},
        )
        assert sorted(one["attempts"] for one in page["deliveries"]) == [1, 1, 1, 2]


async def hang(_: asyncio.StreamWriter) -> None: ...


async def answer_garbage(writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\xffHTTP? no.\r\n\r\n" * 20)


async def die(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def answer_without_end(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 500 Oh\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 100_000)


@pytest.mark.parametrize(
    ("does", "status", "says"),
    [
        (hang, None, "too long"),
        (answer_garbage, None, "no HTTP"),
        (die, None, "closed"),
        (answer_without_end, 500, "answered 500"),
    ],
)
async def test_a_target_that_misbehaves_is_noted_and_the_others_are_served(
    gateway: Gateway, does: "type[None]", status: int | None, says: str
) -> None:
    async with receiving() as good, listening(does) as bad, delivering(gateway):  # type: ignore[arg-type]
        worse = await webhook(gateway, bad)
        await webhook(gateway, good.url)
        await told(gateway, *"abcdef")
        assert sorted(reasons(await good.has(6))) == list("abcdef")
        page = await until(gateway, worse["links"]["deliveries"], lambda page: bool(page["deliveries"]))
        one = page["deliveries"][-1]
        assert (one["state"], one["status"], says in one["error"]) == ("waiting", status, True), one
        shown = await until(gateway, worse["links"]["self"], lambda shown: shown["failing_since"] is not None)
        assert shown["state"] == "enabled"


async def test_a_redirect_is_not_followed(gateway: Gateway) -> None:
    async with receiving() as target, receiving() as moved, delivering(gateway):
        moved.answers = lambda _: web.Response(status=307, headers={"Location": target.url})
        made = await webhook(gateway, moved.url)
        await told(gateway, "a")
        await moved.has(2)
        page = await until(gateway, made["links"]["deliveries"], lambda page: bool(page["deliveries"]))
        assert (page["deliveries"][0]["status"], target.got) == (307, [])
        assert "redirects" in page["deliveries"][0]["error"]


async def test_a_webhook_that_answers_again_gets_all_that_it_missed(gateway: Gateway) -> None:
    async with receiving() as receiver, delivering(gateway) as deliveries:
        receiver.answers = lambda _: web.Response(status=503, headers={"Retry-After": "0"})
        made = await webhook(gateway, receiver.url)
        await told(gateway, *"abcdefgh")
        await receiver.has(4)
        shown = await until(gateway, made["links"]["self"], lambda shown: shown["next_try_at"] is not None)
        assert shown["failing_since"] is not None
        receiver.answers = lambda _: None

        async def all_there() -> None:
            while set(reasons(receiver.got)) != set("abcdefgh"):
                deliveries.look()
                await asyncio.sleep(0.02)

        async with asyncio.timeout(20):
            await all_there()
        page = await until(
            gateway,
            made["links"]["deliveries"],
            lambda page: [one["state"] for one in page["deliveries"]] == ["delivered"] * 8,
        )
        assert page["next"] is None
        await until(gateway, made["links"]["self"], lambda shown: shown["failing_since"] is None)


@pytest.mark.parametrize(("status", "why"), [(410, "410"), (500, "nothing got through")])
async def test_a_webhook_that_is_gone_or_fails_for_a_day_is_disabled_and_its_reseller_is_told(
    gateway: Gateway, status: int, why: str
) -> None:
    async with receiving() as bad, receiving() as good:
        bad.answers = lambda _: web.Response(status=status)
        made = await webhook(gateway, bad.url)
        await webhook(gateway, good.url, types=["webhook.disabled"])
        since = datetime.now(UTC) - timedelta(days=1)
        await gateway.do("UPDATE webhook SET failing_since = $1 WHERE url = $2", since, bad.url)
        async with delivering(gateway):
            await fail(gateway, await placed(gateway))
            (event,) = await good.has(1)
            assert event.data["webhook_id"] == made["id"]
            assert why in event.data["reason"]
            shown = (await gateway.client.get(made["links"]["self"])).json()
            assert (shown["state"], shown["why"]) == ("disabled", event.data["reason"])
            assert event.body in (await gateway.client.get("/v1/events")).content
            bad.answers = lambda _: None
            missed = await placed(gateway)
            await complete(gateway, missed)
            answer = await gateway.client.patch(made["links"]["self"], json={"state": "enabled"})
            assert (answer.json()["state"], answer.json()["failing_since"]) == ("enabled", None)
            async with asyncio.timeout(20):
                while str(missed) not in {one.data.get("order_id") for one in bad.got}:
                    await bad.has(len(bad.got) + 1)


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
                async with asyncio.timeout(20):
                    while not (second._runners or (await _holder(gateway)) == "1"):  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
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
        async with asyncio.timeout(20):
            while len(deliveries._runners) > 1:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await told(gateway, "b")
        await other.has(2)
        assert len((await replay(gateway))["events"]) == 2
        assert len(receiver.got) == 1
