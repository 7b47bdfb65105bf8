"""In place of numbers that an order names and somebody else has: the same grade nearby, then as substitutes go."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from numbers_service import described, finding, model
from numbers_service.model import Criteria, Search
from numbers_service.queries import Kept
from patchbay_chassis.database import Connection
from patchbay_contracts.numbers import Filter
from patchbay_contracts.v1.numbers import HoldNumbers, Want


class Holding(Protocol):
    """What an order holds already."""

    @property
    def numbers(self) -> Mapping[int, int]: ...

    def of_line(self, line: int) -> list[int]: ...


def by(db: Connection, commands: Sequence[HoldNumbers], before: Mapping[UUID, Holding]) -> finding.Replace:
    """How what these orders name is replaced; `before`: what each of them held when it came."""

    async def replace(held: Mapping[int, tuple[Kept, int]]) -> list[Search]:
        by = {(number, kept.owner) for number, (kept, _) in held.items()}
        gone = [
            (command, want, lost)
            for command in commands
            for want in command.wants
            if want.numbers.is_replaceable and (lost := _lost(command, want, by, before[command.order_id]))
        ]
        known = await described.of(db, {n for *_, lost in gone for n in lost}) if gone else {}
        return [
            Search(model.taker(command), want.line, (criteria,), many, "substitute", rules=want.rules)
            for command, want, lost in gone
            for criteria, many in _alike(model.taker(command), [known[n] for n in lost if n in known])
        ]

    return replace


def _lost(command: HoldNumbers, want: Want, held: Collection[tuple[int, UUID]], before: Holding) -> list[int]:
    """What is named, and neither held for the order nor replaced already."""
    lost = [n for n in want.numbers.exact if (n, command.order_id) not in held and n not in before.numbers]
    others = [n for n in before.of_line(want.line) if n not in want.numbers.exact]
    return lost[len(others) :]


def _alike(taker: model.Taker, lost: Sequence[described.Described]) -> list[tuple[Criteria, int]]:
    """How many of which grade in which block. What the taker may not know of is not replaced."""
    wanted: dict[Criteria, int] = {}
    for one in lost:
        if model.is_known(taker, one.place):
            alike = Criteria(*one.place, Filter(prefix=one.block_prefix, grades=(one.graded[0],)))
            wanted[alike] = wanted.get(alike, 0) + 1
    return list(wanted.items())
