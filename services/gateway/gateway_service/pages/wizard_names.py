"""What the wizard calls its tabs, service types and price lists. What has no name that is known goes by its code."""

from collections.abc import Mapping
from typing import TypeVar

from gateway_service.drafts import Desk
from gateway_service.pages.language import gettext as _
from gateway_service.upstream import Owner
from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue import Catalogue, CatalogueQuery
from patchbay_contracts.message import Frozen
from patchbay_contracts.price_lists import ListsQuery, Versions

Names = Mapping[str, str]
A = TypeVar("A", bound=Frozen)


def titles() -> dict[str, str]:
    """What the tabs are called."""
    return {
        "customer": _("Customer"),
        "service": _("Service"),
        "numbers": _("Numbers"),
        "settings": _("Settings"),
        "billing": _("Billing"),
        "creation": _("Creation"),
        "notifications": _("Notifications"),
    }


async def service_types(desk: Desk, reseller: str) -> Names:
    """Of the types that the reseller may sell; nothing while nobody can be asked."""
    found = await _known(desk, "provisioning", "/catalogue/list", CatalogueQuery(resellers=(reseller,)), Catalogue)
    return {one.service_type: one.name for one in found.service_types} if found else {}


async def price_lists(desk: Desk, reseller: str) -> Names:
    """Of the lists in force by which the reseller may buy; nothing while nobody can be asked."""
    found = await _known(desk, "billing", "/price-lists/list", ListsQuery(resellers=(reseller,)), Versions)
    return {one.price_list: one.name for one in found.versions} if found else {}


async def _known(desk: Desk, owner: Owner, path: str, query: Frozen, kind: type[A]) -> A | None:
    """None while nobody can be asked. Raises Problem with what is refused."""
    try:
        return await desk.upstream.recent.ask(owner, path, query, kind, or_last=True)
    except Problem as problem:
        if problem.status < 500:
            raise
        return None
