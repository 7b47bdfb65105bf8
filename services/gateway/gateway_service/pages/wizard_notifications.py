"""The Notifications tab: what happened, whom to write to, and where to go when all is done."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, get_args
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import creating, draft_mails, drafts, views
from gateway_service.draft import Author, Document, Draft, DraftMail, Note
from gateway_service.drafts import Desk
from gateway_service.pages import site, wizard_progress
from gateway_service.pages.fault_words import said
from gateway_service.pages.fields import sentence
from gateway_service.pages.language import gettext as _
from gateway_service.pages.people import Operator
from gateway_service.pages.site import Form
from gateway_service.pages.wizard import Look, Wizard
from gateway_service.pages.wizard_typed import check_choices, version_of, whole
from patchbay_chassis.problems import Problem
from patchbay_contracts.mail_templates import Preview
from patchbay_contracts.mails import AttachmentKind, RecipientKind

LOGS = ("timeline", "services", "report", "agreement")
ATTACHMENTS: tuple[str, ...] = get_args(AttachmentKind)
KINDS: tuple[str, ...] = get_args(RecipientKind)
AFTER = ("service", "customer", "wizard")
MOST_MAILS = 50
_NONE: tuple[None, Sequence[Mapping[str, str]]] = (None, ())
HTML_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"
"""For a mail as it will look: it may be styled, and nothing else."""


def router(desk: Desk) -> APIRouter:
    """The tab's routes."""
    routes, wizard = site.routes("/wizard"), Wizard(desk)

    async def page(request: Request, look: Look, errors: Mapping[str, str], form: Form | None) -> Response:
        draft = look.draft
        mails: Sequence[DraftMail] | None = as_typed(form) if form is not None else None
        if mails is None:
            who = await site.operator(request)
            mails = await look.absent.spared(_mails(desk, draft, who), None)
        logs = form.all("log") if form is not None else request.query_params.getlist("log")
        at = whole(request.query_params.get("preview", ""))
        shown = await wizard_progress.state(desk, draft, look.called)
        order = shown["order"]
        ended = order is not None and order["state"] in wizard_progress.ENDED
        at = at if at is not None and ended and mails and at < len(mails) else None
        one = mails[at] if mails and at is not None else None
        preview, faults = await look.absent.spared(_preview(desk, draft, one), _NONE)
        errors = {f"mails-{at}-{fault['pointer'][1:]}": sentence(said(fault)) for fault in faults} | dict(errors)
        return wizard.render(
            request,
            look,
            "notifications",
            {_field(id_): message for id_, message in errors.items()},
            form,
            **shown,
            ended=ended,
            logs=[one for one in LOGS if one in logs],
            mails=mails,
            attachable=_attachable(draft, order if ended else None),
            preview=preview,
            previewed=at,
            after=form.text("after") if form is not None else look.document.after,
            pages=_pages(order),
        )

    async def act(author: Author, draft: Draft, form: Form) -> Sequence[Note] | str | None:
        check_choices(form, {"log": LOGS, "after": AFTER, **_attached(form)})
        pressed, draft = form.text("act"), await _keep_typed(desk, author, draft, form)
        if pressed == "finish":
            finished = await creating.finish(desk, author, draft.id, draft.version)
            return await _after(desk, finished)
        if form.ticked("go"):
            return None
        shown = [("log", one) for one in form.all("log") if one in LOGS]
        what, _sep, place = pressed.partition(":")
        if what == "preview" and place.isdecimal():
            shown.append(("preview", place))
        return f"/wizard/{draft.id}/notifications" + (f"?{urlencode(shown)}#preview" if shown else "")

    wizard.tab(routes, "notifications", page, act, partial(_keep_typed, desk))

    @routes.get("/{id_}/mails/{at}")
    async def mail(request: Request, id_: UUID, at: int) -> Response:
        """A mail's HTML, as it will look."""
        author = await wizard.author(request)
        draft = await drafts.get(desk, author, id_)
        if not 0 <= at < len(draft.document.mails):
            raise Problem(404, _("No such mail"), _("Look at the Notifications tab."))
        shown = await draft_mails.preview(desk, draft, draft.document.mails[at])
        answer = site.answer(request, shown.html.encode())
        answer.headers["Content-Security-Policy"] = HTML_POLICY
        return answer

    return routes


