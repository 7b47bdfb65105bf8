"""Rules of changes without IO: what will the service be, which numbers may come, and what does billing amend."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from patchbay_contracts.catalogue import NumberRules
from patchbay_contracts.message import Frozen
from patchbay_contracts.services import (
    AddNumbers,
    ChangeBody,
    End,
    NewPriceList,
    NewSettings,
    PriceListToCome,
    RemoveNumbers,
    Resume,
    Service,
    ServiceAspects,
    ServiceState,
    Suspend,
)
from patchbay_contracts.v1.changes import AmendBilling, ChargedService, PricedFrom
from patchbay_contracts.v1.numbers import HoldNumbers, Want
from patchbay_contracts.words import E164, HeldNumber, Settings, Slug
from provisioning_service.number_faults import narrowed

Verb = Literal["change", "suspend", "resume", "withdraw", "activate"]
BACK: dict[str, Verb] = {"change": "change", "suspend": "resume", "resume": "suspend", "withdraw": "activate"}
"""What takes back what the network was told."""


class Plan(Frozen):
    """What a service will be, and what the network is told for it; None: nothing."""

    verb: Verb | None
    state: ServiceState
    numbers: tuple[E164, ...]
    settings: Settings
    settings_by_number: dict[E164, Settings]
    price_list: Slug
    to_come: PriceListToCome | None


def plan(service: Service, change: ChangeBody, added: Sequence[int], today: date) -> Plan:
    """What the service will be."""
    wanted, verb = change.wanted, "change"
    state, numbers, settings, by_number = (
        service.state,
        service.numbers,
        service.settings,
        dict(service.settings_by_number),
    )
    price_list, to_come = service.price_list, service.price_list_to_come
    match wanted:
        case NewSettings():
            settings, by_number = wanted.settings, wanted.settings_by_number
        case NewPriceList():
            later = PriceListToCome(price_list=wanted.price_list, from_date=wanted.from_date)
            price_list, to_come = (price_list, later) if wanted.from_date > today else (wanted.price_list, None)
        case AddNumbers():
            numbers, by_number = (*numbers, *added), by_number | wanted.settings_by_number
        case RemoveNumbers():
            numbers = tuple(n for n in numbers if n not in wanted.numbers)
            by_number = {n: own for n, own in by_number.items() if n in numbers}
        case Suspend():
            state, verb = "suspended", "suspend"
        case Resume():
            state, verb = "active", "resume"
        case End():
            state, verb = "ended", "withdraw"
    return Plan.model_validate(
        {
            "verb": None if isinstance(wanted, NewPriceList) else verb,
            "state": state,
            "numbers": numbers,
            "settings": settings,
            "settings_by_number": by_number,
            "price_list": price_list,
            "to_come": to_come,
        }
    )


def aspects(of: Service | Plan, change: ChangeBody) -> ServiceAspects:
    """What the change is about, in the service as it is or will be."""
    match change.wanted:
        case NewSettings():
            return ServiceAspects(settings=of.settings, settings_by_number=of.settings_by_number)
        case NewPriceList() as wanted:
            if isinstance(of, Plan):
                return ServiceAspects(price_list=wanted.price_list, from_date=wanted.from_date)
            return ServiceAspects(price_list=of.price_list)
        case AddNumbers() | RemoveNumbers():
            return ServiceAspects(numbers=of.numbers)
        case _:
            return ServiceAspects(state=of.state)


def added(held: Sequence[HeldNumber]) -> tuple[int, ...]:
    """Numbers as a service has them."""
    return tuple(number.e164 for number in held)


def removed(service: Service, change: ChangeBody) -> tuple[int, ...]:
    """The numbers that leave the service."""
    match change.wanted:
        case RemoveNumbers() as wanted:
            return wanted.numbers
        case End():
            return service.numbers
    return ()


def touches_charges(change: ChangeBody) -> bool:
    """Whether billing is concerned."""
    return isinstance(change.wanted, NewPriceList | AddNumbers | RemoveNumbers | End)


def hold(service: Service, order_id: object, change: ChangeBody, rules: NumberRules | None) -> HoldNumbers:
    """Which numbers are to be held, of those that the service takes."""
    assert isinstance(change.wanted, AddNumbers)
    given = {
        "order_id": order_id,
        "reseller": service.reseller,
        "wants": (Want(line=0, numbers=narrowed(change.wanted.numbers, rules), rules=rules),),
        "customer_id": service.customer_id,
        "held_by": change.held_by,
    }
    return HoldNumbers.model_validate(given)


def amendment(
    service: Service, made_with: Sequence[int], order_id: object, change: ChangeBody, held: Sequence[HeldNumber]
) -> AmendBilling:
    """What billing has to amend."""
    wanted, to_come = change.wanted, service.price_list_to_come
    known = {"id": service.id, "order_id": service.order_id, "line": service.line}
    by = (PricedFrom(price_list=service.price_list),)
    later = () if to_come is None else (PricedFrom(price_list=to_come.price_list, from_date=to_come.from_date),)
    new = (
        PricedFrom(price_list=wanted.price_list, from_date=wanted.from_date)
        if isinstance(wanted, NewPriceList)
        else None
    )
    return AmendBilling.model_validate(
        {
            "order_id": order_id,
            "reseller": service.reseller,
            "customer_id": service.customer_id,
            "service": ChargedService.model_validate(
                known | {"service_type": service.service_type, "numbers": tuple(made_with)}
            ),
            "price_list": new,
            "adds": tuple(held),
            "price_lists": (*by, *later) if isinstance(wanted, AddNumbers) else (),
            "removes": wanted.numbers if isinstance(wanted, RemoveNumbers) else (),
            "ends": isinstance(wanted, End),
        }
    )
