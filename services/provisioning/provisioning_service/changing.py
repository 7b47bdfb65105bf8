"""What the saga of a change says inside provisioning. These never travel: the same transaction takes them over."""

from patchbay_contracts.catalogue import NumberRules
from patchbay_contracts.message import OrderMessage
from patchbay_contracts.services import Service, ServiceAspects
from patchbay_contracts.v1.changes import PlaceChange
from patchbay_contracts.words import E164
from provisioning_service.activation import LOCAL
from provisioning_service.change_model import Plan


class ClaimService(OrderMessage, topic=LOCAL, type="provisioning.ClaimService.v1"):
    """Let this change, and no other, change the service, if it may be changed so."""

    change: PlaceChange


class ServiceClaimed(OrderMessage, topic=LOCAL, type="provisioning.ServiceClaimed.v1"):
    """The service as it is, until the change has ended; `made_with` are the numbers that it was created with, `rules`
    say which others it takes, if not all, `name` what its type is called."""

    service: Service
    made_with: tuple[E164, ...]
    rules: NumberRules | None = None
    name: str = ""


class ChangeRefused(OrderMessage, topic=LOCAL, type="provisioning.ChangeRefused.v1"):
    """The service cannot be changed so."""

    reason: str
    detail: str


class LeaveService(OrderMessage, topic=LOCAL, type="provisioning.LeaveService.v1"):
    """The change was taken back, for that reason: others may change the service."""

    detail: str


class ServiceLeft(OrderMessage, topic=LOCAL, type="provisioning.ServiceLeft.v1"):
    """The service is as it was before the change."""


class ChangeService(OrderMessage, topic=LOCAL, type="provisioning.ChangeService.v1"):
    """Change the service on the network, and then here."""

    plan: Plan
    after: ServiceAspects


class ServiceChanged(OrderMessage, topic=LOCAL, type="provisioning.ServiceChanged.v1"):
    """The service is as it was wanted."""


class ChangeNotTaken(OrderMessage, topic=LOCAL, type="provisioning.ChangeNotTaken.v1"):
    """The network does not take the change; all is as it was there."""

    reason: str
    detail: str


class RestoreService(OrderMessage, topic=LOCAL, type="provisioning.RestoreService.v1"):
    """Put the service back on the network as it is known here."""


class ServiceRestored(OrderMessage, topic=LOCAL, type="provisioning.ServiceRestored.v1"):
    """The network has the service as it was before the change."""
