"""The Billing tab: by which price list each service is charged, what it all costs, and until when that is locked."""

import asyncio
from collections.abc import Mapping, Sequence

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import drafts, quoting
from gateway_service.draft import Author, Draft, DraftService, Note
from gateway_service.drafts import Desk
from gateway_service.pages import site
from gateway_service.pages.language import gettext as _
from gateway_service.pages.language import spoken
from gateway_service.pages.site import Form
from gateway_service.pages.wizard import Look, Wizard
from gateway_service.pages.wizard_names import Names, lists_for, price_lists
from gateway_service.pages.wizard_typed import version_of
from patchbay_chassis.problems import Problem
from patchbay_contracts.quotes import ComparedLine


def router(desk: Desk) -> APIRouter:
    """The tab's routes."""
    routes, wizard = site.routes("/wizard"), Wizard(desk)

    async def page(request: Request, look: Look, errors: Mapping[str, str], form: Form | None) -> Response:
        """Who is shown prices can rely on them, so they are locked by being shown (ADR 46)."""
        services = look.document.ordered
        nothing: Mapping[str, Sequence[tuple[str, str]]] = {}
        lists, names, priced, beside = await asyncio.gather(
            look.absent.spared(_lists(desk, look.draft, services), nothing),
            price_lists(desk, look.draft.reseller),
            look.absent.spared(quoting.shown(desk, look.author, look.draft), None),
            look.absent.spared(_beside(desk, look.draft), ()),
        )
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
            lists={one.key: _with(chosen[one.key], lists.get(one.key, ()), names) for one in services},
            priced=priced,
            chosen=chosen,
            beside=beside,
            old=", ".join(dict.fromkeys(map(_replaced, beside))),
        )

    async def act(author: Author, draft: Draft, form: Form) -> Sequence[Note] | str | None:
        """Whatever is pressed, the lists that were chosen are kept and quoted. What has no price stops only who asked
        for just that."""
        await keep_typed(author, draft, form)
        return None

    async def keep_typed(author: Author, draft: Draft, form: Form) -> Draft:
        version, before = version_of(form), {one.key: one.price_list for one in draft.document.services}
        chosen = {one.key: form.text(f"price_list-{one.key}") for one in draft.document.ordered}
        changed = {key: name for key, name in chosen.items() if name and name != before[key]}
        if draft.state != "open":
            return draft
        try:
            return await quoting.lock(desk, author, draft, version, changed)
        except Problem as problem:
            stale = changed and problem.status in {409, 412}
            if stale or form.text("act") == "change":
                raise
        return await drafts.get(desk, author, draft.id)

    wizard.tab(routes, "billing", page, act, keep_typed)
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


def _with(chosen: str, lists: Sequence[tuple[str, str]], names: Names) -> Sequence[tuple[str, str]]:
    """The one that is chosen is among them, also if it has no price for this, or nobody can say what it is called."""
    known = {name for name, _ in lists}
    return lists if not chosen or chosen in known else [(chosen, names.get(chosen, chosen)), *lists]


async def _for_type(desk: Desk, draft: Draft, service_type: str) -> Sequence[tuple[str, str]]:
    return [
        (one.price_list, f"{one.name} ({one.currency})") for one in await lists_for(desk, draft.reseller, service_type)
    ]


async def _beside(desk: Desk, draft: Draft) -> Sequence[ComparedLine]:
    """The lines by their price lists and by those that these replaced; none where there is nothing to compare with."""
    if draft.state != "open" or not quoting.lines_of(draft.document).lines:
        return ()
    try:
        found = await quoting.compare(desk, draft)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return ()
    return [one for one in found.lines if _by_another(one)]


def _by_another(one: ComparedLine) -> bool:
    now, old = one.before, one.after
    return now is not None and old is not None and (now.price_list, now.version) != (old.price_list, old.version)


def _replaced(one: ComparedLine) -> str:
    """What the line's price list replaced: another one, or its own version before."""
    now, old = one.before, one.after
    assert now is not None
    assert old is not None
    if now.price_list != old.price_list:
        return old.name
    return _("%(name)s until %(day)s") % {"name": old.name, "day": spoken().day(old.valid_to)}
