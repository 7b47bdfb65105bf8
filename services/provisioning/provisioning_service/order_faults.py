"""What is wrong with the lines of an order or a draft, as far as provisioning knows beforehand. No IO.

The saga refuses an order for the first of these, and the validity report shows all: there is no second set of rules.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple

from patchbay_chassis.problems import pointer
from patchbay_contracts.order import Line
from patchbay_contracts.words import Settings
from provisioning_service.catalogue import Catalogue, ServiceType
from provisioning_service.number_faults import NOT_KNOWN, Graded, unwanted
from provisioning_service.setting_faults import setting_faults

Owned = Mapping[str, int]
"""How many services of each type the customer has."""
NOTHING: Owned = {}


class Fault(NamedTuple):
    """`pointer` leads into the order or the draft; `reason` is what the order fails with."""

    reason: str
    code: str
    tab: Literal["service", "numbers", "settings", "creation"]
    pointer: str
    message: str
    remedy: str

    @property
    def line(self) -> int:
        """Which line it is of."""
        return int(self.pointer.split("/")[2])

    @property
    def detail(self) -> str:
        """In words, with its place."""
        return f"{self.pointer}: {self.message}: {self.remedy}"


def faults(
    reseller: str,
    lines: Sequence[Line],
    catalogue: Catalogue,
    day: date,
    owned: Owned = NOTHING,
    *,
    without: Collection[int] = (),
    graded: Graded = NOT_KNOWN,
) -> Iterator[Fault]:
    """Everything that is wrong, line by line, but for those `without` which it is to be looked at. `owned` counts for
    service types that heed it; `graded`: the grades of named numbers, as far as they are known."""
    whole = False
    placed = [(position, line) for position, line in enumerate(lines) if position not in without]
    for position, line in placed:
        type_ = _sold(line.service_type, reseller, catalogue, day)
        if type_ is None:
            yield _not_sold(position, line.service_type, reseller, catalogue, day)
            continue
        whole = whole or type_.heeds_customer
        if type_.choosy or not type_.least_numbers <= _each(line) <= type_.most_numbers:
            yield from _numbers(position, line, type_, graded)
        if line.settings_by_number or not _plain(type_, line.settings):
            yield from _settings(position, line, type_)
    if whole:
        yield from _together(reseller, placed, catalogue, day, owned)


def _each(line: Line) -> int:
    """How many numbers each of the line's services gets."""
    wanted = len(line.numbers.exact) or line.numbers.count
    return wanted if line.grouping == "together" else min(wanted, 1)


def _plain(type_: ServiceType, settings: Settings) -> bool:
    """Whether they are in order at first sight, as those of most orders are."""
    return type_.settings.is_valid(settings) and type_.forms.keys().isdisjoint(settings)


def _sold(id_: str, reseller: str, catalogue: Catalogue, day: date) -> ServiceType | None:
    types = catalogue.get(id_)
    type_ = types.on(day) if types is not None else None
    return type_ if type_ is not None and type_.sold_by(reseller) else None


def _not_sold(position: int, id_: str, reseller: str, catalogue: Catalogue, day: date) -> Fault:
    """What this reseller may not sell is no different from what nobody has."""
    where = f"/lines/{position}/service_type"
    known = [one for one in catalogue[id_].versions if one.sold_by(reseller)] if id_ in catalogue else []
    if not id_:
        return Fault(
            "unknown_service_type", "service.missing", "service", where, "no service type is chosen", "choose one"
        )
    if not known or catalogue[id_].on(day) is not None:
        message = f"there is no service type {id_[:60]!r}"
        return Fault("unknown_service_type", "service.unknown_type", "service", where, message, "see the catalogue")
    later = [one.valid_from for one in known if one.valid_from > day]
    when = f"sold from {min(later)} on" if later else "not sold any more"
    message = f"{known[-1].entry.name} is {when}"
    return Fault(
        "service_type_not_in_force", "service.not_in_force", "service", where, message, "choose another service type"
    )


