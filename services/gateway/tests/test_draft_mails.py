"""A program is told which mails could be sent when all is done, and sees them as they will look, as the wizard does."""

from typing import Any

import pytest_asyncio

from patchbay_contracts.v1.notifier import SendMails

from .behind import Behind
from .conftest import Gateway
from .drafting import Wizard, end
from .owners import Owners

CONTACTS = [
    {"kind": "supplier", "name": "Bolts", "email": "bolts@example.com"},
    {"kind": "contact", "name": "Bob", "email": "bob@example.com"},
]


@pytest_asyncio.fixture
async def wizard(behind: Behind, gateway: Gateway) -> Wizard:
    wizard = Wizard(gateway.client, Owners(behind))
    await wizard.begin()
    await wizard.fill(contacts=CONTACTS)
    return wizard


async def mails(wizard: Wizard) -> dict[str, Any]:
    answer = await wizard.client.get(f"{wizard.path}/mails")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_mail_to_each_organisation_is_suggested_once_the_order_has_ended(
    wizard: Wizard, gateway: Gateway
) -> None:
    nothing = {"mails": [], "suggested": False, "after": ""}
    assert await mails(wizard) == nothing
    await wizard.done("POST", "/create")
    assert await mails(wizard) == nothing, "what became of it is not known yet"
    await end(gateway, wizard.draft)
    found = await mails(wizard)
    assert found["suggested"] is True
    assert [(one["kind"], one["email"], one["purpose"], one["wanted"]) for one in found["mails"]] == [
        ("customer", "ada@example.com", "service_created", False),
        ("reseller", "desk@acme.example", "service_created", False),
        ("supplier", "bolts@example.com", "service_created", False),
        ("contact", "bob@example.com", "service_created", False),
    ]
    assert (found["mails"][0]["subject"], found["mails"][0]["text"]) == ("For Ada", "Made by the template.")


async def test_what_was_suggested_is_set_as_it_stands_and_sent(wizard: Wizard, gateway: Gateway) -> None:
    await wizard.done("POST", "/create")
    await end(gateway, wizard.draft)
    first, *others = (await mails(wizard))["mails"]
    await wizard.done("PUT", "/mails", {"mails": [first | {"wanted": True}, *others], "after": "service"})
    found = await mails(wizard)
    assert (found["suggested"], found["after"], found["mails"][0]["wanted"]) == (False, "service", True)
    await wizard.done("POST", "/finish")
    (said,) = [SendMails.model_validate_json(one.body) for one in gateway.kafka.said if one.type == SendMails.type]
    assert [(mail.email, mail.subject) for mail in said.mails] == [("ada@example.com", "For Ada")]


async def test_after_a_failure_mails_tell_of_that(wizard: Wizard, gateway: Gateway) -> None:
    await wizard.done("POST", "/create")
    await end(gateway, wizard.draft, "failed")
    assert {one["purpose"] for one in (await mails(wizard))["mails"]} == {"order_failed"}


async def test_a_mail_is_seen_as_text_and_html_before_it_is_set_or_sent(wizard: Wizard, gateway: Gateway) -> None:
    mail = {"name": "Ada", "email": "ada@example.com", "subject": "All is done", "text": "<b>Hello</b>"}
    early = await wizard.send("POST", "/mails/preview", mail)
    assert (early.status_code, early.json()["type"]) == (409, "/problems/nothing_created")
    await wizard.done("POST", "/create")
    early = await wizard.send("POST", "/mails/preview", mail)
    assert (early.status_code, early.json()["type"]) == (409, "/problems/order_under_way")
    await end(gateway, wizard.draft)
    version = wizard.draft["version"]
    seen = await wizard.done("POST", "/mails/preview", mail)
    assert (seen["subject"], seen["text"], seen["html"]) == (
        "All is done",
        "<b>Hello</b>",
        "<p>&lt;b&gt;Hello&lt;/b&gt;</p>",
    )
    for subject in ("", "All\nis done", "x" * 201):
        bad = await wizard.send("POST", "/mails/preview", mail | {"subject": subject})
        assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/subject"), subject
    odd = await wizard.send("POST", "/mails/preview", mail | {"colour": "red"})
    assert (odd.status_code, odd.json()["errors"][0]["pointer"]) == (422, "/colour")
    draft = (await wizard.client.get(wizard.path)).json()
    assert (draft["version"], draft["mails"]) == (version, []), "to look at a mail changes nothing"
