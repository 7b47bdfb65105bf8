"""A webhook's secret rotated, and its target tried out, over the API. Each secret is shown once."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import bodies, webhook_delivering, webhook_queries, webhook_secrets, webhooks_openapi
from gateway_service.keys import Caller, Keys
from gateway_service.webhook_sending import Sender
from gateway_service.webhooks_bodies import SecretRotation, none, overlap, said, shown, test_event
from patchbay_chassis.envelope import mint
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running

MOST_SECRETS = 5


def router(running: Running, sender: Sender, keys: Keys) -> APIRouter:
    """The routes, for keys with the scope `webhooks`."""
    routes = APIRouter(prefix="/v1/webhooks/{id}")
    Known = Annotated[Caller, Depends(keys.having("webhooks"))]  # noqa: N806 - a type

    @routes.post("/rotate", **webhooks_openapi.ROTATE)
    async def rotate_secret(id: UUID, request: Request, caller: Known) -> Response:  # noqa: A002
        rotation, secret = await bodies.read(request, SecretRotation), webhook_secrets.made()
        async with running.turn() as turn:
            row = await webhook_queries.one(turn.db, caller.reseller, id, locked=True)
            if row is None:
                none(id)
            sealed = webhook_secrets.seal(secret, id)
            if await webhook_queries.add_secret(turn.db, id, sealed, overlap(rotation)) > MOST_SECRETS:
                detail = f"{MOST_SECRETS} secrets sign by now: wait until one of them ends, or rotate without overlap."
                raise Problem(409, "There are too many secrets", detail, code="too_many_secrets")
        webhook_delivering.look()
        return said(shown(row) | {"secret": secret})

    @routes.post("/test", **webhooks_openapi.TEST)
    async def test_webhook(id: UUID, caller: Known) -> Response:  # noqa: A002
        async with running.database.connection() as db:
            row = await webhook_queries.one(db, caller.reseller, id)
            if row is None:
                none(id)
            sealed = await webhook_queries.secrets(db, [id])
        found = (webhook_secrets.unseal(one.sealed, id) for one in sealed)
        secrets, event = [secret for secret in found if secret is not None], mint()
        body = orjson.dumps(
            test_event(event, id, datetime.now(UTC)) | {"reseller": caller.reseller}, option=orjson.OPT_UTC_Z
        )
        outcome = await sender.send(row.url, secrets, str(event), body)
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
