"""What the gateway keeps is forgotten after its time: drafts, PINs of those that nobody finished, moves of orders."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from gateway_service import handlers
from gateway_service.settings import Settings
from patchbay_contracts.v1.orders import OrderProgressed, Progress

from .behind import Behind
from .conftest import Gateway
from .drafting import PIN, Wizard
from .owners import Owners
from .posted import order

DAY = timedelta(days=1)
KEEP_DRAFTS, KEEP_ORDERED, KEEP_PINS, KEEP_MOVES = (
    Settings.model_fields[f"keep_{what}"].default for what in ("drafts", "ordered_drafts", "pins", "moves")
)


@pytest_asyncio.fixture
async def wizard(behind: Behind, gateway: Gateway) -> Wizard:
    wizard = Wizard(gateway.client, Owners(behind))
    await wizard.begin()
    await wizard.done("PUT", "/customer", {"name": 'Ada "sealed_pin":"x"', "pin": PIN})
    return wizard


async def age(gateway: Gateway, state: str, by: timedelta) -> None:
    await gateway.do("UPDATE draft SET state = $1, changed_at = now() - $2::interval", state, by)


@pytest.mark.parametrize(
    ("state", "by", "kept"),
    [
        ("finished", KEEP_ORDERED - DAY, 1),
        ("finished", KEEP_ORDERED + DAY, 0),
        ("created", KEEP_ORDERED + DAY, 0),
        ("abandoned", KEEP_DRAFTS + DAY, 0),
    ],
)
async def test_a_draft_with_an_order_is_kept_longer(
    wizard: Wizard, gateway: Gateway, state: str, by: timedelta, kept: int
) -> None:
    await age(gateway, state, by)
    async with gateway.database.transaction() as db:
        assert await handlers.forget_old_drafts(db) == []
    assert len(await gateway.rows("SELECT FROM draft")) == kept


@pytest.mark.parametrize(
    ("state", "by", "kept"),
    [
        ("created", KEEP_PINS + timedelta(minutes=1), False),
        ("created", KEEP_PINS - timedelta(minutes=1), True),
        ("open", KEEP_PINS + DAY, True),
    ],
)
async def test_the_pin_of_a_draft_that_nobody_finishes_is_forgotten_and_nothing_else_of_it(
    wizard: Wizard, gateway: Gateway, state: str, by: timedelta, kept: bool
) -> None:
    await age(gateway, state, by)
    ((before, version),) = await gateway.rows("SELECT document, version FROM draft")
    for _ in range(2):
        async with gateway.database.transaction() as db:
            assert await handlers.forget_pins_of_drafts(db) == []
    ((after, still),) = await gateway.rows("SELECT document, version FROM draft")
    was, now = json.loads(before), json.loads(after)
    assert was["customer"].pop("sealed_pin") is not None
    assert (now["customer"].pop("sealed_pin") is not None) is kept
    assert (was, version) == (now, still)


async def test_moves_of_watched_orders_are_forgotten_after_their_time(gateway: Gateway) -> None:
    id_ = (await gateway.client.post("/v1/orders", json=order(watched=True))).json()["id"]
    keep, now = KEEP_MOVES, datetime.now(UTC)
    moves = tuple(Progress(step="customer", what="asked", at=now - by) for by in (keep + DAY, keep - DAY))
    async with gateway.database.transaction() as db:
        await handlers.tell_when_order_progressed([OrderProgressed(order_id=id_, reseller="acme", moves=moves)], db)
        assert await handlers.forget_old_moves(db) == []
    ((at,),) = await gateway.rows("SELECT at FROM order_move")
    assert at == now - (keep - DAY)
