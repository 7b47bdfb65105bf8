"""What the Python client reads and changes, with all services behind it, waiting and awaited."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from patchbay_client import (
    AsyncClient,
    Client,
    NotThere,
    Refused,
    catalogue,
    customers,
    mails,
    numbers,
    orders,
    quotes,
    services,
    webhooks,
    with_tag,
)
from patchbay_client.reading_shapes import Mail
from tests.documents import line, order
from tests.suite import Suite, eventually


async def test_an_order_is_read_from_all_sides_and_its_customer_and_service_are_changed(suite: Suite) -> None:
    document = order(line())
    ended = await suite.ended(document)
    async with AsyncClient(suite.stack.url("gateway"), suite.stack.api_key) as patchbay:
        (service,) = (await patchbay(services.page(order_id=ended["id"])))["services"]
        assert [one["id"] async for one in patchbay.stream(services.every(order_id=ended["id"]))] == [service["id"]]
        (number,) = service["numbers"]
        assert (await patchbay(numbers.show(number)))["service_id"] == service["id"]
        assert [one["e164"] for one in (await patchbay(numbers.page(number=number)))["numbers"]] == [number]
        customer = await patchbay(customers.show(service["customer_id"]))
        found = [one["id"] async for one in patchbay.stream(customers.every(text=customer["email"]))]
        assert found == [customer["id"]]
        changed = await patchbay(customers.amend(customer["id"], {"phone": "0121 496 0001"}, customer["version"]))
        assert changed["version"] == customer["version"] + 1
        with pytest.raises(Refused):
            await patchbay(customers.amend(customer["id"], {"phone": None}, customer["version"]))
        of_order = orders.every(customer_id=customer["id"])
        assert [one["id"] async for one in patchbay.stream(of_order)] == [ended["id"]]
        written = await eventually(lambda: _mails(patchbay, ended["id"]))
        one = written[0]
        assert (await patchbay(mails.show(one["order_id"], one["purpose"], one["recipient"])))["text"]

        ceasing = services.cease(service["id"], service["version"], "moved away")
        placed = [(await patchbay(ceasing))["id"] for _ in range(2)]
        assert placed[0] == placed[1]
        await suite.shows(placed[0], "completed")
        assert (await patchbay(services.show(service["id"])))["state"] == "ended"
        assert [one["kind"] for one in (await patchbay(services.history(service["id"])))["changes"]] == ["end"]


async def _mails(patchbay: AsyncClient, order_id: str) -> list[Mail]:
    return (await patchbay(mails.page(order_id=order_id)))["mails"]


def test_what_is_sold_is_quoted_and_an_order_is_taken_back_by_what_was_seen(suite: Suite) -> None:
    with Client(suite.stack.url("gateway"), suite.stack.api_key) as patchbay:
        sold = [one["service_type"] for one in patchbay(catalogue.page(limit=200))["service_types"]]
        assert "voice-line" in sold
        assert patchbay(catalogue.show("voice-line"))["settings_schema"]
        assert patchbay(catalogue.terms("voice-line"))["hash"]
        lists = [one["price_list"] for one in patchbay(catalogue.price_lists(service_type="voice-line"))["price_lists"]]
        assert "standard-gbp" in lists
        assert patchbay(catalogue.price_list("standard-gbp"))["prices"]
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        later = patchbay(orders.place(order(line(), start=tomorrow)))["id"]
        tagged = patchbay(with_tag(orders.show(later)))
        assert tagged.body["id"] == later
        with pytest.raises(Refused):
            patchbay(orders.amend(later, {"notify": []}, tagged.etag))
        cancelling = orders.cancel(later, "not wanted")
        assert {patchbay(cancelling)["id"] for _ in range(2)} == {later}
        with pytest.raises(NotThere):
            patchbay(quotes.show(str(uuid4())))


def test_a_webhook_is_shown_changed_and_removed(suite: Suite) -> None:
    with Client(suite.stack.url("gateway"), suite.stack.api_key) as patchbay:
        made = patchbay(webhooks.add("http://127.0.0.1:9/here", ["order.failed"]))
        patchbay(webhooks.change(made["id"], {"state": "disabled"}))
        assert patchbay(webhooks.show(made["id"]))["state"] == "disabled"
        removing = webhooks.remove(made["id"])
        for _ in range(2):
            patchbay(removing)
        with pytest.raises(NotThere):
            patchbay(webhooks.show(made["id"]))
