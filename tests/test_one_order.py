"""One order goes the whole way: over HTTP, through six services and Kafka, to services, charges and mails."""

from bench.books import settled
from tests.documents import EXISTING, PREFIX, Document, existing, line, new_number, order
from tests.suite import Suite

STEPS = [
    ("gateway", "provisioning.PlaceOrder.v1", "provisioning.commands.v1"),
    ("provisioning", "provisioning.PlaceOrder.v1", "provisioning.commands.v1"),
    ("customer", "customer.PrepareCustomer.v1", "customer.commands.v1"),
    ("numbers", "numbers.HoldNumbers.v1", "numbers.commands.v1"),
    ("customer", "customer.CustomerReady.v1", "provisioning.replies.v1"),
    ("numbers", "numbers.NumbersHeld.v1", "provisioning.replies.v1"),
    ("billing", "billing.OpenBilling.v1", "billing.commands.v1"),
    ("billing", "billing.BillingOpened.v1", "provisioning.replies.v1"),
    ("provisioning", "provisioning.ActivateServices.v1", None),
    ("provisioning", "provisioning.ServicesActivated.v1", None),
    ("gateway", "orders.OrderCompleted.v1", "orders.events.v1"),
]


def made(shown: Document) -> list[tuple[int, str, int]]:
    """Line, type and count of numbers of each service."""
    return sorted((s["line"], s["service_type"], len(s["numbers"])) for s in shown["outcome"]["services"])


async def test_an_order_ends_with_its_services_numbers_charges_and_mails(suite: Suite) -> None:
    number = "+442079460958"
    document = order(line(numbers={"exact": [number]}, settings={"voicemail": True}))
    shown = await suite.ended(document)
    assert shown["state"] == "completed"
    assert [s["numbers"] for s in shown["outcome"]["services"]] == [[number]]
    assert shown["outcome"]["monthly"] == [{"amount": "9.5000", "currency": "GBP"}]
    assert shown["order"]["customer"]["name"] == "Ada Lovelace"
    await suite.balanced()


async def test_the_timeline_names_every_step_with_its_topic(suite: Suite) -> None:
    shown = await suite.ended(order(line()))
    told = [(e["service"], e["message"], e["topic"]) for e in shown["timeline"]]
    assert sorted(told) == sorted(STEPS)
    assert [e["at"] for e in shown["timeline"]] == sorted(e["at"] for e in shown["timeline"])


async def test_customer_and_reseller_are_told_what_is_ready(suite: Suite) -> None:
    number = "+442079460957"
    document = order(line(numbers={"exact": [number]}))
    shown = await suite.ended(document)
    (mail,) = await suite.mails(document["customer"]["email"])
    assert mail["subject"] == "Your new services"
    assert "Dear Ada Lovelace," in mail["body"]
    assert f"- voice-line: {number}" in mail["body"]
    assert "Monthly: 9.50 GBP" in mail["body"]
    (to_reseller,) = await suite.mails("orders@acme.example", about=document["reference"])
    assert to_reseller["subject"] == f"Order {document['reference']} is complete"
    assert shown["id"] in to_reseller["body"]


async def test_an_order_without_lines_only_creates_the_customer(suite: Suite) -> None:
    document = order()
    shown = await suite.ended(document)
    assert (shown["state"], shown["outcome"]["services"]) == ("completed", [])
    (mail,) = await suite.mails(document["customer"]["email"])
    assert "No service was ordered." in mail["body"]
    await suite.balanced()


async def test_several_lines_make_services_as_they_are_grouped(suite: Suite) -> None:
    three = {"count": 3, "prefix": PREFIX}
    shown = await suite.ended(
        order(
            line(numbers=three, grouping="each"),
            line(numbers=three, service_type="hunt-group", grouping="together"),
            line(service_type="sip-trunk", numbers={}, settings={"channels": 4}),
        )
    )
    assert shown["state"] == "completed"
    assert made(shown) == [
        (0, "voice-line", 1),
        (0, "voice-line", 1),
        (0, "voice-line", 1),
        (1, "hunt-group", 3),
        (2, "sip-trunk", 0),
    ]
    await suite.balanced()


async def free_in(suite: Suite, pool: str) -> str:
    """A number that nobody has, of those that are the reseller's or the customer's."""
    wanted = {"count": 1, "method": "random", "pools": [pool], "customer_id": EXISTING if pool == "customer" else None}
    async with suite.client() as client:
        found = (await client.post("/v1/numbers/search", json=wanted)).json()
    return str(found["numbers"][0]["e164"])


async def test_one_order_takes_numbers_from_several_pools_by_name_and_by_criteria(suite: Suite) -> None:
    named = [new_number(), await free_in(suite, "reseller"), await free_in(suite, "customer")]
    pools = {"public": "4430", "reseller": "44131", "customer": "44113498"}
    wanted = [line(numbers={"count": 1, "pool": pool, "prefix": f"+{digits}"}) for pool, digits in pools.items()]
    shown = await suite.ended(order(line(numbers={"exact": named}), *wanted, customer=existing()))
    assert shown["state"] == "completed", shown["outcome"]
    first, *others = sorted(shown["outcome"]["services"], key=lambda one: one["line"])
    assert first["numbers"] == named
    for one, digits in zip(others, pools.values(), strict=True):
        (number,) = one["numbers"]
        assert number.startswith(f"+{digits}")
    await suite.balanced()


async def test_an_existing_customer_gets_more_services(suite: Suite) -> None:
    shown = await suite.ended(order(line(), customer=existing()))
    assert (shown["state"], shown["outcome"]["customer_id"]) == ("completed", EXISTING)
    assert await settled(suite.databases, 30) == []


async def test_of_two_orders_for_the_same_number_exactly_one_gets_it(suite: Suite) -> None:
    number = {"exact": [new_number()]}
    first, second = await suite.offer([order(line(numbers=number)), order(line(numbers=number))])
    ends = [await suite.shows(id_, "completed", "failed") for id_ in (first, second)]
    assert sorted(shown["state"] for shown in ends) == ["completed", "failed"]
    (loser,) = (shown for shown in ends if shown["state"] == "failed")
    assert (loser["outcome"]["step"], loser["outcome"]["reason"]) == ("numbers", "taken")
    await suite.balanced()
