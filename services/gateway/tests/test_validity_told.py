"""What the validity report says of a draft that is hardly begun: just what fits, and in sentences."""

from typing import Any

import pytest

from gateway_service import drafts
from gateway_service.draft import Author, DraftMail

from .clerk import Clerk
from .conftest import Gateway
from .owners import CUSTOMER
from .wizard_orders import end

NONE = {
    "code": "service.none",
    "severity": "info",
    "tab": "settings",
    "pointer": "/lines",
    "message": "Only the customer is created, without a service.",
    "remedy": "Choose a service type to order one.",
}


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
    assert "draft.nothing_chosen" not in clerk.form.seen
    assert "finding of the last report is gone: Service: No service is chosen" in clerk.form.seen
    assert "Only the customer is created" in clerk.form.seen
    await clerk.go("customer")
    await clerk.press("update", kind="existing", id=CUSTOMER["id"])
    await clerk.go("creation", "?report=full")
    assert "there is nothing to create" in clerk.form.seen
    assert "service.none" not in clerk.form.seen


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


async def test_the_notifier_is_asked_about_the_addresses_of_a_new_customer_and_its_contacts(clerk: Clerk) -> None:
    contact = {"contacts-0-kind": "contact", "contacts-0-name": "Bob", "contacts-0-email": "bob@example.com"}
    await clerk.press("update", email="ada@example.com", **contact)
    said = {"message": "bob@example.com was not known when it was last written to: no", "remedy": "check the address"}
    at = {"pointer": "/customer/contacts/0/email", "severity": "warning"}
    clerk.owners.find("notifier", "bounced_before", **at, **said)
    page = await clerk.go("creation")
    seen = asked(clerk, "notifier")
    assert (seen["email"], [one["email"] for one in seen["contacts"]]) == ("ada@example.com", ["bob@example.com"])
    assert seen.get("sealed_pin") is None
    assert "Bob@example.com was not known when it was last written to" in clerk.form.seen
    assert 'value="customer:::contacts-0-email"' in page.text


async def test_the_notifier_is_asked_about_the_addresses_of_a_customer_that_is_there_already(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    contacts = [{"kind": "contact", "name": "Bob", "email": "bob@example.com"}]
    monkeypatch.setitem(CUSTOMER["details"], "contacts", contacts)
    await clerk.press("update", kind="existing", id=CUSTOMER["id"])
    found = {"message": "bob@example.com was not known when it was last written to: no", "remedy": "check the address"}
    at = {"pointer": "/customer/contacts/0/email", "severity": "warning", "about": [CUSTOMER["id"]]}
    clerk.owners.find("notifier", "bounced_before", **at, **found)
    page = await clerk.go("creation")
    seen = asked(clerk, "notifier")
    assert (seen["email"], [one["email"] for one in seen["contacts"]]) == ("ada@lovelace.example", ["bob@example.com"])
    assert "Bob@example.com was not known when it was last written to" in clerk.form.seen
    assert 'value="customer:::find"' in page.text
    assert f'value="customers:{CUSTOMER["id"]}"' in page.text
    (waive,) = [value for _, value in clerk.form.buttons if value.startswith("waive:")]
    await clerk.press(waive, **{f"reason-{waive.removeprefix('waive:')}": "He is told by post"})
    assert len((await clerk.draft()).document.waivers) == 1
    await clerk.go("customer")
    await clerk.press("update", kind="new")
    await clerk.press("update", name="Bea")
    assert (await clerk.draft()).document.waivers == (), "another customer has other addresses"


async def test_mails_that_a_program_set_before_are_checked_shown_and_corrected(clerk: Clerk) -> None:
    draft = await clerk.draft()
    mail = DraftMail(kind="own", email="nobody", wanted=True, subject="Hi")
    desk = clerk.gateway.app.state.desk
    await drafts.set_mails(desk, Author(None, "test"), draft.id, draft.version, [mail])
    wrong = {"message": "That is not an e-mail address", "remedy": "write it as name@example.com, one address alone"}
    clerk.owners.find("notifier", "bad_recipient", tab="notifications", pointer="/mails/0/recipient", **wrong)
    page = await clerk.go("creation")
    assert 'value="notifications:::mails-0-recipient"' in page.text
    page = await clerk.go("notifications")
    assert 'id="mails-0-recipient-error"' in page.text
    await clerk.press("update", **{"mails-0-email": "me@example.com"})
    assert [mail.email for mail in (await clerk.draft()).document.mails] == ["me@example.com"]


async def test_mails_are_checked_by_the_notifier_once_all_else_is_created(clerk: Clerk, gateway: Gateway) -> None:
    await clerk.fill()
    await clerk.press("create")
    await end(gateway, await clerk.draft())
    await clerk.go("notifications")
    said = {"message": "ada@example.com was not known when it was last written to: no", "remedy": "check the address"}
    clerk.owners.find(
        "notifier", "bounced_before", severity="warning", tab="notifications", pointer="/mails/0/recipient", **said
    )
    await clerk.press("update", **{"mails-0-wanted": "yes"})
    assert "was not known when it was last written to" in clerk.form.seen
    asked_of = [call.document for call in clerk.owners.behind.notifier.asked if call.path == "/validity"][-1]
    assert [mail["recipient"] for mail in asked_of["mails"]] == ["ada@example.com"]


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
