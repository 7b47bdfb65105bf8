"""Whoever refuses an order, all that was done for it is undone step by step, and its reseller is told why."""

import pytest

from tests.documents import BLOCKED, REFUSED_PREFIX, Document, existing, line, new_number, order
from tests.suite import Suite


def steps(shown: Document) -> list[str]:
    """What was said, without owner and version."""
    return [entry["message"].split(".")[1] for entry in shown["timeline"]]


def in_order(shown: Document, *expected: str) -> bool:
    """Whether these were said in this order, whatever stood between them."""
    told = iter(steps(shown))
    return all(one in told for one in expected)


async def test_an_unknown_price_list_gives_number_and_customer_back(suite: Suite) -> None:
    shown = await suite.ended(order(line(numbers={"exact": [new_number()]}, price_list="nobody-has-it")))
    assert (shown["state"], shown["outcome"]["step"]) == ("failed", "billing")
    assert shown["outcome"]["reason"] == "unknown_price_list"
    assert "/lines/0/price_list" in shown["outcome"]["detail"]
    assert in_order(shown, "OpenBilling", "BillingRefused", "ReleaseNumbers", "NumbersReleased", "OrderFailed")
    assert in_order(shown, "BillingRefused", "WithdrawCustomer", "CustomerWithdrawn", "OrderFailed")
    assert "VoidBilling" not in steps(shown)
    refusal = next(e for e in shown["timeline"] if "BillingRefused" in e["message"])
    assert "nobody-has-it" in refusal["note"]
    await suite.balanced()


async def test_a_blocked_customer_gives_the_numbers_back(suite: Suite) -> None:
    shown = await suite.ended(order(line(), customer=existing(BLOCKED)))
    assert (shown["state"], shown["outcome"]["reason"]) == ("failed", "customer_blocked")
    assert in_order(shown, "CustomerRefused", "ReleaseNumbers", "NumbersReleased", "OrderFailed")
    assert "OpenBilling" not in steps(shown)
    await suite.balanced()


async def test_a_number_of_another_order_withdraws_the_customer_and_stays_with_its_owner(suite: Suite) -> None:
    number = new_number()
    assert (await suite.ended(order(line(numbers={"exact": [number]}))))["state"] == "completed"
    shown = await suite.ended(order(line(numbers={"exact": [number]})))
    assert (shown["state"], shown["outcome"]["reason"]) == ("failed", "taken")
    assert number in shown["outcome"]["detail"]
    assert in_order(shown, "NumbersUnavailable", "WithdrawCustomer", "CustomerWithdrawn", "OrderFailed")
    await suite.balanced()


async def test_a_number_that_the_network_refuses_withdraws_the_services_that_were_active(suite: Suite) -> None:
    document = order(line(), line(numbers={"count": 1, "prefix": REFUSED_PREFIX}))
    shown = await suite.ended(document)
    assert (shown["state"], shown["outcome"]["step"]) == ("failed", "services")
    assert shown["outcome"]["reason"] == "network_refused"
    assert "the network does not take +44151496" in shown["outcome"]["detail"]
    undone = ("VoidBilling", "BillingVoided", "ReleaseNumbers", "NumbersReleased")
    assert in_order(shown, "ServicesRefused", "WithdrawServices", "ServicesWithdrawn", *undone, "OrderFailed")
    assert in_order(shown, "BillingVoided", "WithdrawCustomer", "CustomerWithdrawn", "OrderFailed")
    await suite.balanced()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"service_type": "telegraph"}, "unknown_service_type"),
        ({"settings": {"voicemail": "perhaps"}}, "bad_settings"),
        ({"service_type": "fax-to-email", "settings": {"email": "a@b.example"}, "numbers": {}}, "too_few_numbers"),
    ],
)
async def test_what_the_catalogue_does_not_know_is_refused_before_anything_is_done(
    suite: Suite, wrong: Document, reason: str
) -> None:
    shown = await suite.ended(order(line(**wrong)))
    assert (shown["state"], shown["outcome"]["step"], shown["outcome"]["reason"]) == ("failed", "validity", reason)
    assert steps(shown) == ["PlaceOrder", "PlaceOrder", "OrderFailed"] or "PrepareCustomer" not in steps(shown)
    await suite.balanced()


async def test_the_reseller_is_told_of_a_refusal_and_the_customer_is_not(suite: Suite) -> None:
    document = order(line(price_list="nobody-has-it"))
    await suite.ended(document)
    (mail,) = await suite.mails("orders@acme.example", about=document["reference"])
    assert mail["subject"] == f"Order {document['reference']} was not carried out"
    assert "Reason: unknown_price_list" in mail["body"]
    await suite.balanced()  # which is to say that no other mail was written
