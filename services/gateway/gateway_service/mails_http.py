"""Mails over the public API: to whom, about what, and what became of each."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import etags, fields, lists, reading_openapi
from gateway_service.fields import Fields
from gateway_service.keys import Caller, Keys
from gateway_service.lists import Asked, Before, From, Page
from gateway_service.routes import Routes
from gateway_service.upstream import Upstream
from patchbay_chassis.problems import Problem
from patchbay_contracts.mails import (
    MailDetails,
    MailKey,
    MailPage,
    MailQuery,
    MailState,
    MailSummary,
    OneMail,
    Purpose,
    RecipientKind,
)
from patchbay_contracts.words import Email

LISTED = (
    *MailKey.model_fields,
    *(name for name in MailSummary.model_fields if name not in {"key", "reseller"}),
    lists.LINKS,
)
ALL = (*LISTED, *(name for name in MailDetails.model_fields if name not in MailSummary.model_fields))


def router(upstream: Upstream, keys: Keys) -> APIRouter:
    """The routes of mails, for keys with the scope `orders` or `read`."""
    routes = Routes(prefix="/v1/mails")
    Known = Annotated[Caller, Depends(keys.having("orders"))]  # noqa: N806 - a type

    @routes.get("", **reading_openapi.MAILS)
    async def list_mails(
        *,
        caller: Known,
        asked: Annotated[Asked, Depends()],
        order_id: UUID | None = None,
        customer_id: UUID | None = None,
        recipient: Email | None = None,
        state: MailState | None = None,
        kind: Annotated[RecipientKind | None, Query(description="whose mail it is")] = None,
        purpose: Annotated[Purpose | None, Query(description="such as `order_ended` or `service_created`")] = None,
        created_from: From = None,
        created_before: Before = None,
    ) -> Response:
        query = MailQuery(
            resellers=(caller.reseller,),
            order_id=order_id,
            customer_id=customer_id,
            recipient=recipient,
            state=state,
            kind=kind,
            purpose=purpose,
            asked_from=created_from,
            asked_before=created_before,
        )

        async def fetch(after: str | None, limit: int) -> Page:
            page = query.model_copy(update={"after": after, "limit": limit})
            found = MailPage.model_validate_json(await upstream.ask("notifier", "/mails/search", page))
            return Page([_shown(one) for one in found.mails], found.next)

        return await lists.answer(asked, "mails", LISTED, fetch)

    @routes.get("/{order_id}/{purpose}", **reading_openapi.MAIL)
    async def show_mail(
        *,
        order_id: UUID,
        purpose: Purpose,
        request: Request,
        caller: Known,
        to: Annotated[Email, Query(description="its recipient")],
        fields_: Annotated[Fields, Query(alias="fields")] = None,
    ) -> Response:
        names = fields.chosen(fields_, ALL)
        key = MailKey(order_id=order_id, recipient=to, purpose=purpose)
        try:
            answer = await upstream.ask("notifier", "/mails/get", OneMail(resellers=(caller.reseller,), key=key))
        except Problem as problem:
            if problem.status not in {404, 422}:
                raise
            raise Problem(404, "No such mail", "You have no mail like that.", code="no_such_mail") from None
        return etags.shown(request, orjson.dumps(fields.only(_shown(MailDetails.model_validate_json(answer)), names)))

    return routes


def _shown(mail: MailSummary) -> dict[str, Any]:
    key = mail.key.model_dump(mode="json")
    address = f"/v1/mails/{mail.key.order_id}/{mail.key.purpose}?{urlencode({'to': mail.key.recipient})}"
    return key | mail.model_dump(mode="json", exclude={"key", "reseller"}) | {"links": {"self": address}}
