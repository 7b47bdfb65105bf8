"""Walking sagas: what this process moved it remembers, and what others moved meanwhile it notices."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from uuid import UUID, uuid4

import pytest

from patchbay_chassis.database import Connection, Database, Overtaken
from patchbay_chassis.envelope import Numbered
from patchbay_chassis.facts import Facts
from patchbay_chassis.saga import Announcements, Saga, Step
from patchbay_chassis.walker import Walker
from patchbay_contracts.message import Message, OrderMessage
from toy.trip import (
    TRIP,
    BedBooked,
    BillPaid,
    Book,
    MoneyBack,
    NoMoney,
    SeatBooked,
    TakeBack,
    Travel,
    Travelled,
)


class Broken(Exception):
    """A transaction that is rolled back."""


class Process:
    """One that walks sagas; two of them share nothing but the database."""

    def __init__(self, database: Database, saga: Saga = TRIP) -> None:
        self._database = database
        self._walker = Walker((saga,), {})

    @asynccontextmanager
    async def _transaction(self, *, in_vain: bool) -> AsyncIterator[Connection]:
        with suppress(Broken):
            async with self._database.transaction() as db:
                yield db
                if in_vain:
                    raise Broken

    async def begin(self, travel: Travel, *, in_vain: bool = False) -> list[list[Message]]:
        async with self._transaction(in_vain=in_vain) as db:
            said = await self._walker.begin([travel], db, {})
        return _plain(said)

    async def feed(self, *answers: Message, in_vain: bool = False) -> list[list[Message]]:
        async with self._transaction(in_vain=in_vain) as db:
            said = await self._walker.feed(answers, db)
        return _plain(said)


def _plain(said: Sequence[Sequence[Message | Numbered]]) -> list[list[Message]]:
    return [[one.message if isinstance(one, Numbered) else one for one in answer] for answer in said]


@pytest.fixture
def here(database: Database) -> Process:
    return Process(database)


@pytest.fixture
def there(database: Database) -> Process:
    return Process(database)


class Trip:
    """A trip and all that is said about it."""

    def __init__(self) -> None:
        self.id = uuid4()
        who = {"order_id": self.id, "reseller": "acme"}
        self.travel = Travel(**who)
        self.bed, self.seat, self.bill = (Book(**who, what=what) for what in ("bed", "seat", "bill"))
        self.bed_booked, self.seat_booked, self.bill_paid = BedBooked(**who, room=7), SeatBooked(**who), BillPaid(**who)


@pytest.fixture
def trip() -> Trip:
    return Trip()


async def spoil(database: Database, id_: UUID) -> None:
    """Whoever reads the saga's row from now on fails."""
    async with database.transaction() as db:
        await db.execute("UPDATE saga SET state = 'no state' WHERE id = $1", id_)


async def moves(database: Database, id_: UUID) -> int:
    async with database.connection() as db:
        return int(await db.fetchval("SELECT moves FROM saga WHERE id = $1", id_))


async def test_a_saga_that_this_process_moved_is_moved_on_without_its_row_being_read(
    here: Process, database: Database, trip: Trip
) -> None:
    assert await here.begin(trip.travel) == [[trip.bed, trip.seat]]
    await spoil(database, trip.id)
    assert await here.feed(trip.bed_booked) == [[]]
    await spoil(database, trip.id)
    assert await here.feed(trip.seat_booked) == [[trip.bill]]
    assert await moves(database, trip.id) == 2


async def test_a_saga_that_this_process_read_once_is_not_read_again(
    here: Process, there: Process, database: Database, trip: Trip
) -> None:
    await there.begin(trip.travel)
    await here.feed(trip.bed_booked)
    await spoil(database, trip.id)
    assert await here.feed(trip.seat_booked) == [[trip.bill]]


async def test_a_saga_that_somebody_else_moved_on_meanwhile_is_noticed_and_moved_when_it_is_done_again(
    here: Process, there: Process, database: Database, trip: Trip
) -> None:
    await here.begin(trip.travel)
    await there.feed(trip.bed_booked)
    with pytest.raises(Overtaken):
        await here.feed(trip.seat_booked)
    assert await moves(database, trip.id) == 1
    assert await here.feed(trip.seat_booked) == [[trip.bill]]


async def test_of_many_sagas_that_move_together_one_that_was_overtaken_is_enough_to_do_all_of_it_again(
    here: Process, there: Process
) -> None:
    trips = [Trip() for _ in range(5)]
    for one in trips:
        await here.begin(one.travel)
    await there.feed(trips[2].bed_booked)
    answers = [one.bed_booked for one in trips if one is not trips[2]] + [one.seat_booked for one in trips]
    with pytest.raises(Overtaken):
        await here.feed(*answers)
    assert (await here.feed(*answers))[-5:] == [[one.bill] for one in trips]


async def test_an_answer_that_means_something_only_to_the_row_is_not_lost(
    here: Process, there: Process, trip: Trip
) -> None:
    await here.begin(trip.travel)
    assert await there.feed(trip.bed_booked, trip.seat_booked) == [[], [trip.bill]]
    ((travelled,),) = await here.feed(trip.bill_paid)
    assert isinstance(travelled, Travelled)


async def test_an_answer_that_came_before_says_nothing_and_moves_nothing(
    here: Process, database: Database, trip: Trip
) -> None:
    await here.begin(trip.travel)
    await here.feed(trip.bed_booked)
    assert await here.feed(trip.bed_booked) == [[]]
    assert await here.feed(trip.bed_booked, trip.seat_booked) == [[], [trip.bill]]
    assert await moves(database, trip.id) == 2


