"""A webhook that is disabled leads to one mail to its reseller, at the address that the customer service knows."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import pytest
from aiohttp import web

from gateway_service import webhook_notices
from gateway_service.webhook_notices import Answer, Notice
from patchbay_chassis.errand import Errand
from patchbay_contracts.v1.notifier import TellWebhookDisabled

from .behind import Behind
from .conftest import Gateway
from .owners import Owners
from .receiving import delivering, receiving, until, webhook
from .telling import fail, placed

pytestmark = pytest.mark.usefixtures("in_house")


@pytest.fixture(autouse=True)
def owners(behind: Behind) -> Owners:
    return Owners(behind)


async def taken(gateway: Gateway) -> tuple[Errand[Notice, Answer], Sequence[Notice]]:
    """What a replica takes in hand."""
    errand = webhook_notices.errand(gateway.app.state.desk.upstream)
    async with gateway.database.transaction() as db:
        return errand, await errand.take(db, 10)


async def tell(gateway: Gateway, errand: Errand[Notice, Answer], notices: Sequence[Notice]) -> None:
    """It asks for the addresses, and tells the notifier."""
    answers = await errand.run(notices)
    async with gateway.running.turn() as turn:
        turn.say(*await errand.record(answers, turn.db))


async def disabled(gateway: Gateway) -> UUID:
    """A webhook of acme's, after its receiver said that it is gone."""
    async with receiving() as gone, delivering(gateway):
        gone.answers = lambda _: web.Response(status=410)
        made = await webhook(gateway, gone.url)
        await fail(gateway, await placed(gateway))
        await until(gateway, made["links"]["self"], lambda shown: shown["state"] == "disabled")
    return UUID(made["id"])


def said(gateway: Gateway) -> list[TellWebhookDisabled]:
    kind = TellWebhookDisabled
    return [kind.model_validate_json(one.body) for one in gateway.kafka.said if one.type == kind.type]


async def left(gateway: Gateway) -> int:
    return len(await gateway.rows("SELECT FROM webhook_notice"))


async def test_the_reseller_is_written_to_once_with_the_reason_of_the_event(gateway: Gateway) -> None:
    id_ = await disabled(gateway)
    slow = await taken(gateway)
    assert (await taken(gateway))[1] == []
    await gateway.do("UPDATE webhook_notice SET due = now()")
    await tell(gateway, *await taken(gateway))
    await tell(gateway, *slow)
    (one,) = said(gateway)
    (event,) = (await gateway.client.get("/v1/events?types=webhook.disabled")).json()["events"]
    assert (str(one.event_id), one.webhook_id, one.reseller) == (event["id"], id_, "acme")
    assert (one.url, one.reason) == (event["data"]["url"], event["data"]["reason"])
    assert one.disabled_at == datetime.fromisoformat(event["at"])
    assert (one.to.kind, one.to.name, one.to.email) == ("reseller", "Acme Telecom", "desk@acme.example")
    assert await left(gateway) == 0


async def test_while_the_customer_service_is_away_the_notice_waits(gateway: Gateway, behind: Behind) -> None:
    await disabled(gateway)
    await behind.customer.go()
    await tell(gateway, *await taken(gateway))
    assert (said(gateway), await left(gateway)) == ([], 1)
    await behind.customer.come()
    await gateway.do("UPDATE webhook_notice SET due = now()")
    await tell(gateway, *await taken(gateway))
    assert ([one.to.name for one in said(gateway)], await left(gateway)) == (["Acme Telecom"], 0)


async def test_a_webhook_that_its_owner_disabled_is_no_news(gateway: Gateway) -> None:
    made = await webhook(gateway, "http://127.0.0.1:1/")
    answer = await gateway.client.patch(made["links"]["self"], json={"state": "disabled"})
    assert (answer.json()["state"], await left(gateway)) == ("disabled", 0)
