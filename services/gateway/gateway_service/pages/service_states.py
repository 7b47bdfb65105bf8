"""A service is suspended, resumed, ended, or charged by another price list: the forms for it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from gateway_service.drafts import Desk
from gateway_service.pages import service_changes, site
from gateway_service.pages.language import gettext as _
from gateway_service.pages.service_changes import Change
from gateway_service.pages.service_page import Seen
from gateway_service.pages.site import Form
from patchbay_contracts.price_lists import ListsQuery, Versions
from patchbay_contracts.services import ChangeKind


def router(desk: Desk) -> APIRouter:
    """The pages."""
    routes = site.routes("/services")

    async def nothing(_request: Request, _seen: Seen, _form: Form | None) -> Mapping[str, Any]:
        return {}

    async def lists(_request: Request, seen: Seen, form: Form | None) -> Mapping[str, Any]:
        query = ListsQuery(resellers=(seen.service.reseller,), service_type=seen.service.service_type)
        answer = await desk.upstream.ask("billing", "/price-lists/list", query)
        options = {
            one.price_list: f"{one.name} ({one.currency})" for one in Versions.model_validate_json(answer).versions
        }
        chosen = form.text("price_list") if form is not None else ""
        return {
            "lists": list((options | ({chosen: chosen} if chosen and chosen not in options else {})).items()),
            "price_list": chosen,
            "from_date": form.text("from_date") if form is not None else datetime.now(UTC).date().isoformat(),
        }

    def state(kind: ChangeKind, title: str, button: str) -> Change:
        return Change(kind, "services-change-state.html", title, button, lambda _f, _s: {}, nothing, lambda _p, _s: "")

    def price_list() -> Change:
        return Change(
            "price_list",
            "services-change-price-list.html",
            _("Change price list"),
            _("Change price list"),
            lambda form, _seen: {name: form.text(name) for name in ("price_list", "from_date")},
            lists,
            lambda where, _seen: where if where in ("price_list", "from_date") else "",
        )

    service_changes.install(routes, desk, "suspend", lambda: state("suspend", _("Suspend service"), _("Suspend")))
    service_changes.install(routes, desk, "resume", lambda: state("resume", _("Resume service"), _("Resume")))
    service_changes.install(routes, desk, "end", lambda: state("end", _("End service"), _("End for good")))
    service_changes.install(routes, desk, "price_list", price_list)
    return routes
