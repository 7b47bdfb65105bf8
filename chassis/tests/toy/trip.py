"""A saga for tests of what walks sagas: a bed and a seat are booked at the same time, and then comes the bill."""

from typing import Any

from patchbay_chassis.facts import Facts
from patchbay_chassis.saga import Announcements, Saga, State, Step
from patchbay_contracts.message import Message, OrderMessage

COMMANDS, REPLIES = "toy.commands.v1", "toy.replies.v1"


class Travel(OrderMessage, topic=COMMANDS, type="toy.Travel.v1"):
    pass


class Book(OrderMessage, topic=COMMANDS, type="toy.Book.v1"):
    what: str


class TakeBack(OrderMessage, topic=COMMANDS, type="toy.TakeBack.v1"):
    what: str


class BedBooked(OrderMessage, topic=REPLIES, type="toy.BedBooked.v1"):
    room: int


class NoBed(OrderMessage, topic=REPLIES, type="toy.NoBed.v1"):
    pass


class BedBack(OrderMessage, topic=REPLIES, type="toy.BedBack.v1"):
    pass


class SeatBooked(OrderMessage, topic=REPLIES, type="toy.SeatBooked.v1"):
    pass


class NoSeat(OrderMessage, topic=REPLIES, type="toy.NoSeat.v1"):
    pass


class SeatBack(OrderMessage, topic=REPLIES, type="toy.SeatBack.v1"):
    pass


class BillPaid(OrderMessage, topic=REPLIES, type="toy.BillPaid.v1"):
    pass


class NoMoney(OrderMessage, topic=REPLIES, type="toy.NoMoney.v1"):
    pass


class MoneyBack(OrderMessage, topic=REPLIES, type="toy.MoneyBack.v1"):
    pass


class Travelled(OrderMessage, topic=REPLIES, type="toy.Travelled.v1"):
    room: int
    timeline: tuple[str, ...]


class Trouble(OrderMessage, topic=REPLIES, type="toy.Trouble.v1"):
    pass


def _who(facts: Facts) -> dict[str, Any]:
    travel = facts.the(Travel)
    return {"order_id": travel.order_id, "reseller": travel.reseller}


def _step(what: str, done: type[Message], refused: type[Message], undone: type[Message]) -> Step:
    return Step(
        what,
        lambda facts: Book(**_who(facts), what=what),
        done,
        refused,
        lambda facts: TakeBack(**_who(facts), what=what),
        undone,
    )


def _travelled(state: State) -> Message:
    return Travelled(**_who(state.facts), room=state.facts.the(BedBooked).room, timeline=state.log.moments())


def _trouble(state: State, *_: str) -> Message:
    return Trouble(**_who(state.facts))


TRIP = Saga(
    name="trip",
    version=1,
    begins=Travel,
    stages=(
        (_step("bed", BedBooked, NoBed, BedBack), _step("seat", SeatBooked, NoSeat, SeatBack)),
        (_step("bill", BillPaid, NoMoney, MoneyBack),),
    ),
    announce=Announcements(completed=_travelled, failed=_trouble, delayed=_trouble, stuck=_trouble),
)
