"""The Settings tab: settings of each number by the service type's schema; one service for all numbers, or one each."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import draft_settings, drafts, settings_csv
from gateway_service.draft import Author, Document, Draft, DraftNumber, DraftService, Note
from gateway_service.drafts import Desk
from gateway_service.pages import settings_form, site
from gateway_service.pages.language import gettext as _
from gateway_service.pages.listing import BOM
from gateway_service.pages.site import Form
from gateway_service.pages.wizard import Look, Wizard, of_service, product_of, service_of
from gateway_service.pages.wizard_places import A_PAGE, at_settings, prefix
from gateway_service.pages.wizard_typed import check_choices, version_of, whole
from patchbay_chassis.problems import Problem
from patchbay_contracts.catalogue import Product, Setting, shown
from patchbay_contracts.message import Frozen
from patchbay_contracts.order import MOST_NUMBERS
from patchbay_contracts.words import E164, Settings

GROUPINGS = ("together", "each")
MOST_CSV = 2 * 1024 * 1024
KEPT = ("grouping", "first", "shown", "showed")
MOST_BAD = 10
"""So many of the rows that were not taken are named."""


def router(desk: Desk) -> APIRouter:
    """The tab's routes."""
    routes, wizard = site.routes("/wizard"), Wizard(desk)

    async def page(request: Request, look: Look, errors: Mapping[str, str], form: Form | None) -> Response:
        service = service_of(look, request, form, "settings")
        product = await look.absent.spared(product_of(desk, look.draft, service), None)
        at = look.document.services.index(service) if service else 0
        if form is not None and service is not None:
            service = service.model_copy(update=_typed(form, service, product, at))
        first = _place(form.text("first") if form is not None else request.query_params.get("first", "0"))
        numbers = service.numbers[first : first + A_PAGE] if service else ()
        settings = product.settings if product else ()
        of_this = of_service(errors, look.document, service)
        given = service.settings if service else {}
        placed = at_settings(look.draft, service, settings, first, of_this) if service else of_this
        return wizard.render(
            request,
            look,
            "settings",
            placed,
            form,
            labels=_elsewhere(placed, service, settings) if service else {},
            service=service,
            product=product,
            at=at,
            of_all=shown(settings, given),
            prefix=prefix(at),
            first=first,
            showed=_showing(service, numbers),
            a_page=A_PAGE,
            most_csv=MOST_CSV // 1024,
            numbers=[_shown(at, number, service, settings) for number in numbers] if service else [],
            away=product is None and bool(look.absent.said),
            unread=_unread(form) if form is not None else (),
        )

    async def act(author: Author, draft: Draft, form: Form) -> Sequence[Note] | str | None:
        service, pressed = draft.document.service(form.text("service")), form.text("act")
        if service is None or draft.state != "open":
            return None
        check_choices(form, {"grouping": GROUPINGS})
        saved = await _save(desk, author, draft, service, form)
        if pressed == "another":
            return f"/wizard/{draft.id}/service?service=new"
        if pressed == "import":
            return await _import(desk, author, saved, service.key, form)
        number = await _spread(desk, author, saved, service.key, form)
        here = f"/wizard/{draft.id}/settings?service={quote(service.key)}&first={_place(form.text('first'))}"
        return None if form.ticked("go") else here + (f"#number-{number}" if number else "")

    async def keep_typed(author: Author, draft: Draft, form: Form) -> Draft:
        service = draft.document.service(form.text("service"))
        return await _save(desk, author, draft, service, form) if service is not None else draft

    wizard.tab(routes, "settings", page, act, keep_typed)

    @routes.get("/{id_}/settings.csv")
    async def export(request: Request, id_: UUID) -> Response:
        draft = await drafts.get(desk, await wizard.author(request), id_)
        service = drafts.service_of(draft, request.query_params.get("service", ""))
        product = await product_of(desk, draft, service)
        names = dict.fromkeys(one.name for one in product.settings) if product else {}
        body = (BOM + settings_csv.export_csv(service, tuple(names))).encode()
        answer = site.answer(request, body, kind="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = 'attachment; filename="settings.csv"'
        return answer

    return routes


async def _save(desk: Desk, author: Author, draft: Draft, service: DraftService, form: Form) -> Draft:
    """Keep what was typed: for all numbers, for each that was shown, and the grouping."""
    product = await product_of(desk, draft, service)
    update = _typed(form, service, product, draft.document.services.index(service))

    def to(was: Draft) -> Document:
        now = drafts.service_of(was, service.key)
        return was.document.with_service(now.model_copy(update=update))

    return await drafts.change(desk, author, draft.id, version_of(form), to, seen=draft)


def _typed(form: Form, service: DraftService, product: Product | None, at: int) -> dict[str, Any]:
    """What the form says of a service; of a type that is not known nothing is shown, so nothing is typed."""
    if product is None:
        return {}
    showed, settings, all_of = _showed(form, service), product.settings, prefix(at)
    of_all = settings_form.read(form, settings, all_of, before=showed.all, aside=service.aside)
    by_number, aside = dict(service.settings_by_number), dict(service.aside_by_number)
    there = {number.e164 for number in service.numbers}
    for number in there & {whole(one) for one in form.all("shown")}:
        mine, was = prefix(at, number), showed.own.get(number, {})
        by_number[number] = settings_form.own(
            form, settings, mine, was=was, before=showed.all, after=of_all, aside=aside.get(number, {})
        )
        typed = settings_form.typed(form, settings, mine).items()
        otherwise = {name: value for name, value in typed if showed.all.get(name) != value}
        laid = of_all | by_number[number]
        aside[number] = settings_form.left(settings, laid, aside.get(number, {}), otherwise)
    left = settings_form.left(settings, of_all, service.aside, settings_form.typed(form, settings, all_of))
    update: dict[str, Any] = {
        "settings": of_all,
        "settings_by_number": {number: own for number, own in by_number.items() if own and number in there},
        "begun": {},
        "aside": left,
        "aside_by_number": {number: one for number, one in aside.items() if one and number in there},
    }
    if (grouping := form.text("grouping")) in GROUPINGS:
        update["grouping"] = grouping
    return update


async def _spread(desk: Desk, author: Author, draft: Draft, key: str, form: Form) -> E164 | None:
    """Apply to all what one number has, or copy it from another; the number whose button was pressed."""
    what, _sep, text = form.text("act").partition(":")
    number, source = whole(text), whole(form.text(f"copy-{text}"))
    if number not in {one.e164 for one in drafts.service_of(draft, key).numbers}:
        return None
    if what == "everywhere":
        await draft_settings.apply_to_all(desk, author, draft.id, draft.version, key=key, source=number)
    elif what == "copy":
        check_choices(form, {f"copy-{text}": [str(one.e164) for one in drafts.service_of(draft, key).numbers]})
    if what == "copy" and source is not None:
        await draft_settings.copy(desk, author, draft.id, draft.version, key=key, source=source, to=[number])
    return number


async def _import(desk: Desk, author: Author, draft: Draft, key: str, form: Form) -> Sequence[Note] | None:
    """Take the settings from the file; what became of its rows."""
    file = form.file("csv")
    if file is None:
        raise _no_file(_("no file is chosen"), _("choose one"))
    if (file.size or 0) > MOST_CSV:
        raise _no_file(_("the file is larger than %(most)s KB") % {"most": MOST_CSV // 1024}, _("split it"))
    content = await file.read()
    try:
        imported = await draft_settings.import_csv(desk, author, draft.id, draft.version, key=key, content=content)
    except Problem as problem:
        raise _at_file(problem) from None
    taken = Note("rows_taken", {"count": imported.taken})
    if not imported.bad:
        return [taken]
    bad = [Note("bad_row", row._asdict()) for row in imported.bad[:MOST_BAD]]
    return [taken, Note("bad_rows", {"count": len(imported.bad)}), *bad]


def _unread(form: Form) -> Sequence[tuple[str, str]]:
    """The fields of a form whose settings cannot be told just now, to be sent again as they are."""
    names = [name for name in form.names() if name in KEPT or name.startswith(("services-", "copy-"))]
    return [(name, value) for name in names for value in form.all(name)]


def _at_file(problem: Problem) -> Problem:
    """What is wrong with all of the file is said at its field."""
    for fault in problem.body.get("errors", ()):
        fault["pointer"] = fault["pointer"] or "/csv"
    return problem


def _no_file(message: str, remedy: str) -> Problem:
    fault = {"pointer": "/csv", "message": message, "remedy": remedy}
    return Problem(422, "There is no such file", errors=[fault])


class Showed(Frozen):
    """What a form showed when it was drawn: settings of all numbers, and its own by each number."""

    all: Settings
    own: dict[E164, Settings]


def _showing(service: DraftService | None, numbers: Sequence[DraftNumber]) -> str:
    if service is None:
        return ""
    own = {one.e164: of for one in numbers if (of := service.settings_by_number.get(one.e164))}
    return Showed(all=service.settings, own=own).model_dump_json()


def _showed(form: Form, service: DraftService) -> Showed:
    """What was typed otherwise is told from it, also once that was kept while the form was still open. The draft knows
    it as well, as long as that was not."""
    try:
        return Showed.model_validate_json(form.text("showed"))
    except ValidationError:
        return Showed(all=service.settings, own=service.settings_by_number)


def _elsewhere(errors: Mapping[str, str], service: DraftService, settings: Sequence[Setting]) -> dict[str, str]:
    """What fields are called that are on another page: by the number, and what is set there."""
    found = dict[str, str]()
    for id_ in errors:
        field = id_.rpartition(":")[2] if id_.startswith("/") else ""
        for number in service.numbers:
            _at, own, name = field.partition(f"-settings_by_number-+{number.e164}-")
            if own:
                title = next((one.title for one in settings if f"{name}-".startswith(f"{one.name}-")), name)
                found[id_] = f"{number.national or f'+{number.e164}'}, {title}"
    return found


class _Shown(NamedTuple):
    """A number of which the settings are shown: those of all numbers with its own laid over them."""

    number: DraftNumber
    prefix: str
    settings: tuple[Setting, ...]
    given: Settings
    own: bool


def _shown(at: int, number: DraftNumber, service: DraftService, settings: tuple[Setting, ...]) -> _Shown:
    own = service.settings_by_number.get(number.e164, {})
    given = service.settings | own
    return _Shown(number, prefix(at, number.e164), shown(settings, given), given, bool(own))


def _place(text: str) -> int:
    return min(whole(text) or 0, MOST_NUMBERS)
