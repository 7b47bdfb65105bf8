"""Several consumers, sweeps and wizards at work on the same few numbers at once, each on a connection of its own."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from numbers_service import handlers, queries
from numbers_service.model import Claim, Taker
from numbers_service.settings import settings
from patchbay_chassis.batch import Batches
from patchbay_chassis.database import Connection, Database, is_outage
from patchbay_chassis.envelope import Envelope
from patchbay_chassis.producer import Producer, Record
from patchbay_chassis.testing import message_of, record_of
from patchbay_chassis.turn import Turns
from patchbay_contracts.message import Message
from patchbay_contracts.order import Numbers
from patchbay_contracts.v1.numbers import HoldNumbers, NumbersHeld, Want

from .asking import completed, release

HOT = (*range(441214960000, 441214960040), *range(442079460000, 442079460020))
PREFIXES = ("0121", "0207946", "012149600", "020794601", "")
LET_GO = """
    UPDATE number SET held_until = now() - interval '1 s' WHERE e164 IN (
        SELECT e164 FROM number WHERE (owner = ANY($1::uuid[]) AND state = 'held' OR state = 'quarantined')
        AND random() < 0.5 FOR UPDATE SKIP LOCKED)"""
REST_IS_OVER = """
    UPDATE span SET held_until = now() - interval '1 s' WHERE first IN (
        SELECT first FROM span WHERE state = 'quarantined' FOR UPDATE SKIP LOCKED)"""


class Broker(Producer):
    """A producer that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__("nowhere:1", "patchbay/numbers", "")
        self.said: list[Message] = []
        self.dead: list[Record] = []

    async def send(self, said: Sequence[Envelope]) -> None:
        self.said += [message_of(one) for one in said]

    async def send_records(self, records: Sequence[Record]) -> None:
        self.dead += records


class World:
    """All who work, and what became of it: the orders that were told that they have numbers, and those that nobody
    will complete."""

    def __init__(self, seed: int, database: Database) -> None:
        self.seed, self.database, self.broker = seed, database, Broker()
        self.turns = Turns(database, self.broker)
        self.in_service: dict[UUID, set[int]] = {}
        self.abandoned: list[UUID] = []
        self.over = False

    async def run(self, consumers: int, batches: int) -> None:
        """Let them work until every consumer has handled so many batches of its own."""
        beside = [asyncio.create_task(self._beside(do, at)) for at, do in enumerate((_sweep, _draft, _draft))]
        self.consumers = [Consumer(self, at) for at in range(consumers)]
        await asyncio.gather(*(consumer.run(batches) for consumer in self.consumers))
        self.over = True
        await asyncio.gather(*beside)

    async def _beside(self, do: Callable[["World", Connection, random.Random], Awaitable[None]], at: int) -> None:
        chance = random.Random(self.seed * 100 + 50 + at)
        while not self.over:
            try:
                async with self.turns.turn() as turn:
                    await do(self, turn.db, chance)
            except Exception as error:
                if not is_outage(error):
                    raise


class Consumer:
    """Handles batches as a lane does: its own orders, and now and then those of another that has not noticed yet."""

    def __init__(self, world: World, at: int) -> None:
        self._world, self._random = world, random.Random(world.seed * 100 + at)
        self._lanes = [self._lane(), self._lane()]
        self._due: list[Message] = []

    def _lane(self) -> Batches:
        world = self._world
        return Batches(handlers.router, world.database, world.broker, settings(), "numbers")

    async def run(self, batches: int) -> None:
        """So many batches, then what is still to be said of their orders."""
        while batches > 0 or self._due:
            batches -= 1
            fresh = [self._order() for _ in range(self._random.randint(1, 5))] if batches > 0 else []
            due, self._due = self._due, []
            messages = [*fresh, *due]
            again = [one for one in messages if isinstance(one, HoldNumbers) and self._random.random() < 0.1]
            records = [record_of(one) for one in (*messages, *again)]
            both = self._lanes if self._random.random() < 0.2 else self._lanes[:1]
            await asyncio.gather(*(lane.handle(records[: len(records) // at]) for at, lane in enumerate(both, 1)))
            told = {one.order_id: one for one in self._world.broker.said if isinstance(one, NumbersHeld)}
            for order in fresh:
                if (held := told.get(order.order_id)) is not None:
                    self._go_on(order, held)

    def _go_on(self, order: HoldNumbers, held: NumbersHeld) -> None:
        numbers = {number.e164 for line in held.lines for number in line.numbers}
        match self._random.choice(("complete", "complete", "release", "complete and release", "abandon")):
            case "abandon":
                self._world.abandoned.append(order.order_id)
            case "release":
                self._due += [release(order), order]
            case "complete":
                self._world.in_service[order.order_id] = numbers
                self._due.append(completed(order, *numbers))
            case _:
                self._due += [completed(order, *numbers), release(order)]

    def _order(self) -> HoldNumbers:
        chance = self._random
        wants, hot = [], chance.sample(HOT, 12)
        for line in range(chance.randint(1, 3)):
            if chance.random() < 0.6:
                numbers = Numbers(exact=tuple(hot.pop() for _ in range(chance.randint(1, 4))))
            else:
                numbers = Numbers(
                    count=chance.choice((1, 2, 3, 110)) if line == 0 else 1,
                    prefix=chance.choice(PREFIXES),
                    policy=chance.choice(("all", "all", "available", "substitute")),
                    method=chance.choice(("next", "next", "random", "run")),
                )
            wants.append(Want(line=line, numbers=numbers))
        return HoldNumbers(order_id=uuid4(), reseller=chance.choice(("acme", "borealis")), wants=tuple(wants))


async def _sweep(world: World, db: Connection, chance: random.Random) -> None:
    match chance.choice(("let go", "sweep", "sweep")):
        case "let go":
            await db.execute(LET_GO, world.abandoned)
            await db.execute(REST_IS_OVER)
        case _:
            await handlers.free_what_nobody_keeps(db)


async def _draft(_: World, db: Connection, chance: random.Random) -> None:
    draft = Taker(UUID(int=chance.randint(1, 3)), "acme", kind="draft")
    match chance.choice(("hold", "extend", "give back")):
        case "hold":
            ticked = chance.sample(HOT, 5)
            await queries.hold(db, dict.fromkeys(ticked, Claim(draft)), timedelta(minutes=5))
        case "extend":
            await queries.extend(db, draft, None, timedelta(minutes=5))
        case _:
            await queries.give_back(db, [draft.owner], kind="draft", reseller="acme")
