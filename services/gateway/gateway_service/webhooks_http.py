"""Webhooks over the API: made, shown, changed, deleted."""

from typing import Annotated, Any, NoReturn
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from gateway_service import (
    bodies,
    event_queries,
    webhook_delivering,
    webhook_queries,
    webhook_secrets,
    webhook_targets,
    webhooks_openapi,
)
from gateway_service.keys import Caller, Keys
from gateway_service.replays import made
from gateway_service.settings import settings
from gateway_service.webhooks_bodies import NewWebhook, SecretRotation, WebhookChange, none, overlap, said, shown
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running


def router(running: Running, keys: Keys) -> APIRouter:  # noqa: C901 - a function a route
    """The routes of webhooks, for keys with the scope `webhooks`."""
    routes = APIRouter(prefix="/v1/webhooks")
    Known = Annotated[Caller, Depends(keys.having("webhooks"))]  # noqa: N806 - a type

    @routes.post("", status_code=201, **webhooks_openapi.CREATE)
    async def create_webhook(request: Request, caller: Known) -> Response:
        wanted = await bodies.read(request, NewWebhook)
        await _check(wanted.url)
        id_, secret = made(request), webhook_secrets.made()
        async with running.turn() as turn:
            end = await event_queries.settled(turn.db)
            if not await webhook_queries.add(
                turn.db, caller.reseller, id_, wanted, end, settings().most_webhooks
            ) and not await _is_mine(turn.db, caller, id_, wanted.url):
                detail = f"You have {settings().most_webhooks} webhooks: delete some, or let one have more types."
                raise Problem(409, "There are too many webhooks", detail, code="too_many_webhooks")
            await webhook_queries.add_secret(turn.db, id_, webhook_secrets.seal(secret, id_), overlap(NO_OVERLAP))
            row = await webhook_queries.one(turn.db, caller.reseller, id_)
        webhook_delivering.look()
        return said(shown(row) | {"secret": secret}, 201, {"Location": f"/v1/webhooks/{id_}"})

    @routes.get("", **webhooks_openapi.ALL)
    async def list_webhooks(caller: Known) -> Response:
        async with running.database.connection() as db:
            rows = await webhook_queries.all_of(db, caller.reseller)
        return said({"webhooks": [shown(row) for row in rows]})

    @routes.get("/{id}", **webhooks_openapi.ONE)
    async def show_webhook(id: UUID, caller: Known) -> Response:  # noqa: A002 - its name in the path
        async with running.database.connection() as db:
            row = await webhook_queries.one(db, caller.reseller, id)
        return said(shown(row)) if row else none(id)

    @routes.patch("/{id}", **webhooks_openapi.CHANGE)
    async def change_webhook(id: UUID, request: Request, caller: Known) -> Response:  # noqa: A002
        wanted = await bodies.read(request, WebhookChange)
        if wanted.url is not None:
            await _check(wanted.url)
        given = wanted.model_dump(exclude_none=True)
        async with running.turn() as turn:
            row = await webhook_queries.one(turn.db, caller.reseller, id, locked=True)
            if row is None:
                none(id)
            now = WebhookChange.model_construct(
                **({name: row[name] for name in ("url", "types", "description", "state")} | given)
            )
            other = await webhook_queries.by_url(turn.db, caller.reseller, now.url or "")
            if other not in (None, id):
                _taken(other, "/url")
            afresh = now.url != row.url or (now.state == "enabled" and row.state == "disabled")
            await webhook_queries.change(turn.db, caller.reseller, id, now, afresh=afresh)
            row = await webhook_queries.one(turn.db, caller.reseller, id)
        webhook_delivering.look()
        return said(shown(row))

    @routes.delete("/{id}", status_code=204, **webhooks_openapi.DELETE)
    async def delete_webhook(id: UUID, caller: Known) -> Response:  # noqa: A002
        async with running.turn() as turn:
            if not await webhook_queries.delete(turn.db, caller.reseller, id):
                none(id)
        webhook_delivering.look()
        return Response(status_code=204)

    return routes


NO_OVERLAP = SecretRotation(overlap_hours=0)


async def _check(url: str) -> None:
    try:
        await webhook_targets.check_now(url)
    except ValueError as error:
        message, _, remedy = str(error).partition(": ")
        fault = {"pointer": "/url", "message": message, "remedy": remedy}
        raise Problem(422, "The request is not valid", errors=[fault]) from None


async def _is_mine(db: Any, caller: Caller, id_: UUID, url: str) -> bool:
    """Whether it was made before by this very call; False if there is none to that URL. Raises Problem 409."""
    other = await webhook_queries.by_url(db, caller.reseller, url)
    if other is not None and other != id_:
        _taken(other, "/url")
    return other is not None


def _taken(other: UUID | None, pointer: str) -> NoReturn:
    remedy = f"change that one: PATCH /v1/webhooks/{other}"
    fault = {"pointer": pointer, "message": "you have a webhook to this URL", "remedy": remedy}
    raise Problem(409, "There is one already", errors=[fault], code="webhook_exists")
