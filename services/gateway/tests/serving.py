"""The owners as the pages of services meet them: besides what the registry knows, services, their history, and whether
they could be changed."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from patchbay_contracts.accounts import ServiceCharges
from patchbay_contracts.catalogue import Catalogue, Product
from patchbay_contracts.change_checks import ChangeFindings, HoldFindings
from patchbay_contracts.numbers import Holds
from patchbay_contracts.price_lists import Versions
from patchbay_contracts.prices import Prices
from patchbay_contracts.services import History, PastChange, Service, ServicePage, Services
from patchbay_contracts.v1.changes import AmendBilling
from patchbay_contracts.v1.numbers import HoldNumbers
from patchbay_contracts.validity import Finding, Findings

from .behind import ROW, Behind, price
from .owners import PRODUCT
from .registry import ADA, AT, SERVICE, Registry

THEIRS = UUID("00000000-0000-7000-8000-0000000000be")
ORDER = UUID("00000000-0000-7000-8000-00000000000d")
NUMBERS = tuple(441_214_960_000 + n for n in range(7))


class Serving(Registry):
    """One service of acme and one of borealis. `many` more of acme's are invented for lists; `findings` are what would
    be wrong with any change, `taken` numbers belong to a rival."""

    def __init__(self, behind: Behind) -> None:
        super().__init__(behind)
        self.services = {SERVICE: a_service(), THEIRS: a_service(id=THEIRS, reseller="borealis")}
        self.changes = list[PastChange]()
        self.findings = list[dict[str, Any]]()
        self.product: dict[str, Any] | None = PRODUCT
        self.taken = set[str]()
        self.holds_asked: HoldNumbers | None = None
        self.amends_asked: AmendBilling | None = None
        self.of_hold, self.of_amendment = HoldFindings(), Findings()
        behind.numbers.answers = self._answer

    def services_search(self, asked: dict[str, Any]) -> ServicePage:
        known = [one for one in self.services.values() if one.reseller in asked["resellers"]]
        known += [a_service(id=UUID(int=n + 1)) for n in range(self.many)]
        begin = int(asked["after"] or 0)
        rows = [_listed(one) for one in known[begin : begin + asked["count"]]]
        end = begin + len(rows)
        return ServicePage.model_validate({"services": rows, "next": str(end) if end < len(known) else None})

    def services_get(self, asked: dict[str, Any]) -> Services:
        there = [self.services[UUID(id_)] for id_ in asked["ids"] if UUID(id_) in self.services]
        return Services(services=tuple(one for one in there if one.reseller in asked["resellers"]))

    def services_history(self, _: dict[str, Any]) -> History:
        return History(changes=tuple(self.changes))

    def charges_of_service(self, asked: dict[str, Any]) -> ServiceCharges:
        """A set-up and a month of the service itself and of each of its numbers; the last one left."""
        of = {"order_id": ORDER, "service_type": "voice-line", "price_list": "standard-gbp", "version": 1, "since": AT}
        each = {"each": price("10.0000", "5.0000"), "total": price("10.0000", "5.0000")}
        gold = {"grade": "gold", "numbers": asked["numbers"][-1:], "until": AT + timedelta(days=30)}
        monthly = [{"amount": "5.0000", "currency": "GBP"}]
        return ServiceCharges.model_validate({"charges": [of | each | gold, of | each], "monthly": monthly})

    def services_validity(self, _: dict[str, Any]) -> ChangeFindings:
        found = tuple(Finding.model_validate(one) for one in self.findings)
        return ChangeFindings(findings=found, holds=self.holds_asked, amends=self.amends_asked)

    def changes_validity(self, asked: dict[str, Any]) -> Findings:
        """Asked of numbers about holds and of billing about amendments."""
        return self.of_amendment if "service" in asked else self.of_hold

    def catalogue_list(self, _: dict[str, Any]) -> Catalogue:
        sold = {"service_type": "voice-line", "version": 1, "name": "Voice line", "description": "A line."}
        more = {"least_numbers": 1, "most_numbers": 10, "resellers": ["acme"]}
        return Catalogue.model_validate({"service_types": [sold | more]})

    def catalogue_get(self, _: dict[str, Any]) -> Product:
        return Product.model_validate(self.product)

    def price_lists_list(self, _: dict[str, Any]) -> Versions:
        known = {"version": 1, "reseller": None, "currency": "GBP", "state": "published", "stands": "in_force"}
        names = {"standard-gbp": "Standard", "wholesale-gbp": "Wholesale"}
        return Versions.model_validate(
            {"versions": [known | {"price_list": id_, "name": name} for id_, name in names.items()]}
        )

    def prices(self, asked: dict[str, Any]) -> Prices:
        shown = {"service_type": asked["service_type"], "service": price("10.0000", "5.0000")}
        head = {"price_list": asked["price_list"], "currency": "GBP", "valid_from": "2026-01-01"}
        return Prices.model_validate(head | {"services": [shown | {"grades": {"gold": price("75.0000", "2.5000")}}]})

    def holds(self, asked: dict[str, Any]) -> Holds:
        """All but those that are `taken`; the next best is offered."""
        query = asked["query"]
        offer = ROW | {"grade": "gold"}
        lost = [{"e164": n, "reason": "taken", "offer": offer} for n in query["numbers"] if n in self.taken]
        return Holds.model_validate({"owner": query["owner"], "lost": lost})

    def find(self, pointer: str, message: str = "Not so", severity: str = "error", code: str = "bad_settings") -> None:
        """From now on provisioning finds this in any change."""
        found = {"code": f"service.{code}", "severity": severity, "tab": "service", "pointer": f"/change{pointer}"}
        self.findings.append(found | {"message": message, "remedy": "do otherwise"})


def a_finding(code: str, pointer: str, severity: str = "error") -> Finding:
    """Of numbers or billing."""
    known = {"tab": code.split(".", maxsplit=1)[0], "message": f"{code} it is", "remedy": "do otherwise"}
    return Finding.model_validate(known | {"code": code, "severity": severity, "pointer": f"/change{pointer}"})


def a_service(**changes: Any) -> Service:
    """A voice line with seven numbers."""
    known = {
        "id": SERVICE,
        "version": 3,
        "reseller": "acme",
        "customer_id": ADA,
        "order_id": ORDER,
        "line": 0,
        "service_type": "voice-line",
        "type_version": 2,
        "price_list": "standard-gbp",
        "price_list_to_come": {"price_list": "wholesale-gbp", "from_date": "2027-01-01"},
        "state": "active",
        "numbers": NUMBERS,
        "settings": {"greeting": "Hello", "code": "s3cret"},
        "settings_by_number": {NUMBERS[1]: {"greeting": "<b>Welcome</b>"}},
        "network": {"to_do": "change", "tries": 2, "detail": "exchange is busy"},
        "created_at": AT,
    }
    return Service.model_validate(known | changes)


def a_change(kind: str = "suspend", outcome: str = "done", **changes: Any) -> PastChange:
    """One that was asked for by Ben."""
    known = {
        "order_id": ORDER,
        "kind": kind,
        "outcome": outcome,
        "by": "operator:ben@acme.example",
        "why": "unpaid",
        "before": {"state": "active"},
        "after": {"state": "suspended"},
        "asked_at": AT,
        "ended_at": None if outcome == "under_way" else AT + timedelta(seconds=1),
    }
    return PastChange.model_validate(known | changes)


def _listed(one: Service) -> dict[str, Any]:
    fields = ("id", "version", "reseller", "customer_id", "order_id", "service_type", "price_list", "state")
    many = {"numbers": one.numbers[:5], "many_numbers": len(one.numbers), "created_at": one.created_at}
    return {name: getattr(one, name) for name in fields} | many