def _numbers(position: int, line: Line, type_: ServiceType, graded: Graded) -> Iterator[Fault]:
    numbers, rules = line.numbers, type_.entry.numbers
    each = _each(line)
    if not rules.least <= each <= rules.most:
        many = f"{rules.least} to {rules.most} numbers" if rules.least < rules.most else f"exactly {rules.least}"
        message = f"{type_.entry.name} takes {many} a service, {each} given"
        where = f"/lines/{position}/numbers"
        if each < rules.least:
            yield Fault("too_few_numbers", "service.too_few_numbers", "numbers", where, message, "add some")
        else:
            remedy = "make one service for each number (grouping 'each'), or use more lines"
            yield Fault("too_many_numbers", "service.too_many_numbers", "numbers", where, message, remedy)
    for reason, where, message, remedy in unwanted(numbers, type_, graded):
        place = f"/lines/{position}/numbers/{where.removeprefix('exact/')}"
        yield Fault(reason, f"service.{reason}", "numbers", place, message, remedy)


def _settings(position: int, line: Line, type_: ServiceType) -> Iterator[Fault]:
    exact = line.numbers.exact
    for number in line.settings_by_number:
        if number not in exact:
            where = f"/lines/{position}/settings_by_number/+{number}"
            message = "the line does not name this number"
            yield Fault("unknown_number", "settings.unknown_number", "settings", where, message, "drop its settings")
    told = set[tuple[str, str]]()
    for number, settings in overlaid(line.settings, line.settings_by_number, len(exact) or line.numbers.count):
        own = (number,) if number and line.grouping == "each" else exact
        for fault in setting_faults(type_, settings, own):
            where = _where(position, line, number, fault.path)
            if (where, fault.code) not in told:
                told.add((where, fault.code))
                yield Fault("bad_settings", fault.code, "settings", where, fault.message, fault.remedy)


def overlaid(settings: Settings, by_number: Mapping[int, Settings], numbers: int) -> list[tuple[int, Settings]]:
    """What the settings of each number that has some of its own come to, laid over those for all; and (0) those for
    all, where they hold for other numbers or for none."""
    found: list[tuple[int, Settings]] = [(number, settings | own) for number, own in by_number.items()]
    if not found or len(found) < numbers:
        found.append((0, settings))
    return found


def _where(position: int, line: Line, number: int, path: tuple[str | int, ...]) -> str:
    """Where a setting was given: by the number, or by the line for all of them."""
    by_line = not number or (path and path[0] in line.settings and path[0] not in line.settings_by_number[number])
    place = "settings" if by_line else f"settings_by_number/+{number}"
    return f"/lines/{position}/{place}{pointer(path)}"


def _together(
    reseller: str, placed: Sequence[tuple[int, Line]], catalogue: Catalogue, day: date, owned: Owned
) -> Iterator[Fault]:
    """What the customer's services, those that are there and those that are ordered, must be to each other."""
    ordered = Counter[str]()
    for _, line in placed:
        ordered[line.service_type] += _services(line)
    told = set[str]()
    for position, line in placed:
        type_ = _sold(line.service_type, reseller, catalogue, day)
        if type_ is None or type_.id in told or not type_.heeds_customer:
            continue
        told.add(type_.id)
        where, rules, name = f"/lines/{position}/service_type", type_.entry.customers, type_.entry.name
        many = ordered[type_.id]
        for needed in rules.needs:
            if not ordered[needed] and not owned.get(needed):
                message, remedy = f"{name} needs {_name(needed, catalogue, day)}", "order it as well"
                yield Fault("incompatible", "service.needs_another", "service", where, message, remedy)
        for excluded in rules.excludes:
            if ordered[excluded] or owned.get(excluded):
                message = f"{name} cannot be had together with {_name(excluded, catalogue, day)}"
                remedy = "order it for another customer, or choose another service type"
                yield Fault("incompatible", "service.excludes_another", "service", where, message, remedy)
        if rules.most_per_order and many > rules.most_per_order:
            message = f"an order makes {rules.most_per_order} of {name} at the most, this one {many}"
            yield Fault("too_many_services", "service.most_per_order", "service", where, message, "order fewer")
        has = owned.get(type_.id, 0)
        if rules.most_per_customer and has + many > rules.most_per_customer:
            message = (
                f"a customer has {rules.most_per_customer} of {name} at the most, this one would have {has + many}"
            )
            yield Fault("too_many_services", "service.most_per_customer", "service", where, message, "order fewer")


def _services(line: Line) -> int:
    return max(1, len(line.numbers.exact) or line.numbers.count) if line.grouping == "each" else 1


def _name(id_: str, catalogue: Catalogue, day: date) -> str:
    type_ = catalogue[id_].on(day) if id_ in catalogue else None
    return type_.entry.name if type_ is not None else id_
