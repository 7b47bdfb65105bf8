"""Orders that are shown wrong are put right beside the events that come meanwhile: the newer one stays, told once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest_asyncio

from gateway_service import event_bodies, queries, rebuild_queries, rebuilding
from patchbay_chassis.database import Connection, Database
from patchbay_chassis.testing import eventually
from patchbay_contracts.standing import OrderStanding
from patchbay_contracts.v1.orders import OrderCompleted

from .test_handlers import accepted, completed, delayed

KEEP = timedelta(days=30)
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def known(event: OrderCompleted) -> OrderStanding:
    said = event.model_dump_json(exclude={"recipients"})
    now = datetime.now(UTC)
    return OrderStanding(order_id=event.order_id, reseller="acme", standing="completed", at=now, event=said)


async def look(db: Connection, id_: UUID) -> Any:
    (row,) = await rebuild_queries.these(db, [("acme", id_)])
    return row


async def note_completed(db: Connection, event: OrderCompleted) -> int:
    told = [event_bodies.completed(event, datetime.now(UTC))]
    return await queries.note(db, "completed", [event], told, ended=True)


async def told(db: Connection, id_: UUID) -> list[str]:
    return [row.type for row in await db.fetch("SELECT type FROM event_log WHERE order_id = $1", id_)]


@pytest_asyncio.fixture
async def order(database: Database) -> UUID:
    async with database.transaction() as db:
        return await accepted(db)


async def somebody_waits(database: Database) -> None:
    async def waits() -> bool:
        async with database.connection() as db:
            return bool(await db.fetchval(WAITING))

    await eventually(waits)


async def test_what_an_event_says_meanwhile_is_newer(database: Database, order: UUID) -> None:
    event = completed(order)
    async with database.connection() as db:
        truth = rebuilding.truth(await look(db, order), known(completed(order)), KEEP)
    async with database.connection() as mending:
        async with database.transaction() as live:
            await note_completed(live, event)
            mend = asyncio.create_task(rebuild_queries.mend(mending, [truth]))
            await somebody_waits(database)
        assert await mend == (set(), 0)
        assert (await look(mending, order)).customer_id == event.customer_id
        assert await told(mending, order) == ["order.completed"]


async def test_an_end_that_was_put_right_is_told_and_its_event_is_passed_over(database: Database, order: UUID) -> None:
    event = completed(order)
    async with database.connection() as live:
        async with database.transaction() as db:
            row = await look(db, order)
            assert not rebuilding.is_right(row, known(event))
            assert await rebuild_queries.mend(db, [rebuilding.truth(row, known(event), KEEP)]) == ({order}, 1)
            note = asyncio.create_task(note_completed(live, event))
            await somebody_waits(database)
        assert await note == 0
        assert await told(live, order) == ["order.completed"]
        assert rebuilding.is_right(await look(live, order), known(event))


async def test_an_end_that_was_told_is_not_told_again(db: Connection) -> None:
    id_ = await accepted(db)
    event = completed(id_)
    await note_completed(db, event)
    await db.execute("UPDATE orders SET state = 'accepted', event = NULL, ended_at = NULL")
    row = await look(db, id_)
    assert await rebuild_queries.mend(db, [rebuilding.truth(row, known(event), KEEP)]) == ({id_}, 0)
    assert await told(db, id_) == ["order.completed"]
    assert rebuilding.is_right(await look(db, id_), known(event))


async def test_an_end_of_long_ago_is_not_news(db: Connection) -> None:
    id_ = await accepted(db)
    long_ago = known(completed(id_)).model_copy(update={"at": datetime.now(UTC) - KEEP})
    assert await rebuild_queries.mend(db, [rebuilding.truth(await look(db, id_), long_ago, KEEP)]) == ({id_}, 0)
    assert (await look(db, id_)).ended_at == long_ago.at


async def test_a_delay_goes_on_without_being_wrong(db: Connection) -> None:
    id_ = await accepted(db)
    event = delayed(id_)
    await queries.note(db, "delayed", [event], [event_bodies.delayed(event, datetime.now(UTC))], ended=False)
    later = event.model_copy(update={"detail": "asked again, and again"}).model_dump_json()
    now = datetime.now(UTC)
    stands = OrderStanding(order_id=id_, reseller="acme", standing="delayed", at=now, event=later)
    assert rebuilding.is_right(await look(db, id_), stands)
