"""The mails of a draft: whom one could write to when all is done, what a template says to each, and how it looks."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from gateway_service import creating, customer_records, mailing
from gateway_service.draft import Draft, DraftMail
from gateway_service.drafts import Desk
from patchbay_chassis.problems import Problem, faults
from patchbay_contracts.customers import ResellersFound, ResellersGet
from patchbay_contracts.mail_templates import Preview, PreviewQuery, TemplateText
from patchbay_contracts.mails import Body, MailFacts
from patchbay_contracts.message import Frozen
from patchbay_contracts.words import Text


class _Typed(Frozen):
    """What is held to what a mail is held to that is sent."""

    subject: Text
    text: Body


class Mails(NamedTuple):
    """Those that were typed, or those that are suggested until there are any."""

    mails: tuple[DraftMail, ...]
    suggested: bool


async def of(desk: Desk, draft: Draft, own: DraftMail | None = None) -> Mails:
    """Those that were typed; until there are any, and once the order has ended, one for each organisation involved and
    one to the author's own address."""
    if draft.document.mails or draft.order_id is None:
        return Mails(draft.document.mails, suggested=False)
    order = await creating.order_row(desk, draft)
    if order.ended_at is None:
        return Mails((), suggested=False)
    return Mails(await _suggested(desk, draft, order, own), suggested=True)


async def _suggested(desk: Desk, draft: Draft, order: Any, own: DraftMail | None) -> tuple[DraftMail, ...]:
    """As their templates have them; none is wanted before somebody says so."""
    purpose = _purpose(draft, order)
    found, about = await asyncio.gather(_recipients(desk, draft), mailing.facts(desk, draft, order))
    named = [*found, *([own] if own is not None else [])]
    to = [mail.model_copy(update={"purpose": purpose}) for mail in named]
    return tuple(await asyncio.gather(*(_filled(desk, draft, about, mail) for mail in to)))


async def preview(desk: Desk, draft: Draft, mail: DraftMail) -> Preview:
    """Exactly what would be sent. Raises Problem 422 for a mail that cannot be, 409 while there is nothing to speak
    of."""
    order = await creating.ended_row(desk, draft)
    typed = _as_sent(mail)
    try:
        about = await mailing.facts(desk, draft, order, mail.attachments)
        as_typed = TemplateText(subject=typed.subject, text=typed.text, html=mail.html)
        query = _asked(draft, mail, facts=about, typed=as_typed, attachments=mail.attachments)
    except ValidationError as error:
        first = error.errors()[0]
        fault = {"pointer": f"/{first['loc'][-1]}", "message": first["msg"], "remedy": "change it and try again"}
        raise Problem(422, "The mail cannot be sent so", errors=[fault]) from None
    return Preview.model_validate_json(await desk.upstream.ask("notifier", "/templates/preview", query))


def _asked(draft: Draft, mail: DraftMail, **more: Any) -> PreviewQuery:
    name = mail.name or mail.email
    of = {"purpose": mail.purpose, "kind": mail.kind, "name": name, "order_id": draft.order_id}
    return PreviewQuery(reseller=draft.reseller, **of, **more)


def _as_sent(mail: DraftMail) -> _Typed:
    try:
        return _Typed(subject=mail.subject, text=mail.text)
    except ValidationError as error:
        raise Problem(422, "The mail cannot be sent so", errors=faults(error)) from None


def _purpose(draft: Draft, order: Any) -> str:
    if order.state == "failed":
        return "order_failed"
    return "service_created" if draft.document.ordered else "customer_created"


async def _recipients(desk: Desk, draft: Draft) -> list[DraftMail]:
    customer = draft.document.customer
    found: list[DraftMail] = []
    if customer.kind == "new":
        found.append(DraftMail(kind="customer", name=customer.name, email=customer.email))
        contacts: Sequence[Any] = customer.contacts
    else:
        contacts = ()
        if customer.id is not None:
            for record in await customer_records.get(desk.upstream, [draft.reseller], [customer.id]):
                found.append(DraftMail(kind="customer", name=record.details.name, email=record.details.email))
                contacts = record.details.contacts
    asked = ResellersGet(ids=(draft.reseller,))
    resellers = (await desk.upstream.recent.ask("customer", "/resellers/get", asked, ResellersFound)).resellers
    found += [DraftMail(kind="reseller", name=one.name, email=one.email) for one in resellers]
    found += [DraftMail(kind=one.kind, name=one.name, email=one.email) for one in contacts]
    return found


async def _filled(desk: Desk, draft: Draft, about: MailFacts, mail: DraftMail) -> DraftMail:
    """With subject and text by the template, and HTML if it has some; without them if there is none that can be filled
    in."""
    try:
        query = _asked(draft, mail, facts=about)
        found = Preview.model_validate_json(await desk.upstream.ask("notifier", "/templates/preview", query))
    except ValidationError:
        return mail
    except Problem as problem:
        if problem.status >= 500:
            raise
        return mail
    return mail.model_copy(update={"subject": found.subject, "text": found.text, "html": bool(found.html)})
