"""Terms that an order was placed under: they are those in force of all that it orders, or it is refused. No IO."""

from patchbay_chassis.saga import Failure
from patchbay_contracts.v1.provisioning import PlaceOrder
from provisioning_service import model
from provisioning_service.catalogue import Catalogue, terms_hash


def refusal(order: PlaceOrder, catalogue: Catalogue) -> Failure | None:
    """Why the terms will not do; None if they will, or if the order names none. What the order cannot have anyway is
    for others to refuse."""
    if not order.terms:
        return None
    agreed = {terms.service_type: (at, terms) for at, terms in enumerate(order.terms)}
    ordered = dict.fromkeys(line.service_type for line in order.lines)
    for at, terms in enumerate(order.terms):
        if terms.service_type not in ordered:
            return _failure(
                "terms_not_in_force", f"/terms/{at}: nothing of {terms.service_type} is ordered: leave it out"
            )
    for id_ in ordered:
        type_ = catalogue[id_].on(model.day_of(order)) if id_ in catalogue else None
        if type_ is None or not type_.sold_by(order.reseller):
            continue
        version, hash_ = type_.entry.terms.version, terms_hash(type_.entry)
        in_force = f"version {version} is in force, with the SHA-256 {hash_}: read them, and agree to those"
        if id_ not in agreed:
            return _failure("terms_not_accepted", f"/terms: those of {id_} are missing; {in_force}")
        at, terms = agreed[id_]
        if (terms.version, terms.hash) != (version, hash_):
            return _failure("terms_not_in_force", f"/terms/{at}: of the terms of {id_} {in_force}")
    return None


def _failure(reason: str, detail: str) -> Failure:
    return Failure("validity", reason, detail[: model.MOST_DETAIL])
