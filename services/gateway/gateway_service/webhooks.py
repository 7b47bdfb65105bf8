"""Looking after webhooks, for the API and for administrators' pages."""

from datetime import UTC, datetime
from typing import Any, NoReturn
from uuid import UUID

import orjson

from gateway_service import etags, event_queries, webhook_delivering, webhook_queries, webhook_secrets, webhook_targets
from gateway_service.settings import settings
from gateway_service.webhook_sending import Outcome, Sender
from gateway_service.webhooks_bodies import NewWebhook, SecretRotation, WebhookChange, none, overlap, tag, test_event
from patchbay_chassis.database import Connection, Database
from patchbay_chassis.envelope import mint
from patchbay_chassis.problems import Problem, invalid_at
from patchbay_chassis.service import Running

MOST_SECRETS = 5
NO_OVERLAP = SecretRotation(overlap_hours=0)


async def create(running: Running, reseller: str, id_: UUID, wanted: NewWebhook) -> tuple[Any, str]:
    """A new one and its secret. Raises Problem 409 and 422."""
    await _check(wanted.url)
    secret = webhook_secrets.made()
    async with running.turn() as turn:
        end = await event_queries.settled(turn.db)
        if not await webhook_queries.add(
            turn.db, reseller, id_, wanted, end, settings().most_webhooks
        ) and not await _is_mine(turn.db, reseller, id_, wanted.url):
            detail = f"You have {settings().most_webhooks} webhooks: delete some, or let one have more types."
            raise Problem(409, "There are too many webhooks", detail, code="too_many_webhooks")
        await webhook_queries.add_secret(turn.db, id_, webhook_secrets.seal(secret, id_), overlap(NO_OVERLAP))
        row = await webhook_queries.one(turn.db, reseller, id_)
    webhook_delivering.look()
    return row, secret


async def change(running: Running, reseller: str, id_: UUID, wanted: WebhookChange, seen: str | None = None) -> Any:
    """It as it is then: what is given is changed. Raises Problem 404, 409, 412 where it is not as it was `seen`, and
    422."""
    if wanted.url is not None:
        await _check(wanted.url)
    given = wanted.model_dump(exclude_none=True)
    async with running.turn() as turn:
        row = await webhook_queries.one(turn.db, reseller, id_, locked=True)
        if row is None:
            none(id_)
        etags.check(tag(row), seen)
        now = WebhookChange.model_construct(
            **({name: row[name] for name in ("url", "types", "description", "state")} | given)
        )
        other = await webhook_queries.by_url(turn.db, reseller, now.url or "")
        if other not in (None, id_):
            _taken(other, "/url")
        afresh = now.url != row.url or (now.state == "enabled" and row.state == "disabled")
        await webhook_queries.change(turn.db, reseller, id_, now, afresh=afresh)
        row = await webhook_queries.one(turn.db, reseller, id_)
    webhook_delivering.look()
    return row


async def delete(running: Running, reseller: str, id_: UUID, seen: str | None = None) -> None:
    """Send it nothing any more. Raises Problem 404, and 412 where it is not as it was `seen`."""
    async with running.turn() as turn:
        row = await webhook_queries.one(turn.db, reseller, id_, locked=True)
        if row is None:
            none(id_)
        etags.check(tag(row), seen)
        await webhook_queries.delete(turn.db, reseller, id_)
    webhook_delivering.look()


async def rotate(
    running: Running, reseller: str, id_: UUID, rotation: SecretRotation, seen: str | None = None
) -> tuple[Any, str]:
    """It and its new secret; the one before signs beside it for a while. Raises Problem 404, 409, and 412 where it is
    not as it was `seen`."""
    secret = webhook_secrets.made()
    async with running.turn() as turn:
        row = await webhook_queries.one(turn.db, reseller, id_, locked=True)
        if row is None:
            none(id_)
        etags.check(tag(row), seen)
        sealed = webhook_secrets.seal(secret, id_)
        if await webhook_queries.add_secret(turn.db, id_, sealed, overlap(rotation)) > MOST_SECRETS:
            detail = f"{MOST_SECRETS} secrets sign by now: wait until one of them ends, or rotate without overlap."
            raise Problem(409, "There are too many secrets", detail, code="too_many_secrets")
        row = await webhook_queries.one(turn.db, reseller, id_)
    webhook_delivering.look()
    return row, secret


async def test(database: Database, sender: Sender, reseller: str, id_: UUID) -> tuple[UUID, Outcome]:
    """Send it a test event now: its id, and what came back. Raises Problem 404."""
    async with database.connection() as db:
        row = await webhook_queries.one(db, reseller, id_)
        if row is None:
            none(id_)
        sealed = await webhook_queries.secrets(db, [id_])
    found = (webhook_secrets.unseal(one.sealed, id_) for one in sealed)
    secrets, event = [secret for secret in found if secret is not None], mint()
    body = orjson.dumps(test_event(event, id_, datetime.now(UTC)) | {"reseller": reseller}, option=orjson.OPT_UTC_Z)
    return event, await sender.send(row.url, secrets, str(event), body)


async def redeliver(running: Running, reseller: str, id_: UUID, event: UUID) -> None:
    """Deliver that event once more, soon. Raises Problem 404 and 409."""
    async with running.turn() as turn:
        await check_enabled(turn.db, reseller, id_)
        if not await webhook_queries.redeliver(turn.db, id_, event):
            detail = f"Event {event} was never delivered to this webhook, or is not kept any more."
            raise Problem(404, "No such delivery", detail, code="no_such_delivery")
    webhook_delivering.look()


async def check_enabled(db: Connection, reseller: str, id_: UUID) -> None:
    """Raises Problem 404, and 409 for one to which nothing is sent."""
    row = await webhook_queries.one(db, reseller, id_)
    if row is None:
        none(id_)
    if row.state == "disabled":
        detail = f'Enable it first: PATCH /v1/webhooks/{id_} with {{"state": "enabled"}}. It then gets what it missed.'
        raise Problem(409, "The webhook is disabled", detail, code="webhook_disabled")


async def _check(url: str) -> None:
    try:
        await webhook_targets.check_now(url)
    except ValueError as error:
        message, _, remedy = str(error).partition(": ")
        raise invalid_at("/url", message, remedy) from None


async def _is_mine(db: Connection, reseller: str, id_: UUID, url: str) -> bool:
    """Whether it was made before by this very call; False if there is none to that URL. Raises Problem 409."""
    other = await webhook_queries.by_url(db, reseller, url)
    if other is not None and other != id_:
        _taken(other, "/url")
    return other is not None


def _taken(other: UUID | None, pointer: str) -> NoReturn:
    remedy = f"change that one: PATCH /v1/webhooks/{other}"
    fault = {"pointer": pointer, "message": "you have a webhook to this URL", "remedy": remedy}
    raise Problem(409, "There is one already", errors=[fault], code="webhook_exists")
