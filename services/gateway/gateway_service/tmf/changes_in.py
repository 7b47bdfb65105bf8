"""From an item that modifies or deletes a service to the change of it. Pure."""

from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from gateway_service.tmf import reserved
from gateway_service.tmf.errors import refused
from gateway_service.tmf.sent import Item
from patchbay_chassis.problems import Problem, faults
from patchbay_contracts.services import Service, ServiceChange
from patchbay_contracts.words import parse_e164

WHY = "ordered over the TM Forum API"
STATES = {"active": "resume", "inactive": "suspend", "terminated": "end"}
"""What brings a service into a state."""
HAS = {"active": "active", "suspended": "inactive", "ended": "terminated"}


def wanted(item: Item, service: Service, where: str, reference: str | None) -> ServiceChange:
    """The one change that an item asks for. Raises Problem 422 for none, or for more than one at once."""
    found = [{"kind": "end"}] if item.action == "delete" else list(_changes(item, service, where))
    if not found:
        message = "nothing would be different"
        raise refused(where, message, "say what shall be: characteristics, numbers, a price list or a state")
    if len(found) > 1:
        kinds = " and ".join(str(one["kind"]) for one in found)
        raise refused(
            where, f"it asks for {kinds} at once", "change one thing by an order, and the next when it is done"
        )
    try:
        return ServiceChange.model_validate(
            {"version": service.version, "why": WHY, "reference": reference, "wanted": found[0]}
        )
    except ValidationError as error:
        errors = [fault | {"pointer": f"{where}/serviceCharacteristic"} for fault in faults(error)]
        raise Problem(422, "That cannot be done", errors=errors) from None


def _changes(item: Item, service: Service, where: str) -> list[dict[str, Any]]:
    said = reserved.read(item.service, where)
    found = list[dict[str, Any]]()
    settings = {k: v for k, v in (dict(service.settings) | said.settings).items() if v is not None}
    if settings != dict(service.settings):
        own = {f"+{number}": values for number, values in service.settings_by_number.items()}
        found.append({"kind": "settings", "settings": settings, "settings_by_number": own})
    if said.numbers is not None:
        found += _numbers(said.numbers, service, where)
    if said.criteria:
        found.append({"kind": "add_numbers", "numbers": {"count": 1} | said.criteria})
    if said.price_list is not None and (said.price_list != service.price_list or said.price_list_from is not None):
        day = said.price_list_from or datetime.now(UTC).date().isoformat()
        found.append({"kind": "price_list", "price_list": said.price_list, "from_date": day})
    if item.service.state is not None and item.service.state != HAS.get(service.state):
        if item.service.state not in STATES:
            remedy = "write active, inactive or terminated"
            raise refused(f"{where}/state", f"a service cannot be brought into the state {item.service.state}", remedy)
        found.append({"kind": STATES[item.service.state]})
    return found


def _numbers(given: list[Any], service: Service, where: str) -> list[dict[str, Any]]:
    """The numbers that the service shall have, beside those that it has."""
    try:
        shall = [parse_e164(number) for number in given]
    except ValueError as error:
        raise refused(
            f"{where}/supportingResource", str(error).partition(":")[0], str(error).partition(": ")[2]
        ) from None
    more = [f"+{number}" for number in shall if number not in service.numbers]
    gone = [f"+{number}" for number in service.numbers if number not in shall]
    return [
        *([{"kind": "add_numbers", "numbers": {"exact": more}}] if more else []),
        *([{"kind": "remove_numbers", "numbers": gone}] if gone else []),
    ]
