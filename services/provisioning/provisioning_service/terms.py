"""Terms that an order was placed under: they are those in force of all that it orders, or it is refused. No IO."""

from collections.abc import Iterator, Sequence
from datetime import date

from patchbay_chassis.saga import Failure
from patchbay_contracts.order import AcceptedTerms
from patchbay_contracts.v1.provisioning import PlaceOrder
from provisioning_service import model
from provisioning_service.catalogue import Catalogue, terms_hash
from provisioning_service.order_faults import Fault

_READ = "read them, and agree to those"


def refusal(order: PlaceOrder, catalogue: Catalogue) -> Failure | None:
    """Why the terms will not do; None if they will, or if the order names none."""
    if not order.terms:
        return None
    ordered = [line.service_type for line in order.lines]
    wrong = next(faults(order.reseller, order.terms, ordered, catalogue, model.day_of(order)), None)
    return wrong and Failure("validity", wrong.reason, wrong.detail[: model.MOST_DETAIL])


def faults(
    reseller: str, agreed: Sequence[AcceptedTerms], ordered: Sequence[str], catalogue: Catalogue, day: date
) -> Iterator[Fault]:
    """Everything that is wrong with the terms that were agreed to, if any were. What the order cannot have anyway is
    for others to refuse."""
    if not agreed:
        return
    for at, terms in enumerate(agreed):
        if terms.service_type not in ordered:
            message = f"nothing of {terms.service_type} is ordered"
            yield _fault("terms_not_in_force", f"/terms/{at}", message, "leave it out")
    places = {terms.service_type: at for at, terms in enumerate(agreed)}
    for id_ in dict.fromkeys(ordered):
        type_ = catalogue[id_].on(day) if id_ in catalogue else None
        if type_ is None or not type_.sold_by(reseller):
            continue
        version, hash_ = type_.entry.terms.version, terms_hash(type_.entry)
        in_force = f"version {version} is in force, with the SHA-256 {hash_}"
        if id_ not in places:
            yield _fault("terms_not_accepted", "/terms", f"those of {id_} are missing; {in_force}", _READ)
            continue
        at = places[id_]
        if (agreed[at].version, agreed[at].hash) != (version, hash_):
            yield _fault("terms_not_in_force", f"/terms/{at}", f"of the terms of {id_} {in_force}", _READ)


def _fault(reason: str, pointer: str, message: str, remedy: str) -> Fault:
    return Fault(reason, f"service.{reason}", "creation", pointer, message, remedy)
