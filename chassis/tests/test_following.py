"""A saga that somebody follows: its moves are said in their order, before what comes of them."""

from dataclasses import replace

from patchbay_chassis.database import Database
from toy.trip import TRIP, Travelled

from .test_walker import Process, Trip


async def test_a_saga_that_is_followed_says_each_move_before_what_it_causes_and_the_last_one_before_its_end(
    database: Database,
) -> None:
    trip = Trip()
    moved = trip.travel
    here = Process(database, replace(TRIP, announce=replace(TRIP.announce, moved=lambda _: moved)))
    assert await here.begin(trip.travel) == [[moved, trip.bed, trip.seat]]
    assert await here.feed(trip.bed_booked, trip.seat_booked) == [[moved], [trip.bill]]
    ((first, end),) = await here.feed(trip.bill_paid)
    assert (first, type(end)) == (moved, Travelled)
