"""Mails that an operator asks for, and what they speak of."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from patchbay_contracts.mails import MailCustomer, MailFacts, MailNumber, MailService, MailTerms, WantedMail
from patchbay_contracts.v1.notifier import SendMails
from patchbay_contracts.words import Money

ORDER = UUID("0193f6a0-0000-7000-8000-0000000000aa")
CUSTOMER = UUID("0193f6a0-0000-7000-8000-0000000000cc")
NINE = Money(amount=Decimal("9.50"), currency="GBP")


def facts(**changes: Any) -> MailFacts:
    line = MailService(
        service_type="voice-line",
        name="Voice line",
        numbers=(MailNumber(e164=441214960000, grade="gold"), MailNumber(e164=441214960001)),
        settings={"caller_name": "=HYPERLINK(1)", "voicemail": True},
        price_list="Standard",
        monthly=NINE,
    )
    given = {
        "customer": MailCustomer(name="Ädä Łukasz", id=CUSTOMER, reference="C-42"),
        "reseller_name": "Acme Telecom",
        "reference": "PO-1",
        "services": (line,),
        "monthly": (NINE,),
        "terms": (MailTerms(title="Voice line", version="3", text="1. Be kind."),),
    }
    return MailFacts(**(given | changes))


def wanted(email: str = "ada@example.com", **changes: Any) -> WantedMail:
    given = {
        "purpose": "service_created",
        "kind": "customer",
        "name": "Ada",
        "email": email,
        "subject": "Your new services",
        "text": "Dear Ada,\n\n- Voice line: +441214960000\n\n<script>alert(1)</script>\n",
        "attachments": ("summary", "settings", "terms"),
    }
    return WantedMail.model_validate(given | changes)


def send(*mails: WantedMail, **changes: Any) -> SendMails:
    given = {
        "order_id": ORDER,
        "reseller": "acme",
        "by": "operator:anna@acme.example",
        "asked_at": datetime(2026, 11, 26, 12, tzinfo=UTC),
        "mails": mails or (wanted(),),
        "facts": facts(),
    }
    return SendMails(**(given | changes))
