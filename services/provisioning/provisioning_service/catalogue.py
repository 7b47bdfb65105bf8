"""Rules of the catalogue without IO: which version of a service type is in force on a day, and who may sell it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

import jsonschema_rs

from patchbay_contracts.catalogue import CustomerRules, Product, ServiceTypeEntry, Setting, Sold
from provisioning_service.schemas import compiled, described

ALWAYS = date(2000, 1, 1)
"""Since when a service type is in force that nobody gave a date."""


@dataclass(frozen=True)
class ServiceType:
    """A version of a catalogue entry, with its settings' JSON Schema compiled. Not in force from `valid_to` on."""

    id: str
    version: int
    valid_from: date
    valid_to: date | None
    entry: ServiceTypeEntry
    settings: jsonschema_rs.Draft202012Validator
    described: Mapping[str, Setting]
    """Each setting by its name, as it is described first."""
    forms: Mapping[str, Setting] = field(default_factory=dict)
    """Those settings that have a form which JSON Schema cannot check: destinations and time plans."""

    # What every order asks is worked out once.
    least_numbers: int = 0
    most_numbers: int = 0
    choosy: bool = False
    """Whether it has rules on which numbers it takes."""
    heeds_customer: bool = False
    """Whether it depends on what else the customer has."""
    resellers: frozenset[str] = frozenset()

    def sold_by(self, reseller: str) -> bool:
        """Whether that reseller may sell it."""
        return not self.resellers or reseller in self.resellers


@dataclass(frozen=True)
class ServiceTypes:
    """All versions of one service type that were ever published, in the order in which they come into force."""

    versions: tuple[ServiceType, ...]

    def on(self, day: date) -> ServiceType | None:
        """The version that is in force on a day: of those that have come into force the last, unless it was retired."""
        for version in reversed(self.versions):
            if version.valid_from <= day:
                return version if version.valid_to is None or day < version.valid_to else None
        return None


Catalogue = Mapping[str, ServiceTypes]


def service_type(
    id_: str, entry: ServiceTypeEntry, version: int = 1, valid_from: date = ALWAYS, valid_to: date | None = None
) -> ServiceType:
    """A version. Raises ValueError for a settings schema that is none."""
    settings = described(entry.settings_schema)
    first: dict[str, Setting] = {}
    for setting in settings:
        first.setdefault(setting.name, setting)
    forms = {name: setting for name, setting in first.items() if setting.kind in ("destination", "time_plan")}
    numbers, customers = entry.numbers, entry.customers
    return ServiceType(
        id=id_,
        version=version,
        valid_from=valid_from,
        valid_to=valid_to,
        entry=entry,
        settings=compiled(entry.settings_schema),
        described=first,
        forms=forms,
        least_numbers=numbers.least,
        most_numbers=numbers.most,
        choosy=bool(numbers.grades or numbers.prefixes or numbers.countries),
        heeds_customer=customers != CustomerRules(),
        resellers=frozenset(entry.resellers),
    )


def service_types(versions: Sequence[ServiceType]) -> ServiceTypes:
    """The versions of one service type. One that was taken back before it came into force counts for nothing; of two
    that come into force on the same day the later one counts."""
    real = [one for one in versions if one.valid_to is None or one.valid_from < one.valid_to]
    return ServiceTypes(tuple(sorted(real, key=lambda one: (one.valid_from, one.version))))


def sold(type_: ServiceType, resellers: Sequence[str]) -> Sold:
    """A service type in a list of what can be sold."""
    return Sold(
        service_type=type_.id,
        version=type_.version,
        name=type_.entry.name,
        description=type_.entry.description,
        least_numbers=type_.entry.numbers.least,
        most_numbers=type_.entry.numbers.most,
        resellers=tuple(reseller for reseller in resellers if type_.sold_by(reseller)),
    )


def product(type_: ServiceType, valid_to: date | None) -> Product:
    """Everything that there is to know about it before it is sold."""
    entry = type_.entry
    return Product(
        service_type=type_.id,
        version=type_.version,
        valid_from=type_.valid_from,
        valid_to=valid_to,
        name=entry.name,
        description=entry.description,
        included=entry.included,
        settings_schema=entry.settings_schema,
        settings=described(entry.settings_schema),
        numbers=entry.numbers,
        customers=entry.customers,
        terms_version=entry.terms.version,
        terms_hash=terms_hash(entry),
    )


def ends(types: ServiceTypes, version: ServiceType) -> date | None:
    """The day from which a version is not in force any more, as far as is known."""
    later = [one.valid_from for one in types.versions if one.valid_from > version.valid_from]
    known = [*later, *([version.valid_to] if version.valid_to else [])]
    return min(known, default=None)


def terms_hash(entry: ServiceTypeEntry) -> str:
    """What stands for the text that is agreed to: SHA-256, in hexadecimal digits."""
    return sha256(entry.terms.text.encode()).hexdigest()
