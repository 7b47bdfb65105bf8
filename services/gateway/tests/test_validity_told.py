"""What the validity report says of a draft that is hardly begun: just what fits, and in sentences."""

from typing import Any

import pytest_asyncio

from .behind import Behind
from .clerk import Clerk
from .conftest import Gateway
from .owners import CUSTOMER, Owners
from .wizard_orders import end

NONE = {
    "code": "service.none",
    "severity": "info",
    "tab": "settings",
    "pointer": "/lines",
    "message": "Only the customer is created, without a service.",
    "remedy": "Choose a service type to order one.",
}


@pytest_asyncio.fixture
async def clerk(behind: Behind, gateway: Gateway) -> Clerk:
    clerk = Clerk(gateway, Owners(behind))
    await clerk.sign_in()
    await clerk.begin()
    return clerk


def asked(clerk: Clerk, owner: str) -> Any:
    """The customer of whom the owner was asked last."""
    service = getattr(clerk.owners.behind, owner)
    return [call.document["customer"] for call in service.asked if call.path == "/validity"][-1]


async def test_without_an_existing_customer_chosen_nobody_is_checked_as_a_new_one(clerk: Clerk) -> None:
    await clerk.press("update", kind="existing")
    await clerk.go("creation")
    assert (asked(clerk, "customer"), asked(clerk, "billing")) == (None, None)
    assert "No existing customer is chosen." in clerk.form.seen


async def test_the_chosen_customer_is_the_one_that_is_checked(clerk: Clerk) -> None:
    await clerk.press("update", kind="existing", id=CUSTOMER["id"])
    await clerk.go("creation")
    assert asked(clerk, "customer")["id"] == CUSTOMER["id"]
    assert "No existing customer is chosen." not in clerk.form.seen


async def test_only_the_customer_is_created_is_said_once_that_is_what_was_chosen(clerk: Clerk) -> None:
    clerk.owners.finds["provisioning"] = [NONE]
    await clerk.go("creation", "?report=full")
    assert "No service is chosen" in clerk.form.seen
    assert "Only the customer is created" not in clerk.form.seen
    await clerk.go("service")
    await clerk.press(go="creation", service_type="-")
    await clerk.go("creation", "?report=full")
    assert "No service is chosen" not in clerk.form.seen
    assert "Only the customer is created" in clerk.form.seen
    await clerk.go("customer")
    await clerk.press("update", kind="existing", id=CUSTOMER["id"])
    await clerk.go("creation", "?report=full")
    assert "there is nothing to create" in clerk.form.seen
    assert "Only the customer is created" not in clerk.form.seen


async def test_the_mails_of_a_failure_are_not_those_of_a_later_success(clerk: Clerk, gateway: Gateway) -> None:
    await clerk.fill()
    await clerk.press("create")
    await end(gateway, await clerk.draft(), "failed")
    await clerk.go("notifications")
    await clerk.press("update")
    assert {mail.purpose for mail in (await clerk.draft()).document.mails} == {"order_failed"}
    await clerk.go("creation")
    await clerk.press("reopen")
    await clerk.go("creation")
    await clerk.press("create")
    await end(gateway, await clerk.draft())
    await clerk.go("notifications")
    assert clerk.form.fields["mails-0-purpose"] == ["service_created"]


async def test_what_was_found_and_what_to_do_are_sentences(clerk: Clerk) -> None:
    said = {"message": "a name is required", "remedy": "give a name: up to 200 characters"}
    clerk.owners.find("customer", "name_required", **said)
    clerk.owners.find("customer", "name_odd", severity="warning", message="It is odd.", remedy="Look again.")
    await clerk.fill()
    await clerk.go("creation")
    sentences = "A name is required. Give a name: up to 200 characters."
    assert clerk.form.seen.count(sentences) == 1
    await clerk.press("create")
    assert clerk.form.seen.count(sentences) == 2, "in the summary as well"
    await clerk.go("customer")
    assert sentences in clerk.form.seen
    assert "It is odd. Look again." in clerk.form.seen
