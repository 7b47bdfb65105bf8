"""From a draft to its order, once; and from the order's end to the mails, once."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from pydantic import SecretStr, ValidationError

from gateway_service import accepting, agreeing, draft_queries, drafts, mailing, queries
from gateway_service.draft import Author, Document, Draft, DraftCustomer, DraftMail, DraftNumber, DraftService, State
from gateway_service.drafts import Desk
from gateway_service.quoting import quote_of
from gateway_service.validity import Found, report
from patchbay_chassis.problems import Problem, faults
from patchbay_contracts.mails import MailFacts, WantedMail
from patchbay_contracts.order import Contact, ExistingCustomer, Line, NewCustomer, Numbers, OrderDocument
from patchbay_contracts.v1.notifier import SendMails

CREATED: tuple[State, ...] = ("created",)


async def create(
    desk: Desk, author: Author, id_: UUID, version: int, *, agreed_to: Collection[str] = (), trace: str = ""
) -> Draft:
    """Place the draft's order. Pressed again, or after the answer was lost, it is the order that was placed first.

    Raises Problem 409 with the findings that stop it: errors, warnings that nobody waived, terms not agreed to.
    `agreed_to`: the hashes of the terms that are agreed to by this very press; that is kept also when something else
    stops the creation. The order's id is written into the draft in the transaction that places it.
    """
    draft = await drafts.get(desk, author, id_)
    if draft.order_id is not None:
        return draft
    drafts.check(draft, version)
    found = await report(desk, draft, agreed_to=agreed_to)
    if agreed_to and found.terms and not found.agreed:
        raise agreeing.changed()
    agreement = draft.document.agreement
    if found.agreed and not agreeing.is_agreed(agreement, found.terms):
        agreement = agreeing.agreement_of(author, found.terms)
    if found.stopping:
        if agreement != draft.document.agreement:
            await drafts.change(desk, author, id_, version, lambda was: was.document.but(agreement=agreement))
        raise _stopped(found.stopping)
    order = accepting.accepted(order_of(draft), draft.reseller, drafts.now())

    def to(was: Draft) -> Draft:
        if was.order_id is not None:
            return was
        return was._replace(document=was.document.but(agreement=agreement), state="created", order_id=order.id)

    async with desk.running.turn() as turn:
        created = await drafts.change_in(turn.db, author, id_, version, to)
        if created.order_id == order.id:
            await queries.accept(turn.db, draft.reseller, [order])
            turn.say(order.placed, trace=trace)
            desk.running.crash("accepting_http")
    return created


def _stopped(findings: Sequence[Found]) -> Problem:
    errors = [
        {
            "pointer": found.finding.pointer,
            "code": found.finding.code,
            "message": found.finding.message,
            "remedy": found.finding.remedy
            if found.finding.severity == "error"
            else f"{found.finding.remedy} Or waive it.".strip(),
        }
        for found in findings
    ]
    detail = "The validity report has errors, or warnings that nobody waived. Nothing was created."
    return Problem(409, "Not yet", detail, errors, code="draft_not_ready")


def order_of(draft: Draft) -> OrderDocument:
    """The order that the draft makes. Raises Problem 422 where what was typed is none: the report says so before."""
    document = draft.document
    quote = quote_of(document)
    try:
        return OrderDocument(
            customer=_customer(document.customer, draft.id),
            lines=tuple(map(_line, document.ordered)),
            notify=(),
            held_by=draft.id,
            quote=quote.id if quote else None,
            watched=True,
        )
    except ValidationError as error:
        raise Problem(
            422, "The draft is no order yet", "Nothing was created.", faults(error), code="draft_invalid"
        ) from None


def _customer(typed: DraftCustomer, draft: UUID) -> NewCustomer | ExistingCustomer:
    if typed.kind == "existing":
        return ExistingCustomer.model_validate({"id": typed.id})
    return NewCustomer.model_validate(
        {
            "name": typed.name,
            "email": typed.email.strip(),
            "pin": SecretStr(accepting.unsealed(typed.sealed_pin, draft) or ""),
            "phone": typed.phone.strip() or None,
            "reference": typed.reference.strip() or None,
            "address": _address(typed),
            "contacts": [
                Contact(kind=c.kind, name=c.name, email=c.email.strip())
                for c in typed.contacts
                if c.name.strip() or c.email.strip()
            ],
        }
    )


def _address(typed: DraftCustomer) -> dict[str, Any] | None:
    given = {
        "lines": [line for line in typed.address_lines if line.strip()],
        "city": typed.city.strip() or None,
        "postcode": typed.postcode.strip() or None,
        "country": typed.country.strip().upper() or None,
    }
    return given if any(given.values()) else None


def _line(service: DraftService) -> Line:
    return Line(
        service_type=service.service_type,
        price_list=service.price_list,
        numbers=Numbers(exact=tuple(number.e164 for number in service.numbers)),
        grouping=service.grouping,
        settings=service.settings,
        settings_by_number=service.settings_by_number,
    )


async def reopen(desk: Desk, author: Author, id_: UUID, version: int) -> Draft:
    """Go on with a draft whose order failed, as it was: all that was done for the order was undone. The numbers are
    held again when the draft is looked at. Its mails told of the failure, so they go. Raises Problem 409 for an order
    that did not fail."""
    draft = await drafts.get(desk, author, id_)
    if draft.state == "open":
        return draft
    drafts.check(draft, version, CREATED)
    if (await order_row(desk, draft)).state != "failed":
        raise Problem(
            409,
            "The order did not fail",
            "Only what failed can be corrected. Begin another draft.",
            code="order_did_not_fail",
        )

    def to(was: Draft) -> Draft:
        assert was.order_id is not None
        services = tuple(s.model_copy(update={"numbers": _not_held(s)}) for s in was.document.services)
        failed = (*was.document.failed_orders, was.order_id)
        document = was.document.but(services=services, failed_orders=failed, quote=None, mails=())
        return was._replace(document=document, state="open", order_id=None)

    return await drafts.change(desk, author, id_, version, to, states=CREATED)


def _not_held(service: DraftService) -> tuple[DraftNumber, ...]:
    return tuple(number.model_copy(update={"held_until": drafts.now()}) for number in service.numbers)


async def order_row(desk: Desk, draft: Draft) -> Any:
    """The row of the draft's order. Raises Problem 409 when nothing was created yet."""
    if draft.order_id is None:
        raise Problem(409, "Nothing was created yet", "Create the services first.", code="nothing_created")
    async with desk.running.database.connection() as db:
        return await queries.order(db, draft.reseller, draft.order_id)


