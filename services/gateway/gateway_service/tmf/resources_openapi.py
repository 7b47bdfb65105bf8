"""What OpenAPI says about resources of the TM Forum, which are numbers."""

from typing import Any

from gateway_service.describing import content, ref
from gateway_service.tmf.describing import (
    FIELDS,
    GONE,
    LISTED,
    TEXT_OR_NUMBER,
    created,
    described,
    errors,
    listed,
    schemas,
    shown,
)
from gateway_service.tmf.resources_out import STATES

_TEXT = {"type": "string"}
_LIST = {"type": "array", "items": {"type": "object"}}
_SENT: dict[str, Any] = {
    "name": _TEXT,
    "value": _TEXT,
    "description": _TEXT,
    "category": _TEXT,
    **{name: {"enum": list(states)} for name, states in STATES.items()},
    "resourceCharacteristic": _LIST,
    "note": _LIST,
}
SCHEMAS = schemas("TmfResource", _SENT, ["name"], ["name", "@type", "@baseType"], {"value": TEXT_OR_NUMBER})
EXAMPLE = {"name": "+4930901820", "description": "ported, still with the old carrier", "@type": "LogicalResource"}
SHOWN: dict[str, Any] = {
    **EXAMPLE,
    "id": "+4930901820",
    "href": "https://patchbay.example/tmf-api/resourceInventoryManagement/v4/resource/+4930901820",
    "value": "+4930901820",
    "category": "telephoneNumber",
    "resourceStatus": "reserved",
    "administrativeState": "unlocked",
    "operationalState": "enable",
    "usageState": "active",
    "resourceCharacteristic": [],
    "@baseType": "Resource",
}
CREATE = described(
    "Take a number into the inventory (TMF639)",
    "A number that is in service elsewhere, named in `name`, `value` or the characteristic `number`. Those of the house"
    " are ordered; one that was taken in already is 409, and its record changed by PATCH.",
    created("TmfResource", SHOWN) | errors(400, 409, 413, 415),
    content(ref("TmfResourceCreate"), EXAMPLE),
)
LIST = described(
    "List numbers (TMF639)",
    "Those in services and those that were taken in, the newest first, filtered by any attribute.",
    listed("TmfResourceInPart", SHOWN) | errors(400),
    parameters=LISTED,
)
ONE = described(
    "Retrieve a number (TMF639)",
    "A number that is yours, or that is free and that you may order.",
    shown("TmfResourceInPart", SHOWN) | errors(404),
    parameters=[FIELDS],
)
PATCH = described(
    "Change what is said of a number (TMF639)",
    "A merge patch: what describes it; of a number that was taken in its states too.",
    shown("TmfResource", SHOWN) | errors(400, 404, 413, 415),
    content(ref("TmfResourcePatch"), {"description": "to be ported in January"}),
)
DELETE = described(
    "Delete a number (TMF639)",
    "One that was taken in and that no service has. All others are in use.",
    GONE | errors(404, 409),
)
