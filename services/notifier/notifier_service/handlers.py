"""Everything that the notifier reacts to: who asks for mails, such as ended orders; and due mails are sent."""

from collections.abc import Mapping, Sequence, Set
from datetime import UTC, datetime, timedelta

from notifier_service import asked, changed, forgetting, model, queries, smtp, template_queries, templates, webhooks
from notifier_service.settings import settings
from patchbay_chassis.database import Connection
from patchbay_chassis.errand import Errand, Jobs
from patchbay_chassis.router import Router
from patchbay_contracts.mail_templates import Template
from patchbay_contracts.message import Message
from patchbay_contracts.v1.notifier import SendMails, TellWebhookDisabled
from patchbay_contracts.v1.orders import OrderCompleted, OrderFailed

router = Router()
to_send = Jobs[model.Mail]()


@router.handles(OrderCompleted)
async def notify_when_order_completed(events: Sequence[OrderCompleted], db: Connection) -> list[None]:
    if changes := [event for event in events if changed.told(event)]:
        await _queue_changes(changes, db)
    await _queue([event for event in events if not changed.told(event)] if changes else events, db)
    return [None for _ in events]


@router.handles(OrderFailed)
async def notify_when_order_failed(events: Sequence[OrderFailed], db: Connection) -> list[None]:
    await _queue(events, db)
    return [None for _ in events]


@router.handles(SendMails)
async def send_mails(commands: Sequence[SendMails], db: Connection) -> list[None]:
    await asked.queue(db, [mail for command in commands for mail in model.asked_for(command)])
    db.after_commit(to_send.look)
    return [None for _ in commands]


@router.handles(TellWebhookDisabled)
async def tell_when_webhook_disabled(commands: Sequence[TellWebhookDisabled], db: Connection) -> list[None]:
    written = await _templates(db, webhooks.PURPOSE, {command.reseller for command in commands})
    await asked.queue(db, list(webhooks.mails(commands, written)))
    db.after_commit(to_send.look)
    return [None for _ in commands]


async def _templates(db: Connection, purpose: str, resellers: Set[str]) -> Mapping[str, Sequence[Template]]:
    purposes = [purpose, templates.GENERAL]
    return {one: await template_queries.in_force(db, one, purposes) for one in sorted(resellers)}


async def _queue(events: Sequence[OrderCompleted | OrderFailed], db: Connection) -> None:
    await queries.queue(db, [mail for event in events for mail in model.mails(event)])
    db.after_commit(to_send.look)


async def _queue_changes(events: Sequence[OrderCompleted], db: Connection) -> None:
    """By templates, as operators' mails are; unlike those of orders they are few."""
    written = await _templates(db, changed.PURPOSE, {event.reseller for event in events})
    await asked.queue(db, list(changed.mails(events, written, datetime.now(UTC))))


async def _take(db: Connection, most: int) -> Sequence[model.Mail]:
    return await queries.take(db, settings().mails_at_once(most), settings().mail_lease)


async def _send(mails: Sequence[model.Mail]) -> Sequence[smtp.Delivery]:
    return await smtp.send(mails, settings())


async def _record(deliveries: Sequence[smtp.Delivery], db: Connection) -> Sequence[Message]:
    await queries.record(db, deliveries)
    return []


@router.every(timedelta(minutes=10))
async def forget_old_mails(db: Connection) -> list[Message]:
    await forgetting.facts(db, settings().keep_facts, most=10_000)
    await forgetting.mails(db, settings().keep_mails, most=10_000)
    return []


deliver_mails = Errand("mails", to_send, _take, _send, _record, most=200)
