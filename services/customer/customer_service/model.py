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


@dataclass(frozen=True)
class Refused:
    """Why an order's customer is refused. `pointer` leads into the order; both the order and the validity report say
    this."""

    reason: str
    pointer: str
    message: str
    remedy: str

    @property
    def detail(self) -> str:
        """All of it in a line."""
        return ": ".join(part for part in (self.pointer, self.message, self.remedy) if part)


def customer_id(order_id: UUID) -> UUID:
    """The id of the customer that an order creates; the same each time the order is handled."""
    return uuid5(order_id, "customer")


def barred_reseller(id_: str, reseller: Reseller | None, *, only_told: bool = False) -> Refused | None:
    """Why the reseller may not order; None if it may, or if it is only asked whom to tell and there is one."""
    if reseller is None:
        return Refused("unknown_reseller", "", f"there is no reseller {id_!r}", "choose one that is there")
    if reseller.state == "blocked" and not only_told:
        return Refused("reseller_blocked", "", f"{reseller.name} is blocked", "ask your account manager")
    return None


def barred_customer(reseller: str, id_: UUID, customer: Customer | None, *, only_told: bool = False) -> Refused | None:
    """Why an existing customer may not order; another reseller's is answered like one that is not there."""
    if customer is None or customer.reseller != reseller or customer.state == "withdrawn":
        remedy = "create it with this order, or name one of yours"
        return Refused("unknown_customer", "/customer/id", f"you have no customer {id_}", remedy)
    if customer.state == "blocked" and not only_told:
        return Refused("customer_blocked", "/customer/id", f"{customer.name} is blocked", "unblock it before you order")
    return None


def reference_taken(reference: str | None) -> Refused:
    """Another customer of the reseller has it."""
    message = f"another customer has the reference {reference!r}"
    return Refused("reference_taken", "/customer/reference", message, "choose another")


def pin_unreadable() -> Refused:
    """It was not sealed for us, or for something else."""
    return Refused("pin_unreadable", "/customer/pin", "the PIN could not be read", "send the order again")


def refusal(command: PrepareCustomer, refused: Refused, resellers: Mapping[str, Reseller]) -> CustomerRefused:
    """A refusal, which the reseller is told of if the order wants that."""
    reseller = resellers.get(command.reseller)
    told = (reseller.organisation,) if reseller is not None and "reseller" in command.notify else ()
    given = {
        "order_id": command.order_id,
        "reseller": command.reseller,
        "reason": refused.reason,
        "detail": refused.detail,
    }
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
