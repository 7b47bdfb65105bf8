"""The owners as a draft meets them: they keep holds, price, quote, check, and know terms, as the contracts have it."""

import json
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from uuid import uuid4

from aiohttp import web

from patchbay_contracts.catalogue import AllTerms, Catalogue, Product
from patchbay_contracts.customers import CustomerRecords, CustomersFound, ResellersFound
from patchbay_contracts.held_numbers import AllMissed
from patchbay_contracts.mail_templates import Preview as MailPreview
from patchbay_contracts.numbers import Holds, Released
from patchbay_contracts.price_lists import Versions
from patchbay_contracts.prices import Prices
from patchbay_contracts.quotes import Comparison, Preview, Quote
from patchbay_contracts.services import CustomersFound as CustomersOfNumber
from patchbay_contracts.taken_in import NumbersKnown
from patchbay_contracts.validity import Finding, Findings

from .behind import ROW, Behind, Service, price

TERMS = {"service_type": "voice-line", "name": "Voice line", "language": "en-GB", "text": "Pay."}
PRODUCT = {
    "service_type": "voice-line",
    "version": 1,
    "valid_from": "2026-01-01",
    "name": "Voice line",
    "description": "",
    "included": [],
    "settings_schema": {"properties": {"greeting": {"type": "string"}, "code": {"writeOnly": True}}},
    "settings": [
        {"name": "greeting", "kind": "text", "title": "Greeting"},
        {"name": "voicemail", "kind": "yes_no", "title": "Voicemail"},
    ],
    "numbers": {"least": 0, "most": 10},
    "customers": {},
    "terms_version": "1",
    "terms_hash": "a" * 64,
}


RESELLERS = {
    "acme": {"id": "acme", "name": "Acme Telecom", "email": "desk@acme.example", "state": "active"},
    "borealis": {"id": "borealis", "name": "Borealis", "email": "desk@borealis.example", "state": "active"},
}
CUSTOMER: dict[str, Any] = {
    "id": "0198c0de-0000-7000-8000-000000000001",
    "reseller": "acme",
    "version": 1,
    "state": "active",
    "details": {"name": "Ada Lovelace", "email": "ada@lovelace.example", "reference": "L-1"},
    "created_at": "2026-01-01T00:00:00Z",
}


