"""The owners as the lists and pages of customers and orders meet them: they know two resellers, customers, services,
charges and mails, as the contracts have it."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiohttp import web

from patchbay_chassis import problems
from patchbay_chassis.problems import Problem
from patchbay_contracts.accounts import Account, Charges, LimitQuery
from patchbay_contracts.customers import (
    CustomerLog,
    CustomerRecord,
    CustomerRecords,
    CustomersFound,
    Details,
    PinSet,
    PinVerified,
    ResellersFound,
)
from patchbay_contracts.mails import MailDetails, MailPage
from patchbay_contracts.numbers_in_service import OrdersFound
from patchbay_contracts.services import CustomersFound as CustomersOfNumber
from patchbay_contracts.services import ServicePage
from patchbay_contracts.validity import Finding

from .behind import Behind, price

ADA = UUID("00000000-0000-7000-8000-0000000000ad")
SERVICE = UUID("00000000-0000-7000-8000-00000000005e")
NUMBER = "+441214960000"
AT = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
NAMES = {"acme": "Acme Telecom", "borealis": "Borealis"}
DETAILS = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "phone": "0121 496 0000",
    "reference": "A-1",
    "address": {"lines": ["1 St James's Square"], "city": "London", "postcode": "SW1Y 4LB", "country": "GB"},
    "contacts": [{"kind": "supplier", "name": "Babbage & Co", "email": "desk@babbage.example"}],
}
HTML = "<script>alert(1)</script>"


class Registry:
    """Stands behind the gateway. What it was asked is kept by path in `asked`; `refusals` are given instead of answers,
    by path."""

    def __init__(self, behind: Behind) -> None:
        self.asked = dict[str, list[dict[str, Any]]]()
        self.refusals = dict[str, tuple[int, dict[str, Any]]]()
        self.customers = {ADA: self.record("acme", DETAILS, ADA)}
        self.account = dict[str, Any](customer_id=ADA, reseller="acme", state="active", opened_at=AT, changes=())
        self.many = 0
        self.orders = [SERVICE]
        self.mail = _mail()
        self.verified: dict[str, Any] = {"right": True, "tries_left": 5}
        self.weak = False
        for service in (behind.customer, behind.provisioning, behind.billing, behind.notifier):
            service.answers = self._answer

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        asked = json.loads(await request.read())
        self.asked.setdefault(request.path, []).append(asked)
        if request.path in self.refusals:
            status, body = self.refusals[request.path]
            given = {"type": "about:blank", "title": "Not so", "status": status} | body
            return web.Response(body=json.dumps(given).encode(), status=status, content_type=problems.KIND)
        try:
            answer = self._said(request.path, asked)
        except Problem as problem:
            return web.Response(
                body=json.dumps(problem.body).encode(), status=problem.status, content_type=problems.KIND
            )
        if isinstance(answer, bytes):
            return web.Response(body=answer)
        return web.Response(body=answer.model_dump_json().encode(), content_type="application/json")

    def _said(self, path: str, asked: dict[str, Any]) -> Any:
        return getattr(self, path.strip("/").replace("/", "_").replace("-", "_"))(asked)

    @staticmethod
    def refusal(status: int, title: str, code: str, pointer: str | None = None) -> Problem:
        """As an owner says that something is not there."""
        faults = [] if pointer is None else [{"pointer": pointer, "message": "not there", "remedy": "another"}]
        return Problem(status, title, errors=faults, code=code)

    @staticmethod
    def record(reseller: str, details: dict[str, Any], id_: UUID, **more: Any) -> CustomerRecord:
        known = {"id": id_, "reseller": reseller, "version": 3, "state": "active", "created_at": AT}
        return CustomerRecord.model_validate(known | {"details": details} | more)

    def resellers_list(self, asked: dict[str, Any]) -> ResellersFound:
        among = asked["resellers"] or NAMES
        known = [
            {"id": id_, "name": NAMES[id_], "email": f"desk@{id_}.example", "state": "active"}
            for id_ in among
            if id_ in NAMES
        ]
        return ResellersFound.model_validate({"resellers": known})

    def resellers_get(self, asked: dict[str, Any]) -> ResellersFound:
        return self.resellers_list({"resellers": asked["ids"]})

    def customers_search(self, asked: dict[str, Any]) -> CustomersFound:
        """A page of those that there are; `many` more are invented, two hundred a page."""
        if self.many:
            begin = int(asked["after"] or 0)
            shown = range(begin, min(begin + asked["limit"], self.many))
            rows = [self._found("acme", DETAILS | {"name": f"=Customer {n}"}, UUID(int=n + 1)) for n in shown]
            return CustomersFound.model_validate(
                {"customers": rows, "next": str(shown.stop) if shown.stop < self.many else None}
            )
        known = [one for one in self.customers.values() if one.reseller in asked["resellers"]]
        named = [one for one in known if asked["text"].casefold() in one.details.name.casefold()]
        rows = [self._found(one.reseller, one.details.model_dump(), one.id) for one in named]
        return CustomersFound.model_validate({"customers": rows})

    @staticmethod
    def _found(reseller: str, details: dict[str, Any], id_: UUID) -> dict[str, Any]:
        shown = {name: details[name] for name in ("name", "email", "phone", "reference")}
        return shown | {"id": id_, "reseller": reseller, "state": "active", "created_at": AT}

    def customers_get(self, asked: dict[str, Any]) -> CustomerRecords:
        there = [self.customers[UUID(id_)] for id_ in asked["ids"] if UUID(id_) in self.customers]
        return CustomerRecords(customers=tuple(one for one in there if one.reseller in asked["resellers"]))

    def customers_by_number(self, _: dict[str, Any]) -> CustomersOfNumber:
        found = [{"customer_id": ADA, "reseller": "acme", "e164": "+441214960000"}]
        return CustomersOfNumber.model_validate({"customers": found})

    def customers_change(self, asked: dict[str, Any]) -> CustomerRecord:
        was = self.customers[UUID(asked["id"])]
        details = Details.model_validate(asked["details"]) if asked["details"] else was.details
        changes = {"details": details, "state": asked["state"] or was.state, "version": was.version + 1}
        self.customers[was.id] = was.model_copy(update=changes)
        return self.customers[was.id]

    def customers_pin(self, asked: dict[str, Any]) -> PinSet:
        found = {"code": "customer.weak_pin", "severity": "warning", "tab": "customer", "pointer": "/sealed_pin"}
        weak = (Finding.model_validate(found | {"message": "Easily guessed.", "remedy": "Another."}),)
        return PinSet(id=UUID(asked["id"]), findings=weak if self.weak else ())

    def customers_pin_verify(self, _: dict[str, Any]) -> PinVerified:
        return PinVerified.model_validate(self.verified)

    def customers_log(self, asked: dict[str, Any]) -> CustomerLog:
        changes = [{"field": "email", "before": "ada@example.org", "after": HTML}]
        entries = [
            {"at": AT, "by": "operator:ben@acme.example", "what": "changed", "version": 4, "changes": changes},
            {"at": AT, "by": "order:1", "what": "created", "version": 1},
        ]
        return CustomerLog.model_validate({"entries": entries, "next": None if asked["after"] else "7"})

    def services_search(self, asked: dict[str, Any]) -> ServicePage:
        if not NUMBER.startswith(asked["number"] or ""):
            return ServicePage()
        of = {"version": 1, "reseller": "acme", "customer_id": asked["customer_id"] or ADA}
        what = {"service_type": "voice-line", "price_list": "standard-gbp", "state": "active"}
        more = {"numbers": [NUMBER], "many_numbers": 3, "created_at": AT}
        rows = [of | what | more | {"id": SERVICE, "order_id": id_} for id_ in self.orders]
        page = rows[: asked["count"]]
        return ServicePage.model_validate({"services": page, "next": "more" if len(rows) > len(page) else None})

    def orders_by_number(self, asked: dict[str, Any]) -> OrdersFound:
        """Two hundred at a time."""
        ids = sorted((id_ for id_ in self.orders if str(id_) < asked["before"]), reverse=True)
        found = ids if NUMBER.startswith(asked["number"]) else []
        return OrdersFound(ids=tuple(found[:200]), more=len(found) > 200)

    def charges_search(self, asked: dict[str, Any]) -> Charges:
        charge = {
            "order_id": SERVICE,
            "position": 0,
            "line": 0,
            "customer_id": asked["customer_id"],
            "reseller": "acme",
            "service_type": "voice-line",
            "quantity": 1,
            "each": price("10.0000", "5.0000"),
            "total": price("10.0000", "5.0000"),
            "state": "active",
            "since": AT,
            "price_list": "standard-gbp",
            "version": 1,
        }
        to_come = [price("3.0000", "7.0000")]
        monthly = [{"amount": "5.0000", "currency": "GBP"}]
        return Charges.model_validate({"charges": [charge], "monthly": monthly, "to_come": to_come})

    def accounts_get(self, asked: dict[str, Any]) -> Account:
        """Ada's; nobody else has one."""
        if (
            asked["customer_id"] != str(self.account["customer_id"])
            or self.account["reseller"] not in asked["resellers"]
        ):
            raise self.refusal(404, "There is no such account", "no_such_account")
        return Account.model_validate(self.account)

    def accounts_block(self, asked: dict[str, Any]) -> Account:
        return self._account_changed(asked, "blocked", state="blocked")

    def accounts_unblock(self, asked: dict[str, Any]) -> Account:
        return self._account_changed(asked, "unblocked", state="active")

    def accounts_limit(self, asked: dict[str, Any]) -> Account:
        limit = LimitQuery.model_validate(asked).limit
        used = None if limit is None else {"amount": "5.0000", "currency": limit.currency}
        return self._account_changed(asked, "limit lifted" if limit is None else "limited", limit=limit, used=used)

    def _account_changed(self, asked: dict[str, Any], action: str, **to: Any) -> Account:
        """It is opened if need be, and then the only one that is shown."""
        if asked["customer_id"] != str(self.account["customer_id"]):
            opened = {"customer_id": UUID(asked["customer_id"]), "state": "active", "changes": ()}
            self.account |= opened | {"limit": None, "used": None}
        self.accounts_get(asked)
        change = {"at": AT, "by": asked["by"], "action": action, "why": asked["why"]}
        self.account |= to | {"changes": (change, *self.account["changes"])}
        return Account.model_validate(self.account)

    def mails_search(self, asked: dict[str, Any]) -> MailPage:
        shown = {name: value for name, value in self.mail.model_dump().items() if name not in ("text", "html")}
        shown["key"]["order_id"] = asked["order_id"] or asked.get("order_ids", [shown["key"]["order_id"]])[0]
        return MailPage.model_validate({"mails": [shown]})

    def mails_get(self, _: dict[str, Any]) -> MailDetails:
        return self.mail

    def mails_again(self, _: dict[str, Any]) -> MailDetails:
        return self.mail

    def mails_attachment(self, _: dict[str, Any]) -> bytes:
        return b"%PDF-1.7"


def _mail() -> MailDetails:
    return MailDetails.model_validate(
        {
            "key": {"order_id": SERVICE, "recipient": "ada+o'b@example.com", "purpose": "service_created"},
            "reseller": "acme",
            "kind": "customer",
            "name": "Ada",
            "subject": HTML,
            "state": "failed",
            "tries": 2,
            "asked_at": AT,
            "by": "operator:anna@acme.example",
            "customer_id": ADA,
            "text": "Dear Ada\n\nyour services are there.",
            "html": "<p>Dear Ada</p>",
            "attachments": [{"name": "services.pdf", "media_type": "application/pdf", "size": 8}],
            "deliveries": [{"at": AT, "outcome": "failed", "reply": "550 no such user"}],
            "again": [{"at": AT, "by": "operator:anna@acme.example", "why": "asked for it"}],
        }
    )