async def _keep_typed(desk: Desk, author: Author, draft: Draft, form: Form) -> Draft:
    if not form.ticked("mails"):
        return draft
    mails = Document.model_validate({"mails": _given(form)}).mails
    return await drafts.set_mails(desk, author, draft.id, version_of(form), mails, after=form.text("after"))


def as_typed(form: Form) -> tuple[DraftMail, ...]:
    """The mails as they were typed, to be shown again whether they can be kept or not."""
    return tuple(DraftMail.model_construct(**one) for one in _given(form))


def _given(form: Form) -> list[dict[str, Any]]:
    count = min(whole(form.text("mails")) or 0, MOST_MAILS)
    return [_mail(form, name) for name in (f"mails-{n}-" for n in range(count)) if form.ticked(f"{name}kind")]


def _attached(form: Form) -> dict[str, Sequence[str]]:
    """What the boxes of each mail offer."""
    return {name: ATTACHMENTS for name in form.names() if re.fullmatch(r"mails-[0-9]+-attachments", name)}


def _mail(form: Form, name: str) -> dict[str, Any]:
    kind = form.text(f"{name}kind")
    return {
        "purpose": form.text(f"{name}purpose"),
        "kind": kind if kind in KINDS else "own",
        "name": form.text(f"{name}name"),
        "email": form.text(f"{name}email"),
        "wanted": form.ticked(f"{name}wanted"),
        "subject": form.text(f"{name}subject"),
        "text": form.text(f"{name}text"),
        "html": form.text(f"{name}html") != "no",
        "attachments": tuple(one for one in ATTACHMENTS if one in form.all(f"{name}attachments")),
    }


def _field(id_: str) -> str:
    """Mails call their address `email`, the report calls it `recipient`: there is one field for both, and for whoever
    has no name."""
    return re.sub(r"^(mails-[0-9]+)-(email|name)$", r"\1-recipient", id_)


async def _mails(desk: Desk, draft: Draft, who: Operator) -> tuple[DraftMail, ...]:
    """Those that were typed; to begin with, one for each organisation involved."""
    return (await draft_mails.of(desk, draft, DraftMail(kind="own", name=who.name, email=who.email))).mails


def _attachable(draft: Draft, order: Mapping[str, Any] | None) -> Sequence[str]:
    """What there is to attach: all of it tells of services that the order made, or will make until it has ended."""
    services = _made(order).get("services") if order is not None else draft.document.ordered
    return ATTACHMENTS if services else ()


async def _preview(
    desk: Desk, draft: Draft, mail: DraftMail | None
) -> tuple[Preview | None, Sequence[Mapping[str, str]]]:
    """What would be sent, or what is wrong with its fields; nothing for no mail."""
    if mail is None:
        return _NONE
    try:
        return await draft_mails.preview(desk, draft, mail), ()
    except Problem as problem:
        if problem.status >= 500:
            raise
        whole = {"pointer": "/recipient", "message": str(problem.body.get("detail") or problem.body["title"])}
        return None, problem.body.get("errors") or [whole]


def _pages(order: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Where one can go in the end; to a customer who was there also from an order that failed."""
    found = [("service", _("The new service"))] if _made(order).get("services") else []
    found += [("customer", _("Its customer"))] if order is not None and order["customer_id"] else []
    return [*found, ("wizard", _("The wizard again"))]


def _made(order: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return (order or {}).get("outcome") or {}


async def _after(desk: Desk, draft: Draft) -> str:
    """The page that was chosen."""
    order = views.whole(await creating.order_row(desk, draft))
    made = _made(order)
    if draft.document.after == "service" and made.get("services"):
        return f"/services/{made['services'][0]['id']}"
    if draft.document.after == "customer" and order["customer_id"]:
        return f"/customers/{order['customer_id']}"
    return "/wizard"
