"""Drafts over the public API: whatever the wizard does, a program can do, by the same functions."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import (
    bodies,
    creating,
    customer_records,
    draft_mails,
    draft_numbers,
    draft_search,
    draft_services,
    drafts,
    drafts_openapi,
    etags,
    lists,
    views,
)
from gateway_service import drafts_bodies as forms
from gateway_service.draft import Author, State, TypedSearch
from gateway_service.drafts import Desk
from gateway_service.etags import Seen
from gateway_service.keys import Caller, Keys
from gateway_service.routes import Routes
from patchbay_chassis.problems import Problem


def authors(keys: Keys) -> Callable[..., Any]:
    """Who is calling, as the author of drafts of its key's reseller."""

    async def author(request: Request, caller: Annotated[Caller, Depends(keys.having("orders"))]) -> Author:
        return Author((caller.reseller,), caller.by, request.client.host if request.client else "")

    return author


def router(desk: Desk, keys: Keys) -> APIRouter:
    """The routes of drafts, for keys with the scope `orders`."""
    routes = Routes()
    for part in (_drafts, _numbers, _mails, _endings):
        routes.include_router(part(desk, keys))
    return routes


def _drafts(desk: Desk, keys: Keys) -> APIRouter:
    """Drafts, and what is typed into them."""
    routes = Routes(prefix="/v1/drafts")
    By = Annotated[Author, Depends(authors(keys))]  # noqa: N806 - a type

    @routes.post("", status_code=201, **drafts_openapi.BEGIN)
    async def begin_draft(request: Request, by: By) -> Response:
        body = await bodies.read(request, forms.Begin)
        return forms.answer(await drafts.begin(desk, by, body.reseller, body.id), 201)

    @routes.get("", **drafts_openapi.PAGE)
    async def list_drafts(
        by: By,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        after: Annotated[str | None, Query(max_length=60)] = None,
        state: State | None = None,
    ) -> Response:
        try:
            before = views.from_cursor(after)
        except ValueError:
            raise lists.bad_cursor() from None
        states = drafts.UNTIL_FINISHED if state is None else (state,)
        found = await drafts.page(desk, by, before, states, limit=limit + 1)
        more = views.cursor(found[limit - 1].id) if len(found) > limit else None
        names = await customer_records.names(desk.upstream, found[:limit])
        return forms.said({"drafts": [forms.summary(one, names[one.id]) for one in found[:limit]], "next": more})

    @routes.get("/{id}", **drafts_openapi.ONE)
    async def show_draft(id: UUID, request: Request, by: By) -> Response:  # noqa: A002 - its name in the path
        found = await drafts.get(desk, by, id)
        return etags.shown(request, forms.written(forms.shown(found)), found.version)

    @routes.put("/{id}/customer", **drafts_openapi.CUSTOMER)
    async def set_customer(id: UUID, request: Request, by: By, version: Seen) -> Response:  # noqa: A002
        body = await bodies.read(request, forms.CustomerBody)
        changed = await drafts.set_customer(desk, by, id, version, body, reseller=body.reseller, pin=body.pin)
        return forms.answer(changed.draft, notes=forms.notes(changed.notes))

    @routes.put("/{id}/only-customer", **drafts_openapi.ONLY_CUSTOMER)
    async def only_customer(id: UUID, request: Request, by: By, version: Seen) -> Response:  # noqa: A002
        body = await bodies.read(request, forms.OnlyCustomer)
        return forms.answer(await draft_services.only_customer(desk, by, id, version, body.only))

    @routes.put("/{id}/services/{key}", **drafts_openapi.SERVICE)
    async def put_service(id: UUID, key: drafts_openapi.KeyInPath, request: Request, by: By, version: Seen) -> Response:  # noqa: A002
        body = await bodies.read(request, forms.ServiceBody)
        return forms.answer(await draft_services.put_service(desk, by, id, version, key, **body.model_dump()))

    @routes.delete("/{id}/services/{key}", **drafts_openapi.REMOVE_SERVICE)
    async def remove_service(id: UUID, key: str, by: By, version: Seen) -> Response:  # noqa: A002
        return forms.answer(await draft_services.remove_service(desk, by, id, version, key))

    return routes


