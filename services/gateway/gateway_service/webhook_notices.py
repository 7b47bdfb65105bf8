"""Whose webhook was disabled is written to: its address is asked for outside the transaction that disables, as often as
it takes, and the notifier is told once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from gateway_service.settings import settings
from gateway_service.upstream import Upstream
from patchbay_chassis.database import Connection
from patchbay_chassis.errand import Errand, Jobs
from patchbay_chassis.log import log
from patchbay_chassis.problems import Problem
from patchbay_chassis.service import Running
from patchbay_contracts.customers import ResellerRecord, ResellersFound, ResellersGet
from patchbay_contracts.message import Message
from patchbay_contracts.v1.notifier import TellWebhookDisabled
from patchbay_contracts.words import Organisation

LOOK = timedelta(seconds=5)
LEASE = timedelta(minutes=1)
"""After which an address that could not be had is asked for again."""

_NOTE = """
    INSERT INTO webhook_notice (event_id, webhook_id, reseller, url, reason, at) VALUES ($1, $2, $3, $4, $5, $6)"""
_TAKE = """
    UPDATE webhook_notice SET due = now() + $2::interval WHERE event_id IN (
        SELECT event_id FROM webhook_notice WHERE due <= now() ORDER BY due LIMIT $1 FOR UPDATE SKIP LOCKED)
    RETURNING event_id, webhook_id, reseller, url, reason, at"""
_DONE = "DELETE FROM webhook_notice WHERE event_id = ANY($1::uuid[]) RETURNING event_id"


class Notice(NamedTuple):
    """That a webhook was disabled, by the event that says so."""

    event_id: UUID
    webhook_id: UUID
    reseller: str
    url: str
    reason: str
    at: datetime


Answer = tuple[Notice, ResellerRecord | None]
"""None: there is nobody to write to."""


async def note(db: Connection, notice: Notice) -> None:
    """Its reseller is to be told, if this transaction is committed."""
    await db.execute(_NOTE, *notice)


async def notices(running: Running) -> None:
    """Tell resellers, until the process ends."""
    async with Upstream(settings()) as upstream:
        await errand(upstream).work(running.database, running.turns)


def errand(upstream: Upstream) -> Errand[Notice, Answer]:
    """From what was noted to what the notifier is told."""

    async def run(jobs: Sequence[Notice]) -> Sequence[Answer]:
        try:
            known = await _resellers(upstream, {one.reseller for one in jobs})
        except Problem as problem:
            log.warning("webhooks.notice_delayed", notices=len(jobs), error=str(problem))
            return ()
        return [(one, known.get(one.reseller)) for one in jobs]

    return Errand("notices", Jobs[Notice](LOOK), _take, run, _record)


async def _resellers(upstream: Upstream, ids: set[str]) -> Mapping[str, ResellerRecord]:
    answer = await upstream.ask("customer", "/resellers/get", ResellersGet(ids=tuple(sorted(ids))))
    return {one.id: one for one in ResellersFound.model_validate_json(answer).resellers}


async def _take(db: Connection, most: int) -> Sequence[Notice]:
    return [Notice(*row) for row in await db.fetch(_TAKE, most, LEASE)]


async def _record(answers: Sequence[Answer], db: Connection) -> Sequence[Message]:
    for notice, to in answers:
        if to is None:
            log.warning("webhooks.notice_to_nobody", reseller=notice.reseller, webhook_id=str(notice.webhook_id))
    mine = {row.event_id for row in await db.fetch(_DONE, [notice.event_id for notice, _ in answers])}
    return [_message(notice, to) for notice, to in answers if to is not None and notice.event_id in mine]


def _message(notice: Notice, to: ResellerRecord) -> TellWebhookDisabled:
    return TellWebhookDisabled(
        reseller=notice.reseller,
        event_id=notice.event_id,
        webhook_id=notice.webhook_id,
        url=notice.url,
        reason=notice.reason,
        disabled_at=notice.at,
        to=Organisation(kind="reseller", name=to.name, email=to.email),
    )
