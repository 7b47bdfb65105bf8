"""The Service tab: which service type, or only a customer account; and what there is to know of the one chosen."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from urllib.parse import quote

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import draft_services, drafts
from gateway_service.draft import Author, Document, Draft, DraftService, Note
from gateway_service.drafts import Desk
from gateway_service.pages import site
from gateway_service.pages.absent import Absent
from gateway_service.pages.settings_explained import explained
from gateway_service.pages.settings_form import at_fields
from gateway_service.pages.site import Form
from gateway_service.pages.wizard import Look, There, Wizard, of_service, product_of, service_of
from gateway_service.pages.wizard_names import lists_for, price_lists
from gateway_service.pages.wizard_typed import version_of
from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue import AllTerms, Catalogue, CatalogueQuery, Product, TermsInForce, TermsQuery
from patchbay_contracts.prices import PriceQuery, Prices, ServicePrices

ONLY = "-"
"""Stands for: Only Create a Customer Account."""


def router(desk: Desk) -> APIRouter:
    """The tab's routes."""
    routes, wizard = site.routes("/wizard"), Wizard(desk)

    async def page(request: Request, look: Look, errors: Mapping[str, str], form: Form | None) -> Response:
        """A form that was refused is shown again as it was, also where another service was to be added."""
        document, adding = look.document, request.query_params.get("service") == "new"
        if form is not None:
            adding = not form.text("service") and bool(document.services)
        service = None if adding else service_of(look, request, form, "service")
        asked = CatalogueQuery(resellers=(look.draft.reseller,))
        listed = desk.upstream.recent.ask("provisioning", "/catalogue/list", asked, Catalogue, or_last=True)
        catalogue, product, lists = await asyncio.gather(
            look.absent.spared(listed, Catalogue()),
            look.absent.spared(product_of(desk, look.draft, service), None),
            price_lists(desk, look.draft.reseller),
        )
        prices, terms = await asyncio.gather(
            look.absent.spared(_prices(desk, look.draft, service, product), None),
            look.absent.spared(_terms(desk, look.draft, product), None),
        )
        return wizard.render(
            request,
            look,
            "service",
            at_fields(of_service(errors, document, service), ["services"]),
            form,
            service=service,
            adding=adding,
            new=next_key(document) if form is None else form.text("new"),
            sold=catalogue.service_types,
            chosen=_chosen(document, service, form),
            product=product,
            needs=[look.called.get(one, one) for one in product.customers.needs] if product else [],
            excludes=[look.called.get(one, one) for one in product.customers.excludes] if product else [],
            lists=lists,
            explained=explained(product.settings) if product else (),
            terms=terms,
            prices=prices,
        )

    async def act(author: Author, draft: Draft, form: Form) -> Sequence[Note] | There | str | None:
        chosen, pressed = form.text("service_type"), form.text("act")
        if pressed.startswith("remove:"):
            gone = pressed.removeprefix("remove:")
            await draft_services.remove_service(desk, author, draft.id, version_of(form), gone)
            return None
        key = _key(draft.document, form)
        notes = _left_out(draft, await _put(desk, author, draft, form), key)
        if pressed == "another":
            return f"/wizard/{draft.id}/service?service=new"
        if chosen not in {"", ONLY} and not form.ticked("go"):
            return There(f"/wizard/{draft.id}/service?service={quote(key)}#product", notes)
        return notes

    wizard.tab(routes, "service", page, act, partial(_keep_typed, desk))
    return routes


async def _keep_typed(desk: Desk, author: Author, draft: Draft, form: Form) -> Draft:
    """Another type is for who presses to say, where there are settings that would go with the one before."""
    chosen, service = form.text("service_type"), draft.document.service(_key(draft.document, form))
    is_another = service is not None and chosen not in {service.service_type, ONLY}
    if not chosen or (is_another and service is not None and _set(service)):
        drafts.check(draft, version_of(form))
        return draft
    return await _put(desk, author, draft, form)


async def _put(desk: Desk, author: Author, draft: Draft, form: Form) -> Draft:
    version, chosen = version_of(form), form.text("service_type")
    if chosen == ONLY:
        return await draft_services.only_customer(desk, author, draft.id, version, only=True)
    if not chosen:
        return draft
    key = _key(draft.document, form)
    price_list = await _usual_list(desk, draft, key, chosen)
    wanted = DraftService.model_construct(key=key, service_type=chosen)
    product = await Absent().spared(product_of(desk, draft, wanted), None)
    settings = product.settings if product is not None else None
    return await draft_services.put_service(
        desk, author, draft.id, version, key, service_type=chosen, price_list=price_list, settings=settings
    )


def _left_out(was: Draft, now: Draft, key: str) -> Sequence[Note]:
    """Another type was chosen: what somebody had set that it does not have is gone."""
    before, service = was.document.service(key), now.document.service(key)
    if before is None or service is None or before.service_type == service.service_type:
        return ()
    kept = {*service.settings, *(name for own in service.settings_by_number.values() for name in own)}
    return (Note("settings_left_out"),) if _set(before) - kept else ()


def _set(service: DraftService) -> set[str]:
    """The settings that somebody gave to the service, other than those that it began with."""
    given = (service.settings, *service.settings_by_number.values())
    return {name for one in given for name, value in one.items() if service.begun.get(name) != value}


def _key(document: Document, form: Form) -> str:
    """The service that the form is about. Another one is added under the key that the page has for it, so only once."""
    key, new = form.text("service"), form.text("new")
    return key or (new if document.service(new) else next_key(document))


def next_key(document: Document) -> str:
    """What another service of the draft is called."""
    taken = {service.key for service in document.services}
    return next(key for n in range(1, len(taken) + 2) if (key := f"s{n}") not in taken)


async def _usual_list(desk: Desk, draft: Draft, key: str, service_type: str) -> str | None:
    """By which price list the service is charged until another one is chosen on the Billing tab: the reseller's own
    before those of the house. None where the list that it would have goes on, or none is known."""
    services = draft.document.services
    would = draft.document.service(key) or (services[-1] if services else None)
    try:
        lists = await lists_for(desk, draft.reseller, service_type)
    except Problem as problem:
        if problem.status < 500:
            raise
        return None
    if not lists or any(would is not None and one.price_list == would.price_list for one in lists):
        return None
    return min(lists, key=lambda one: one.reseller is None).price_list


def _chosen(document: Document, service: DraftService | None, form: Form | None) -> str:
    """The radio button that is pressed."""
    if form is not None and form.ticked("service_type"):
        return form.text("service_type")
    return ONLY if document.only_customer else service.service_type if service is not None else ""


async def _terms(desk: Desk, draft: Draft, product: Product | None) -> TermsInForce | None:
    """What is to be agreed to for that service type."""
    if product is None:
        return None
    query = TermsQuery(resellers=(draft.reseller,), service_types=(product.service_type,))
    found = await desk.upstream.recent.ask("provisioning", "/catalogue/terms", query, AllTerms, or_last=True)
    return next(iter(found.terms), None)


async def _prices(
    desk: Desk, draft: Draft, service: DraftService | None, product: Product | None
) -> ServicePrices | None:
    """What the service type costs by the price list that the draft has."""
    price_list = service.price_list if service is not None else ""
    if not price_list or product is None:
        return None
    try:
        query = PriceQuery(reseller=draft.reseller, price_list=price_list, service_type=product.service_type)
    except ValidationError:
        return None
    try:
        found = await desk.upstream.recent.ask("billing", "/prices", query, Prices)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return None
    return next((one for one in found.services if one.service_type == product.service_type), None)
