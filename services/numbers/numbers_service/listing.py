"""What the rows of a list make, by the kind of the list: a part of it at a time, beside what is there already."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from numbers_service import lists, loading
from numbers_service.hundreds import LARGEST, ROWS, Gathered, Hundreds
from numbers_service.lists import Listed, ListedNumber, Refused
from patchbay_chassis.database import Connection
from patchbay_contracts.inventory import Kind, NewBlock


class List(Protocol):
    """Rows of one kind, until they are due."""

    def add(self, listed: Listed) -> Refused | None:
        """Take in a row, or say why not."""

    def due(self, at_the_end: bool) -> dict[Any, Any]:
        """The part that is ready to be loaded, if it is worth it."""

    async def gather(self, db: Connection, part: Any) -> Gathered:
        """What a part makes."""


class Blocks:
    """A list of blocks."""

    def __init__(self) -> None:
        self._rows: dict[int, int] = {}
        self._waiting: dict[NewBlock, list[Listed]] = {}

    def add(self, listed: Listed) -> Refused | None:
        """A block that begins where another of the list does is a duplicate."""
        block = lists.block(listed)
        if isinstance(block, Refused):
            return block
        if (earlier := self._rows.setdefault(block.first, listed.row)) != listed.row:
            reason = f"duplicate: the block +{block.first} is in row {earlier} already: take one out"
            return Refused(listed.row, listed.content, reason)
        self._waiting[block] = [listed]
        return None

    def due(self, at_the_end: bool) -> dict[NewBlock, list[Listed]]:
        """So many at once."""
        if len(self._waiting) < ROWS and not at_the_end:
            return {}
        due, self._waiting = self._waiting, {}
        return due

    async def gather(self, db: Connection, part: Mapping[NewBlock, list[Listed]]) -> Gathered:  # noqa: ARG002 - as List
        """Each row is a block."""
        return Gathered(dict(part))


class Numbers:
    """A list of single numbers, which make blocks where they are contiguous."""

    def __init__(self) -> None:
        self._hundreds = Hundreds()

    def add(self, listed: Listed) -> Refused | None:
        """A number that the list has already is a duplicate."""
        number = lists.number(listed)
        if isinstance(number, Refused):
            return number
        return self._hundreds.add(number)

    def due(self, at_the_end: bool) -> dict[int, ListedNumber]:
        """Whole ten thousands, or what there is of them."""
        return self._hundreds.due(at_the_end)

    async def gather(self, db: Connection, part: Mapping[int, ListedNumber]) -> Gathered:
        """Whole hundreds, thousands and ten thousands, beside the blocks that are there."""
        ten_thousands = sorted({number - number % LARGEST for number in part})
        there = await loading.within(db, ten_thousands, LARGEST)
        return await asyncio.to_thread(self._hundreds.gather, part, there)  # others have their turn meanwhile


LISTS: Mapping[Kind, type[Blocks] | type[Numbers]] = {"blocks": Blocks, "numbers": Numbers}
