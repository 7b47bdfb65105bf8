"""An order that is watched is followed move by move, from where its caller left off, until it has ended."""

import asyncio
import json
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from gateway_service import progress
from gateway_service.handlers import note_when_order_failed, tell_when_order_progressed
from gateway_service.progress import Watching
from patchbay_contracts.v1.orders import OrderFailed, OrderProgressed, Progress

from .conftest import BOREALIS, Gateway
from .posted import order

LIMIT = 20


async def placed(gateway: Gateway, *, watched: bool = True) -> UUID:
    return UUID((await gateway.client.post("/v1/orders", json=order(watched=watched))).json()["id"])


async def moves(gateway: Gateway, id_: UUID, *steps: tuple[str, str], reseller: str = "acme") -> None:
    moved = [Progress.model_validate({"step": step, "what": what, "at": datetime.now(UTC)}) for step, what in steps]
    async with gateway.database.transaction() as db:
        await tell_when_order_progressed([OrderProgressed(order_id=id_, reseller=reseller, moves=tuple(moved))], db)


async def ends(gateway: Gateway, id_: UUID) -> None:
    why = {"step": "billing", "reason": "no_price", "detail": "ask for one"}
    failed = OrderFailed(order_id=id_, reseller="acme", watched=True, **why)
    async with gateway.database.transaction() as db:
        await note_when_order_failed([failed], db)


def read(event: bytes) -> tuple[str, str, dict[str, object]]:
    fields = dict(line.split(": ", 1) for line in event.decode().strip().split("\n"))
    return fields["id"], fields["event"], json.loads(fields["data"])


async def test_moves_come_while_the_order_is_under_way_and_then_its_end(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without waiting for a heartbeat, also where the last move and the end are handled one after the other."""
    monkeypatch.setattr(progress, "HEARTBEAT", 10 * LIMIT)
    id_, watching = await placed(gateway), Watching(gateway.database)
    events = await watching.events("acme", id_)
    coming = asyncio.ensure_future(anext(events))
    async with asyncio.timeout(LIMIT):
        await moves(gateway, id_, ("customer", "asked"))
        _, kind, told = read(await coming)
        assert (kind, told["step"], told["what"]) == ("moved", "customer", "asked")
        await moves(gateway, id_, ("billing", "refused"))
        assert read(await anext(events))[2]["what"] == "refused"
        coming = asyncio.ensure_future(anext(events))
        await ends(gateway, id_)
        _, kind, told = read(await coming)
        assert (kind, told["state"]) == ("ended", "failed")
        assert [event async for event in events] == []
    await watching.close()


async def test_the_end_of_an_order_that_nobody_said_to_watch_is_told_soon(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "HEARTBEAT", 10 * LIMIT)
    monkeypatch.setattr(progress, "LOOK", 0.05)
    id_, watching = await placed(gateway, watched=False), Watching(gateway.database)
    events = await watching.events("acme", id_)
    coming = asyncio.ensure_future(anext(events))
    failed = OrderFailed(order_id=id_, reseller="acme", step="billing", reason="no_price", detail="ask for one")
    async with gateway.database.transaction() as db:
        await note_when_order_failed([failed], db)
    async with asyncio.timeout(LIMIT):
        assert read(await coming)[1] == "ended"
    await watching.close()


async def test_who_comes_again_gets_what_he_has_not_seen(gateway: Gateway) -> None:
    id_ = await placed(gateway)
    await moves(gateway, id_, ("customer", "asked"), ("customer", "done"), ("billing", "refused"))
    await ends(gateway, id_)
    path = f"/v1/orders/{id_}/events"
    first = [read(event) for event in (await gateway.client.get(path)).content.split(b"\n\n") if event]
    assert [told.get("what") for _, _, told in first] == ["asked", "done", "refused", None]
    answer = await gateway.client.get(path, headers={"Last-Event-ID": first[1][0]})
    assert [read(event) for event in answer.content.split(b"\n\n") if event] == first[2:]
    assert (await gateway.client.get(path, headers={"Last-Event-ID": first[-1][0]})).status_code == 204


async def test_who_comes_with_an_id_that_is_none_of_the_orders_is_told_so(gateway: Gateway) -> None:
    id_, other = await placed(gateway), await placed(gateway)
    await moves(gateway, id_, ("customer", "asked"))
    await moves(gateway, other, ("customer", "asked"))
    old, foreign = [str(row[0]) for row in await gateway.rows("SELECT id FROM order_move ORDER BY id")]
    path = f"/v1/orders/{id_}/events"

    async def refused(after: str) -> tuple[int, str, str]:
        answer = await gateway.client.get(path, headers={"Last-Event-ID": after})
        fault = answer.json()["errors"][0]
        return answer.status_code, answer.json()["type"].removeprefix("/problems/"), fault["parameter"]

    for bad in (foreign, "AAAAAAAAA-gAAAAAAAAABWko", "-1", "9" * 30, "end"):
        assert await refused(bad) == (422, "invalid", "Last-Event-ID"), bad
    await gateway.do("DELETE FROM order_move WHERE id = $1", int(old))
    assert await refused(old) == (410, "events_gone", "Last-Event-ID")
    theirs = await gateway.client.get(path, headers={"X-API-Key": BOREALIS, "Last-Event-ID": "end"})
    assert theirs.status_code == 404


async def test_another_resellers_order_is_not_there_and_its_moves_are_not_noted(gateway: Gateway) -> None:
    id_ = await placed(gateway)
    await moves(gateway, id_, ("customer", "asked"), reseller="borealis")
    assert await gateway.rows("SELECT FROM order_move") == []
    for path in (f"/v1/orders/{id_}/events", f"/v1/orders/{uuid4()}/events"):
        assert (await gateway.client.get(path, headers={"X-API-Key": BOREALIS})).status_code == 404