async def test_a_roll_back_forgets_what_was_not_committed(here: Process, trip: Trip) -> None:
    await here.begin(trip.travel, in_vain=True)
    assert await here.feed(trip.bed_booked) == [[]]
    assert await here.begin(trip.travel) == [[trip.bed, trip.seat]]
    assert await here.feed(trip.bed_booked, trip.seat_booked, in_vain=True) == [[], [trip.bill]]
    assert await here.feed(trip.seat_booked) == [[]]
    assert await here.feed(trip.bed_booked) == [[trip.bill]]


async def test_memory_and_row_come_to_the_same_end_with_every_moment_once(here: Process, database: Database) -> None:
    remembered, read = Trip(), Trip()
    await here.begin(remembered.travel)
    await Process(database).begin(read.travel)
    for answer in ("bed_booked", "seat_booked"):
        await here.feed(getattr(remembered, answer))
        await Process(database).feed(getattr(read, answer))
    for one in (remembered, read):
        ((end,),) = await Process(database).feed(one.bill_paid)
        assert isinstance(end, Travelled)
        assert end.room == 7
        assert [moment.partition(" ")[2] for moment in end.timeline] == [
            "toy.Travel.v1",
            "toy.Book.v1",
            "toy.Book.v1",
            "toy.BedBooked.v1",
            "toy.SeatBooked.v1",
            "toy.Book.v1",
            "toy.BillPaid.v1",
        ]


async def test_a_saga_that_has_ended_is_not_moved_by_what_comes_late(
    here: Process, database: Database, trip: Trip
) -> None:
    await here.begin(trip.travel)
    await here.feed(trip.bed_booked, trip.seat_booked)
    await here.feed(trip.bill_paid)
    assert await here.feed(trip.bill_paid, trip.bed_booked) == [[], []]
    assert await here.begin(trip.travel) == [[]]
    assert await moves(database, trip.id) == 2


class Rode(OrderMessage, topic="toy.replies.v1", type="toy.Rode.v1"):
    pass


class Walked(OrderMessage, topic="toy.replies.v1", type="toy.Walked.v1"):
    pass


class Hire(OrderMessage, topic="toy.commands.v1", type="toy.Hire.v1"):
    """Begins a saga of another kind, which its own service carries out."""


class FindBike(OrderMessage, topic="local", type="toy.FindBike.v1"):
    pass


class BikeFound(OrderMessage, topic="local", type="toy.BikeFound.v1"):
    pass


class NoBike(OrderMessage, topic="local", type="toy.NoBike.v1"):
    pass


class BikeBack(OrderMessage, topic="local", type="toy.BikeBack.v1"):
    pass


def _as(kind: type[OrderMessage], of: OrderMessage) -> OrderMessage:
    return kind(order_id=of.order_id, reseller=of.reseller)


def _hirer(facts: Facts) -> Hire:
    return facts.the(Hire)


HIRE = Saga(
    name="hire",
    version=1,
    begins=Hire,
    stages=(
        (
            Step(
                "bike",
                lambda facts: _as(FindBike, _hirer(facts)),
                BikeFound,
                NoBike,
                lambda facts: TakeBack(order_id=_hirer(facts).order_id, reseller="acme", what="bike"),
                BikeBack,
            ),
        ),
        (
            Step(
                "bill",
                lambda facts: Book(order_id=_hirer(facts).order_id, reseller="acme", what="bill"),
                BillPaid,
                NoMoney,
                lambda facts: TakeBack(order_id=_hirer(facts).order_id, reseller="acme", what="bill"),
                MoneyBack,
            ),
        ),
    ),
    announce=Announcements(
        completed=lambda state: _as(Rode, _hirer(state.facts)),
        failed=lambda state: _as(Walked, _hirer(state.facts)),
        delayed=lambda state, *_: _as(Walked, _hirer(state.facts)),
        stuck=lambda state, *_: _as(Walked, _hirer(state.facts)),
    ),
)


async def _bike_is_found(commands: Sequence[FindBike], _: Connection) -> list[OrderMessage]:
    return [_as(BikeFound, command) for command in commands]


async def test_what_a_service_answers_itself_at_once_moves_the_saga_on_at_once(database: Database) -> None:
    walker = Walker((TRIP, HIRE), {FindBike: _bike_is_found})
    hire = Hire(order_id=uuid4(), reseller="acme")
    async with database.transaction() as db:
        assert [type(one) for one in _plain(await walker.begin([hire], db, {}))[0]] == [Book]
        assert await db.fetchval("SELECT moves FROM saga WHERE id = $1", hire.order_id) == 1


async def test_sagas_of_two_kinds_are_told_apart_in_memory_and_in_their_rows(database: Database) -> None:
    walkers = [Walker((TRIP, HIRE), {FindBike: _bike_is_found}) for _ in range(2)]
    travel, hires = Travel(order_id=uuid4(), reseller="acme"), [Hire(order_id=uuid4(), reseller="acme") for _ in "ab"]
    async with database.transaction() as db:
        await walkers[0].begin([travel, *hires], db, {})
    for walker, hire in zip(walkers, hires, strict=True):
        async with database.transaction() as db:
            said = _plain(await walker.feed([_as(BillPaid, hire), _as(BillPaid, travel)], db))
        assert [[type(one) for one in answer] for answer in said] == [[Rode], []]
