"""What a draft's mails may speak of: what its order made, by the names of the catalogue, with terms and settings where
an attachment needs them."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from gateway_service import customer_records
from gateway_service.draft import Draft
from gateway_service.draft_settings import product
from gateway_service.drafts import Desk
from patchbay_chassis.log import log
from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue import AgreedTermsQuery, AllTerms, Product
from patchbay_contracts.customers import ResellersFound, ResellersGet
from patchbay_contracts.mails import (
    AttachmentKind,
    MailCustomer,
    MailFacts,
    MailFailure,
    MailNumber,
    MailService,
    MailTerms,
)
from patchbay_contracts.order import AcceptedTerms
from patchbay_contracts.prices import Price
from patchbay_contracts.quotes import GetQuoteQuery, Quote, QuotedLine
from patchbay_contracts.words import Money, Settings


async def facts(desk: Desk, draft: Draft, order: Any, wanted: Collection[AttachmentKind] = ()) -> MailFacts:
    """The facts of the draft's order, as its row says that it ended. What no wanted attachment needs is left out."""
    event = orjson.loads(order.event) if order.event else {}
    types = tuple(dict.fromkeys(service.service_type for service in draft.document.ordered))
    asked = asyncio.gather(*(_product(desk, draft, type_) for type_ in types))
    reseller, customer, products, lines = await asyncio.gather(
        _reseller(desk, draft), _customer(desk, draft, event), asked, _charged(desk, draft, event)
    )
    known = dict(zip(types, products, strict=True))
    failed = order.state == "failed"
    return MailFacts(
        customer=customer,
        reseller_name=reseller,
        services=tuple(_service(draft, made, known, lines, "settings" in wanted) for made in event.get("services", ())),
        setup=tuple(map(Money.model_validate, event.get("setup", ()))),
        monthly=tuple(map(Money.model_validate, event.get("monthly", ()))),
        terms=await _terms(desk, draft) if "terms" in wanted else (),
        failure=MailFailure(step=event["step"], reason=event["reason"], detail=event["detail"]) if failed else None,
    )


async def _reseller(desk: Desk, draft: Draft) -> str:
    asked = ResellersGet(ids=(draft.reseller,))
    found = (await desk.upstream.recent.ask("customer", "/resellers/get", asked, ResellersFound)).resellers
    return found[0].name if found else draft.reseller


async def _customer(desk: Desk, draft: Draft, event: Mapping[str, Any]) -> MailCustomer:
    typed, made = draft.document.customer, event.get("customer_id")
    id_ = typed.id if typed.kind == "existing" else UUID(made) if made else None
    if typed.kind == "new" or id_ is None:
        return MailCustomer(
            name=typed.name, id=id_, email=typed.email.strip(), reference=typed.reference.strip() or None
        )
    found = await customer_records.get(desk.upstream, [draft.reseller], [id_])
    if not found:
        raise Problem(
            409, "The customer is gone", "It is not there any more, so nobody can be told of it.", code="customer_gone"
        )
    details = found[0].details
    return MailCustomer(name=details.name, id=id_, email=details.email, reference=details.reference)


async def _product(desk: Desk, draft: Draft, service_type: str) -> Product | None:
    """What the catalogue says; None for what is not sold any more, though the order made it."""
    try:
        return await product(desk, draft, service_type)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return None


async def _charged(desk: Desk, draft: Draft, event: Mapping[str, Any]) -> Mapping[int, QuotedLine]:
    """What the order's lines were charged by, if by a quote that is there: of others only billing's sums are known, and
    no mail waits for more."""
    quote = draft.document.quote
    if quote is None or not event.get("services"):
        return {}
    query = GetQuoteQuery(reseller=draft.reseller, id=quote.id)
    try:
        answer = await desk.upstream.ask("billing", "/quotes/get", query)
    except Problem as problem:
        log.warning("mails.without_prices", draft=str(draft.id), error=str(problem))
        return {}
    found = Quote.model_validate_json(answer)
    return {line.line: line for line in found.lines} if found.used_by == draft.order_id else {}


def _service(
    draft: Draft,
    made: Mapping[str, Any],
    known: Mapping[str, Product | None],
    charged: Mapping[int, QuotedLine],
    with_settings: bool,
) -> MailService:
    line = draft.document.ordered[made["line"]]
    found = known.get(line.service_type)
    grades = {f"+{number.e164}": number.grade for number in line.numbers}
    own = {f"+{number}": _readable(settings, found) for number, settings in line.settings_by_number.items()}
    numbers = tuple(
        MailNumber(e164=number, grade=grades.get(number), settings=own.get(number, {}) if with_settings else {})
        for number in made.get("numbers", ())
    )
    # Notifiers of releases that knew no settings of numbers find those of a service's only number here.
    only = numbers[0].settings if len(numbers) == 1 else {}
    quoted = charged.get(made["line"])
    prices = _prices(quoted, numbers)
    return MailService(
        service_type=line.service_type,
        name=found.name if found else line.service_type,
        id=made["id"],
        numbers=numbers,
        settings=_readable(line.settings, found) | only if with_settings else {},
        price_list=line.price_list or None,
        price_list_name=quoted.name if quoted else None,
        setup=_sum(price.setup for price in prices),
        monthly=_sum(price.monthly for price in prices),
        note=made.get("note", ""),
    )


def _prices(line: QuotedLine | None, numbers: Sequence[MailNumber]) -> list[Price]:
    """Of one service of the line and of each of its numbers; nothing if one of them is not known."""
    each = {part.grade: part.each for part in line.parts} if line else {}
    if None not in each or any(number.grade is None or number.grade not in each for number in numbers):
        return []
    return [each[None], *(each[number.grade] for number in numbers)]


def _sum(amounts: Iterable[Money]) -> Money | None:
    found = tuple(amounts)
    return Money(amount=sum(one.amount for one in found), currency=found[0].currency) if found else None


def _readable(settings: Settings, found: Product | None) -> Settings:
    """Without what the type's schema keeps from being read."""
    properties = found.settings_schema.get("properties", {}) if found else {}
    secret = (
        {name for name, of in properties.items() if isinstance(of, dict) and of.get("writeOnly")}
        if isinstance(properties, dict)
        else set()
    )
    return {name: value for name, value in settings.items() if name not in secret}


async def _terms(desk: Desk, draft: Draft) -> tuple[MailTerms, ...]:
    """Those that were agreed to of what was ordered, word for word, also when others are in force by now."""
    agreement, types = draft.document.agreement, {one.service_type for one in draft.document.ordered}
    agreed = [one for one in (agreement.terms if agreement else ()) if one.service_type in types]
    if not agreed:
        return ()
    terms = tuple(AcceptedTerms(**one.model_dump()) for one in agreed)
    asked = AgreedTermsQuery(resellers=(draft.reseller,), terms=terms)
    found = await desk.upstream.recent.ask("provisioning", "/catalogue/terms/agreed", asked, AllTerms)
    return tuple(MailTerms(title=one.name, version=one.version, text=one.text) for one in found.terms)[:20]
