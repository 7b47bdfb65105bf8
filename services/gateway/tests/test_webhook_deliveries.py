"""Events reach webhooks: signed, byte for byte, again where they failed, whatever targets and replicas do."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from patchbay_chassis.testing import eventually

from .conftest import BOREALIS, Gateway
from .receiving import Received, delivering, hang, listening, reasons, receiving, until, webhook
from .telling import complete, fail, placed, told

pytestmark = pytest.mark.usefixtures("in_house")


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

        async def all_there() -> bool:
            deliveries.look()
            return set(reasons(receiver.got)) == set("abcdefgh")

        await eventually(all_there)
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
