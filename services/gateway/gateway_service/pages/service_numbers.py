"""Numbers are added to a service, by name or as many as match, or removed from it: the forms for it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request

from gateway_service import draft_search, looking
from gateway_service.draft import TypedSearch
from gateway_service.drafts import Desk
from gateway_service.pages import service_changes, site
from gateway_service.pages.fields import refused, sentence
from gateway_service.pages.language import gettext as _
from gateway_service.pages.service_changes import Change
from gateway_service.pages.service_page import Seen
from gateway_service.pages.site import Form
from gateway_service.pages.wizard_numbers import wrong_search
from gateway_service.pages.wording import word
from gateway_service.pricing import priced_rows
from patchbay_chassis.problems import Problem, faults
from patchbay_contracts.numbers import Asked, Found, HoldOwner, HoldQuery, Holds, Lost, SearchQuery
from patchbay_contracts.services import AddNumbers, ServiceChange

FIELDS = ("exact", "count", "prefix", "grade_at_least", "pool")


def router(desk: Desk) -> APIRouter:
    """The pages."""
    routes = site.routes("/services")

    async def search(_request: Request, seen: Seen, form: Form | None) -> Mapping[str, Any]:
        found, wrong = None, dict[str, str]()
        if form is not None and form.text("act") == "search":
            try:
                found = await _found(desk, seen, form)
            except ValidationError as error:
                wrong = {_field(id_, seen): sentence(words) for id_, words in wrong_search(faults(error)).items()}
            except Problem as problem:
                if problem.status >= 500:
                    raise
                wrong = refused(problem, {})
        ticked = form.all("ticked") if form is not None else ()
        typed = {name: form.text(name) if form is not None else "" for name in FIELDS}
        return {"found": found, "errors": wrong, "ticked": ticked, "typed": typed}

    async def chosen(_request: Request, _seen: Seen, form: Form | None) -> Mapping[str, Any]:
        return {"ticked": form.all("numbers") if form is not None else ()}

    async def hold(seen: Seen, form: Form, change: ServiceChange) -> tuple[ServiceChange, Mapping[str, str]]:
        return await _hold(desk, seen, form, change)

    def add() -> Change:
        template, title, button = "services-change-add-numbers.html", _("Add numbers"), _("Add numbers")
        return Change("add_numbers", template, title, button, _wanted, search, _field, hold)

    def remove() -> Change:
        template, title, button = "services-change-remove-numbers.html", _("Remove numbers"), _("Remove numbers")
        return Change("remove_numbers", template, title, button, _removed, chosen, lambda _where, _seen: "numbers")

    service_changes.install(routes, desk, "add_numbers", add)
    service_changes.install(routes, desk, "remove_numbers", remove)
    return routes


def listed(text: str) -> Sequence[str]:
    """Numbers as they are typed, also as they are dialled at home: on lines of their own, or with commas between
    them."""
    parts = (part.strip() for part in re.split(r"[\n,;]", text))
    return tuple(looking.beginning_in(part) or part for part in parts if part)


def _wanted(form: Form, _seen: Seen) -> Mapping[str, Any]:
    """Numbers that are named or ticked; without any, as many as match."""
    if exact := tuple(dict.fromkeys([*listed(form.text("exact")), *form.all("ticked")])):
        return {"numbers": {"exact": exact}}
    matching = {
        "count": form.text("count") or 0,
        "prefix": form.text("prefix"),
        "grade_at_least": form.text("grade_at_least") or None,
        "pool": form.text("pool") or "public",
    }
    return {"numbers": matching}


def _removed(form: Form, _seen: Seen) -> Mapping[str, Any]:
    return {"numbers": form.all("numbers")}


def _field(where: str, _seen: Seen) -> str:
    """The field of the form that a part of what is wanted comes from."""
    named = where.removeprefix("numbers-").partition("-")[0]
    return "pool" if named == "pools" else named if named in FIELDS else "exact"


async def _hold(desk: Desk, seen: Seen, form: Form, change: ServiceChange) -> tuple[ServiceChange, Mapping[str, str]]:
    """Hold the numbers that are named for this form, so that the change has them. What was lost is said at once, with
    the next best."""
    exact = change.wanted.numbers.exact if isinstance(change.wanted, AddNumbers) else ()
    try:
        owner = HoldOwner(kind="basket", id=UUID(form.text("key")))
    except ValueError:
        return change, {}
    if not exact:
        return change, {}
    try:
        wanted = _query(seen, form)
    except ValidationError:
        wanted = None
    query = HoldQuery(owner=owner, numbers=exact, customer_id=seen.service.customer_id, filter=wanted)
    asked = Asked[HoldQuery](reseller=seen.service.reseller, query=query)
    holds = Holds.model_validate_json(await desk.upstream.ask("numbers", "/holds", asked))
    said = "; ".join(_lost(one) for one in holds.lost)
    return change.model_copy(update={"held_by": owner.id}), {"exact": said} if said else {}


def _lost(one: Lost) -> str:
    text = _("+%(number)s is taken by somebody else") if one.reason == "taken" else _("+%(number)s is not to be had")
    lost = text % {"number": one.e164}
    if one.offer is None:
        return lost
    offer = {"number": one.offer.e164, "grade": word("grade", one.offer.grade)}
    return lost + _(", the next best is +%(number)s (%(grade)s)") % offer


def _query(seen: Seen, form: Form) -> SearchQuery:
    """The search as it was typed. Raises ValidationError."""
    typed = TypedSearch(
        count=form.text("count"),
        prefix=form.text("prefix"),
        grade_at_least=form.text("grade_at_least"),
        pools=(form.text("pool") or "public",),
    )
    return draft_search.read_search(typed, seen.service.customer_id)


async def _found(desk: Desk, seen: Seen, form: Form) -> Found:
    """What a search finds now, with what each costs by the service's price list: the service is paid for. Raises
    ValidationError."""
    service, query = seen.service, _query(seen, form)
    priced = SearchQuery(price_list=service.price_list, service_type=service.service_type, count=query.count)
    try:
        costs = await desk.pricing.costs(service.reseller, priced, alone=True)
    except Problem:  # a list that is no use is no reason to show no numbers
        costs = None
    answer = await desk.upstream.search(Asked[SearchQuery](reseller=service.reseller, query=query))
    return Found.model_validate_json(priced_rows(answer, costs))
