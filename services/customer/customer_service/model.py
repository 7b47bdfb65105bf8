"""Rules about customers without IO: who may order, who is told, and why an order's customer is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID, uuid5

from patchbay_contracts.order import CustomerDetails
from patchbay_contracts.v1.customer import CustomerRefused, PrepareCustomer
from patchbay_contracts.words import Organisation


@dataclass(frozen=True)
class Reseller:
    """A tenant, as far as orders need it."""

    id: str
    name: str
    email: str
    state: Literal["active", "blocked"]

    @property
    def organisation(self) -> Organisation:
        """The reseller as somebody to notify."""
        return Organisation(kind="reseller", name=self.name, email=self.email)


@dataclass(frozen=True)
class Customer:
    """A customer that is there, with its contacts and suppliers."""

    id: UUID
    reseller: str
    name: str
    email: str
    state: Literal["active", "blocked", "withdrawn"]
    others: tuple[Organisation, ...] = ()


def customer_id(order_id: UUID) -> UUID:
    """The id of the customer that an order creates; the same each time the order is handled."""
    return uuid5(order_id, "customer")


def refused_reseller(command: PrepareCustomer, resellers: Mapping[str, Reseller]) -> CustomerRefused | None:
    """Why the reseller may not order; None if it may."""
    reseller = resellers.get(command.reseller)
    if reseller is None:
        return refusal(command, "unknown_reseller", f"there is no reseller {command.reseller!r}", resellers)
    if reseller.state == "blocked":
        return refusal(command, "reseller_blocked", f"{reseller.name} is blocked: ask your account manager", resellers)
    return None


def refused_customer(
    command: PrepareCustomer, id_: UUID, customer: Customer | None, resellers: Mapping[str, Reseller]
) -> CustomerRefused | None:
    """Why an existing customer may not order; another reseller's is answered like one that is not there."""
    if customer is None or customer.reseller != command.reseller or customer.state == "withdrawn":
        detail = f"/customer/id: you have no customer {id_}: create it with this order, or name one of yours"
        return refusal(command, "unknown_customer", detail, resellers)
    if customer.state == "blocked":
        detail = f"/customer/id: {customer.name} is blocked: unblock it before you order"
        return refusal(command, "customer_blocked", detail, resellers)
    return None


def refusal(command: PrepareCustomer, reason: str, detail: str, resellers: Mapping[str, Reseller]) -> CustomerRefused:
    """A refusal, which the reseller is told of if the order wants that."""
    reseller = resellers.get(command.reseller)
    told = (reseller.organisation,) if reseller is not None and "reseller" in command.notify else ()
    given = {"order_id": command.order_id, "reseller": command.reseller, "reason": reason, "detail": detail}
    return CustomerRefused.model_validate(given | {"recipients": told})


def others(details: CustomerDetails) -> tuple[Organisation, ...]:
    """A new customer's contacts and suppliers."""
    return tuple(Organisation(kind=c.kind, name=c.name, email=c.email) for c in details.contacts)


def recipients(command: PrepareCustomer, customer: Customer, reseller: Reseller) -> tuple[Organisation, ...]:
    """The organisations that the order wants notified, each address once."""
    own = Organisation(kind="customer", name=customer.name, email=customer.email)
    everybody = (own, reseller.organisation, *customer.others)
    wanted = {one.email.lower(): one for one in reversed(everybody) if one.kind in command.notify}
    return tuple(reversed(wanted.values()))
