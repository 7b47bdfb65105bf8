"""What is kept in memory for a few seconds: asked for once, again when it is old, each time when it is not there."""

import asyncio
from collections.abc import Mapping
from unittest.mock import Mock

import pytest

from patchbay_chassis import fresh
from patchbay_chassis.database import Connection
from patchbay_chassis.fresh import FRESH_FOR, Fresh

DB = Mock(spec=Connection)


class Shelf:
    """A table, the reads of it, and the clock on the wall."""

    def __init__(self) -> None:
        self.there = {"apple": 1, "pear": 2}
        self.reads: list[list[str]] = []
        self.slow: dict[str, asyncio.Event] = {}
        self.now = 1_000.0

    async def read(self, _: Connection, keys: list[str]) -> Mapping[str, int]:
        self.reads.append(sorted(keys))
        for key in keys:
            if key in self.slow:
                await self.slow[key].wait()
        return {key: self.there[key] for key in keys if key in self.there}

    async def is_read(self, times: int) -> None:
        while len(self.reads) < times:  # noqa: ASYNC110 - the readers take turns
            await asyncio.sleep(0)

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    shelf = Shelf()
    monkeypatch.setattr(fresh, "time", shelf)
    return shelf


async def test_what_was_read_a_moment_ago_is_not_read_again(shelf: Shelf) -> None:
    known = Fresh(shelf.read)
    assert await known.get(DB, ["apple"]) == {"apple": 1}
    assert await known.get(DB, ["apple", "pear", "apple"]) == {"apple": 1, "pear": 2}
    assert shelf.reads == [["apple"], ["pear"]]


async def test_a_change_is_seen_within_a_few_seconds(shelf: Shelf) -> None:
    known = Fresh(shelf.read)
    await known.get(DB, ["apple", "pear"])
    shelf.there = {"apple": 9}
    assert await known.get(DB, ["apple", "pear"]) == {"apple": 1, "pear": 2}
    shelf.now += FRESH_FOR
    assert await known.get(DB, ["apple", "pear"]) == {"apple": 9}


async def test_what_is_new_is_found_at_once(shelf: Shelf) -> None:
    known = Fresh(shelf.read)
    assert await known.get(DB, ["plum"]) == {}
    shelf.there["plum"] = 3
    assert await known.get(DB, ["plum"]) == {"plum": 3}


async def test_it_does_not_grow_without_end(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh, "MOST", 1)
    known = Fresh(shelf.read)
    await known.get(DB, ["apple"])
    assert await known.get(DB, ["apple", "pear"]) == {"apple": 1, "pear": 2}
    await known.get(DB, ["pear"])
    await known.get(DB, ["apple"])
    assert shelf.reads == [["apple"], ["pear"], ["apple"]]


async def test_what_somebody_else_begins_to_read_anew_is_not_lost_to_who_had_it(shelf: Shelf) -> None:
    known = Fresh(shelf.read)
    await known.get(DB, ["apple"])
    shelf.slow["pear"], shelf.slow["apple"] = asyncio.Event(), asyncio.Event()
    both = asyncio.create_task(known.get(DB, ["apple", "pear"]))
    await shelf.is_read(2)
    shelf.now += FRESH_FOR
    other = asyncio.create_task(known.get(DB, ["apple"]))
    await shelf.is_read(3)
    shelf.slow["pear"].set()
    assert await both == {"apple": 1, "pear": 2}
    shelf.slow["apple"].set()
    assert await other == {"apple": 1}
