"""Blocks from lists of single numbers: contiguous ones make whole hundreds, thousands and ten thousands. Without IO."""

from bisect import bisect_right
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from numbers_service import loading
from numbers_service.lists import ListedNumber, Refused, Taken
from patchbay_contracts.inventory import Home, NewBlock

LARGEST = 10_000
OPEN = 4
"""Ten thousands that may be open at once: a list that goes to and fro between more of them is found full of gaps."""
ROWS = 1_000
"""So many rows are loaded at once, or what completes a ten thousand."""


@dataclass
class Gathered:
    """Blocks with the rows that they are made of, and what is known already of other rows."""

    blocks: dict[NewBlock, Sequence[Taken]] = field(default_factory=dict)
    there_already: int = 0
    refused: list[Refused] = field(default_factory=list)

    def refuse(self, rows: Sequence[Taken], reason: str) -> None:
        """All these rows, for the same reason."""
        self.refused += [Refused(one.row, one.content, reason) for one in rows]


class Hundreds:
    """The numbers of a list, by ten thousands, until these are gathered."""

    def __init__(self) -> None:
        self._rows: dict[int, int] = {}
        self._open: OrderedDict[int, dict[int, ListedNumber]] = OrderedDict()
        self._left: dict[int, ListedNumber] = {}
        self._lengths: dict[tuple[str, str], Counter[int]] = {}

    def add(self, listed: ListedNumber) -> Refused | None:
        """Take in a number, unless it was there before."""
        if (earlier := self._rows.setdefault(listed.e164, listed.row)) != listed.row:
            reason = f"duplicate: +{listed.e164} is in row {earlier} already: take one out"
            return Refused(listed.row, listed.content, reason)
        at = listed.e164 // LARGEST
        numbers = self._open.setdefault(at, {})
        numbers[listed.e164] = listed
        self._open.move_to_end(at)
        self._lengths.setdefault(_area(listed.home), Counter())[len(str(listed.e164))] += 1
        if len(numbers) == LARGEST:
            self._left |= self._open.pop(at)
        elif len(self._open) > OPEN:
            self._left |= self._open.popitem(last=False)[1]
        return None

    def due(self, at_the_end: bool) -> dict[int, ListedNumber]:
        """Ten thousands that are complete, or that the list has left behind, when they have enough rows."""
        if at_the_end:
            for numbers in self._open.values():
                self._left |= numbers
            self._open.clear()
        elif len(self._left) < ROWS:
            return {}
        due, self._left = self._left, {}
        return due

    def gather(self, listed: Mapping[int, ListedNumber], there: Sequence[Any]) -> Gathered:
        """What ten thousands make, beside the blocks in them that are there already, in order."""
        gathered, hundreds = Gathered(), dict[int, list[ListedNumber]]()
        firsts = [block.first for block in there]
        for number, one in sorted(listed.items()):
            at = bisect_right(firsts, number) - 1
            if at < 0 or there[at].last < number:
                hundreds.setdefault(number - number % 100, []).append(one)
            elif _is_at_home(one.home, there[at]):
                gathered.there_already += 1
            else:
                gathered.refuse([one], str(loading.refusal(there[at])))
        whole: dict[int, tuple[int, Home]] = {}
        for first, rows in hundreds.items():
            if reason := self._broken(first, rows):
                gathered.refuse(rows, reason)
            else:
                whole[first] = (100, rows[0].home)
        for first, (size, home) in _joined(_joined(whole, 1_000), LARGEST).items():
            block = NewBlock(first=first, size=size, **home.model_dump())
            gathered.blocks[block] = [listed[number] for number in range(first, first + size)]
        return gathered

    def _broken(self, first: int, rows: Sequence[ListedNumber]) -> str:
        """Why these numbers are no whole hundred of one home; nothing if they are."""
        one = next((one for one in rows if one.home is not rows[0].home and one.home != rows[0].home), None)
        if one is not None:
            other = f"rows {rows[0].row} and {one.row} are of one hundred and differ in country, trunk, area or pool"
            return f"{other}: give each hundred to one"
        if len(rows) == 100:
            return ""
        lengths, length = self._lengths[_area(rows[0].home)], len(str(first))
        usual = max(lengths, key=lambda many: (lengths[many], many == length))
        if usual != length:
            return f"e164 has {length} digits, others of {rows[0].home.area} have {usual}: correct it"
        there = {one.e164 for one in rows}
        lacking = next(n for n in range(first, first + 100) if n not in there)
        missing = f"+{lacking} is lacking, so +{first} to +{first + 99} are no whole hundred"
        return f"gap: {missing}: add the {100 - len(rows)} numbers that are lacking, in order"


def _area(home: Home) -> tuple[str, str]:
    return home.country, home.area


def _is_at_home(home: Home, block: Any) -> bool:
    return all(getattr(block, name) == value for name, value in home)


def _joined(blocks: Mapping[int, tuple[int, Home]], size: int) -> dict[int, tuple[int, Home]]:
    """Ten blocks that make one of that size are one."""
    joined = dict(blocks)
    for first in sorted(blocks):
        parts = range(first, first + size, size // 10)
        if first % size == 0 and all(blocks.get(part) == (size // 10, blocks[first][1]) for part in parts):
            for part in parts:
                del joined[part]
            joined[first] = (size, blocks[first][1])
    return joined
