"""From a number to the resource of the TM Forum that a client sees. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from gateway_service.tmf.orders_out import RESOURCES, SERVICES, written
from patchbay_contracts.taken_in import NumberInService, NumberKnown

STATUS = ("standby", "alarm", "available", "reserved", "unknown", "suspended")
STATES: Mapping[str, tuple[str, ...]] = {
    "resourceStatus": STATUS,
    "administrativeState": ("locked", "unlocked", "shutdown"),
    "operationalState": ("enable", "disable"),
    "usageState": ("idle", "active", "busy"),
}
"""The states of a resource (TMF639), by their attributes."""
_IS: Mapping[str, tuple[str, str, str, str]] = {
    "free": ("available", "unlocked", "enable", "idle"),
    "held": ("reserved", "unlocked", "enable", "idle"),
    "assigned": ("reserved", "unlocked", "enable", "active"),
    "quarantined": ("standby", "locked", "disable", "idle"),
}
_SUSPENDED = ("suspended", "locked", "disable", "active")
OWN = ("id", "href")
ALWAYS = {
    "category": "telephoneNumber",
    "resourceSpecification": {
        "id": "telephone-number",
        "name": "Telephone number (E.164)",
        "@referredType": "ResourceSpecification",
    },
    "@type": "LogicalResource",
    "@baseType": "Resource",
}
"""What is shown of each number of which clients do not say otherwise."""


class Number(NamedTuple):
    """A number as it is shown: what its owner knows of it, and the service that has it."""

    known: NumberKnown
    since: datetime | None = None
    service: NumberInService | None = None


def shown(number: Number, sent: Mapping[str, Any] | None, base: str) -> dict[str, Any]:
    """The whole resource; what a client said of it stands as it was sent."""
    known, service = number.known, number.service
    text = f"+{known.e164}"
    made: dict[str, Any] = {
        "id": text,
        "href": f"{base}{RESOURCES}/{text}",
        "name": text,
        "value": text,
        **states(known.state, service.service_state if service is not None else None),
        "resourceCharacteristic": [{"name": name, "value": value} for name, value in _about(number, base)],
        **ALWAYS,
    }
    if number.since is not None:
        made["startOperatingDate"] = written(number.since)
    return made | dict(sent or {}) | {name: made[name] for name in OWN}


def states(of_number: str, of_service: str | None) -> dict[str, str]:
    """The states of a number, in a service that is so."""
    return dict(zip(STATES, _SUSPENDED if of_service == "suspended" else _IS[of_number], strict=True))


def _about(number: Number, base: str) -> list[tuple[str, Any]]:
    known, service = number.known, number.service
    found = [("national", known.national), ("area", known.area), ("grade", known.grade), ("pool", known.pool)]
    if service is not None:
        found.append(("service", str(service.service_id)))
        found.append(("serviceHref", f"{base}{SERVICES}/{service.service_id}"))
    if known.until is not None:
        found.append(("until", written(known.until)))
    return [(name, value) for name, value in found if value]
