"""Mails are kept for their time, what their attachments are made from for a shorter one, and nothing that is still to
be sent is forgotten."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from notifier_service import asked, handlers
from notifier_service.model import asked_for
from notifier_service.settings import settings
from patchbay_chassis.database import Connection
from patchbay_chassis.envelope import earliest_id
from patchbay_chassis.problems import Problem
from patchbay_contracts.mails import MailKey, SendAgain

from .wanted import send, wanted

FACTS, MAILS = settings().keep_facts, settings().keep_mails
DAY = timedelta(days=1)
ORDER = UUID(int=earliest_id(datetime(2020, 1, 1, tzinfo=UTC)).int | 1)
"""One of long ago."""


async def mail(db: Connection, age: timedelta, state: str = "sent", again: timedelta | None = None) -> None:
    """One that was asked for so long ago, with a try; sent again since, if that is given."""
    await asked.queue(db, [*asked_for(send(wanted(f"{uuid4()}@example.com"), order_id=ORDER))])
    key = await db.fetchval("SELECT recipient FROM mail ORDER BY asked_at DESC, recipient LIMIT 1")
    await db.execute(
        "UPDATE mail SET asked_at = now() - $2::interval, again_at = now() - $3::interval, state = $4"
        " WHERE recipient = $1",
        key, age, again, state,
    )  # fmt: skip
    await db.execute(
        "INSERT INTO delivery (order_id, recipient, outcome, reply, purpose) VALUES ($1, $2, 'sent', '', $3)",
        ORDER, key, "service_created",
    )  # fmt: skip


async def left(db: Connection) -> tuple[int, int, int]:
    """Mails, tries, and what attachments are made from."""
    mails, tries, facts = [await db.fetchval(f"SELECT count(*) FROM {t}") for t in ("mail", "delivery", "mail_facts")]
    return mails, tries, facts


@pytest.mark.parametrize(
    ("age", "state", "again", "kept"),
    [
        (FACTS - DAY, "sent", None, (1, 1, 1)),
        (FACTS + DAY, "sent", None, (1, 1, 0)),
        (FACTS + DAY, "failed", None, (1, 1, 0)),
        (FACTS + DAY, "queued", None, (1, 1, 1)),
        (FACTS + DAY, "sent", DAY, (1, 1, 1)),
        (MAILS - DAY, "sent", None, (1, 1, 0)),
        (MAILS + DAY, "sent", None, (0, 0, 0)),
        (MAILS + DAY, "queued", None, (1, 1, 1)),
    ],
)
async def test_what_is_old_is_forgotten_unless_it_is_to_be_sent(
    db: Connection, age: timedelta, state: str, again: timedelta | None, kept: tuple[int, int, int]
) -> None:
    await mail(db, age, state, again)
    assert await handlers.forget_old_mails(db) == []
    assert await left(db) == kept


async def test_a_mail_is_not_sent_again_without_its_attachments(db: Connection) -> None:
    await mail(db, FACTS + DAY)
    await handlers.forget_old_mails(db)
    recipient = await db.fetchval("SELECT recipient FROM mail")
    key = MailKey(order_id=ORDER, recipient=recipient, purpose="service_created")
    with pytest.raises(Problem) as refused:
        await asked.send_again(db, SendAgain(resellers=("acme",), key=key, request=uuid4(), by="anna", why="lost"))
    assert (refused.value.status, "PATCHBAY_KEEP_FACTS" in str(refused.value.body["detail"])) == (409, True)