class Owners:
    """Stands behind the gateway. `taken` numbers belong to a rival, the hold of those in `over` is over; `finds` are
    findings by owner; `terms_hash`: of the terms in force; `html`: whether templates have some; `put_off`: how
    much longer holds last when they are extended."""

    def __init__(self, behind: Behind) -> None:
        self.behind = behind
        self.taken, self.over = set[str](), set[str]()
        self.held = dict[str, set[str]]()
        self.finds = dict[str, list[dict[str, Any]]]()
        self.terms_hash = "a" * 64
        self.product = PRODUCT
        self.next_best, self.next_grade = "", "gold"
        self.versions = 1
        self.html = True
        self.put_off = timedelta()
        self.made = dict[str, dict[str, Any]]()
        for name in ("numbers", "billing", "customer", "provisioning", "notifier"):
            service: Service = getattr(behind, name)
            service.answers = self._of(name)

    def _of(self, owner: str) -> Any:
        async def answer(request: web.Request) -> web.StreamResponse:
            asked = json.loads(await request.read())
            if request.path == "/validity":
                found = tuple(Finding.model_validate(one) for one in self.finds.get(owner, ()))
                return _said(Findings(findings=found))
            name = request.path.strip("/").replace("/", "_").replace("-", "_")
            return _said(getattr(self, name)(asked))

        return answer

    def find(self, owner: str, code: str, **changes: Any) -> None:
        """From now on the owner finds this."""
        found = {"code": f"{owner}.{code}", "severity": "error", "tab": "customer", "pointer": "/customer/name"}
        self.finds.setdefault(owner, []).append(found | {"message": "Not so.", "remedy": "Otherwise."} | changes)

    def holds(self, asked: dict[str, Any]) -> Holds:
        query = asked["query"]
        mine = self.held.setdefault(query["owner"]["id"], set())
        had = [number for number in query["numbers"] if number not in self.taken]
        mine.update(had)
        self.over.difference_update(had)
        held, lost = [_held(n) for n in had], [n for n in query["numbers"] if n in self.taken]
        offer = {"offer": self._offer()} if self.next_best and query["instead"] == "offer" else {}
        if lost and self.next_best and query["instead"] == "take":
            held.append(_held(self.next_best) | {"grade": self.next_grade, "instead_of": lost[0]})
        gone = [{"e164": n, "reason": "taken", "grade": "gold"} | offer for n in lost]
        return Holds.model_validate({"owner": query["owner"], "held": held, "lost": gone})

    def _offer(self) -> dict[str, Any]:
        return ROW | {"e164": self.next_best, "national": "0121 737 0000", "grade": self.next_grade}

    def numbers_get(self, asked: dict[str, Any]) -> NumbersKnown:
        """Only the next best can be asked about."""
        assert asked["numbers"] == [self.next_best]
        return NumbersKnown.model_validate({"numbers": [self._offer() | {"state": "free"}]})

    def holds_extend(self, asked: dict[str, Any]) -> Holds:
        query = asked["query"]
        mine = self.held.get(query["owner"]["id"], set()) - self.taken
        held = [_held(n, self.put_off) for n in query["numbers"] if n in mine]
        lost = [{"e164": n, "reason": "taken"} for n in query["numbers"] if n not in mine]
        return Holds.model_validate({"owner": query["owner"], "held": held, "lost": lost})

    def holds_release(self, asked: dict[str, Any]) -> Released:
        query = asked["query"]
        mine = self.held.get(query["owner"]["id"], set())
        gone = mine & set(query["numbers"]) if query["numbers"] else set(mine)
        mine -= gone
        return Released.model_validate({"owner": query["owner"], "numbers": sorted(gone)})

    def holds_missed(self, asked: dict[str, Any]) -> AllMissed:
        gone = [
            {"owner": of["owner"], "e164": number, "taken": number in self.taken}
            for of in asked["holds"]
            for number in of["numbers"]
            if number in self.taken | self.over
        ]
        return AllMissed.model_validate({"numbers": gone})

    def quotes_preview(self, asked: dict[str, Any]) -> Preview:
        return Preview.model_validate({"lines": _lines(asked), "totals": [price("10.0000", "5.0000")]})

    def quotes(self, asked: dict[str, Any]) -> Quote:
        now = datetime.now(UTC)
        made = {
            "id": str(uuid4()),
            "reseller": asked["reseller"],
            "owner": asked["owner"],
            "quoted_at": now,
            "locked_until": now + timedelta(hours=1),
            "state": "open",
            "lines": _lines(asked),
            "totals": [price("9.0000", "4.0000")],
        }
        self.made[made["id"]] = made
        return Quote.model_validate(made)

    def quotes_get(self, asked: dict[str, Any]) -> Quote:
        return Quote.model_validate(self.made[asked["id"]])

    def quotes_compare(self, asked: dict[str, Any]) -> Comparison:
        """Each list replaced a version of itself, if `versions` says so."""
        pairs = list(zip(asked["lines"], asked["instead"], strict=True))
        other = _lines({"lines": [line | {"price_list": instead or line["price_list"]} for line, instead in pairs]})
        for line, (_, instead) in zip(other, pairs, strict=True):
            if instead is None and asked.get("versions_before") and self.versions > 1:
                line |= {"version": self.versions - 1, "valid_to": "2025-12-31"}
        now = [line | {"version": self.versions} for line in _lines(asked)]
        sides = {"before": {"lines": now}, "after": {"lines": other}}
        lines = [{"line": at, "before": now[at], "after": other[at]} for at in range(len(pairs))]
        return Comparison.model_validate(sides | {"lines": lines})

    def catalogue_get(self, _: dict[str, Any]) -> Product:
        return Product.model_validate(self.product)

    def catalogue_terms(self, asked: dict[str, Any]) -> AllTerms:
        terms = [TERMS | {"version": "1", "hash": self.terms_hash}] if "voice-line" in asked["service_types"] else []
        return AllTerms.model_validate({"terms": terms})

    def catalogue_terms_agreed(self, asked: dict[str, Any]) -> AllTerms:
        """They are kept, whatever is in force."""
        return AllTerms.model_validate({"terms": [TERMS | one for one in asked["terms"]]})

    def resellers_get(self, asked: dict[str, Any]) -> ResellersFound:
        return ResellersFound.model_validate(
            {"resellers": [RESELLERS[id_] for id_ in asked["ids"] if id_ in RESELLERS]}
        )

    def resellers_list(self, asked: dict[str, Any]) -> ResellersFound:
        among = RESELLERS if asked["resellers"] is None else asked["resellers"]
        found = [RESELLERS[id_] for id_ in among if id_.startswith(asked["text"])]
        return ResellersFound.model_validate({"resellers": found})

    def customers_search(self, asked: dict[str, Any]) -> CustomersFound:
        return CustomersFound.model_validate({"customers": [_in_short(CUSTOMER)] if asked["text"] == "Ada" else []})

    def customers_get(self, asked: dict[str, Any]) -> CustomerRecords:
        mine = "acme" in asked["resellers"] and CUSTOMER["id"] in asked["ids"]
        return CustomerRecords.model_validate({"customers": [CUSTOMER] if mine else []})

    def customers_by_number(self, asked: dict[str, Any]) -> CustomersOfNumber:
        mine = (
            [{"customer_id": CUSTOMER["id"], "reseller": "acme", "e164": "+441217377007"}]
            if asked["number"].startswith("+44121")
            else []
        )
        return CustomersOfNumber.model_validate({"customers": mine})

    def catalogue_list(self, asked: dict[str, Any]) -> Catalogue:
        sold = {
            "version": 1,
            "description": "",
            "resellers": asked["resellers"],
            "least_numbers": 0,
            "most_numbers": 10,
        }
        return Catalogue.model_validate(
            {"service_types": [sold | {"service_type": "voice-line", "name": "Voice line", "description": ""}]}
        )

    def price_lists_list(self, _: dict[str, Any]) -> Versions:
        head = {"version": 1, "reseller": None, "currency": "GBP", "state": "published", "stands": "in_force"}
        names = ("standard-gbp", "summer-gbp")
        return Versions.model_validate({"versions": [head | {"price_list": name, "name": name} for name in names]})

    def prices(self, asked: dict[str, Any]) -> Prices:
        shown = {"service_type": asked["service_type"], "service": price("10.0000", "5.0000")}
        shown |= {"grades": {"silver": price("75.0000", "5.0000")}}
        head = {"price_list": asked["price_list"], "currency": "GBP", "valid_from": "2026-01-01"}
        return Prices.model_validate(head | {"services": [shown]})

    def templates_preview(self, asked: dict[str, Any]) -> MailPreview:
        typed = asked["typed"] or {"subject": f"For {asked['name']}", "text": "Made by the template."}
        html = f"<p>{escape(typed['text'])}</p>" if typed.get("html", self.html) else ""
        return MailPreview.model_validate({"subject": typed["subject"], "text": typed["text"], "html": html})


def _in_short(customer: dict[str, Any]) -> dict[str, Any]:
    """As lists show it."""
    details: dict[str, Any] = customer["details"]
    return {name: customer[name] for name in ("id", "reseller", "state", "created_at")} | details


def _lines(asked: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "line": at,
            "service_type": line["service_type"],
            "price_list": line["price_list"],
            "version": 1,
            "name": "Standard",
            "currency": "GBP",
            "valid_from": "2026-01-01",
            "parts": [],
            "total": price("10.0000", "5.0000"),
        }
        for at, line in enumerate(asked["lines"])
    ]


def _held(number: str, longer: timedelta | None = None) -> dict[str, Any]:
    until = datetime.now(UTC) + timedelta(minutes=30) + (longer or timedelta())
    shown = {"e164": number, "national": number.replace("+44", "0"), "grade": "gold", "rule": "ABBA", "pool": "public"}
    return shown | {"held_until": until}


def _said(answer: Any) -> web.Response:
    return web.Response(body=answer.model_dump_json().encode(), content_type="application/json")
