"""A webhook's secret rotated, and its target tried out, over the API. Each secret is shown once."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies, webhooks, webhooks_openapi
from gateway_service.etags import SeenIfGiven
from gateway_service.keys import Caller, Keys
from gateway_service.routes import Routes
from gateway_service.webhook_sending import Sender
from gateway_service.webhooks_bodies import SecretRotation, said, shown, tag
from patchbay_chassis.service import Running


def router(running: Running, sender: Sender, keys: Keys) -> APIRouter:
    """The routes, for keys with the scope `webhooks`."""
    routes = Routes(prefix="/v1/webhooks/{id}")
    Known = Annotated[Caller, Depends(keys.having("webhooks"))]  # noqa: N806 - a type

    @routes.post("/rotate", **webhooks_openapi.ROTATE)
    async def rotate_secret(id: UUID, request: Request, caller: Known, seen: SeenIfGiven) -> Response:  # noqa: A002
        rotation = await bodies.read(request, SecretRotation)
        row, secret = await webhooks.rotate(running, caller.reseller, id, rotation, seen)
        return said(shown(row) | {"secret": secret}, headers={"ETag": tag(row)})

    @routes.post("/test", **webhooks_openapi.TEST)
    async def test_webhook(id: UUID, caller: Known) -> Response:  # noqa: A002
        event, outcome = await webhooks.test(running.database, sender, caller.reseller, id)
        return said(
            {
                "event": str(event),
                "delivered": outcome.ok,
                "status": outcome.status,
                "took_ms": outcome.took_ms,
                "error": outcome.error,
                "answer": outcome.beginning,
            }
        )

    return routes
