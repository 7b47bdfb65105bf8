"""A reseller whose webhook was disabled gets one mail that says which, why, and what to do."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from notifier_service import template_queries
from notifier_service.model import html, rendered, subject, text
from patchbay_chassis.database import Connection
from patchbay_chassis.testing import Deliver
from patchbay_contracts.mail_templates import PutTemplate, TemplateKey, TemplateText
from patchbay_contracts.v1.notifier import TellWebhookDisabled

from .ended import ACME
from .test_changed_mails import mails

URL = "https://hooks.acme.example/patchbay"


def disabled(**changes: Any) -> TellWebhookDisabled:
    given = {
        "reseller": "acme",
        "event_id": uuid4(),
        "webhook_id": uuid4(),
        "url": URL,
        "reason": "nothing got through since 2026-11-26 09:12 UTC: it answered 500\r\nBcc: all@example.com <b>",
        "disabled_at": datetime(2026, 11, 27, 9, 12, tzinfo=UTC),
        "to": ACME,
    }
    return TellWebhookDisabled(**(given | changes))


async def test_it_is_sent_once_however_often_it_is_asked_for_and_again_for_another_time(
    deliver: Deliver, db: Connection
) -> None:
    first = disabled()
    await deliver(first, times=2)
    await db.execute("UPDATE mail SET state = 'sent'")
    await deliver(first)
    assert await db.fetchval("SELECT count(*) FROM mail WHERE state = 'queued'") == 0
    await deliver(disabled())
    assert [row.recipient for row in await db.fetch("SELECT * FROM mail WHERE state = 'queued'")] == [ACME.email]


async def test_it_says_which_and_why_and_what_to_do_in_text_and_html(deliver: Deliver, db: Connection) -> None:
    await deliver(one := disabled())
    mail = (await mails(db))[ACME.email]
    assert subject(mail) == "A webhook of Acme Telecom was disabled"
    for said in (URL, "Reason: nothing got through", str(one.webhook_id), "2026-11-27 09:12 UTC", "Enable it"):
        assert said in text(mail)
    assert f'href="{URL}"' in html(mail)
    assert "<b>" not in html(mail)
    message = rendered(mail, "patchbay@example.com")
    assert (message["To"], message["Bcc"]) == (ACME.email, None)
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


async def test_a_resellers_own_words_come_before_the_releases(deliver: Deliver, db: Connection) -> None:
    key = TemplateKey(purpose="webhook_disabled", reseller="acme", language="en-GB")
    own = TemplateText(
        subject="{{ webhook.url }} is off", text="{{ recipient.name }}: {{ order.id }}{{ customer.name }}"
    )
    await template_queries.put(db, PutTemplate(key=key, version=0, template=own, by="anna", why="ours"))
    await deliver(disabled())
    mail = (await mails(db))[ACME.email]
    assert (subject(mail), text(mail)) == (f"{URL} is off", "Acme Telecom:\n")
