"""What is sent to drafts and answered of them, as examples."""

from typing import Any

from gateway_service import drafts_bodies as forms
from gateway_service.draft import TypedSearch

ID = "0193f6a0-0000-7000-8000-0000000000f1"
_AT, _LATER = "2026-06-01T12:00:00Z", "2026-06-01T12:30:00Z"
NUMBER, OTHER = "+441217377007", "+441217377117"
_MAIL = {
    "purpose": "service_created",
    "kind": "customer",
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "subject": "Your new services",
    "text": "Your voice line is ready.",
    "html": True,
    "attachments": ["summary"],
}
BODIES: dict[type, Any] = {
    forms.Begin: {"id": ID},
    forms.CustomerBody: {"name": "Ada Lovelace", "email": "ada@example.com", "pin": "4711"},
    forms.OnlyCustomer: {"only": False},
    forms.ServiceBody: {"service_type": "voice-line", "price_list": "standard-gbp", "grouping": "together"},
    forms.NumbersBody: {"numbers": [NUMBER, OTHER], "take": False},
    forms.RemoveBody: {"numbers": [OTHER]},
    forms.SettingsBody: {"settings": {"greeting": "Welcome"}, "number": NUMBER},
    forms.CopyBody: {"source": NUMBER, "to": [OTHER]},
    forms.SourceBody: {"source": NUMBER},
    forms.PriceListBody: {"price_list": "standard-gbp"},
    forms.CompareBody: {"price_list": "standard-gbp"},
    forms.WaiverBody: {
        "code": "customer.looks_like_another",
        "pointer": "/customer/name",
        "reason": "The other one is his brother",
    },
    forms.UnwaiveBody: {"code": "customer.looks_like_another", "pointer": "/customer/name"},
    forms.AgreementBody: {"agreed": True, "hashes": ["a" * 64]},
    forms.MailsBody: {"mails": [], "after": "again"},
    forms.MailBody: _MAIL | {"wanted": True},
    TypedSearch: {"count": "2", "prefix": "0121 737", "method": "segments", "segments": "77"},
}
SETTINGS_CSV = f"number,greeting\r\n'{NUMBER},Welcome\r\n"
_HELD = {
    "e164": NUMBER,
    "national": "0121 737 7007",
    "area": "Birmingham",
    "grade": "gold",
    "rule": "ABBA",
    "pool": "public",
    "held_until": _LATER,
}
_HEAD = {
    "id": ID,
    "reseller": "acme",
    "version": 7,
    "by": "key:demo",
    "state": "open",
    "order_id": None,
    "created_at": _AT,
    "changed_at": _AT,
    "links": {"self": f"/v1/drafts/{ID}"},
}
DRAFT = {
    **_HEAD,
    "customer": {"kind": "new", "name": "Ada Lovelace", "email": "ada@example.com", "pin_set": True},
    "only_customer": False,
    "services": [
        {
            "key": "a",
            "service_type": "voice-line",
            "price_list": "standard-gbp",
            "grouping": "together",
            "numbers": [_HELD],
            "search": None,
            "settings": {},
            "settings_by_number": {NUMBER: {"greeting": "Welcome"}},
        }
    ],
    "quote": None,
    "agreement": None,
    "waivers": [],
    "mails": [],
    "after": "",
    "tab": "customer",
}
DRAFTS = {
    "drafts": [_HEAD | {"customer": "Ada Lovelace", "services": 1, "numbers": 1, "tab": "customer"}],
    "next": None,
}
REPORT = {
    "findings": [
        {
            "code": "customer.name_known",
            "severity": "warning",
            "tab": "customer",
            "pointer": "/customer/name",
            "message": "There is a customer of this name.",
            "remedy": "Choose that one, or waive this.",
            "reason": None,
            "fingerprint": "b" * 16,
            "service": None,
            "waived": None,
            "new": False,
        }
    ],
    "may_create": False,
    "agreed": False,
    "gone": 0,
    "terms": [],
}
_PRICE = {"setup": {"amount": "10.0000", "currency": "GBP"}, "monthly": {"amount": "5.0000", "currency": "GBP"}}
PRICES = {"services": ["a"], "quote": None, "lines": [], "totals": [_PRICE]}
COMPARED = {
    "lines": [],
    "before": {"lines": [], "totals": [_PRICE]},
    "after": {"lines": [], "totals": [_PRICE]},
    "differences": [],
}
MAILS = {"mails": [_MAIL | {"wanted": False}], "suggested": True, "after": ""}
MAIL_PREVIEW = {
    "subject": "Your new services",
    "text": "Your voice line is ready.",
    "html": "<!doctype html><p>Your voice line is ready.</p>",
    "attachments": [{"name": "services.pdf", "media_type": "application/pdf", "size": 2_048}],
    "from_template": None,
}
TERMS = {
    "terms": [
        {
            "service_type": "voice-line",
            "name": "Voice line",
            "version": "1",
            "language": "en-GB",
            "hash": "a" * 64,
            "text": "Pay.",
        }
    ]
}
FOUND = {
    "numbers": [],
    "as_of": {"changes": 90210, "at": _AT, "age_ms": 12},
    "total": 0,
    "at_least": False,
    "grades": {"platinum": 0, "gold": 0, "silver": 0, "bronze": 0, "standard": 0},
    "pools": {},
    "read_as": ["+44121737"],
    "next": None,
    "nothing": None,
}
