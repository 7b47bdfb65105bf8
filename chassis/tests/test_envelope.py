"""Reading: a record becomes a message, whatever a newer writer has added to it."""

from datetime import timedelta

import orjson
from pydantic import ConfigDict

from patchbay_chassis.envelope import bounds, read
from patchbay_chassis.testing import envelope_of
from patchbay_contracts.message import Frozen, OrderMessage


class Wheel(Frozen):
    model_config = ConfigDict(extra="forbid")

    size: int


class Roll(OrderMessage, topic="toy.commands.v1", type="toy.Roll.v1"):
    wheel: Wheel


def test_a_field_that_a_newer_writer_added_is_ignored_even_where_its_writers_are_told_of_it() -> None:
    said = envelope_of(Roll(order_id="0193f6a0-0000-7000-8000-000000000000", reseller="acme", wheel=Wheel(size=3)))
    newer = orjson.dumps(orjson.loads(said.body) | {"wheel": {"size": 3, "colour": "red"}, "speed": 9})
    within = bounds(timedelta(days=1))
    _, message = read(said.headers("test"), newer, topic=said.topic, most_bytes=10_000, bounds=within)
    assert isinstance(message, Roll)
    assert message.wheel.size == 3
