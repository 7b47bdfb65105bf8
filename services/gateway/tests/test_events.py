"""What is told of orders can be read again: in order, without a gap, byte for byte, by its reseller alone."""

import asyncio
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway_service import event_pages, events, handlers
from gateway_service.event_queries import Wanted
from gateway_service.events_openapi import DATA
from patchbay_contracts.v1.orders import (
    ChangedService,
    OrderAmended,
    OrderBackOrdered,
    OrderDelayed,
    OrderProgressed,
    OrderStuck,
    Progress,
)

from .conftest import BOREALIS, ORDERS_ONLY, Gateway
from .posted import ndjson, order
from .telling import complete, completed, cursor, fail, garbage, names, placed, replay, tell
from .test_asyncapi import payload
from .test_batches import send

MOST = 40


async def test_what_becomes_of_orders_is_told_in_the_order_in_which_it_happened(gateway: Gateway) -> None:
    first, second = await placed(gateway), await placed(gateway, watched=True)
    now = datetime.now(UTC)
    moves = (Progress(step="customer", what="asked", at=now),)
    async with gateway.database.transaction() as db:
        delayed = OrderDelayed(order_id=first, reseller="acme", step="numbers", detail="asked again")
        await handlers.note_when_order_delayed([delayed], db)
        stuck = OrderStuck(order_id=first, reseller="acme", step="numbers", detail="no answer")
        await handlers.note_when_order_stuck([stuck], db)
        progressed = OrderProgressed(order_id=second, reseller="acme", moves=moves)
        await handlers.tell_when_order_progressed([progressed], db)
        change = ChangedService(id=uuid4(), kind="settings", added=(441214960001,))
        changed = completed(second).model_copy(update={"change": change})
        await handlers.note_when_order_completed([changed], db)
    await fail(gateway, first)
    told = (await replay(gateway))["events"]
    assert [(event["type"], event["data"]["order_id"]) for event in told] == [
        ("order.delayed", str(first)),
        ("order.stuck", str(first)),
        ("order.progressed", str(second)),
        ("order.completed", str(second)),
        ("service.changed", str(second)),
        ("order.failed", str(first)),
    ]
    for event in told:
        assert set(event) == {"id", "type", "at", "reseller", "data"}
        DATA[event["type"]].model_validate_json(json.dumps(event["data"]))
        assert payload(event["type"]).is_valid(event)
    assert told[3]["data"]["services"][0]["numbers"] == ["+441214960000"]
    assert told[3]["data"]["setup"] == [{"amount": "25.00", "currency": "GBP"}]


async def test_what_comes_late_or_belongs_to_nobody_here_is_not_told(gateway: Gateway) -> None:
    id_ = await placed(gateway)
    await fail(gateway, id_)
    await complete(gateway, id_, uuid4())
    await complete(gateway, await placed(gateway), reseller="borealis")
    assert [event["type"] for event in (await replay(gateway))["events"]] == ["order.failed"]
    assert (await replay(gateway, key=BOREALIS))["events"] == []


async def test_pages_follow_each_other_without_a_gap_and_an_empty_one_says_where_to_go_on(gateway: Gateway) -> None:
    ids = [await placed(gateway) for _ in range(5)]
    await complete(gateway, *ids[:3])
    first = await replay(gateway, limit=2)
    assert first["more"]
    rest = await replay(gateway, first["next"], limit=2)
    assert not rest["more"]
    assert (await replay(gateway, rest["next"]))["events"] == []
    await complete(gateway, *ids[3:])
    last = await replay(gateway, (await replay(gateway, rest["next"], limit=1))["next"])
    told = first["events"] + rest["events"] + last["events"]
    assert [event["data"]["order_id"] for event in told] == [str(id_) for id_ in ids[:3] + ids[4:]]


async def test_what_a_transaction_tells_that_is_still_open_holds_back_what_came_later(gateway: Gateway) -> None:
    open_one = await gateway.database.connect()
    began = open_one.transaction()
    await began.start()
    await tell(open_one, "early")
    async with gateway.database.transaction() as db:
        await tell(db, "late")
    before, place = await names(gateway)
    assert before == []
    await began.commit()
    await open_one.close()
    assert (await names(gateway, place))[0] == ["early", "late"]


async def test_a_reader_misses_nothing_and_sees_nothing_twice_while_many_write_at_once(gateway: Gateway) -> None:
    chance, done = random.Random(7), asyncio.Event()

    async def write(name: int) -> None:
        db = await gateway.database.connect()
        for turn in range(10):
            began = db.transaction()
            await began.start()
            await tell(db, f"{name}/{turn}")
            for _ in range(chance.randrange(4)):
                await db.execute("SELECT 1")
            await tell(db, f"{name}/{turn}b")
            await (began.rollback() if chance.random() < 0.2 else began.commit())
        await db.close()

    async def follow() -> list[str]:
        found, place, last = [], "", False
        while True:
            more, place = await names(gateway, place)
            found += more
            if last and not more:
                return found
            last = done.is_set()

    following = asyncio.create_task(follow())
    await asyncio.gather(*map(write, range(6)))
    done.set()
    async with asyncio.timeout(MOST):
        found = await following
    committed = await gateway.rows("SELECT convert_from(body, 'UTF8')::json #>> '{data,reason}' FROM event_log")
    assert sorted(found) == sorted(name for (name,) in committed)
    for name in range(6):
        mine = [one for one in found if one.startswith(f"{name}/")]
        assert mine == sorted(mine, key=lambda one: (int(one.split("/")[1].rstrip("b")), one.endswith("b")))


