"""The draft of a service type: its editor, and a new service type. What is typed is never lost."""

from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.pages import site
from gateway_service.pages.catalogue import Administrator, checked
from gateway_service.pages.catalogue_books import Shelves, draft_of, in_force
from gateway_service.pages.entry_form import GRADES, PLACES, TEXTS, Typed, entry_in, typed_of
from gateway_service.pages.fields import Fields, refused, seen
from gateway_service.pages.language import gettext as _
from gateway_service.pages.prices_form import grade_names
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue import ServiceTypeEntry
from patchbay_contracts.catalogue_changes import SaveDraft
from patchbay_contracts.words import Slug


def router(upstream: Upstream) -> APIRouter:
    """A new service type, and the drafts of those that there are. It stands before the pages of one type."""
    routes = site.routes("/catalogue")

    @routes.get("/new")
    async def show_new(request: Request, who: Administrator) -> Response:
        texts = dict(Typed().texts) | {"resellers": " ".join(who.resellers or ())}
        return _editor(request, Shelves(upstream, who), Typed(texts), new=True)

    @routes.post("/new")
    async def make(request: Request, who: Administrator) -> Response:
        shelves, form = Shelves(upstream, who), Fields(await site.form(request))
        message = _("Enter an id of small letters, digits, dots and dashes, such as voice-line")
        id_ = form.of(Slug, "service_type", message)
        if id_ == "new":
            form.errors["service_type"] = _("Choose another id: this one is the address of this page")
        elif "service_type" not in form.errors and await shelves.exists(id_):
            form.errors["service_type"] = _("There is a service type with this id already: choose another")
        return await _write(request, shelves, form, replace(_typed(form), service_type=id_, revision=0), None)

    @routes.get("/{id_}/draft")
    async def show(request: Request, id_: str, who: Administrator) -> Response:
        shelves = Shelves(upstream, who)
        await shelves.check_may_change(checked(id_))
        entry, revision = await _there(shelves, id_)
        typed = Typed(typed_of(entry), entry.numbers.grades, service_type=id_, revision=revision)
        return _editor(request, shelves, typed)

    @routes.post("/{id_}/draft")
    async def change(request: Request, id_: str, who: Administrator) -> Response:
        shelves, form = Shelves(upstream, who), Fields(await site.form(request))
        await shelves.check_may_change(checked(id_))
        typed = replace(_typed(form), service_type=id_, revision=seen(form.form))
        return await _write(request, shelves, form, typed, await _there(shelves, id_))

    return routes


async def _there(shelves: Shelves, id_: str) -> tuple[ServiceTypeEntry, int]:
    """The draft and its revision; without one what is in force, as the beginning of a draft."""
    versions = await shelves.of_type(id_)
    draft = draft_of(versions)
    found = await shelves.version(id_, (draft or in_force(versions) or versions[0]).version)
    return found.entry, draft.revision if draft else 0


def _typed(form: Fields) -> Typed:
    texts = {name: form.form.text(name) for name in TEXTS}
    grades = tuple(one for one in GRADES if one in form.form.all("grades"))
    return Typed(texts, grades, why=form.form.text("why"))


async def _write(
    request: Request, shelves: Shelves, form: Fields, typed: Typed, there: tuple[ServiceTypeEntry, int] | None
) -> Response:
    """Save what was typed, or show it again with what is wrong. `there`: what the type says, and the revision of its
    draft; None for a new type."""
    why, entry = form.why(), entry_in(form, there[0] if there else None)
    if "resellers" not in form.errors and not shelves.owns(typed.texts["resellers"].replace(",", " ").split()):
        form.errors["resellers"] = _("Enter resellers that you act for; only the house sells through all")
    if entry is not None and not form.errors:
        asked = SaveDraft(
            by=shelves.who.by, why=why, service_type=typed.service_type, revision=typed.revision, entry=entry
        )
        try:
            saved = await shelves.save(asked)
        except Problem as problem:
            form.errors |= refused(problem, PLACES)
            if problem.status == 409 and there is not None:
                return _editor(request, shelves, replace(typed, revision=there[1]), {"": _stale()})
        else:
            return site.go(f"/catalogue/{saved.service_type}/versions/{saved.version}?done=saved")
    return _editor(request, shelves, typed, form.errors, new=there is None)


def _stale() -> str:
    return _(
        "Somebody else changed this draft meanwhile. What you typed is still here, and not saved."
        " Look at what is there now; if you save again, yours replaces it."
    )


def _editor(
    request: Request,
    shelves: Shelves,
    typed: Typed,
    errors: Mapping[str, str] | None = None,
    *,
    new: bool = False,
) -> Response:
    names = grade_names()
    return site.render(
        request, "catalogue-draft.html", 422 if errors else 200, errors=errors, typed=typed, texts=typed.texts, new=new,
        grades=[(grade, names[grade]) for grade in GRADES], resellers=shelves.who.resellers,
    )  # fmt: skip
