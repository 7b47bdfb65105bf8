"""What is wrong with a change of a service, as far as provisioning knows beforehand. No IO.

The saga refuses a change for the first of these; the validity report shows all, with what is worth a thought besides.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from patchbay_chassis.saga import Failure
from patchbay_contracts.services import (
    AddNumbers,
    ChangeBody,
    ChangeKind,
    End,
    NewPriceList,
    NewSettings,
    RemoveNumbers,
    Resume,
    Service,
    Suspend,
)
from patchbay_contracts.validity import Finding, Severity, Tab
from patchbay_contracts.words import Settings
from provisioning_service.catalogue import ServiceType
from provisioning_service.model import MOST_DETAIL
from provisioning_service.number_faults import unwanted
from provisioning_service.setting_faults import setting_faults

_TABS: dict[ChangeKind, Tab] = {
    "settings": "settings",
    "price_list": "billing",
    "add_numbers": "numbers",
    "remove_numbers": "numbers",
}
_AGAIN = "look at the service as it is now, and ask again with its version"


class Fault(NamedTuple):
    """Why a service cannot be changed so: a reason code, the field in the change's document, what to do. One that is no
    error refuses nothing."""

    reason: str
    pointer: str
    message: str
    remedy: str
    severity: Severity = "error"

    def failure(self) -> Failure:
        """As the saga has it."""
        where = f"{self.pointer}: " if self.pointer else ""
        return Failure("service", self.reason, f"{where}{self.message}: {self.remedy}"[:MOST_DETAIL])

    def finding(self, kind: ChangeKind) -> Finding:
        """As the validity report has it."""
        return Finding(
            code=f"service.{self.reason}",
            severity=self.severity,
            tab=_TABS.get(kind, "service"),
            pointer=f"/change{self.pointer}",
            message=self.message[:MOST_DETAIL],
            remedy=self.remedy,
        )


UNKNOWN = Fault("unknown_service", "", "you have no such service", "take its id from the list of services")


def _closed(service: Service, *, being_made: bool) -> Fault | None:
    """Why nothing at all can be changed of a service."""
    if service.taken_in:
        return Fault("taken_in", "", "the service exists elsewhere", "change it where it is, and then its record here")
    if being_made or service.state not in ("active", "suspended"):
        told = "it is still being made" if being_made else f"the service is {service.state}"
        return Fault("not_active", "", told, "only a service that is active or suspended can be changed")
    return None


def faults(
    service: Service, change: ChangeBody, type_: ServiceType | None, today: date, *, being_made: bool = False
) -> Iterator[Fault]:
    """Everything that is wrong with a change of a service as it is."""
    if (closed := _closed(service, being_made=being_made)) is not None:
        yield closed
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
    if type_ is not None:
        for reason, where, message, remedy in unwanted(wanted.numbers, type_):
            yield Fault(reason, f"/wanted/numbers/{where}", message, remedy)
    many = len(service.numbers) + (len(wanted.numbers.exact) or wanted.numbers.count)
    if type_ is not None and many > type_.most_numbers:
        most = _numbers(type_.most_numbers)
        message = f"{type_.entry.name} takes {most} at the most, and it would have {many}"
        yield Fault("too_many_numbers", "/wanted/numbers", message, "add fewer, or order another service")
    for number, own in wanted.settings_by_number.items():
        where = f"/wanted/settings_by_number/+{number}"
        yield from _against_schema(type_, service, service.settings | own, where)


def _numbers(many: int) -> str:
    return "1 number" if many == 1 else f"{many} numbers"


def _bad_removals(type_: ServiceType | None, service: Service, wanted: RemoveNumbers) -> Iterator[Fault]:
    yield from _unknown([n for n in wanted.numbers if n not in service.numbers], "/wanted/numbers")
    rest = len(set(service.numbers) - set(wanted.numbers))
    if type_ is not None and rest < type_.least_numbers:
        message = f"{type_.entry.name} needs {_numbers(type_.least_numbers)}, and it would have {rest}"
        yield Fault("too_few_numbers", "/wanted/numbers", message, "remove fewer, or end the service")


def thoughts(service: Service, change: ChangeBody) -> Iterator[Fault]:
    """What refuses nothing, and is worth a thought: warnings, which can be waived, and information."""
    match change.wanted:
        case NewPriceList(from_date=day) if (to_come := service.price_list_to_come) is not None:
            if day <= to_come.from_date:
                message = f"{to_come.price_list!r}, which was to come on {to_come.from_date}, will not come"
                remedy = "give that one its date anew afterwards, if it is still wanted"
                yield _thought("warning", "replaces_price_list", "/wanted/from_date", message, remedy)
        case NewSettings() | AddNumbers() if service.state == "suspended":
            message, remedy = "the service is suspended", "resume it when this is to work"
            yield _thought("info", "suspended", "/wanted", message, remedy)
        case RemoveNumbers() | End() if service.numbers:
            remedy = "nobody else gets them while they rest"
            yield _thought("info", "numbers_rest", "/wanted", "the numbers that leave rest for a while", remedy)


def _thought(severity: Severity, code: str, pointer: str, message: str, remedy: str) -> Fault:
    return Fault(code, pointer, message, remedy, severity)
