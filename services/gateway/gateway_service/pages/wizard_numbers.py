"""The Numbers tab: search by the filters on top, add what is wanted, and see what is chosen with its prices."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import draft_numbers, draft_search, quoting
from gateway_service.draft import Author, Draft, DraftService, TypedSearch
from gateway_service.draft_numbers import Added
from gateway_service.draft_search import Searched
from gateway_service.drafts import Desk
from gateway_service.pages import site, wizard_lost
from gateway_service.pages.fault_words import said
from gateway_service.pages.fields import sentence
from gateway_service.pages.language import gettext as _
from gateway_service.pages.nothing_found import why_nothing
from gateway_service.pages.settings_form import at_fields
from gateway_service.pages.site import Form
from gateway_service.pages.wizard import Look, There, Wizard, of_service, service_of
from gateway_service.pages.wizard_typed import check_choices, version_of, whole
from patchbay_chassis.problems import Problem
from patchbay_contracts import numbers
from patchbay_contracts.order import MOST_NUMBERS
from patchbay_contracts.words import E164

TEXTS = ("count", "prefix", "grade_at_least", "method", "segments", "ends_with", "pattern", "aligned")
USUAL_COUNT, USUAL_POOLS = "20", ("public",)
"""What the form shows where nothing was typed."""
LEAST = 10**6
"""No number is shorter."""
MOST_LISTED = 500
"""So many numbers are on one page, each with a box; a form has a thousand fields at the most."""


def router(desk: Desk) -> APIRouter:
    """The tab's routes."""
    routes, wizard = site.routes("/wizard"), Wizard(desk)

    async def page(request: Request, look: Look, errors: Mapping[str, str], form: Form | None) -> Response:
        service = service_of(look, request, form, "numbers")
        after = form.text("after") if form is not None else request.query_params.get("after", "")
        kept = TypedSearch() if service is None else service.search or TypedSearch()
        gone = wizard_lost.read(request.query_params.getlist("lost"))
        found, priced, offers = await asyncio.gather(
            look.absent.spared(_found(desk, look, service, after), Searched(look.draft, None)),
            look.absent.spared(quoting.priced(desk, look.draft), None),
            look.absent.spared(wizard_lost.offered(desk, look.draft, service, gone), ()),
        )
        wrong = {id_: sentence(words) for id_, words in wrong_search(found.faults).items()}
        chosen = set(look.document.numbers)
        rows = [row for row in found.found.numbers if row.e164 not in chosen] if found.found else []
        listed = {row.e164 for row in rows}
        kept_ticks = service.ticked if service is not None else ()
        ticked = [one for one in (kept_ticks if form is None else _ticked(form, "ticked")) if one not in chosen]
        return wizard.render(
            request,
            look,
            "numbers",
            wrong | at_fields(of_service(errors, look.document, service), ("grades", "pools")),
            form,
            service=service,
            at=look.document.services.index(service) if service else 0,
            search=_as_shown(kept) if form is None else as_typed(form),
            found=found.found,
            nothing=why_nothing(found.found.nothing) if found.found and found.found.nothing else "",
            after=after,
            rows=rows,
            number_alone=service is not None and draft_search.adds_number_alone(service),
            missed=wizard_lost.said(gone),
            offers=offers,
            priced=priced,
            ticked=ticked,
            ticked_elsewhere=[one for one in ticked if one not in listed],
            ticked_chosen=_ticked(form, "chosen"),
            all_ticked=form is not None and form.ticked("all"),
        )

    async def act(author: Author, draft: Draft, form: Form) -> There | str | None:
        service = draft.document.service(form.text("service"))
        if service is None:
            return None
        _check_ticks(form, service)
        pressed, (kept, after) = form.text("act"), await _kept(desk, author, draft, service, form)
        version = kept.version if kept else version_of(form)
        if pressed.startswith("remove:"):
            await draft_numbers.remove(desk, author, draft.id, version, _numbers([pressed.removeprefix("remove:")]))
        elif pressed == "remove_ticked":
            check_choices(form, {"chosen": [str(number.e164) for number in service.numbers]})
            await draft_numbers.remove(desk, author, draft.id, version, _numbers(form.all("chosen")))
        elif pressed.startswith("more:"):
            beyond = pressed.removeprefix("more:") if _is_same_search(service, form) else ""
            return f"{_page_of(draft, service, beyond)}#found"
        elif pressed.startswith("instead:"):
            lost = _numbers([pressed.removeprefix("instead:")])
            changed = await draft_numbers.remove(desk, author, draft.id, version, lost)
            added = await draft_numbers.add(
                desk, author, draft.id, changed.version, key=service.key, numbers=lost, take=True
            )
            return _said(draft, service, added, after) or _same_page(draft, service, form, after)
        elif wanted := _wanted(form, pressed):
            added = await draft_numbers.add(desk, author, draft.id, version, key=service.key, numbers=wanted)
            return _said(draft, service, added, after) or _same_page(draft, service, form, after)
        return _same_page(draft, service, form, after)

    async def keep_typed(author: Author, draft: Draft, form: Form) -> Draft:
        service = draft.document.service(form.text("service"))
        kept = (await _kept(desk, author, draft, service, form))[0] if service is not None else None
        return kept or draft

    wizard.tab(routes, "numbers", page, act, keep_typed)
    return routes


