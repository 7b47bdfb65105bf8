"""A webhook whose receiver is gone is disabled, and its reseller reads so in a mail: from the network to the inbox."""

from aiohttp import web

from tests.documents import Document, load
from tests.receivers import receiver
from tests.suite import Suite, eventually


async def _gone(_: web.Request) -> web.Response:
    """What a receiver answers that is gone, to all that it gets."""
    return web.Response(status=410)


async def disabled(suite: Suite) -> tuple[str, Document]:
    """The id of a webhook that was disabled, and the mail about it."""
    async with receiver(_gone) as url, suite.client() as client:
        made = await client.post("/v1/webhooks", json={"url": url})
        assert made.status_code == 201, made.text
        id_ = str(made.json()["id"])
        await suite.offer(load(1))

        async def mail() -> Document | None:
            found = await suite.mails("orders@acme.example", about="webhook")
            return next((one for one in found if id_ in one["body"]), None)

        found = await eventually(mail)
        assert found is not None
        assert (await client.delete(f"/v1/webhooks/{id_}")).status_code == 204
    return id_, found


async def test_a_reseller_reads_in_a_mail_that_its_webhook_was_disabled_and_why(suite: Suite) -> None:
    _id, mail = await disabled(suite)
    assert mail["subject"] == "A webhook of Acme Telecom was disabled"
    assert "Reason: it answered 410: gone" in mail["body"]
    await suite.balanced()
