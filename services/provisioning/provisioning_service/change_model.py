"""Rules of changes without IO: may a service be changed so, what will it be, and what does billing amend."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal, NamedTuple

from patchbay_chassis.saga import Failure
from patchbay_contracts.message import Frozen
from patchbay_contracts.services import (
    AddNumbers,
    ChangeBody,
    ChangeKind,
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
from patchbay_contracts.validity import Finding, Tab
from patchbay_contracts.words import E164, HeldNumber, Settings, Slug
from provisioning_service.catalogue import ServiceType
from provisioning_service.model import MOST_DETAIL
from provisioning_service.setting_faults import setting_faults

Verb = Literal["change", "suspend", "resume", "withdraw", "activate"]
BACK: dict[str, Verb] = {"change": "change", "suspend": "resume", "resume": "suspend", "withdraw": "activate"}
"""What takes back what the network was told."""
_TABS: dict[ChangeKind, Tab] = {
    "settings": "settings",
    "price_list": "billing",
    "add_numbers": "numbers",
    "remove_numbers": "numbers",
}
_AGAIN = "look at the service as it is now, and ask again with its version"


class Fault(NamedTuple):
    """Why a service cannot be changed so: a reason code, the field in the change's document, what to do."""

    reason: str
    pointer: str
    message: str
    remedy: str

    def failure(self) -> Failure:
        """As the saga has it."""
        where = f"{self.pointer}: " if self.pointer else ""
        return Failure("service", self.reason, f"{where}{self.message}: {self.remedy}"[:MOST_DETAIL])

    def finding(self, kind: ChangeKind) -> Finding:
        """As the validity report has it."""
        return Finding(
            code=f"service.{self.reason}",
            severity="error",
            tab=_TABS.get(kind, "service"),
            pointer=f"/change{self.pointer}",
            message=self.message[:MOST_DETAIL],
            remedy=self.remedy,
        )


class Plan(Frozen):
    """What a service will be, and what the network is told for it; None: nothing."""

    verb: Verb | None
    state: ServiceState
    numbers: tuple[E164, ...]
    settings: Settings
    settings_by_number: dict[E164, Settings]
    price_list: Slug
    to_come: PriceListToCome | None


UNKNOWN = Fault("unknown_service", "", "you have no such service", "take its id from the list of services")


def faults(
    service: Service, change: ChangeBody, type_: ServiceType | None, today: date, *, being_made: bool = False
) -> Iterator[Fault]:
    """Everything that is wrong with a change of a service as it is."""
    if being_made or service.state not in ("active", "suspended"):
        told = "it is still being made" if being_made else f"the service is {service.state}"
        yield Fault("not_active", "", told, "only a service that is active or suspended can be changed")
        return
    if service.changing is not None:
        yield Fault("being_changed", "/version", "another change of the service is under way", _AGAIN)
    elif service.version != change.version:
        message = f"the service has version {service.version} and not {change.version}"
        yield Fault("changed_meanwhile", "/version", message, _AGAIN)
    match change.wanted:
        case NewSettings() as wanted:
            unknown = [n for n in wanted.settings_by_number if n not in service.numbers]
            yield from _unknown(unknown, "/wanted/settings_by_number/+{}")
            yield from _bad_settings(type_, service, wanted)
        case NewPriceList() as wanted:
            yield from _bad_date(service, wanted, today)
        case AddNumbers() as wanted:
            yield from _bad_additions(type_, service, wanted)
        case RemoveNumbers() as wanted:
            yield from _bad_removals(type_, service, wanted)
        case Suspend() if service.state == "suspended":
            yield Fault("suspended_already", "/wanted", "the service is suspended already", "nothing is left to do")
        case Resume() if service.state == "active":
            yield Fault("not_suspended", "/wanted", "the service is not suspended", "nothing is left to do")


def _unknown(numbers: Sequence[int], where: str) -> Iterator[Fault]:
    for number in numbers[:10]:
        message = f"+{number} is not one of the numbers that this is about"
        yield Fault("unknown_number", where.format(number), message, "leave it out, or name another")


def _bad_settings(type_: ServiceType | None, service: Service, wanted: NewSettings) -> Iterator[Fault]:
    alone = [n for n in service.numbers if n not in wanted.settings_by_number]
    if alone or not wanted.settings_by_number:
        yield from _against_schema(type_, service, wanted.settings, "/wanted/settings")
    for number, own in wanted.settings_by_number.items():
        where = f"/wanted/settings_by_number/+{number}"
        yield from _against_schema(type_, service, wanted.settings | own, where)


def _against_schema(type_: ServiceType | None, service: Service, settings: Settings, where: str) -> Iterator[Fault]:
    if type_ is None:
        message = f"there is no service type {service.service_type!r} any more"
        yield Fault("unknown_service_type", where, message, "ask an administrator of the catalogue")
        return
    for found in setting_faults(type_, settings, service.numbers):
        pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in found.path)
        yield Fault("bad_settings", where + pointer, found.message, found.remedy)


def _bad_date(service: Service, wanted: NewPriceList, today: date) -> Iterator[Fault]:
    if wanted.from_date < today:
        message = f"{wanted.from_date} is over"
        yield Fault("date_is_over", "/wanted/from_date", message, "give today's date or a later one")
    if (to_come := service.price_list_to_come) is not None and wanted.from_date > to_come.from_date:
        message = f"{to_come.price_list!r} is to come on {to_come.from_date} already"
        remedy = f"give a date up to {to_come.from_date}: it takes the place of that one"
        yield Fault("price_list_to_come", "/wanted/from_date", message, remedy)


def _bad_additions(type_: ServiceType | None, service: Service, wanted: AddNumbers) -> Iterator[Fault]:
    for number in wanted.numbers.exact:
        if number in service.numbers:
            yield Fault("number_there", "/wanted/numbers/exact", f"+{number} is its number already", "leave it out")
    yield from _unknown(
        [n for n in wanted.settings_by_number if n not in wanted.numbers.exact], "/wanted/settings_by_number/+{}"
    )
    many = len(service.numbers) + (len(wanted.numbers.exact) or wanted.numbers.count)
    if type_ is not None and many > type_.most_numbers:
        message = f"{type_.id} takes {type_.most_numbers} numbers at the most, and it would have {many}"
        yield Fault("too_many_numbers", "/wanted/numbers", message, "add fewer, or order another service")
    for number, own in wanted.settings_by_number.items():
        where = f"/wanted/settings_by_number/+{number}"
        yield from _against_schema(type_, service, service.settings | own, where)


def _bad_removals(type_: ServiceType | None, service: Service, wanted: RemoveNumbers) -> Iterator[Fault]:
    yield from _unknown([n for n in wanted.numbers if n not in service.numbers], "/wanted/numbers")
    rest = len(set(service.numbers) - set(wanted.numbers))
    if type_ is not None and rest < type_.least_numbers:
        message = f"{type_.id} needs {type_.least_numbers} numbers, and it would have {rest}"
        yield Fault("too_few_numbers", "/wanted/numbers", message, "remove fewer, or end the service")


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
            "price_lists": (*by, *later) if held else (),
            "removes": wanted.numbers if isinstance(wanted, RemoveNumbers) else (),
            "ends": isinstance(wanted, End),
        }
    )