async def ended_row(desk: Desk, draft: Draft) -> Any:
    """The same, once the order has ended. Raises Problem 409 before."""
    if (row := await order_row(desk, draft)).ended_at is None:
        raise Problem(
            409,
            "The order is under way",
            "Wait for its end: the mails speak of what was created.",
            code="order_under_way",
        )
    return row


async def finish(desk: Desk, author: Author, id_: UUID, version: int) -> Draft:
    """Send the mails that are wanted, once, and be done. Raises Problem 409 while the order is under way, 422 with what
    is wrong with a mail."""
    draft = await drafts.get(desk, author, id_)
    if draft.state == "finished":
        return draft
    drafts.check(draft, version, CREATED)
    row = await ended_row(desk, draft)
    mails = wanted(draft.document)
    attached = {attachment for mail in mails for attachment in mail.attachments}
    facts = await mailing.facts(desk, draft, row, attached) if mails else None

    def to(was: Draft) -> Draft:
        customer = was.document.customer.model_copy(update={"sealed_pin": None})
        return was._replace(document=was.document.but(customer=customer), state="finished")

    async with desk.running.turn() as turn:
        was = await draft_queries.lock(turn.db, author.resellers, id_)
        if was is not None and was.state == "finished":
            return was
        finished = await drafts.change_in(turn.db, author, id_, version, to, states=CREATED)
        if facts is not None and finished.order_id is not None:
            turn.say(_sent(finished, author, mails, facts))
    return finished


def _sent(draft: Draft, author: Author, mails: Sequence[WantedMail], facts: MailFacts) -> SendMails:
    assert draft.order_id is not None
    try:
        return SendMails(
            order_id=draft.order_id,
            reseller=draft.reseller,
            by=author.by,
            asked_at=drafts.now(),
            mails=tuple(mails),
            facts=facts,
        )
    except ValidationError as error:
        raise Problem(
            422, "The mails cannot be sent so", "Nothing was sent.", faults(error), code="mails_refused"
        ) from None


def wanted(document: Document) -> list[WantedMail]:
    """The mails that are ticked. Raises Problem 422 with what is wrong with one of them."""
    found, wrong = list[WantedMail](), list[dict[str, str]]()
    for at, mail in enumerate(document.mails):
        if not mail.wanted:
            continue
        try:
            found.append(_mail(mail))
        except ValidationError as error:
            wrong += [fault | {"pointer": f"/mails/{at}{fault['pointer']}"} for fault in faults(error)]
    if wrong:
        raise Problem(422, "The mails cannot be sent so", "Nothing was sent.", wrong, code="mails_refused")
    return found


def _mail(mail: DraftMail) -> WantedMail:
    given = {name: getattr(mail, name) for name in WantedMail.model_fields}
    return WantedMail.model_validate(given | {"email": mail.email.strip()})
