"""How orders stand that wait for numbers, and all that provisioning is asked about: as it was said last."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from patchbay_chassis.database import Connection, Database
from patchbay_contracts.v1.orders import OrderBackOrdered, OrderDelayed, OrderStuck
from provisioning_service import handlers, standing, waiting

from .catalogue_serving import Served
from .orders import FIRST, line, order
from .story import Story
from .test_back_orders import lacking, patient
from .test_stuck_orders import mended, until_stuck


def stands(story: Story) -> tuple[str, type | None]:
    found = standing.of(story.saga, story.state)
    return found.standing, None if found.said is None else type(found.said)


def test_an_order_waits_for_numbers_until_it_has_them() -> None:
    story = Story(patient())
    assert stands(story) == ("accepted", None)
    story.given(lacking(story))
    assert (stands(story), standing.of(story.saga, story.state).said) == (
        ("back_ordered", OrderBackOrdered),
        story.said[0],
    )
    assert stands(story.tried_again()) == ("back_ordered", OrderBackOrdered)
    assert stands(story.after(timedelta(hours=1))) == ("delayed", OrderDelayed)
    assert stands(story.given(lacking(story))) == ("back_ordered", OrderBackOrdered)
    assert stands(story.tried_again().given(story.answers.numbers_held)) == ("accepted", None)
    assert stands(story.after(timedelta(seconds=11))) == ("delayed", OrderDelayed)


async def test_an_order_is_stuck_until_more_is_said_of_it(db: Connection) -> None:
    placed = await until_stuck(db)

    async def stands() -> standing.Stands:
        _, known = (await handlers.walker.look([placed.order_id], db))[placed.order_id]
        return standing.of(known.saga, known.state)

    assert isinstance((await stands()).said, OrderStuck)
    await mended(db, placed, "retry")
    assert (await stands()).standing == "stuck"


@pytest.mark.usefixtures("catalogue")
async def test_provisioning_says_how_the_orders_stand_that_it_knows(database: Database) -> None:
    begun, later = order(line(FIRST)), order(line(FIRST), start=datetime.now(UTC) + timedelta(days=1))
    async with Served(database) as served:
        async with database.transaction() as db:
            await handlers.walker.begin([begun], db, {})
            await waiting.keep(db, [later])
        orders = [str(begun.order_id), str(later.order_id), str(uuid4())]
        found = (await served.ask("/orders/standing", orders=orders))["orders"]
    assert {one["order_id"]: (one["reseller"], one["standing"], one["event"]) for one in found} == {
        orders[0]: ("acme", "accepted", None),
        orders[1]: ("acme", "waiting", None),
    }
