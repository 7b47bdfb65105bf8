"""Why a draft's order failed, in an operator's words, and where in the wizard that is put right."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from gateway_service.draft import Document, Draft, DraftService
from gateway_service.drafts import Desk
from gateway_service.pages import wording
from gateway_service.pages.language import gettext as _
from gateway_service.pages.wizard import product_of
from gateway_service.pages.wizard_names import Names, titles
from gateway_service.pages.wizard_places import place
from patchbay_chassis.problems import Problem
from patchbay_contracts.validity import Tab

_PLACE = re.compile(r"^(/\S*): ")
"""How the detail of a refusal begins that is about one field of the order."""
_TABS: Mapping[str, Tab] = {
    "customer": "customer",
    "quote": "billing",
    "terms": "creation",
    "numbers": "numbers",
    "settings": "settings",
    "price_list": "billing",
}
_OF_STEPS: Mapping[str, Tab] = {"customer": "customer", "numbers": "numbers", "billing": "billing"}
_NOT_TYPED = {"timed_out", "not_ready", "withdrawn", "network_refused", "cancelled"}
"""Reasons of which nothing that was typed is the cause."""


class Why(NamedTuple):
    """What went wrong; and where nothing that was typed is the cause of it no `tab`, otherwise the tab, its title, and
    what a button says that leads to the field."""

    said: str
    tab: Tab | None = None
    title: str = ""
    go: str = ""


async def why(desk: Desk, draft: Draft, called: Names, order: Mapping[str, Any]) -> Why | None:
    """Why the order failed, with the service that it was about; None for one that did not."""
    if order["state"] != "failed":
        return None
    reason, detail, step = (order["outcome"][name] for name in ("reason", "detail", "step"))
    found = _PLACE.match(detail)
    said, (tab, pointer, service) = wording.plainly(reason, detail), _place(draft.document, found[1] if found else "")
    if service is not None:
        at = draft.document.ordered.index(service)
        of = {"n": at + 1, "type": called.get(service.service_type, service.service_type), "why": said}
        said = _("Service %(n)s, %(type)s: %(why)s") % of
    if tab is None and reason not in _NOT_TYPED:
        tab = _OF_STEPS.get(step)
    if tab is None:
        return Why(said)
    try:
        product = await product_of(desk, draft, service) if tab == "settings" else None
    except Problem:
        product = None
    return Why(said, tab, titles()[tab], place(draft.document, product, tab, pointer).go)


def _place(document: Document, pointer: str) -> tuple[Tab | None, str, DraftService | None]:
    """The tab that a pointer into the order leads to, the pointer into the draft, and the service that it is about."""
    parts = pointer.split("/")[1:]
    if not parts:
        return None, "", None
    if parts[0] != "lines":
        return _TABS.get(parts[0]), pointer, None
    at = int(parts[1]) if len(parts) > 1 and parts[1].isdecimal() else len(document.ordered)
    if at >= len(document.ordered):
        return None, "", None
    service, inside = document.ordered[at], [part for part in parts[2:] if part != "exact"]
    where = "/".join(["", "services", str(document.services.index(service)), *inside])
    return _TABS.get(inside[0], "service") if inside else "service", where, service
