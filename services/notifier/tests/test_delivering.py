"""The errand: mails are taken with a lease, sent, and what became of them stands in the delivery log."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from notifier_service import queries
from notifier_service.handlers import deliver_mails
from notifier_service.model import Mail
from notifier_service.settings import Settings, settings
from notifier_service.smtp import Delivery, send
from patchbay_chassis.database import Connection, Database

from .conftest import Relay
from .ended import mail

ADA, BOB = "ada@example.com", "bob@example.com"
LEASE = timedelta(minutes=2)


@pytest.fixture(autouse=True)
def environment(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PATCHBAY_SMTP", relay.settings.smtp)
    monkeypatch.setenv("PATCHBAY_MAILS_PER_S", "0")
    settings.cache_clear()
    yield
    settings.cache_clear()


async def round_of(db: Connection) -> list[Delivery]:
    """One round of the errand."""
    mails = await deliver_mails.take(db, deliver_mails.most)
    results = await deliver_mails.run(mails)
    assert await deliver_mails.record(results, db) == []
    return list(results)


async def states(db: Connection) -> dict[str, tuple[str, int]]:
    rows = await db.fetch("SELECT recipient, state, tries FROM mail")
    return {row.recipient: (row.state, row.tries) for row in rows}


async def logged(db: Connection) -> list[tuple[str, str, str]]:
    rows = await db.fetch("SELECT recipient, outcome, reply FROM delivery ORDER BY recipient, at, outcome")
    return [(row.recipient, row.outcome, row.reply) for row in rows]


async def test_what_is_sent_is_logged_and_not_taken_again(relay: Relay, db: Connection) -> None:
    await queries.queue(db, [mail(ADA), mail(BOB)])
    assert len(await round_of(db)) == 2
    assert await states(db) == {ADA: ("sent", 1), BOB: ("sent", 1)}
    assert await logged(db) == [(ADA, "sent", "kept"), (BOB, "sent", "kept")]
    assert await round_of(db) == []
    assert relay.recipients == [ADA, BOB]


async def test_a_mail_travels_through_the_database_as_it_was(db: Connection) -> None:
    await queries.queue(db, [asked := mail(ADA, name="Ädä", tries=0)])
    (taken,) = await queries.take(db, 10, LEASE)
    assert taken == Mail(**(vars(asked) | {"tries": 1, "asked_at": taken.asked_at}))
    assert taken.asked_at is not None


async def test_a_delayed_mail_waits_for_its_time_and_is_sent_then(relay: Relay, db: Connection) -> None:
    relay.recipient_answers[ADA] = "450 busy"
    await queries.queue(db, [mail(ADA)])
    await round_of(db)
    assert await states(db) == {ADA: ("queued", 1)}
    assert await round_of(db) == []
    relay.recipient_answers.clear()
    await db.execute("UPDATE mail SET due = now()")
    await round_of(db)
    assert await states(db) == {ADA: ("sent", 2)}
    assert sorted(outcome for _, outcome, _ in await logged(db)) == ["delayed", "sent"]


async def test_a_mail_that_failed_is_over(relay: Relay, db: Connection) -> None:
    relay.recipient_answers[ADA] = "550 no such user"
    await queries.queue(db, [mail(ADA)])
    await round_of(db)
    await db.execute("UPDATE mail SET due = now()")
    assert await round_of(db) == []
    assert await logged(db) == [(ADA, "failed", "550 no such user")]


async def test_a_mail_in_hand_is_nobody_elses_until_its_lease_ends(db: Connection) -> None:
    await queries.queue(db, [mail(ADA)])
    assert len(await queries.take(db, 10, LEASE)) == 1
    assert await queries.take(db, 10, LEASE) == []
    await db.execute("UPDATE mail SET due = due - interval '2 minutes'")  # its replica died, and time passed
    assert [one.tries for one in await queries.take(db, 10, LEASE)] == [2]


@pytest.mark.parametrize(("pace", "taken"), [(0, 200), (0.01, 1), (1, 30), (200, 200)])
def test_no_more_mails_are_taken_than_the_pace_lets_through_within_the_lease(pace: float, taken: int) -> None:
    assert Settings(mails_per_s=pace, mail_lease=LEASE).mails_at_once(200) == taken


async def test_replicas_take_different_mails_at_the_same_time(database: Database) -> None:
    async with database.transaction() as db:
        await queries.queue(db, [mail(f"{n}@example.com") for n in range(10)])
    async with database.transaction() as one, database.transaction() as other:
        first, second = await queries.take(one, 6, LEASE), await queries.take(other, 6, LEASE)
    assert (len(first), len(second)) == (6, 4)
    assert not {m.recipient for m in first} & {m.recipient for m in second}


async def test_a_late_result_does_not_undo_what_another_replica_achieved(relay: Relay, db: Connection) -> None:
    await queries.queue(db, [mail(ADA)])
    (taken,) = await queries.take(db, 10, LEASE)
    await queries.record(db, await send([taken], relay.settings))
    await queries.record(db, [Delivery(taken, "delayed", "timeout", timedelta(seconds=1))])
    assert await states(db) == {ADA: ("sent", 1)}


@pytest.mark.parametrize("reply", ["\0", "\udcff\udcfe", "ü" * 10_000, ""])
async def test_whatever_a_relay_replies_can_be_logged(db: Connection, reply: str) -> None:
    await queries.queue(db, [mail(ADA)])
    (taken,) = await queries.take(db, 10, LEASE)
    await queries.record(db, [Delivery(taken, "sent", reply)])
    ((_, outcome, kept),) = await logged(db)
    assert outcome == "sent"
    assert len(kept) <= 500
