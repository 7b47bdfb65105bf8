"""The ways from a tab of the wizard: what is pressed keeps what was typed, and says where to go then."""

from typing import get_args
from urllib.parse import quote, urlencode

from gateway_service.draft import Document, Draft
from gateway_service.pages import site
from gateway_service.pages.site import Form
from gateway_service.pages.wizard_typed import uuid
from patchbay_contracts.validity import Tab

TABS: tuple[Tab, ...] = get_args(Tab)
OF_A_SERVICE: tuple[Tab, ...] = ("service", "numbers", "settings")
"""They show one service at a time."""
PAGES = ("customers", "services")
"""What has pages of its own, by its id (`customers:0190…`)."""
SIGN_OUT = "/sign-out"
"""It takes a form itself."""


def order_of(document: Document) -> tuple[Tab, ...]:
    """The tabs that Back and Next go through."""
    return tuple(tab for tab in TABS if not (document.only_customer and tab in {"numbers", "settings"}))


def where(draft: Draft, tab: Tab, form: Form, way: str = "") -> str:
    """Where the operator wants to be after the form was taken: on tabs that show one service, with the same one, or the
    one that is named behind the tab, and the first of its numbers to show, and at a field (`settings:a:10:greeting`);
    or on the page of something else (`customers:0190…`, `/orders`). The form says it, or `way`."""
    way = way or form.text("go")
    if way.startswith("/") and site.local(way) == way:
        return way
    wanted, key, first, field = [*way.split(":", 3), "", "", ""][:4]
    if wanted in PAGES and uuid(key):
        return f"/{wanted}/{key}"
    step = {"back": -1, "next": 1}.get(wanted, 0)
    place = TABS.index(wanted if wanted in TABS else tab) + step
    while step and 0 <= place < len(TABS) and TABS[place] not in order_of(draft.document):
        place += step
    if not 0 <= place < len(TABS):
        return "/wizard"
    key = key or (_worked_on(draft.document, tab, form) if TABS[place] in OF_A_SERVICE else "")
    query = urlencode([(name, value) for name, value in (("service", key), ("first", first)) if value])
    return f"/wizard/{draft.id}/{TABS[place]}{'?' if query else ''}{query}{'#' if field else ''}{quote(field)}"


def _worked_on(document: Document, tab: Tab, form: Form) -> str:
    """The key of the service that the form was about. The Service tab's may have added the last one."""
    key = form.text("service")
    if tab == "service" and not key and document.services:
        return document.services[-1].key
    return key
