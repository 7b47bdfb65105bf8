"""The owners as the lists and single things of the API meet them: besides services and customers, numbers, quotes, what
is sold, and price lists."""

from typing import Any
from uuid import UUID

from patchbay_contracts.catalogue import AllTerms, Catalogue
from patchbay_contracts.customers import CustomersFound
from patchbay_contracts.held_numbers import HeldPage
from patchbay_contracts.mails import MailDetails, MailPage
from patchbay_contracts.numbers import Holds
from patchbay_contracts.numbers_in_service import NumbersInService
from patchbay_contracts.price_lists import PriceListVersion, Versions
from patchbay_contracts.quotes import Quote, QuotePage
from patchbay_contracts.services import ServicePage
from patchbay_contracts.taken_in import NumbersKnown

from .behind import price
from .registry import ADA, AT, SERVICE
from .serving import Serving

QUOTES = {UUID(int=n): reseller for n, reseller in ((1, "acme"), (2, "acme"), (3, "borealis"))}
LISTS = {"standard-gbp": None, "acme-gbp": "acme", "borealis-gbp": "borealis"}
SOLD = ("sip-trunk", "voice-line")
HELD = (441_217_377_007, 441_217_377_117)
GOLD = ("6", "117")


class Shelves(Serving):
    """acme has everything that there is but one service, one quote and one price list, which are of borealis."""

    def services_search(self, asked: dict[str, Any]) -> ServicePage:
        return super().services_search(asked) if "acme" in asked["resellers"] else ServicePage()

    def numbers_search(self, asked: dict[str, Any]) -> NumbersInService:
        mine = self.services[SERVICE] if "acme" in asked["resellers"] else None
        begins, after = (asked["number"] or "").removeprefix("+"), int(asked["after"] or 0)
        found = [n for n in (mine.numbers if mine else ()) if str(n).startswith(begins) and n > after]
        of = {"service_id": SERVICE, "customer_id": ADA, "reseller": "acme", "service_type": "voice-line"}
        rows = [of | {"e164": n, "state": "active"} for n in found[: asked["count"]]]
        return NumbersInService.model_validate({"numbers": rows, "more": len(found) > asked["count"]})

    def holds_search(self, asked: dict[str, Any]) -> HeldPage:
        query = asked["query"]
        begins, after = (query["number"] or "").removeprefix("+"), int(query["after"] or 0)
        mine = HELD if asked["reseller"] == "acme" else ()
        found = [n for n in mine if str(n).startswith(begins) and n > after]
        of = {"owner": {"kind": "basket", "id": UUID(int=9)}, "held_until": AT}
        rows = [of | {"e164": n} for n in found[: query["count"]]]
        return HeldPage.model_validate({"numbers": rows, "more": len(found) > query["count"]})

    def numbers_get(self, asked: dict[str, Any]) -> NumbersKnown:
        """The last one of those in service is gold, and the last one of those that are held."""
        of = {"state": "assigned", "pool": "public"}
        rows = [of | {"e164": n, "grade": "gold" if str(n).endswith(GOLD) else "standard"} for n in asked["numbers"]]
        return NumbersKnown.model_validate({"numbers": rows})

    def holds_list(self, asked: dict[str, Any]) -> Holds:
        return Holds.model_validate({"owner": asked["query"]["owner"]})

    def quotes_search(self, asked: dict[str, Any]) -> QuotePage:
        before = UUID(asked["after"]) if asked["after"] else UUID(int=99)
        mine = sorted(
            (id_ for id_, whose in QUOTES.items() if whose == asked["reseller"] and id_ < before), reverse=True
        )
        shown = tuple(_quote(id_) for id_ in mine[: asked["count"]])
        return QuotePage(quotes=shown, next=shown[-1].id if len(mine) > asked["count"] else None)

    def quotes_get(self, asked: dict[str, Any]) -> Quote:
        id_ = UUID(asked["id"])
        if QUOTES.get(id_) != asked["reseller"]:
            raise self.refusal(404, "There is no such quote", "no_such_quote", "/id")
        return _quote(id_)

    def catalogue_list(self, asked: dict[str, Any]) -> Catalogue:
        of = {"version": 1, "name": "A service", "description": "=1+1", "least_numbers": 1, "most_numbers": 10}
        rows = [of | {"service_type": id_, "resellers": asked["resellers"]} for id_ in SOLD]
        return Catalogue.model_validate({"service_types": rows})

    def catalogue_get(self, asked: dict[str, Any]) -> Any:
        if asked["service_type"] not in SOLD:
            raise self.refusal(404, "No such service type", "no_such_service_type")
        return super().catalogue_get(asked)

    def catalogue_terms(self, asked: dict[str, Any]) -> AllTerms:
        of = {"name": "A service", "version": "1", "language": "en-GB", "hash": "a" * 64, "text": "Pay."}
        return AllTerms.model_validate(
            {"terms": [of | {"service_type": id_} for id_ in asked["service_types"] if id_ in SOLD]}
        )

    def price_lists_list(self, asked: dict[str, Any]) -> Versions:
        rows = [_list(id_) for id_, whose in LISTS.items() if whose in {None, *_whose(asked)}]
        return Versions.model_validate({"versions": rows})

    def price_lists_get(self, asked: dict[str, Any]) -> PriceListVersion:
        if asked["price_list"] not in LISTS or LISTS[asked["price_list"]] not in {None, *_whose(asked)}:
            raise self.refusal(404, "There is no such price list", "no_such_price_list", "/price_list")
        prices = [{"service_type": "voice-line", "setup": "10", "monthly": "5"}]
        return PriceListVersion.model_validate(_list(asked["price_list"]) | {"prices": prices})

    def customers_search(self, asked: dict[str, Any]) -> CustomersFound:
        mine = self.many and "acme" in asked["resellers"]
        return super().customers_search(asked) if mine or not self.many else CustomersFound()

    def mails_search(self, asked: dict[str, Any]) -> MailPage:
        return super().mails_search(asked) if "acme" in asked["resellers"] else MailPage(mails=())

    def mails_get(self, asked: dict[str, Any]) -> MailDetails:
        if "acme" not in asked["resellers"] or asked["key"]["order_id"] != str(self.mail.key.order_id):
            raise self.refusal(404, "No such mail", "no_such_mail", "/key")
        return self.mail


def _whose(asked: dict[str, Any]) -> tuple[str, ...]:
    """For the house nothing is anybody else's."""
    return tuple(asked["resellers"] or ("acme", "borealis"))


def _quote(id_: UUID) -> Quote:
    of = {"reseller": QUOTES[id_], "owner": {"kind": "customer", "id": ADA}, "quoted_at": AT, "locked_until": AT}
    return Quote.model_validate(of | {"id": id_, "state": "open", "totals": [price("10.0000", "5.0000")]})


def _list(id_: str) -> dict[str, Any]:
    known = {"version": 1, "reseller": LISTS[id_], "currency": "GBP", "state": "published", "stands": "in_force"}
    secret = {"changed_by": "operator:zoe@patchbay.example", "why": "we earn too little"}
    return known | secret | {"price_list": id_, "name": id_, "service_types": ["voice-line"]}
