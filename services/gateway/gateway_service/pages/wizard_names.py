"""What the wizard calls its tabs, service types and price lists. What has no name that is known goes by its code."""

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from gateway_service.drafts import Desk
from gateway_service.pages.absent import Absent
from gateway_service.pages.language import gettext as _
from gateway_service.upstream import Upstream
from patchbay_contracts.catalogue import Catalogue, CatalogueQuery
from patchbay_contracts.price_lists import ListsQuery, VersionHead, Versions

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


async def service_types(upstream: Upstream, *resellers: str) -> Names:
    """Of the types that these resellers may sell; nothing while nobody can be asked."""
    asked = CatalogueQuery(resellers=resellers)
    listed = upstream.recent.ask("provisioning", "/catalogue/list", asked, Catalogue, or_last=True)
    found = await Absent().spared(listed, Catalogue())
    return {one.service_type: one.name for one in found.service_types}


async def price_lists(desk: Desk, reseller: str) -> Names:
    """Of the lists in force by which the reseller may buy; nothing while nobody can be asked."""
    return {one.price_list: one.name for one in await Absent().spared(lists_for(desk, reseller), ())}


async def lists_for(desk: Desk, reseller: str, service_type: str = "") -> Sequence[VersionHead]:
    """The price lists in force by which a reseller may buy that type; all for none."""
    try:
        query = ListsQuery(resellers=(reseller,), service_type=service_type or None)
    except ValidationError:
        return ()
    found = await desk.upstream.recent.ask("billing", "/price-lists/list", query, Versions, or_last=True)
    return found.versions
