"""Hubs of the TM Forum: whoever registers a callback is told what happens, by a webhook that all hubs of it share."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from gateway_service import event_queries, webhook_delivering, webhook_queries, webhook_secrets, webhook_targets
from gateway_service.settings import settings
from gateway_service.tmf import events, hub_queries, told_queries
from gateway_service.tmf.errors import in_use, refused, unknown
from gateway_service.tmf.events import PREFIX, Api
from gateway_service.tmf.orders_in import id_of
from gateway_service.tmf.sent import Hub, read
from gateway_service.webhooks_bodies import MOST_URL, NewWebhook, WebhookChange
from patchbay_chassis.database import Connection
from patchbay_chassis.envelope import mint
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running

NO_OVERLAP = timedelta(0)
MADE_BY_HUBS = "TM Forum hubs"
MOST_QUERY = 2_000


async def register(running: Running, reseller: str, api: Api, document: dict[str, Any], id_: UUID) -> dict[str, Any]:
    """Tell a callback of what happens from now on. Raises Problem 400, 409 and 422."""
    asked = read(Hub, document)
    callback, query = asked.callback, asked.query or ""
    if not callback or len(callback) > MOST_URL:
        raise refused("/callback", "it does not say where to", "give the callback as https://host/path")
    types = _types(api, query)
    try:
        await webhook_targets.check_now(callback)
    except ValueError as error:
        message, _, remedy = str(error).partition(": ")
        raise refused("/callback", message, remedy) from None
    async with running.turn() as turn:
        await hub_queries.lock(turn.db, reseller)
        for hub in await hub_queries.of_callback(turn.db, reseller, callback):
            if (hub.api, set(hub.types)) == (api, set(types)) and hub.id != id_:
                raise in_use("That callback listens to these events already", f"delete the hub {hub.id} first")
        await hub_queries.add(turn.db, reseller, id_, (api, callback, query, types))
        await told_queries.level(turn.db, reseller, await event_queries.settled(turn.db))
        await _level(turn.db, reseller, callback)
    webhook_delivering.look()
    return shown(id_, callback, query)


def _types(api: Api, query: str) -> tuple[str, ...]:
    """The events that a query asks for; all of the API's without one. Raises Problem 400 and 422."""
    known = events.types(api)
    if len(query) > MOST_QUERY:
        raise refused("/query", "not a query", "write such as eventType=ServiceOrderStateChangeEvent, or leave it out")
    given = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
    if any(name != "eventType" for name, _ in given):
        raise refused("/query", "events are chosen by eventType alone", "leave the rest out, and look at what comes")
    wanted = tuple(dict.fromkeys(one.strip() for _, value in given for one in value.split(",")))
    for one in wanted:
        if one not in known:
            raise refused("/query", f"there is no event {one[:60]!r} here", f"choose among {', '.join(known)}")
    return wanted or known


async def _level(db: Connection, reseller: str, callback: str) -> None:
    """Let the callback's webhook tell what its hubs want, and be there as long as there is one."""
    hubs = await hub_queries.of_callback(db, reseller, callback)
    types = sorted({PREFIX + one for hub in hubs for one in hub.types})
    there = await webhook_queries.by_url(db, reseller, callback)
    row = None if there is None else await webhook_queries.one(db, reseller, there, locked=True)
    if row is not None and row.description != MADE_BY_HUBS:
        detail = f"Your webhook {row.id} sends there already: delete it, or give another callback."
        raise Problem(409, "There is a webhook to that URL", detail)
    if row is None and types:
        made = NewWebhook.model_construct(url=callback, types=tuple(types), description=MADE_BY_HUBS)
        id_, end = mint(), await event_queries.settled(db)
        if not await webhook_queries.add(db, reseller, id_, made, end, settings().most_webhooks):
            detail = f"You have {settings().most_webhooks} webhooks and hubs: delete some."
            raise Problem(409, "There are too many webhooks", detail)
        await webhook_queries.add_secret(db, id_, webhook_secrets.seal(webhook_secrets.made(), id_), NO_OVERLAP)
    elif row is not None and types:
        now = WebhookChange.model_construct(url=callback, types=tuple(types), description=MADE_BY_HUBS, state="enabled")
        await webhook_queries.change(db, reseller, row.id, now, afresh=row.state == "disabled")
    elif row is not None:
        await webhook_queries.delete(db, reseller, row.id)


async def listed(running: Running, reseller: str, api: Api) -> list[dict[str, Any]]:
    """All hubs of an API."""
    async with running.database.connection() as db:
        rows = await hub_queries.of_api(db, reseller, api)
    return [shown(row.id, row.callback, row.query) for row in rows]


async def one(running: Running, reseller: str, api: Api, id_: str) -> dict[str, Any]:
    """A hub. Raises Problem 404."""
    known = id_of(id_)
    async with running.database.connection() as db:
        row = None if known is None else await hub_queries.one(db, reseller, api, known)
    if row is None:
        raise unknown("hub", id_)
    return shown(row.id, row.callback, row.query)


async def remove(running: Running, reseller: str, api: Api, id_: str) -> None:
    """Tell it no more. Raises Problem 404."""
    known = id_of(id_)
    async with running.turn() as turn:
        await hub_queries.lock(turn.db, reseller)
        row = None if known is None else await hub_queries.one(turn.db, reseller, api, known)
        if row is None:
            raise unknown("hub", id_)
        await hub_queries.delete(turn.db, reseller, api, row.id)
        await told_queries.level(turn.db, reseller, await event_queries.settled(turn.db))
        await _level(turn.db, reseller, row.callback)
    webhook_delivering.look()


def shown(id_: UUID, callback: str, query: str) -> dict[str, Any]:
    """An EventSubscription."""
    return {"id": str(id_), "callback": callback} | ({"query": query} if query else {})
