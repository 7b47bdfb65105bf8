"""Whoever is to be told of a changed service gets one mail, by the templates of its reseller."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from notifier_service import queries, template_queries
from notifier_service.model import Mail, html, subject, text
from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.mail_templates import PutTemplate, TemplateKey, TemplateText
from patchbay_contracts.v1.orders import ChangedService, OrderCompleted, ToldOfChange
from patchbay_contracts.words import Money, Organisation

from .ended import ACME, ADA, WIRES, completed, failed

NUMBERS = (441214960000, 441214960001)
LESS = (Money(amount=Decimal("-1.10"), currency="GBP"),)


def changed(*recipients: Organisation, kind: Any = "suspend", **more: Any) -> OrderCompleted:
    priced = {name: more.pop(name) for name in ("price_list", "from_date") if name in more}
    told = ToldOfChange(
        customer_name="Ada <b>Lovelace</b>", reseller_name="Acme Telecom", service_type="voice-line",
        service_name="Voice line", numbers=NUMBERS, **priced,
    )  # fmt: skip
    moved = {name: more.pop(name) for name in ("added", "removed") if name in more}
    change = ChangedService(id=uuid4(), kind=kind, told=told if recipients else None, **moved)
    return completed(*recipients, services=(), setup=(), change=change, **({"monthly": ()} | more))


async def mails(db: Connection) -> dict[str, Mail]:
    found = await queries.with_facts(db, await db.fetch("SELECT * FROM mail"))
    return {one.recipient: one for one in found}


async def test_each_address_gets_one_mail_however_often_the_change_is_told_of(deliver: Deliver, db: Connection) -> None:
    same = Organisation(kind="contact", name="Ada", email=ADA.email.upper())
    await deliver(event := changed(ADA, ACME, same), times=2)
    assert set(await mails(db)) == {ADA.email, ACME.email}
    await db.execute("UPDATE mail SET state = 'sent'")
    await deliver(event)
    assert await db.fetchval("SELECT count(*) FROM mail WHERE state = 'queued'") == 0
    assert {one.purpose for one in (await mails(db)).values()} == {"service_changed"}


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (changed(ADA, kind="suspend"), "It is suspended"),
        (changed(ADA, kind="end", removed=NUMBERS), "It has ended"),
        (changed(ADA, kind="remove_numbers", removed=NUMBERS), "Numbers that left: +441214960000, +441214960001"),
        (changed(ADA, kind="add_numbers", added=NUMBERS), "New numbers: +441214960000"),
        (changed(ADA, kind="remove_numbers", monthly=LESS), "The monthly charges change by -1.10 GBP."),
        (
            changed(ADA, kind="price_list", price_list="wholesale", from_date=date(2099, 1, 2)),
            "From 2099-01-02 on it is charged by the price list wholesale.",
        ),
    ],
)
async def test_it_says_what_was_changed(deliver: Deliver, db: Connection, event: OrderCompleted, says: str) -> None:
    await deliver(event)
    (mail,) = (await mails(db)).values()
    assert subject(mail) == "Ada <b>Lovelace</b>: a service was changed"
    assert says in text(mail)
    assert "Voice line: +441214960000, +441214960001" in text(mail)
    assert "<b>Lovelace" not in html(mail)


async def test_what_it_costs_is_told_to_those_alone_whose_business_it_is(deliver: Deliver, db: Connection) -> None:
    costs = {"price_list": "wholesale", "from_date": date(2099, 1, 2), "monthly": LESS}
    await deliver(changed(ADA, WIRES, kind="price_list", **costs))
    written = await mails(db)
    assert all(word in text(written[ADA.email]) for word in ("wholesale", "1.10"))
    assert not any(word in text(written[WIRES.email]) for word in ("wholesale", "1.10", "charge"))


async def test_a_resellers_own_template_comes_before_the_releases(deliver: Deliver, db: Connection) -> None:
    key = TemplateKey(purpose="service_changed", reseller="acme", kind="customer", service_type=None, language="en-GB")
    own = TemplateText(subject="{{ change.kind }}", text="Hello {{ recipient.name }}", html=False)
    await template_queries.put(db, PutTemplate(key=key, version=0, template=own, by="anna", why="ours"))
    await deliver(changed(ADA, ACME))
    written = await mails(db)
    assert (subject(written[ADA.email]), text(written[ADA.email])) == ("suspend", "Hello Ada\n")
    assert subject(written[ACME.email]) == "Ada <b>Lovelace</b>: a service was changed"


async def test_nobody_is_told_unless_that_was_asked_for_and_of_a_failure_the_reseller_alone(
    deliver: Deliver, db: Connection
) -> None:
    await deliver(changed(), failed(ADA, ACME, step="network"))
    assert [(one.recipient, one.outcome) for one in (await mails(db)).values()] == [(ACME.email, "failed")]
