"""Mails: those of an order or a customer, one with all that became of it, its attachments, and sending it again."""

from typing import Annotated
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway_service.drafts import Desk
from gateway_service.pages import reach, site, told
from gateway_service.pages.language import gettext as _
from gateway_service.pages.orders import Clerk
from gateway_service.pages.people import Operator
from gateway_service.pages.reach import Reach
from gateway_service.upstream import Upstream
from patchbay_chassis.envelope import mint
from patchbay_chassis.problems import Problem
from patchbay_contracts.mails import (
    MailAttachment,
    MailDetails,
    MailKey,
    MailPage,
    MailQuery,
    OneMail,
    SendAgain,
)
from patchbay_contracts.words import OrganisationKind


def key_of(order_id: UUID, purpose: str, to: str = "") -> MailKey:
    """The mail that an address means. Raises Problem 404."""
    try:
        return MailKey(order_id=order_id, recipient=to, purpose=purpose)
    except ValidationError:
        raise _unknown() from None


Key = Annotated[MailKey, Depends(key_of)]


def router(desk: Desk) -> APIRouter:
    """One mail, by its order, its purpose and its recipient."""
    routes = site.routes("/mails/{order_id}/{purpose}")

    @routes.get("")
    async def show(request: Request, key: Key, who: Clerk) -> Response:
        sees, mail = await _one(desk.upstream, who, key)
        return _page(request, sees, mail)

    @routes.get("/attachments/{name}")
    async def attachment(request: Request, key: Key, name: str, who: Clerk) -> Response:
        sees, mail = await _one(desk.upstream, who, key)
        known = {one.name: one for one in mail.attachments}
        if name not in known:
            raise Problem(404, _("There is no such attachment"), _("The mail has none of that name."))
        wanted = MailAttachment(resellers=sees.ids, key=key, name=name)
        content = await desk.upstream.ask("notifier", "/mails/attachment", wanted)
        response = site.answer(request, content, kind=known[name].media_type)
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        return response

    @routes.post("/again")
    async def again(request: Request, key: Key, who: Clerk) -> Response:
        sees, mail = await _one(desk.upstream, who, key)
        form = await site.form(request)
        given = {"request": form.text("request"), "why": form.text("why")}
        try:
            wanted = SendAgain.model_validate({"resellers": sees.ids, "key": key, "by": who.by} | given)
        except ValidationError:
            why = _("Say why, in 200 characters at the most and on one line")
            return _page(request, sees, mail, {"why": why}, given["why"])
        try:
            await desk.upstream.ask("notifier", "/mails/again", wanted)
        except Problem as problem:
            if problem.status != 409:
                raise
            on_its_way = _("The mail is on its way already: send it again after that.")
            return _page(request, sees, mail, {"": on_its_way}, given["why"])
        return told.say(request, address(key), "again", f"/mails/{key.order_id}")

    return routes


async def found(upstream: Upstream, query: MailQuery) -> MailPage | None:
    """Mails; None while the notifier cannot be asked: what else there is can be shown without it. Raises Problem 404
    for a page that is none."""
    try:
        return MailPage.model_validate_json(await upstream.ask("notifier", "/mails/search", query))
    except Problem as problem:
        if problem.status == 422 and query.after is not None:
            raise Problem(404, _("This page of the list is not there"), _("Begin with the first one.")) from None
        if problem.status < 500:
            raise
        return None


def address(key: MailKey) -> str:
    """Where a mail is shown."""
    return f"/mails/{key.order_id}/{key.purpose}?{urlencode({'to': key.recipient})}"


def states() -> dict[str, str]:
    """What the states of mails are called."""
    return {
        "queued": _("not sent yet"),
        "sent": _("sent"),
        "failed": _("could not be sent"),
        "delayed": _("tried again later"),
    }


def organisations() -> list[tuple[OrganisationKind, str]]:
    """Who may be written to when an order is done."""
    return [
        ("customer", _("the customer")),
        ("reseller", _("the reseller, also if it comes to nothing")),
        ("supplier", _("suppliers")),
        ("contact", _("contacts")),
    ]


def kinds() -> dict[str, str]:
    """What recipients are called."""
    return {
        "customer": _("customer"),
        "reseller": _("reseller"),
        "supplier": _("supplier"),
        "contact": _("contact"),
        "own": _("own address"),
    }


async def _one(upstream: Upstream, who: Operator, key: MailKey) -> tuple[Reach, MailDetails]:
    sees = await reach.of(upstream, who)
    try:
        answer = await upstream.ask("notifier", "/mails/get", OneMail(resellers=sees.ids, key=key))
    except Problem as problem:
        raise problem if problem.status >= 500 else _unknown() from None
    return sees, MailDetails.model_validate_json(answer)


def _unknown() -> Problem:
    return Problem(404, _("There is no such mail"), _("You have no mail like that."))


def _page(
    request: Request, sees: Reach, mail: MailDetails, errors: dict[str, str] | None = None, why: str = ""
) -> Response:
    response = site.render(
        request,
        "mails-one.html",
        422 if errors else 200,
        errors=errors,
        mail=mail,
        reseller=sees.names.get(mail.reseller, mail.reseller),
        address=address(mail.key),
        base=f"/mails/{mail.key.order_id}/{mail.key.purpose}",
        query=urlencode({"to": mail.key.recipient}),
        words=states(),
        kinds=kinds(),
        why=why,
        request_id=mint(),
        told=told.heard(request),
    )
    return told.forget(request, response, f"/mails/{mail.key.order_id}")