async def test_events_are_found_by_type_order_and_batch(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [await placed(gateway) for _ in range(4)]
    await complete(gateway, *ids[:3])
    await fail(gateway, ids[3])
    batch = uuid4()
    await gateway.do("UPDATE event_log SET batch_id = $1 WHERE order_id = ANY($2)", batch, ids[1:3])
    for query, found in (
        ({"types": "order.failed"}, ids[3:]),
        ({"types": "order.failed, order.completed"}, ids),
        ({"order": ids[1]}, ids[1:2]),
        ({"batch": batch}, ids[1:3]),
        ({"batch": uuid4()}, []),
        ({"order": ids[1], "types": "order.failed"}, []),
    ):
        told = (await replay(gateway, **query))["events"]
        assert [event["data"]["order_id"] for event in told] == [str(id_) for id_ in found], query
    assert (await replay(gateway, key=BOREALIS, order=ids[0]))["events"] == []
    assert (await replay(gateway, key=BOREALIS, batch=batch))["events"] == []
    # Where what is wanted is rare, pages come empty rather than late.
    monkeypatch.setattr(events, "MOST_LOOKED_AT", 2)
    empty = await replay(gateway, types="order.failed")
    assert (empty["events"], empty["more"]) == ([], True)
    assert len((await replay(gateway, empty["next"], types="order.failed"))["events"]) == 1


async def test_whoever_asks_for_a_batch_is_told_each_step_of_its_orders(gateway: Gateway) -> None:
    batch, at = str(uuid4()), datetime.now(UTC)
    first, _second = [UUID(one["id"]) for one in await send(gateway, batch, ndjson(order(watched=True), order()))]
    moved = Progress(step="customer", what="asked", at=at)
    async with gateway.database.transaction() as db:
        of: dict[str, Any] = {"order_id": first, "reseller": "acme"}
        lack = {"line": 0, "reason": "too_few", "detail": "gone", "step": "numbers", "waiting": (0,), "until": at}
        await handlers.tell_when_order_progressed([OrderProgressed(**of, moves=(moved,))], db)
        await handlers.note_when_order_waits_for_numbers([OrderBackOrdered.model_validate(of | lack)], db)
        await handlers.note_when_order_amended([OrderAmended(**of, id=uuid4())], db)
    await fail(gateway, first)
    await fail(gateway, await placed(gateway))
    told = (await replay(gateway, batch=batch))["events"]
    assert [event["type"] for event in told] == [
        "order.progressed", "order.back_ordered", "order.amended", "order.failed",
    ]  # fmt: skip


async def test_a_page_is_cut_where_it_would_be_too_large(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    await complete(gateway, *[await placed(gateway) for _ in range(3)])
    monkeypatch.setattr(events, "MOST_BYTES", 10)
    page = await replay(gateway)
    assert (len(page["events"]), page["more"]) == (1, True)


async def test_events_are_told_byte_for_byte_as_they_are_kept(gateway: Gateway) -> None:
    await complete(gateway, await placed(gateway))
    ((body,),) = await gateway.rows("SELECT body FROM event_log")
    assert body in (await gateway.client.get("/v1/events")).content
    async with gateway.database.connection() as db:
        assert [told.body for told in (await events.page(db, Wanted("acme"), None, 10)).told] == [body]


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ({"after": cursor(datetime.now(UTC) - timedelta(days=31))}, 410, "leave it out"),
        ({"after": cursor(datetime.now(UTC) - timedelta(days=29))}, 200, ""),
        ({"after": "nonsense"}, 422, "take it from `next`"),
        ({"after": garbage(b"\xff" * 20)}, 200, ""),
        ({"after": "!\u20ac\u0000"}, 422, ""),
        ({"limit": "0"}, 422, "limit"),
        ({"types": "order.eaten"}, 422, "order.completed"),
        ({"order": "7"}, 422, "order"),
    ],
)
async def test_what_is_asked_wrongly_is_told_what_to_do(
    gateway: Gateway, query: dict[str, str], status: int, says: str
) -> None:
    answer = await gateway.client.get("/v1/events", params=query)
    assert (answer.status_code, says in answer.text) == (status, True), answer.text


async def test_events_need_a_key_for_events(gateway: Gateway) -> None:
    answer = await gateway.client.get("/v1/events", headers={"X-API-Key": ORDERS_ONLY})
    assert answer.status_code == 403


async def test_old_days_are_dropped_and_coming_ones_are_made(fragile: Gateway) -> None:
    old = datetime.now(UTC) - timedelta(days=32)
    async with fragile.database.transaction() as db:
        await db.execute(event_pages._partition("event_log", old))
        await db.execute("DROP TABLE event_log_" + f"{datetime.now(UTC) + timedelta(days=2):%Y%m%d}")
        await handlers.turn_the_pages_of_events(db)
    days = [name for (name,) in await fragile.rows(event_pages._PARTITIONS, "event_log")]
    assert f"event_log_{old:%Y%m%d}" not in days
    assert {f"event_log_{datetime.now(UTC) + timedelta(days=ahead):%Y%m%d}" for ahead in range(4)} <= set(days)


async def test_after_a_restore_into_another_server_new_events_come_after_the_old(fragile: Gateway) -> None:
    async with fragile.database.transaction() as db:
        await tell(db, "old")
        await db.execute("UPDATE event_log SET turn = turn + 1000000")
    assert (await names(fragile))[0] == []
    async with fragile.database.transaction() as db:
        await handlers.turn_the_pages_of_events(db)
    async with fragile.database.transaction() as db:
        await handlers.turn_the_pages_of_events(db)
        await tell(db, "new")
    assert (await names(fragile))[0] == ["old", "new"]
