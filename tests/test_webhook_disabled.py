"""A webhook whose receiver is gone is disabled, and its reseller reads so in a mail: from the network to the inbox."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.documents import Document, load
from tests.suite import Suite, eventually


@asynccontextmanager
async def _gone() -> AsyncIterator[str]:
    """The URL of a receiver that answers 410 to all that it gets."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=410)

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield site.name
    finally:
        await runner.cleanup()


async def disabled(suite: Suite) -> tuple[str, Document]:
    """The id of a webhook that was disabled, and the mail about it."""
    async with _gone() as url, suite.client() as client:
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
