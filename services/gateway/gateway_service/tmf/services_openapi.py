"""What OpenAPI says about services of the TM Forum."""

from typing import Any

from gateway_service.describing import content, ref
from gateway_service.tmf.describing import (
    CHARACTERISTIC,
    FIELDS,
    GONE,
    LISTED,
    PARTIES,
    REF,
    REFS,
    created,
    described,
    errors,
    listed,
    schemas,
    shown,
)
from gateway_service.tmf.services_out import RECORDED

ID = "0193f6a0-0000-7000-8000-0000000000b1"
_TEXT = {"type": "string"}
_LIST = {"type": "array", "items": {"type": "object"}}
_SENT: dict[str, Any] = {
    "name": _TEXT,
    "description": _TEXT,
    "category": _TEXT,
    "state": {"enum": list(RECORDED)},
    "serviceSpecification": {"type": "object", "properties": {"id": _TEXT, "name": _TEXT}},
    "serviceCharacteristic": _LIST,
    "supportingResource": _LIST,
    "relatedParty": _LIST,
    "note": _LIST,
}
_ASKED = {
    "serviceSpecification": REF,
    "serviceCharacteristic": {"type": "array", "items": CHARACTERISTIC},
    "supportingResource": REFS,
    "relatedParty": PARTIES,
}
SCHEMAS = schemas("TmfService", _SENT, ["state", "serviceSpecification"], ["state", "@type", "@baseType"], _ASKED)
EXAMPLE = {
    "name": "Leased line to the harbour",
    "state": "active",
    "serviceSpecification": {"id": "leased-line", "name": "Leased line"},
    "serviceCharacteristic": [{"name": "bandwidth", "value": "100M"}],
}
SHOWN: dict[str, Any] = {
    **EXAMPLE,
    "id": ID,
    "href": f"https://patchbay.example/tmf-api/serviceInventoryManagement/v4/service/{ID}",
    "serviceType": "leased-line",
    "hasStarted": True,
    "isServiceEnabled": True,
    "startDate": "2026-11-27T12:00:00.000Z",
    "supportingResource": [],
    "@type": "Service",
    "@baseType": "Entity",
}
CREATE = described(
    "Take a service into the inventory (TMF638)",
    "A service that exists elsewhere: Patchbay keeps record of it, and does and charges nothing. Its numbers have to be"
    " in the resource inventory.",
    created("TmfService", SHOWN) | errors(400, 413, 415),
    content(ref("TmfServiceCreate"), EXAMPLE),
)
LIST = described(
    "List services (TMF638)",
    "The newest first, filtered by any attribute: those that were ordered, and those that were taken in.",
    listed("TmfServiceInPart", SHOWN) | errors(400),
    parameters=LISTED,
)
ONE = described(
    "Retrieve a service (TMF638)", "All about it.", shown("TmfServiceInPart", SHOWN) | errors(404), parameters=[FIELDS]
)
PATCH = described(
    "Change what is said of a service (TMF638)",
    "A merge patch. Of a service that exists elsewhere all can change, its state as the standard goes; of one that"
    " Patchbay carries out what describes it. All else of that is changed by ordering.",
    shown("TmfService", SHOWN) | errors(400, 404, 413, 415),
    content(ref("TmfServicePatch"), {"description": "behind the lighthouse"}),
)
DELETE = described(
    "Delete a service (TMF638)",
    "One that exists elsewhere and is not active. All others are in use.",
    GONE | errors(404, 409),
)
