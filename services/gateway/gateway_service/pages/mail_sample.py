"""What a template is previewed with: an order that nobody made, with everything that a mail may speak of."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from patchbay_contracts.mail_templates import PreviewQuery, TemplateKey, TemplateText
from patchbay_contracts.mails import MailCustomer, MailFacts, MailFailure, MailNumber, MailService, MailTerms
from patchbay_contracts.words import Money

ORDER = UUID("00000000-0000-7000-8000-000000000001")


def previewed(key: TemplateKey, template: TemplateText, reseller: str, called: Mapping[str, str]) -> PreviewQuery:
    """The mail that the template would become, for that reseller; `called`: what its service types are called."""
    return PreviewQuery(
        reseller=reseller,
        purpose=key.purpose,
        kind=key.kind or "customer",
        name="Ada Lovelace",
        language=key.language,
        template=template,
        order_id=ORDER,
        facts=_facts(key, reseller, called),
    )


def _facts(key: TemplateKey, reseller: str, called: Mapping[str, str]) -> MailFacts:
    type_ = key.service_type or next(iter(called), "voice-line")
    name = called.get(type_, type_)
    setup, monthly = _pounds("80"), _pounds("13.50")
    numbers = (MailNumber(e164=441214960000, grade="gold"), MailNumber(e164=441214960123, grade="standard"))
    services = tuple(
        MailService(
            service_type=type_, name=name, id=ORDER, numbers=(number,), price_list="Standard", setup=setup,
            monthly=monthly,
        )
        for number in numbers
    )  # fmt: skip
    detail = "+441214960000 taken meanwhile: choose others"
    return MailFacts(
        customer=MailCustomer(name="Ada Lovelace", id=ORDER, email="ada@customer.example", reference="C-1001"),
        reseller_name=reseller,
        reference="order-1001",
        services=services,
        setup=(_pounds("160"),),
        monthly=(_pounds("27"),),
        terms=(MailTerms(title=name, version="1", text="Terms and conditions."),),
        failure=MailFailure(step="numbers", reason="taken", detail=detail) if key.purpose == "order_failed" else None,
    )


def _pounds(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="GBP")
