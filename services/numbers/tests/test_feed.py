"""The feed: whoever follows it has exactly the authority's picture, block by block, version by version."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest

from numbers_service import handlers, picture
from numbers_service.changes import Changes, ranges
from numbers_service.index import PoolOf
from numbers_service.waiting import Locked
from patchbay_chassis.batch import Arrived, run_handlers
from patchbay_chassis.database import Connection, Database
from patchbay_chassis.router import Router
from patchbay_chassis.testing import envelope_of, message_of
from patchbay_contracts.message import Message
from patchbay_contracts.order import Numbers
from patchbay_contracts.v1.blocks import BlockChanged, BlockStated, Freed, Regraded
from patchbay_contracts.v1.numbers import HoldNumbers, NumbersHeld, ReleaseNumbers, Want
from patchbay_contracts.v1.orders import CreatedService, OrderCompleted

from .conftest import BLOCKS
from .follower import Follower

pytestmark = pytest.mark.usefixtures("blocks")

FIRST = 442079460000
PUBLIC, ACME = PoolOf("public", ""), PoolOf("reseller", "acme")
ASSIGN = """
    INSERT INTO number (e164, state, owner, line, reseller) SELECT e164, 'assigned', gen_random_uuid(), 0, 'acme'
    FROM unnest($1::bigint[]) AS e164"""


async def close_up(db: Connection) -> list[Any]:
    return list(await db.close_up())


async def versions(db: Connection) -> Mapping[int, int]:
    return {row.first: row.version for row in await db.fetch("SELECT first, version FROM block")}


async def test_what_was_taken_and_freed_is_said_once_a_block_with_its_next_version(db: Connection) -> None:
    await db.execute("INSERT INTO lent VALUES ($1, $1, 'reseller', 'acme', now(), 'ann', 'a loan')", FIRST + 7)
    db.gather(Changes).taken([FIRST, FIRST + 1, FIRST + 12, FIRST + 3])
    db.gather(Changes).freed({FIRST + 5: PUBLIC, FIRST + 6: PUBLIC, FIRST + 7: ACME})
    assert await close_up(db) == [
        BlockChanged(
            block=FIRST,
            version=2,
            taken=((FIRST, FIRST + 1), (FIRST + 3, FIRST + 3)),
            freed=(
                Freed(pool="public", ranges=((FIRST + 5, FIRST + 6),)),
                Freed(pool="reseller", owner="acme", ranges=((FIRST + 7, FIRST + 7),)),
            ),
        ),
        BlockChanged(block=FIRST + 10, version=2, taken=((FIRST + 12, FIRST + 12),)),
    ]
    assert (await versions(db))[FIRST] == 2


async def test_what_is_taken_and_given_back_in_one_go_is_nobodys_news(db: Connection) -> None:
    db.gather(Changes).taken([FIRST])
    db.gather(Changes).freed({FIRST: PUBLIC})
    db.gather(Changes).freed({FIRST + 1: PUBLIC})
    db.gather(Changes).taken([FIRST + 1])
    assert await close_up(db) == []
    assert set((await versions(db)).values()) == {1}


async def test_a_grade_by_hand_is_said(db: Connection) -> None:
    regraded = Regraded(e164=FIRST + 2, grade="gold", reason="the mayor's")
    db.gather(Changes).regraded([regraded])
    assert await close_up(db) == [BlockChanged(block=FIRST, version=2, regraded=(regraded,))]


async def test_a_block_of_which_much_changed_is_stated_anew(db: Connection) -> None:
    await db.execute("INSERT INTO lent VALUES ($1, $2, 'reseller', 'acme', now(), 'ann', 'a loan')", FIRST, FIRST + 4)
    await db.execute(ASSIGN, [FIRST + 2, FIRST + 7])
    db.gather(Changes).taken([FIRST + 2, FIRST + 7])
    db.gather(Changes).whole([FIRST])
    (stated,) = await close_up(db)
    assert isinstance(stated, BlockStated)
    assert (stated.version, stated.last) == (2, FIRST + 9)
    assert stated.freed == (
        Freed(pool="public", ranges=((FIRST + 5, FIRST + 6), (FIRST + 8, FIRST + 9))),
        Freed(pool="reseller", owner="acme", ranges=((FIRST, FIRST + 1), (FIRST + 3, FIRST + 4))),
    )


async def test_blocks_are_stated_in_turn_and_checked_in_turn(db: Connection) -> None:
    blocks = [row.first for row in await db.fetch("SELECT first FROM block ORDER BY first")]
    assert [one.block for one in await picture.states(db, 0, 3)] == blocks[:3]
    assert [one.block for one in await picture.states(db, blocks[2], 3)] == blocks[3:]
    seen = [one.block for _ in range(4) for one in await picture.check(db, 3)]
    assert seen == blocks + blocks[: len(seen) - len(blocks)]


def test_numbers_in_a_row_are_one_range() -> None:
    assert ranges([1, 2, 3, 5, 7, 8]) == ((1, 3), (5, 5), (7, 8))


CUSTOMER = UUID("00000000-0000-7000-8000-000000000001")
LENT = "INSERT INTO lent VALUES ($1, $2, $3, $4, now(), 'ann', 'a loan')"


async def handled(router: Router, db: Connection, messages: Sequence[Message]) -> list[Message]:
    """What is answered to messages that arrive once: an order's one after the other, the others' together."""
    answers: list[Message] = []
    while messages:
        first = {message.about: message for message in reversed(messages)}
        messages = [message for message in messages if first[message.about] is not message]
        arrived = [Arrived(envelope_of(message), message, None) for message in first.values()]
        db.gather(Locked).highest = -1
        answers += [message_of(e) for said in (await run_handlers(router, db, arrived)).values() for e in said]
    return answers


class Life:
    """What may happen to an inventory, at random: orders come, come again, complete and are taken back; time passes."""

    def __init__(self, seed: int, db: Connection, router: Router) -> None:
        self.random = random.Random(seed)
        self.db, self.router = db, router
        self.orders: list[HoldNumbers] = []

    async def batch(self) -> None:
        """Some messages that arrive together, and what the clock does."""
        many = self.random.randint(1, 6)
        messages = [self.random.choice((self.order, self.order, self.ending))() for _ in range(many)]
        answers = await handled(self.router, self.db, messages)
        completed = [self.completed(a) for a in answers if isinstance(a, NumbersHeld) and self.random.random() < 0.6]
        await handled(self.router, self.db, completed)
        if self.random.random() < 0.5:
            share = self.random.random()
            await self.db.execute(
                "UPDATE number SET held_until = now() - interval '1 s' WHERE random() < $1 AND held_until IS NOT NULL",
                share,
            )
            await self.db.execute("UPDATE span SET held_until = now() - interval '1 s' WHERE held_until IS NOT NULL")
        if self.random.random() < 0.5:
            await handlers.free_what_nobody_keeps(self.db)

    def completed(self, held: NumbersHeld) -> OrderCompleted:
        """All that the order holds is in service."""
        numbers = tuple(number.e164 for line in held.lines for number in line.numbers)
        service = CreatedService(id=uuid4(), line=0, service_type="voice-line", numbers=numbers)
        return OrderCompleted(order_id=held.order_id, reseller=held.reseller, customer_id=CUSTOMER, services=(service,))

    def order(self) -> HoldNumbers:
        """Named numbers, or some that match, of all pools and both resellers."""
        reseller = self.random.choice(("acme", "borealis"))
        first = self.random.choice((442079460000, 442079460010, 441134960000, 441214960000))
        if self.random.random() < 0.5:
            named = tuple(first + self.random.randrange(12) for _ in range(self.random.randint(1, 4)))
            numbers = Numbers(exact=tuple(dict.fromkeys(named)))
        else:
            policy = self.random.choice(("all", "available", "substitute"))
            numbers = Numbers(
                count=self.random.choice((1, 3, 120)),
                prefix=str(first)[: self.random.randint(2, 11)],
                pool=self.random.choice(("public", "reseller", "customer")),
                policy=policy,
                method=self.random.choice(("next", "random", "run")),
            )
        order = HoldNumbers(
            order_id=uuid4(), reseller=reseller, customer_id=CUSTOMER, wants=(Want(line=0, numbers=numbers),)
        )
        self.orders.append(order)
        return order

    def ending(self) -> HoldNumbers | ReleaseNumbers:
        """An order is taken back, or comes again."""
        if not self.orders:
            return self.order()
        order = self.random.choice(self.orders)
        if self.random.random() < 0.3:
            return order
        return ReleaseNumbers(order_id=order.order_id, reseller=order.reseller)


@pytest.mark.parametrize("seed", range(6))
async def test_whoever_follows_the_feed_has_the_authoritys_picture(seed: int, db: Connection, router: Router) -> None:
    await db.execute(LENT, 442079460003, 442079460006, "reseller", "borealis")
    await db.execute(LENT, 441214960005, 441214960104, "reseller", "acme")
    await db.execute(LENT, 441134960010, 441134960010, "public", "")
    follower, life = Follower(), Life(seed, db, router)
    follower.hear(await picture.states(db, 0, 100))
    for _ in range(25):
        await life.batch()
        follower.hear(await db.close_up())
        there = await picture.of(db, list(follower.blocks))
        assert [follower.checked(one.first) for one in there] == [one.checked() for one in there]
        again = Follower()
        again.hear([one.stated() for one in there])
        assert again.free == follower.free
        assert await conserved(db) == len(follower.free)


async def conserved(db: Connection) -> int:
    """The inventory less what is held, in service and at rest; no number is in two of these."""
    size = await db.fetchval("SELECT sum(last - first + 1)::bigint FROM block")
    rows = await db.fetchval("SELECT count(*) FROM number")
    spans = await db.fetchval("SELECT coalesce(sum(last - first + 1), 0)::bigint FROM span")
    both = "SELECT count(*) FROM number n JOIN span s ON n.e164 BETWEEN s.first AND s.last"
    assert await db.fetchval(both) == 0
    return int(size - rows - spans)


async def test_a_block_that_somebody_else_changes_meanwhile_is_not_forgotten(database: Database) -> None:
    big = 441214960000

    async def take() -> list[Any]:
        async with database.transaction() as db:
            db.gather(Changes).taken([FIRST + 12, big])
            return await close_up(db)

    async with database.transaction() as db:
        await db.execute(BLOCKS)
    async with database.transaction() as other:
        await other.execute("UPDATE block SET version = version + 1 WHERE first = $1", FIRST + 10)
        taking = asyncio.create_task(take())
        async with asyncio.timeout(20), database.connection() as db:
            while not await db.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                assert not taking.done()
    changed = await taking
    assert sorted((one.block, one.version) for one in changed) == [(big, 2), (FIRST + 10, 3)]
