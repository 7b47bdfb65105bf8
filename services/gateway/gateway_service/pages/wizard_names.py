"""What the wizard calls its tabs, service types and price lists. What has no name that is known goes by its code."""

from collections.abc import Mapping

from gateway_service.drafts import Desk
from gateway_service.pages.language import gettext as _
from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue import Catalogue, CatalogueQuery
from patchbay_contracts.price_lists import ListsQuery, Versions

Names = Mapping[str, str]


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
    query = CatalogueQuery(resellers=(reseller,))
    try:
        found = await desk.upstream.recent.ask("provisioning", "/catalogue/list", query, Catalogue, or_last=True)
    except Problem as problem:
        if problem.status < 500:
            raise
        return {}
    return {one.service_type: one.name for one in found.service_types}


async def price_lists(desk: Desk, reseller: str) -> Names:
    """Of the lists in force by which the reseller may buy; nothing while nobody can be asked."""
    query = ListsQuery(resellers=(reseller,))
    try:
        found = await desk.upstream.recent.ask("billing", "/price-lists/list", query, Versions, or_last=True)
    except Problem as problem:
        if problem.status < 500:
            raise
        return {}
    return {one.price_list: one.name for one in found.versions}
