"""Orders and an inventory manager at work on the same blocks: no number is lost or in two states, and whoever follows
the feed has the authority's picture."""

import random

import pytest

from numbers_service import lending, loading, overrides, picture
from numbers_service.inventory_log import Reason
from patchbay_chassis.database import Connection
from patchbay_chassis.router import Router
from patchbay_contracts.inventory import Lend, NewBlock, OfPool, StateGrades, TakeBack
from patchbay_contracts.v1.blocks import Range

from .follower import Follower
from .managing import CUSTOMER, block
from .test_feed import Life, conserved

pytestmark = pytest.mark.usefixtures("blocks")

ANN = Reason("ann", "at random")
POOLS = (
    OfPool(pool="public"),
    OfPool(pool="reseller", owner="acme"),
    OfPool(pool="reseller", owner="borealis"),
    OfPool(pool="customer", owner=CUSTOMER),
)
FIRSTS = (442079460000, 442079460010, 441134960000, 441214960000)
BEYOND = """
    SELECT count(*) FROM lent l
    WHERE NOT EXISTS (SELECT FROM block b WHERE l.first >= b.first AND l.last <= b.last)"""
"""Lent ranges that do not lie in a block."""


class Manager:
    """What an inventory manager may do, at random."""

    def __init__(self, seed: int, db: Connection) -> None:
        self.random = random.Random(seed)
        self.db = db
        self.loaded = 0

    async def act(self) -> None:
        """One change."""
        act = self.random.choice((self.lend, self.lend, self.take_back, self.grade, self.load))
        await act()

    def range(self) -> Range:
        """Some numbers, which may go over the end of their block."""
        first = self.random.choice(FIRSTS) + self.random.randrange(15)
        return first, first + self.random.choice((0, 3, 40))

    async def lend(self) -> None:
        asked = Lend(why="-", ranges=(self.range(), self.range()), to=self.random.choice(POOLS))
        await lending.lend(self.db, ANN, asked)

    async def take_back(self) -> None:
        await lending.take_back(self.db, ANN, TakeBack(why="-", ranges=(self.range(),)))

    async def grade(self) -> None:
        asked = StateGrades(why="-", numbers=self.range(), grade=self.random.choice(("gold", "bronze", None)))
        await overrides.state(self.db, ANN, asked)

    async def load(self) -> None:
        self.loaded += self.random.randrange(2)
        await loading.load(self.db, [NewBlock.model_validate(block(441619460000 + self.loaded * 100, 100))])


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_managers_and_orders_do_no_number_is_lost(seed: int, db: Connection, router: Router) -> None:
    follower, life, manager = Follower(), Life(seed, db, router), Manager(seed, db)
    follower.hear(await picture.states(db, 0, 100))
    for _ in range(25):
        await life.batch()
        follower.hear(await db.close_up())
        await manager.act()
        follower.hear(await db.close_up())
        there = await picture.states(db, 0, 100)
        again = Follower()
        again.hear(there)
        assert again.free == follower.free
        assert again.blocks == follower.blocks
        assert await conserved(db) == len(follower.free)
        assert await db.fetchval(BEYOND) == 0
