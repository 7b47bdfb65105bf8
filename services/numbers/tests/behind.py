"""An index that is behind the tables, to choose numbers from; and tables that are not to be looked through."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from numbers_service import picture
from numbers_service.choosing import FromIndex
from numbers_service.grading import DEFAULT
from numbers_service.index import BlockChange, BlockState, Index, PoolOf
from numbers_service.matching import FromTables, Wanted
from numbers_service.model import Criteria
from numbers_service.search import translating
from numbers_service.search.replica import Freshness, Replica
from patchbay_chassis.database import Connection
from patchbay_contracts.numbers import Filter

FIRST = 441214960000
BOUND = timedelta(seconds=2)
PUBLIC = PoolOf("public", "")
NO_DATABASE = cast(Connection, None)


class Behind:
    """A replica whose index knows one block of free numbers, and what it is told; so many seconds behind."""

    def __init__(self, size: int = 1_000, age: float = 0.0, db: Connection = NO_DATABASE) -> None:
        self.index, self.age, self.db = Index(DEFAULT), age, db
        last = FIRST + size - 1
        self.index.put(BlockState(FIRST, last, "44", "0", "Birmingham", 1, {PUBLIC: [(FIRST, last)]}, {}))

    def taken(self, *numbers: int) -> None:
        version = (self.index.version(FIRST) or 0) + 1
        self.index.change(BlockChange(FIRST, version, [(n, n) for n in numbers], {}, {}))

    async def look_again(self, blocks: Sequence[int]) -> None:
        for one in await picture.of(self.db, blocks) if blocks else ():
            self.index.put(translating.state(one.stated()))

    def freshness(self) -> Freshness:
        return Freshness(0, 0.0, self.age)


class Asked(FromTables):
    """Tables that remember what they were asked, and know nothing."""

    def __init__(self) -> None:
        self.wanted: list[Wanted] = []

    async def candidates(self, db: Connection, wanted: Sequence[Wanted]) -> list[list[int]]:  # noqa: ARG002 - as Choose
        self.wanted += wanted
        return [[] for _ in wanted]


class Clock:
    """A time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def from_index(replica: Behind, tables: FromTables, clock: Clock | None = None, seed: int = 1) -> FromIndex:
    chance = random.Random(seed)
    return FromIndex(cast(Replica, replica), tables, BOUND, now=clock or Clock(), chance=chance)


def wanted(many: int, **filter_: Any) -> Wanted:
    return Wanted(Criteria("public", "", Filter(**filter_)), many, many)
