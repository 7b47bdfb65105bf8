"""The Billing tab: by which price list each service is charged, what it all costs, and until when that is locked."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import drafts, quoting
from gateway_service.draft import Author, Draft, DraftService, Note
from gateway_service.drafts import Desk
from gateway_service.pages import site
from gateway_service.pages.site import Form
from gateway_service.pages.wizard import Look, Wizard
from gateway_service.pages.wizard_typed import version_of
from patchbay_chassis.problems import Problem
from patchbay_contracts.price_lists import ListsQuery, VersionHead, Versions
from patchbay_contracts.quotes import Comparison


def router(desk: Desk) -> APIRouter:
    """The tab's routes."""
    routes, wizard = site.routes("/wizard"), Wizard(desk)

    async def page(request: Request, look: Look, errors: Mapping[str, str], form: Form | None) -> Response:
        services = look.document.ordered
        nothing: Mapping[str, Sequence[tuple[str, str]]] = {}
        lists = await look.absent.spared(_lists(desk, look.draft, services), nothing)
        old, of = (request.query_params.get(name, "") for name in ("instead_of", "of"))
        chosen = {one.key: one.price_list for one in services}
        if form is not None:
            chosen |= {key: text for key in chosen if (text := form.text(f"price_list-{key}"))}
        return wizard.render(
            request,
            look,
            "billing",
            errors,
            form,
            services=services,
            lists={one.key: _with(chosen[one.key], lists.get(one.key, ())) for one in services},
            priced=await look.absent.spared(quoting.priced(desk, look.draft), None),
            chosen=chosen,
            compared=await look.absent.spared(_compared(desk, look.draft, old, of or None), None) if old else None,
            old=old,
        )

    async def act(author: Author, draft: Draft, form: Form) -> Sequence[Note] | str | None:
        """Whatever is pressed, the lists that were chosen are kept; with Change Price List they are quoted as well."""
        version, before = version_of(form), {one.key: one.price_list for one in draft.document.services}
        chosen = {one.key: form.text(f"price_list-{one.key}") for one in draft.document.ordered}
        changed = {key: name for key, name in chosen.items() if name and name != before[key]}
        if draft.state != "open":
            return None
        for key, name in changed.items():
            draft = await drafts.put_service(desk, author, draft.id, version, key, price_list=name)
            version = draft.version
        if form.text("act") == "change":
            await quoting.lock(desk, author, draft.id, version)
            replaced = {before[key] for key in changed if before[key]}
            if len(replaced) == 1 and not form.ticked("go"):
                of = {"of": next(iter(changed))} if len(changed) == 1 else {}
                return f"/wizard/{draft.id}/billing?{urlencode({'instead_of': replaced.pop()} | of)}"
        return None

    wizard.tab(routes, "billing", page, act)
    return routes


async def _lists(desk: Desk, draft: Draft, services: Sequence[DraftService]) -> Mapping[str, Sequence[tuple[str, str]]]:
    """By the key of the service: the price lists in force that have a price for its type."""
    found: dict[str, Sequence[tuple[str, str]]] = {}
    by_type: dict[str, Sequence[tuple[str, str]]] = {}
    for service in services:
        if service.service_type not in by_type:
            by_type[service.service_type] = await _for_type(desk, draft, service.service_type)
        found[service.key] = by_type[service.service_type]
    return found


def _with(chosen: str, lists: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """The one that is chosen is among them, also while nobody can say what it is called."""
    known = {name for name, _ in lists}
    return lists if not chosen or chosen in known else [(chosen, chosen), *lists]


async def _for_type(desk: Desk, draft: Draft, service_type: str) -> Sequence[tuple[str, str]]:
    return [
        (one.price_list, f"{one.name} ({one.currency})") for one in await lists_for(desk, draft.reseller, service_type)
    ]


async def lists_for(desk: Desk, reseller: str, service_type: str) -> Sequence[VersionHead]:
    """The price lists in force by which a reseller may buy that type; all for none."""
    try:
        query = ListsQuery(resellers=(reseller,), service_type=service_type or None)
    except ValidationError:
        return ()
    found = await desk.upstream.recent.ask("billing", "/price-lists/list", query, Versions, or_last=True)
    return found.versions


async def _compared(desk: Desk, draft: Draft, old: str, of: str | None) -> Comparison | None:
    """What all of it, or the service of that key, costs beside what it would by the list before."""
    try:
        return await quoting.compare(desk, draft, old, of)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return None
