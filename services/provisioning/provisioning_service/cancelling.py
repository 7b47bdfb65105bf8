"""Rules of cancelling without IO: whose order it is, and what it fails for."""

from patchbay_chassis.facts import Facts
from patchbay_chassis.saga import Failure
from patchbay_contracts.v1.changes import PlaceChange
from patchbay_contracts.v1.provisioning import CancelOrder, PlaceOrder


def why(command: CancelOrder, known: Facts | None) -> Failure | None:
    """What the order fails for; None if it is another reseller's."""
    if known is not None:
        placed = known.maybe(PlaceOrder) or known.maybe(PlaceChange) or known.maybe(CancelOrder)
        if placed is None or placed.reseller != command.reseller:
            return None
    return Failure("cancel", "cancelled", command.note)
