"""The mails of the Notifications tab: whom one could write to, and what a template says to each."""

import asyncio
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from gateway_service import customer_records, mailing
from gateway_service.draft import Draft, DraftMail
from gateway_service.drafts import Desk
from gateway_service.pages import resellers
from gateway_service.pages.people import Operator
from patchbay_chassis.problems import Problem
from patchbay_contracts.mail_templates import Preview, PreviewQuery, TemplateText
from patchbay_contracts.mails import MailFacts


async def suggested(desk: Desk, draft: Draft, order: Any, who: Operator) -> tuple[DraftMail, ...]:
    """A mail for each organisation involved, as its template has it; none is wanted before it is ticked."""
    purpose = _purpose(draft, order)
    to = [mail.model_copy(update={"purpose": purpose}) for mail in await _recipients(desk, draft)]
    to.append(DraftMail(purpose=purpose, kind="own", name=who.name, email=who.email))
    about = await mailing.facts(desk, draft, order)
    return tuple(await asyncio.gather(*(_filled(desk, draft, about, mail) for mail in to)))


async def preview(desk: Desk, draft: Draft, order: Any, mail: DraftMail) -> Preview:
    """Exactly what would be sent. Raises Problem 422 for a mail that cannot be."""
    try:
        typed = TemplateText(subject=mail.subject, text=mail.text, html=mail.html)
        query = PreviewQuery(
            reseller=draft.reseller,
            purpose=mail.purpose,
            kind=mail.kind,
            name=mail.name or mail.email,
            typed=typed,
            attachments=mail.attachments,
            facts=await mailing.facts(desk, draft, order, mail.attachments),
        )
    except ValidationError as error:
        first = error.errors()[0]
        fault = {"pointer": f"/{first['loc'][-1]}", "message": first["msg"], "remedy": "change it and try again"}
        raise Problem(422, "The mail cannot be sent so", errors=[fault]) from None
    return Preview.model_validate_json(await desk.upstream.ask("notifier", "/templates/preview", query))


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
    reseller = (await resellers.records(desk.upstream, [draft.reseller])).get(draft.reseller)
    if reseller is not None:
        found.append(DraftMail(kind="reseller", name=reseller.name, email=reseller.email))
    found += [DraftMail(kind=one.kind, name=one.name, email=one.email) for one in contacts]
    return found


async def _filled(desk: Desk, draft: Draft, about: MailFacts, mail: DraftMail) -> DraftMail:
    """With subject and text by the template; without them if there is none that can be filled in."""
    try:
        query = PreviewQuery(
            reseller=draft.reseller, purpose=mail.purpose, kind=mail.kind, name=mail.name or mail.email, facts=about
        )
        found = Preview.model_validate_json(await desk.upstream.ask("notifier", "/templates/preview", query))
    except ValidationError:
        return mail
    except Problem as problem:
        if problem.status >= 500:
            raise
        return mail
    return mail.model_copy(update={"subject": found.subject, "text": found.text})
