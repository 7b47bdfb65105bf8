"""From a service that a client records to what its owner keeps of it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from gateway_service.tmf import reserved, sent
from gateway_service.tmf.errors import bad, refused
from gateway_service.tmf.orders_in import id_of
from gateway_service.tmf.orders_patch import merged
from gateway_service.tmf.sent import Service as Sent
from gateway_service.tmf.services_out import NEXT, RECORDED, slug
from patchbay_contracts.services import Service
from patchbay_contracts.words import parse_e164

FIXED = {"id", "href", "@type", "@baseType", "@schemaLocation", "serviceDate", "serviceOrderItem"}
"""What nobody changes of a service that is there."""
CARRIED_OUT = {
    "state",
    "serviceType",
    "serviceSpecification",
    "serviceCharacteristic",
    "supportingResource",
    "relatedParty",
    "startDate",
    "hasStarted",
    "isServiceEnabled",
}
"""What of a service that Patchbay carries out is as it is, and is changed by ordering."""


class Recorded(NamedTuple):
    """What of a service is for its owner."""

    state: str
    service_type: str
    numbers: tuple[int, ...]
    settings: dict[str, Any]
    services: tuple[UUID, ...]
    """Other services that it names."""


def recorded(document: Mapping[str, Any]) -> tuple[Sent, Recorded]:
    """A service as it was sent, and what of it is for its owner. Raises Problem 400 and 422."""
    service = sent.read(Sent, document)
    specification = service.specification
    if specification is None:
        raise bad("/serviceSpecification", "it does not say what service it is", "add serviceSpecification with its id")
    named = specification.id or specification.name
    if named is None:
        raise refused("/serviceSpecification", "it has neither id nor name", "add the id of the specification")
    if service.state is None:
        raise bad("/state", "it does not say in which state the service is", f"add one of {', '.join(RECORDED)}")
    if service.state not in RECORDED:
        raise refused("/state", "no service is in that state", f"use one of {', '.join(RECORDED)}")
    said = reserved.read(service, "")
    settings = {one.name: one.plain for one in service.characteristics}
    found = Recorded(service.state, slug(named), _numbers(said.numbers or ()), settings, _services(service))
    return service, found


def _numbers(given: Sequence[Any]) -> tuple[int, ...]:
    try:
        return tuple(dict.fromkeys(parse_e164(number) for number in given))
    except ValueError:
        message = "one of these is no number, and there are no other resources"
        raise refused("/supportingResource", message, "take ids from the resource inventory") from None


def _services(service: Sent) -> tuple[UUID, ...]:
    ids = [(id_of(one.id), at) for at, one in enumerate(service.services) if one.id is not None]
    for id_, at in ids:
        if id_ is None:
            raise no_service(at)
    return tuple(id_ for id_, _ in ids if id_ is not None)


def no_service(at: int) -> Exception:
    """Another service that is named is not there."""
    return refused(f"/supportingService/{at}/id", "there is no such service", "take its id from the service inventory")


def patched(
    service: Service, shown: Mapping[str, Any], told: Mapping[str, Any], given: dict[str, Any]
) -> dict[str, Any]:
    """What is said of a service after a merge patch. Raises Problem 400, and 422 for what is not so."""
    sent.read(Sent, given)
    for name in FIXED & given.keys():
        if given[name] != shown.get(name):
            raise refused(f"/{name}", "this cannot be changed", "leave it out")
    own = {name: value for name, value in given.items() if name not in FIXED}
    if not service.taken_in:
        for name in sorted(CARRIED_OUT & own.keys()):
            if own[name] != shown.get(name):
                message = "Patchbay carries this service out, and it is as it is"
                raise refused(f"/{name}", message, "order a change of it, by an item with the action modify")
        own = {name: value for name, value in own.items() if name not in CARRIED_OUT}
        return dict(merged(told, own))
    then = own.get("state", shown["state"])
    if then != shown["state"] and then not in NEXT.get(shown["state"], ()):
        after = NEXT.get(shown["state"], ())
        remedy = f"after {shown['state']} comes {' or '.join(after)}" if after else "what is terminated stays so"
        raise refused("/state", f"no service goes from {shown['state']} to {str(then)[:40]!r}", remedy)
    return dict(merged(told, own))
