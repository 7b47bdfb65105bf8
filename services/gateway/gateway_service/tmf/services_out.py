"""From a service to the service of the TM Forum that a client sees. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from gateway_service.tmf.orders_out import RESOURCES, SERVICES, written
from gateway_service.tmf.reserved import PRICE_LIST
from patchbay_contracts.services import Service, ServiceState
from patchbay_contracts.taken_in import NOBODY, RecordedState

STATES: Mapping[ServiceState, str] = {
    "planned": "reserved",
    "active": "active",
    "suspended": "inactive",
    "ended": "terminated",
    "refused": "terminated",
    "withdrawn": "terminated",
}
RECORDED: Mapping[str, RecordedState] = {
    "feasibilityChecked": "suspended",
    "designed": "suspended",
    "reserved": "suspended",
    "inactive": "suspended",
    "active": "active",
    "terminated": "ended",
}
"""How a service that exists elsewhere is recorded: it works, it does not, or it has ended."""
NEXT: Mapping[str, tuple[str, ...]] = {
    "feasibilityChecked": ("designed", "reserved", "terminated"),
    "designed": ("reserved", "inactive", "active", "terminated"),
    "reserved": ("inactive", "active", "terminated"),
    "inactive": ("active", "terminated"),
    "active": ("inactive", "terminated"),
    "terminated": (),
}
"""What may follow (TMF638)."""
OWN = ("id", "href", "state")
TYPE = r"[a-z0-9][a-z0-9._-]{0,59}"
"""What a service type may be called."""


def slug(specification: str) -> str:
    """The service type under which a specification is recorded that may be called anything."""
    return re.sub(r"[^a-z0-9._-]+", "-", specification.lower()).strip("-._")[:60] or "elsewhere"


def shown(service: Service, sent: Mapping[str, Any] | None, base: str) -> dict[str, Any]:
    """The whole service; what a client said of it stands as it was sent."""
    told = dict(sent or {})
    state = STATES[service.state]
    if RECORDED.get(told.get("state", "")) == service.state:
        state = told["state"]
    began = written(service.created_at)
    made: dict[str, Any] = {
        "id": str(service.id),
        "href": f"{base}{SERVICES}/{service.id}",
        "name": service.service_type,
        "category": "CFS",
        "serviceType": service.service_type,
        "state": state,
        "hasStarted": True,
        "isServiceEnabled": service.state == "active",
        "serviceDate": began,
        "startDate": began,
        "serviceSpecification": {
            "id": service.service_type,
            "name": service.service_type,
            "@referredType": "ServiceSpecification",
        },
        "serviceCharacteristic": _characteristics(service),
        "supportingResource": [
            {"id": f"+{n}", "href": f"{base}{RESOURCES}/+{n}", "name": f"+{n}", "@referredType": "Resource"}
            for n in service.numbers
        ],
        "@type": "Service",
        "@baseType": "Entity",
    }
    if service.customer_id != NOBODY:
        made["relatedParty"] = [{"id": str(service.customer_id), "role": "customer", "@referredType": "Customer"}]
    if not service.taken_in:
        item = {"serviceOrderId": str(service.order_id), "itemId": str(service.line + 1), "itemAction": "add"}
        made["serviceOrderItem"] = [item]
    return made | told | {name: made[name] for name in OWN}


def _characteristics(service: Service) -> list[dict[str, Any]]:
    found = [_characteristic(name, value) for name, value in service.settings.items()]
    if service.settings_by_number:
        own = {f"+{number}": values for number, values in service.settings_by_number.items()}
        found.append(_characteristic("settingsByNumber", own))
    return found if service.taken_in else [*found, _characteristic(PRICE_LIST, service.price_list)]


def _characteristic(name: str, value: Any) -> dict[str, Any]:
    return {"name": name, "valueType": _kind(value), "value": value}


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"