def wrong_search(faults: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """What is wrong with a search, by the field's id; filters that do not go together at one of them."""
    together = {
        numbers.GRADES_TWICE: ("grades", _("Choose a grade or better, or single grades, and not both")),
        numbers.NO_SEGMENTS: ("segments", _("Enter digits that the numbers contain or end with, or how they look")),
        numbers.ALIGNED_ALONE: ("aligned", _("Choose one run of numbers above, or let it begin at any number")),
        numbers.ONE_SEGMENT: ("in_order", _("Enter two groups of digits, or clear this box")),
        numbers.NO_CUSTOMER: ("pools", _("Choose an existing customer on the Customer tab, or another pool")),
        numbers.POOL_TWICE: ("pools", _("Choose each pool once")),
    }
    wrong = dict[str, str]()
    for fault in faults:
        own = (fault["pointer"] or "/").split("/")[1], said(fault)
        id_, message = together.get(f"{fault['message']}: {fault['remedy']}", own)
        wrong[id_] = message
    return wrong


async def _kept(
    desk: Desk, author: Author, draft: Draft, service: DraftService, form: Form
) -> tuple[Draft | None, str]:
    """Keep the filters and what is ticked, if they are other ones: the draft as it is then, or None. And behind which
    number the page of what was found begins: another search begins anew. Raises Problem 412."""
    version, typed, ticked = version_of(form), TypedSearch(**_given(form)), _to_add(form)
    is_other = _is_changed(service, typed, form.text("act"))
    if draft.state != "open" or not (is_other or set(ticked) != set(service.ticked)):
        return None, form.text("after")
    search = typed if is_other else service.search
    changed = await draft_search.change_search(
        desk, author, draft.id, version, key=service.key, typed=search, ticked=ticked
    )
    return changed, "" if is_other else form.text("after")


def _check_ticks(form: Form, service: DraftService) -> None:
    """Raises Problem 422 for a button that does nothing without a tick, at the boxes."""
    pressed = form.text("act")
    if pressed == "search" and not any(form.all("pools")):
        at, message = "pools", _("Tick where the numbers are to come from")
    elif pressed == "add_ticked" and not _all_ticked(form):
        at, message = "ticked", _("Tick the numbers to add, or press Add beside one")
    elif pressed == "remove_ticked" and service.numbers and not any(form.all("chosen")):
        at, message = "chosen", _("Tick the numbers to remove, or press Remove beside one")
    else:
        return
    raise Problem(422, "Nothing is ticked", errors=[{"pointer": f"/{at}", "message": message, "remedy": ""}])


def _to_add(form: Form) -> Sequence[E164]:
    """What is ticked and is not added by the button that was pressed."""
    added = {*_wanted(form, form.text("act"))}
    ticked = [one for one in dict.fromkeys(_all_ticked(form)) if one not in added and one >= LEAST]
    return ticked[:MOST_NUMBERS]


def _same_page(draft: Draft, service: DraftService, form: Form, after: str) -> str | None:
    """Whoever adds, removes or replaces numbers stays on the page of what was found."""
    if not after or form.ticked("go") or not form.text("act").startswith(("add", "remove", "instead")):
        return None
    return _page_of(draft, service, after)


def _page_of(draft: Draft, service: DraftService, after: str, *more: tuple[str, str]) -> str:
    """The page of what was found that begins behind that number, the first behind none."""
    given = [("service", service.key), *([("after", after)] if after else []), *more]
    return f"/wizard/{draft.id}/numbers?{urlencode(given)}"


def _is_changed(service: DraftService, typed: TypedSearch, pressed: str) -> bool:
    """Whether the filters are other ones than those that are kept, as the page shows them."""
    if service.search is None:
        return bool(pressed) or _as_shown(typed) != _as_shown(TypedSearch())
    return _as_shown(typed) != _as_shown(service.search)


def _is_same_search(service: DraftService, form: Form) -> bool:
    return service.search is not None and _as_shown(TypedSearch(**_given(form))) == _as_shown(service.search)


def _as_shown(search: TypedSearch) -> TypedSearch:
    shown = {"count": search.count or USUAL_COUNT, "pools": search.pools or USUAL_POOLS, "after": "", "customer_id": ""}
    return search.model_copy(update=shown)


def as_typed(form: Form) -> TypedSearch:
    """The filters as they were typed, to be shown again whether they can be kept or not."""
    return TypedSearch.model_construct(**_given(form))


def _given(form: Form) -> dict[str, Any]:
    return {name: form.text(name) for name in TEXTS} | {
        "grades": form.all("grades"),
        "pools": form.all("pools"),
        "in_order": form.ticked("in_order"),
        "lowest": form.ticked("lowest"),
    }


def _ticked(form: Form | None, name: str) -> Sequence[E164]:
    """Boxes of a form that was refused stay ticked."""
    return _numbers(form.all(name)) if form is not None else ()


def _wanted(form: Form, pressed: str) -> tuple[E164, ...]:
    """One number by its button, or those that are ticked."""
    if pressed.startswith("add:"):
        return _numbers([pressed.removeprefix("add:")])
    return _all_ticked(form) if pressed == "add_ticked" else ()


def _all_ticked(form: Form) -> tuple[E164, ...]:
    """Those that are ticked; with the box under the list, all that were listed."""
    ticked, listed = _numbers(form.all("ticked")), _numbers(form.text("listed").split(","))
    return (*ticked, *listed) if form.ticked("all") and not set(ticked) & set(listed) else ticked


def _numbers(texts: Sequence[str]) -> tuple[E164, ...]:
    return tuple(number for text in texts if (number := whole(text)) is not None)


async def _found(desk: Desk, look: Look, service: DraftService | None, after: str) -> Searched:
    """What the last search finds now; it is done anew each time, so what is shown can be had."""
    if service is None or service.search is None or look.draft.state != "open":
        return Searched(look.draft, None)
    if (whole(service.search.count) or 0) > MOST_LISTED:
        message = _("%(most)s are as many as are listed at a time") % {"most": MOST_LISTED}
        return Searched(look.draft, None, ({"pointer": "/count", "message": message, "remedy": _("ask for fewer")},))
    search = service.search.model_copy(update={"after": after[:200]})
    try:
        return await draft_search.look_up(desk, look.draft, service, search)
    except Problem as problem:
        if problem.status >= 500:
            raise
        return Searched(look.draft, None, problem.body.get("errors", ()))


def _said(draft: Draft, service: DraftService, added: Added, after: str) -> There | None:
    """What became of it: numbers lost to somebody else are named, and the next best offered."""
    replaced = {number.instead_of for number in added.held}
    gone = wizard_lost.gone_of([one for one in added.lost if one.e164 not in replaced])
    notes = wizard_lost.taken_instead(added)
    if not gone and not notes:
        return None
    return There(_page_of(draft, service, after, *(("lost", str(one)) for one in gone)), notes)
