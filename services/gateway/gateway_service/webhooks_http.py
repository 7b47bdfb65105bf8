"""Webhooks over the API: made, shown, changed, deleted."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies, webhook_queries, webhooks, webhooks_openapi
from gateway_service.etags import SeenIfGiven
from gateway_service.keys import Caller, Keys
from gateway_service.replays import made
from gateway_service.routes import Routes
from gateway_service.webhooks_bodies import NewWebhook, WebhookChange, none, said, shown, tag
from patchbay_chassis.service import Running


def router(running: Running, keys: Keys) -> APIRouter:
    """The routes of webhooks, for keys with the scope `webhooks`."""
    routes = Routes(prefix="/v1/webhooks")
    Known = Annotated[Caller, Depends(keys.having("webhooks"))]  # noqa: N806 - a type

    @routes.post("", status_code=201, **webhooks_openapi.CREATE)
    async def create_webhook(request: Request, caller: Known) -> Response:
        wanted, id_ = await bodies.read(request, NewWebhook), made(request)
        row, secret = await webhooks.create(running, caller.reseller, id_, wanted)
        return said(shown(row) | {"secret": secret}, 201, {"Location": f"/v1/webhooks/{id_}", "ETag": tag(row)})

    @routes.get("", **webhooks_openapi.ALL)
    async def list_webhooks(caller: Known) -> Response:
        async with running.database.connection() as db:
            rows = await webhook_queries.all_of(db, caller.reseller)
        return said({"webhooks": [shown(row) for row in rows]})

    @routes.get("/{id}", **webhooks_openapi.ONE)
    async def show_webhook(id: UUID, caller: Known) -> Response:  # noqa: A002 - its name in the path
        async with running.database.connection() as db:
            row = await webhook_queries.one(db, caller.reseller, id)
        return said(shown(row), headers={"ETag": tag(row)}) if row else none(id)

    @routes.patch("/{id}", **webhooks_openapi.CHANGE)
    async def change_webhook(id: UUID, request: Request, caller: Known, seen: SeenIfGiven) -> Response:  # noqa: A002
        wanted = await bodies.read(request, WebhookChange)
        row = await webhooks.change(running, caller.reseller, id, wanted, seen)
        return said(shown(row), headers={"ETag": tag(row)})

    @routes.delete("/{id}", status_code=204, **webhooks_openapi.DELETE)
    async def delete_webhook(id: UUID, caller: Known, seen: SeenIfGiven) -> Response:  # noqa: A002
        await webhooks.delete(running, caller.reseller, id, seen)
        return Response(status_code=204)

    return routes
