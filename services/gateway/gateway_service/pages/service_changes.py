"""Changes of a service by hand, each an order of its own: asked for with a reason, checked before, placed once."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import change_checks, changing, queries
from gateway_service.accepting import Key
from gateway_service.change_checks import Found
from gateway_service.drafts import Desk
from gateway_service.pages import mails, service_page, site
from gateway_service.pages.fault_words import said
from gateway_service.pages.fields import sentence
from gateway_service.pages.language import gettext as _
from gateway_service.pages.service_page import Seen
from gateway_service.pages.services import Clerk, states
from gateway_service.pages.site import Form
from gateway_service.pages.wording import sentences_of
from patchbay_chassis.database import Database
from patchbay_chassis.problems import Problem, faults
from patchbay_contracts.services import ChangeKind, ServiceChange
from patchbay_contracts.validity import Finding

MOST_WAIVED = 20
STALE = frozenset({"service.changed_meanwhile", "service.being_changed"})


class Change(NamedTuple):
    """A kind of change as a page has it. `wanted` reads what the form wants of the service, `more` is what its template
    shows besides, with `errors` of its own; `field` the field of what stands at a pointer into what is wanted. `hold`
    holds what the change takes, and says what was lost, by field."""

    kind: ChangeKind
    template: str
    title: str
    button: str
    wanted: Callable[[Form, Seen], Mapping[str, Any]]
    more: Callable[[Request, Seen, Form | None], Awaitable[Mapping[str, Any]]]
    field: Callable[[str, Seen], str]
    hold: Callable[[Seen, Form, ServiceChange], Awaitable[tuple[ServiceChange, Mapping[str, str]]]] | None = None

    @property
    def path(self) -> str:
        """The last part of its address."""
        return self.kind.replace("_", "-")


class Told(NamedTuple):
    """What is said of a form that was sent: errors by field, what was found besides, and whether all is well. Warnings
    are waived one by one."""

    errors: Mapping[str, str] = {}
    warnings: tuple[Found, ...] = ()
    notes: tuple[Finding, ...] = ()
    fine: bool = False
    stale: bool = False


def install(routes: APIRouter, desk: Desk, kind: ChangeKind, of: Callable[[], Change]) -> None:
    """The page of that change: its form, and what happens when it is sent. `of` speaks the language of the request."""
    path = f"/{{id_}}/{kind.replace('_', '-')}"

    @routes.get(path)
    async def ask(request: Request, id_: UUID, who: Clerk) -> Response:
        return await _render(request, of(), await service_page.found(desk.upstream, who, id_), None, Told())

    @routes.post(path)
    async def place(request: Request, id_: UUID, who: Clerk) -> Response:
        seen, form, change = await service_page.found(desk.upstream, who, id_), await site.form(request), of()
        pressed = form.text("act")
        if pressed not in ("check", "place"):
            return await _render(request, change, seen, form, Told())
        wanted = _read(change, seen, form)
        if isinstance(wanted, Told):
            return await _render(request, change, seen, form, wanted)
        key = _key(seen, form, wanted)
        if (made := await _made(desk.running.database, seen, key)) is not None:
            return site.elsewhere(request, f"/services/{id_}?change={made}")
        told = await _checked(desk, change, seen, wanted)
        if change.hold is not None and told.fine:
            wanted, lost = await change.hold(seen, form, wanted)
            told = told._replace(errors=lost, fine=not lost)
        if pressed == "place":
            told = told._replace(errors=dict(told.errors) | _unwaived(told))
        if pressed == "check" or told.errors:
            return await _render(request, change, seen, form, told)
        accepted = changing.accepted(wanted, seen.service.id, seen.service.reseller, who.by)
        order_id = await changing.place(desk.running, accepted, key)
        return site.elsewhere(request, f"/services/{id_}?change={order_id}")


def _read(change: Change, seen: Seen, form: Form) -> ServiceChange | Told:
    """What was typed, or what is wrong with it."""
    version, errors = form.text("version"), dict[str, str]()
    if not form.text("why"):
        errors["why"] = _("Enter a reason")
    if change.kind == "price_list" and not form.text("price_list"):
        errors["price_list"] = _("Choose a price list")
    if change.kind == "end" and form.text("act") == "place" and not form.ticked("sure"):
        errors["sure"] = _("Tick the box if the service is to end for good")
    given = {
        "version": int(version) if version.isdecimal() and 0 < len(version) < 10 else seen.service.version,
        "wanted": {"kind": change.kind, **change.wanted(form, seen)},
        "why": form.text("why") or "-",
        "reference": form.text("reference") or None,
        "waived": _waived(form),
        "notify": form.all("notify"),
    }
    try:
        wanted = ServiceChange.model_validate(given)
    except ValidationError as error:
        for fault in faults(error):
            first, *inside = fault["pointer"].split("/")[1:]
            pointer = "/".join(["", first, *(inside[1:] if first == "wanted" else inside)])
            errors.setdefault(_field(change, seen, pointer), sentence(said(fault)))
        return Told(errors)
    return Told(errors) if errors else wanted


def _waived(form: Form) -> list[Mapping[str, str]]:
    """The warnings that were put aside: each stands in the form with its name, its place, and the reason."""
    given = ((form.text(f"warning-{n}"), form.text(f"waiver-{n}")) for n in range(MOST_WAIVED))
    return [
        {"code": code, "pointer": pointer, "reason": reason}
        for (code, _, pointer), reason in ((named.partition(" "), reason) for named, reason in given)
        if code and reason
    ]


def _unwaived(told: Told) -> dict[str, str]:
    """What is said of warnings that nobody has put aside, by the field for the reason."""
    said = _("Say why this is to be done all the same, or change what is asked for")
    return {f"waiver-{n}": said for n, one in enumerate(told.warnings) if one.waived is None}


async def _checked(desk: Desk, change: Change, seen: Seen, wanted: ServiceChange) -> Told:
    """What its owners find in it, by the rules that guard the change."""
    report = await change_checks.report(desk.upstream, seen.service.reseller, seen.service.id, wanted)
    findings = [one.finding for one in report.findings]
    errors, stale = dict[str, str](), any(one.code in STALE for one in findings)
    if stale:
        errors[""] = _(
            "Somebody else changed the service meanwhile, or is changing it. Your answers are kept: look at the service"
            " as it is now, and send them again if you still want this."
        )
    for one in findings:
        if one.severity == "error" and one.code not in STALE:
            where = _field(change, seen, one.pointer)
            errors[where] = " ".join(filter(None, [errors.get(where), sentences_of(one)]))
    warnings = tuple(one for one in report.findings if one.finding.severity == "warning")[:MOST_WAIVED]
    notes = tuple(one for one in findings if one.severity == "info")
    return Told(errors, warnings, notes, not errors, stale)


def _field(change: Change, seen: Seen, pointer: str) -> str:
    """The field at which an error shows; nothing, if there is none."""
    first, *inside = pointer.split("/")[1:] or [""]
    if first == "wanted":
        return change.field("-".join(part.replace("~1", "/").replace("~0", "~") for part in inside), seen)
    if first == "waived" and inside:
        return f"waiver-{inside[0]}"
    return first if first in ("why", "reference", "notify") else ""


def _key(seen: Seen, form: Form, wanted: ServiceChange) -> Key:
    """By it the same form with the same answers is one order however often it is sent."""
    answers = hashlib.sha256(wanted.model_dump_json().encode())
    return Key(f"page:{seen.service.id}:{form.text('key')[:40]}:{answers.hexdigest()[:32]}", answers.digest())


async def _made(database: Database, seen: Seen, key: Key) -> UUID | None:
    async with database.connection() as db:
        return await queries.made(db, seen.service.reseller, key)


async def _render(request: Request, change: Change, seen: Seen, form: Form | None, told: Told) -> Response:
    service = seen.service
    if not service_page.actions(service):
        detail = _("It is %(state)s.") % {"state": states()[service.state]}
        raise Problem(409, _("This service cannot be changed any more"), detail)
    version = form.text("version") if form is not None and not told.stale else str(service.version)
    more = await change.more(request, seen, form)
    errors = dict(told.errors) | more.get("errors", {})
    return site.render(
        request,
        change.template,
        (409 if told.stale else 422) if errors else 200,
        change=change,
        seen=seen,
        service=service,
        words=states(),
        told=told,
        sentences_of=sentences_of,
        version=version,
        key=(form.text("key") if form is not None else "") or uuid4(),
        why=form.text("why") if form is not None else "",
        reference=form.text("reference") if form is not None else "",
        sure=form is not None and form.ticked("sure"),
        organisations=mails.organisations(),
        notify=form.all("notify") if form is not None else (),
        **{**more, "errors": errors},
    )