def _numbers(desk: Desk, keys: Keys) -> APIRouter:
    """Their numbers."""
    routes = Routes(prefix="/v1/drafts")
    By = Annotated[Author, Depends(authors(keys))]  # noqa: N806 - a type

    @routes.post("/{id}/services/{key}/search", **drafts_openapi.SEARCH)
    async def search_numbers(id: UUID, key: str, request: Request, by: By) -> Response:  # noqa: A002
        typed = await bodies.read(request, TypedSearch)
        searched = await draft_search.search(desk, by, id, key, typed)
        if searched.found is None:
            raise Problem(422, "The search makes no sense", errors=searched.faults, code="bad_search")
        return Response(searched.found.model_dump_json(), media_type=bodies.JSON)

    @routes.post("/{id}/services/{key}/numbers", **drafts_openapi.ADD)
    async def add_numbers(id: UUID, key: str, request: Request, by: By, version: Seen) -> Response:  # noqa: A002
        body = await bodies.read(request, forms.NumbersBody)
        added = await draft_numbers.add(desk, by, id, version, key=key, numbers=body.numbers, take=body.take)
        held, lost = ([one.model_dump(mode="json") for one in part] for part in (added.held, added.lost))
        return forms.answer(added.draft, held=held, lost=lost)

    @routes.post("/{id}/numbers/remove", **drafts_openapi.REMOVE)
    async def remove_numbers(id: UUID, request: Request, by: By, version: Seen) -> Response:  # noqa: A002
        body = await bodies.read(request, forms.RemoveBody)
        return forms.answer(await draft_numbers.remove(desk, by, id, version, body.numbers))

    @routes.post("/{id}/numbers/extend", **drafts_openapi.EXTEND)
    async def extend_holds(id: UUID, by: By) -> Response:  # noqa: A002
        extended = await draft_numbers.extend(desk, by, await drafts.get(desk, by, id))
        return forms.answer(extended.draft, lost=[one.model_dump(mode="json") for one in extended.lost])

    return routes


def _mails(desk: Desk, keys: Keys) -> APIRouter:
    """Their mails."""
    routes = Routes(prefix="/v1/drafts")
    By = Annotated[Author, Depends(authors(keys))]  # noqa: N806 - a type

    @routes.get("/{id}/mails", **drafts_openapi.SHOW_MAILS)
    async def show_mails(id: UUID, by: By) -> Response:  # noqa: A002
        draft = await drafts.get(desk, by, id)
        found = await draft_mails.of(desk, draft)
        shown = [mail.model_dump(mode="json") for mail in found.mails]
        return forms.said({"mails": shown, "suggested": found.suggested, "after": draft.document.after})

    @routes.put("/{id}/mails", **drafts_openapi.MAILS)
    async def set_mails(id: UUID, request: Request, by: By, version: Seen) -> Response:  # noqa: A002
        body = await bodies.read(request, forms.MailsBody)
        return forms.answer(await drafts.set_mails(desk, by, id, version, body.mails, after=body.after))

    @routes.post("/{id}/mails/preview", **drafts_openapi.PREVIEW_MAIL)
    async def preview_mail(id: UUID, request: Request, by: By) -> Response:  # noqa: A002
        mail = await bodies.read(request, forms.MailBody)
        found = await draft_mails.preview(desk, await drafts.get(desk, by, id), mail)
        return Response(found.model_dump_json(), media_type=bodies.JSON)

    return routes


def _endings(desk: Desk, keys: Keys) -> APIRouter:
    """What becomes of them."""
    routes = Routes(prefix="/v1/drafts")
    By = Annotated[Author, Depends(authors(keys))]  # noqa: N806 - a type

    @routes.post("/{id}/create", **drafts_openapi.CREATE)
    async def create(id: UUID, by: By, version: Seen) -> Response:  # noqa: A002
        return forms.answer(await creating.create(desk, by, id, version), 202)

    @routes.post("/{id}/reopen", **drafts_openapi.REOPEN)
    async def reopen(id: UUID, by: By, version: Seen) -> Response:  # noqa: A002
        return forms.answer(await creating.reopen(desk, by, id, version))

    @routes.post("/{id}/finish", **drafts_openapi.FINISH)
    async def finish(id: UUID, by: By, version: Seen) -> Response:  # noqa: A002
        return forms.answer(await creating.finish(desk, by, id, version))

    @routes.post("/{id}/abandon", **drafts_openapi.ABANDON)
    async def abandon(id: UUID, by: By, version: Seen) -> Response:  # noqa: A002
        return forms.answer(await drafts.abandon(desk, by, id, version))

    return routes
